// Où écouter : cœur ou poumons, et le point, sur le dessin ou par son nom.

import { $ } from "./dom.js";
import { GroupeRadio } from "./radio.js";

const PREMIERS = { coeur: "mitral", poumon: "poumon-dos-bas-droit" };

export class Points {
  #choisis = { ...PREMIERS };

  constructor(surFoyer, surMode) {
    const boutons = [...document.querySelectorAll("button[data-foyer]")];
    this.groupe = new GroupeRadio(boutons, (b) => this.#choisir(b.dataset.foyer));
    this.modes = new GroupeRadio([...document.querySelectorAll("button[data-mode]")], (b) => this.#changer(b.dataset.mode));
    this.surFoyer = surFoyer;
    this.surMode = surMode;
    for (const point of document.querySelectorAll(".thorax [data-foyer]")) {
      point.addEventListener("click", () => this.#choisir(point.dataset.foyer));
    }
  }

  commencer() {
    this.#choisis = { ...PREMIERS };
    this.#changer("coeur");
    this.ecouter(false);
  }

  get mode() {
    return this.modes.valeur;
  }

  get foyer() {
    return this.#choisis[this.mode];
  }

  /** Le nom du foyer choisi, en minuscules. */
  get libelle() {
    return this.groupe.boutons.find((b) => b.dataset.foyer === this.foyer).dataset.nom;
  }

  /** Ce que la borne écoute, demandé par nous ou avant un rechargement de la page. */
  montrer(foyer) {
    const mode = foyer.startsWith("poumon-") ? "poumon" : "coeur";
    this.#choisis[mode] = foyer;
    if (mode !== this.mode) this.#changer(mode);
    else this.#dessiner();
  }

  /** Le point choisi est en train d'être écouté, ou non. */
  ecouter(actif) {
    document.querySelector(".ecoute").toggleAttribute("data-active", actif);
  }

  #choisir(foyer) {
    this.#choisis[this.mode] = foyer;
    this.#dessiner();
    this.surFoyer(foyer);
  }

  #changer(mode) {
    this.modes.montrer(mode);
    document.querySelector(".ecoute").dataset.mode = mode;
    for (const zone of document.querySelectorAll("[data-pour]")) {
      const cache = zone.dataset.pour !== mode;
      zone.toggleAttribute("hidden", cache);
    }
    this.#dessiner();
    this.surMode(mode);
  }

  #dessiner() {
    this.groupe.montrer(this.foyer);
    for (const point of document.querySelectorAll(".thorax [data-foyer]")) {
      point.toggleAttribute("data-choisi", point.dataset.foyer === this.foyer);
    }
    $("thorax-nom").textContent = this.libelle;
  }
}

// Les quinze dernières secondes : les compléter, les relire, les emporter en WAV. En mémoire seulement.

import { $, ecrire, permettre, permis } from "./dom.js";
import { BLOC_MS, wav } from "./son-exact.js";
import { nombre } from "./util.js";

const ATTENTE_MS = 1200; // le temps de redemander ce qui manque avant de relire ou d'emporter
const ATTENTE_MAX_MS = 6000;
const PAS_MS = 50;

export class Enregistrement {
  #memoire = null;
  #foyer = "";
  #vitesse = null;

  /** `dire(blocs)` redemande des blocs ; `surDebut` et `surFin` encadrent une relecture. */
  constructor({ ecoute, dire, surDebut, surFin }) {
    Object.assign(this, { ecoute, dire, surDebut, surFin });
    $("relire").addEventListener("click", (e) => permis(e.currentTarget) && this.#basculer(1));
    $("relire-lent").addEventListener("click", (e) => permis(e.currentTarget) && this.#basculer(0.5));
    $("emporter").addEventListener("click", (e) => permis(e.currentTarget) && this.#emporter());
  }

  /** Une autre écoute, ou plus aucune (`null`) : l'ancienne est oubliée. */
  ouvrir(memoire, foyer) {
    this.taire();
    this.#memoire = memoire;
    this.#foyer = foyer;
    ecrire($("emporter-etat"), "");
    this.veiller();
  }

  /** Plusieurs fois par seconde : redemander ce qui manque, montrer ce que l'on peut faire. */
  veiller() {
    const possible = (this.#memoire?.dureeS ?? 0) >= 1;
    for (const id of ["relire", "relire-lent", "emporter"]) permettre($(id), possible);
    const secondes = Math.floor(this.#memoire?.dureeS ?? 15) || 15;
    ecrire($("relire-mot"), this.#vitesse === 1 ? "Arrêter" : `Réécouter ${secondes} s`);
    ecrire($("relire-lent-mot"), this.#vitesse === 0.5 ? "Arrêter" : "À demi-vitesse");
    const blocs = this.#memoire?.aRedemander(performance.now()) ?? [];
    if (blocs.length) this.dire(blocs);
  }

  /** Arrête une relecture en cours. */
  taire() {
    if (this.#vitesse === null) return;
    this.#vitesse = null;
    this.ecoute.taire();
    this.surFin();
  }

  async #basculer(vitesse) {
    const meme = this.#vitesse === vitesse;
    this.taire();
    if (meme) return;
    const memoire = this.#memoire;
    await Promise.all([this.ecoute.preparer(), this.#completer(memoire)]);
    if (memoire !== this.#memoire) return;
    this.#vitesse = vitesse;
    this.ecoute.relire(memoire.echantillons(), memoire.frequence, vitesse, () => {
      this.#vitesse = null;
      this.surFin();
    });
    this.surDebut();
    this.veiller();
  }

  async #emporter() {
    const [memoire, foyer] = [this.#memoire, this.#foyer];
    const { debut, fin } = memoire;
    await this.#completer(memoire);
    if (memoire !== this.#memoire) return;
    const manque = memoire.manquants().filter((n) => n >= debut && n < fin).length * BLOC_MS;
    const url = URL.createObjectURL(new Blob([wav(memoire.echantillons(), memoire.frequence)], { type: "audio/wav" }));
    const lien = document.createElement("a");
    lien.href = url;
    // Ni nom ni date de naissance dans un nom de fichier : il se lit sur l'écran de n'importe qui.
    lien.download = `auscultation-${foyer}-${horodatage(new Date())}.wav`;
    lien.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    const duree = `${nombre(memoire.dureeS, 1)} s`;
    ecrire($("emporter-etat"), manque ? `${duree}, dont ${nombre(manque / 1000, 2)} s de silence : jamais reçu` : `${duree} exactes`);
  }

  /** Attend que les trous se comblent, tant qu'il s'en comble. */
  async #completer(memoire) {
    const fin = performance.now() + ATTENTE_MAX_MS;
    let [limite, restent] = [performance.now() + ATTENTE_MS, Infinity];
    while (memoire === this.#memoire && memoire.manquants().length && performance.now() < Math.min(limite, fin)) {
      if (memoire.manquants().length < restent) [limite, restent] = [performance.now() + ATTENTE_MS, memoire.manquants().length];
      const blocs = memoire.aRedemander(performance.now(), true);
      if (blocs.length) this.dire(blocs);
      await new Promise((suite) => setTimeout(suite, PAS_MS));
    }
  }
}

function horodatage(date) {
  const deux = (n) => String(n).padStart(2, "0");
  const jour = `${date.getFullYear()}${deux(date.getMonth() + 1)}${deux(date.getDate())}`;
  return `${jour}-${deux(date.getHours())}${deux(date.getMinutes())}`;
}

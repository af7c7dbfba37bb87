// Écouter le cœur : le médecin choisit un foyer, la borne montre où poser, le son passe sans traitement.

import { $, ecrire, pastille, permettre, permis } from "./dom.js";
import { Onde } from "./onde.js";

const SANS_REPONSE_MS = 10000;
const SATURE_DB = -3;
const FAIBLE_DB = -50;

export class Auscultation {
  #foyer = "mitral";
  #etat = "repos"; // repos, demandee, active
  #possible = false;
  #patience = null;
  #piste = null;

  constructor(dire, couperVoix) {
    this.dire = dire;
    this.couperVoix = couperVoix;
    this.audio = $("son-stethoscope");
    this.onde = new Onde($("onde"), $("spectre"));
    this.foyers = [...document.querySelectorAll(".foyer")];
    $("ecouter").addEventListener("click", (e) => permis(e.currentTarget) && this.#ecouter());
    $("arreter-ecoute").addEventListener("click", (e) => permis(e.currentTarget) && this.#arreter());
    $("voix-coupee").addEventListener("change", () => this.#voix());
    $("volume-stethoscope").addEventListener("input", (e) => (this.audio.volume = e.target.value / 100));
    for (const bouton of this.foyers) {
      bouton.addEventListener("click", () => this.#choisir(bouton.dataset.foyer));
      bouton.addEventListener("keydown", (e) => this.#fleches(e));
    }
    setInterval(() => this.#niveau(), 200);
  }

  commencer() {
    this.#foyer = "mitral";
    this.#passer("repos");
    pastille($("ecoute-etat"), "Stéthoscope au repos");
    this.onde.debrancher();
    $("onde-vide").hidden = false;
    this.#montrerFoyer();
  }

  finir() {
    this.#passer("repos");
    this.onde.debrancher();
    this.audio.srcObject = null;
    this.#piste = null;
  }

  /** La piste de l'appel qui parle ; l'écoute en cours passe de l'ancienne à la nouvelle. */
  piste(piste) {
    this.#piste = piste;
    // L'élément reçoit toujours la piste, muet hors écoute : sans lecteur, Chromium ne décode pas une piste distante.
    this.audio.srcObject = piste && new MediaStream([piste]);
    if (piste) this.audio.play().catch(() => null);
    if (piste && this.#etat !== "repos") this.onde.brancher(piste);
  }

  possible(ouvert) {
    this.#possible = ouvert;
    if (!ouvert && this.#etat !== "repos") pastille($("ecoute-etat"), "Écoute interrompue", "attention");
    // L'appel revient : la borne a oublié l'écoute, on la redemande.
    if (ouvert && this.#etat !== "repos") this.dire("DemandeEcoute", { foyer: this.#foyer });
    this.#boutons();
  }

  recevoir({ active, foyer, raison }) {
    if (!active) {
      this.#passer("repos");
      pastille($("ecoute-etat"), raison || "Stéthoscope au repos", raison ? "urgence" : "");
      return;
    }
    if (foyer) this.#foyer = foyer;
    this.#passer("active");
    pastille($("ecoute-etat"), `En écoute · ${this.#foyer}`, "bon");
    this.#montrerFoyer();
  }

  async #ecouter() {
    if (!this.dire("DemandeEcoute", { foyer: this.#foyer })) return;
    this.#passer("demandee");
    pastille($("ecoute-etat"), "Demandée à la borne…", "actif");
    this.#patience = setTimeout(() => {
      this.#passer("repos");
      pastille($("ecoute-etat"), "La borne n’a pas répondu", "urgence");
    }, SANS_REPONSE_MS);
    if (this.#piste) await this.onde.brancher(this.#piste);
  }

  #arreter() {
    this.dire("ArretEcoute");
    this.#passer("repos");
    pastille($("ecoute-etat"), "Stéthoscope au repos");
  }

  #passer(etat) {
    clearTimeout(this.#patience);
    const avant = this.#etat;
    this.#etat = etat;
    this.audio.muted = etat !== "active";
    if (etat === "active" && avant !== "active") {
      $("onde-vide").hidden = true;
      if (this.#piste) this.onde.brancher(this.#piste);
      this.onde.demarrer();
    }
    if (etat === "repos") this.onde.arreter();
    this.#voix();
    this.#montrerFoyer();
    this.#boutons();
  }

  #voix() {
    this.couperVoix(this.#etat === "active" && $("voix-coupee").checked);
  }

  #boutons() {
    permettre($("ecouter"), this.#possible && this.#etat === "repos");
    permettre($("arreter-ecoute"), this.#possible && this.#etat !== "repos");
  }

  #choisir(foyer) {
    this.#foyer = foyer;
    if (this.#etat !== "repos") this.dire("DemandeEcoute", { foyer });
    this.#montrerFoyer();
  }

  /** Groupe de radios (ARIA APG) : une seule tabulation, les flèches choisissent. */
  #fleches(evenement) {
    const sens = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[evenement.key];
    if (!sens || evenement.altKey) return;
    evenement.preventDefault();
    const rang = this.foyers.findIndex((b) => b.dataset.foyer === this.#foyer);
    const suivant = this.foyers[(rang + sens + this.foyers.length) % this.foyers.length];
    this.#choisir(suivant.dataset.foyer);
    suivant.focus();
  }

  #montrerFoyer() {
    for (const bouton of this.foyers) {
      const choisi = bouton.dataset.foyer === this.#foyer;
      bouton.setAttribute("aria-checked", String(choisi));
      bouton.tabIndex = choisi ? 0 : -1;
    }
    for (const point of document.querySelectorAll(".thorax circle")) {
      const choisi = point.dataset.foyer === this.#foyer;
      point.toggleAttribute("data-choisi", choisi);
      point.toggleAttribute("data-ecoute", choisi && this.#etat === "active");
    }
  }

  #niveau() {
    const actif = this.#etat === "active";
    const db = actif ? this.onde.niveauDb : -60;
    $("niveau").value = Math.max(-60, Math.min(0, db));
    ecrire($("niveau-mot"), !actif ? "" : db > SATURE_DB ? "trop fort" : db < FAIBLE_DB ? "très faible" : "bon");
    ecrire($("onde-echelle"), actif && this.onde.echelle > 1 ? `agrandi ${this.onde.echelle} fois` : "");
  }
}

// Les notes : envoyées peu après la frappe, rendues par la salle à la reprise. Rien n'est gardé dans le navigateur.

import { $, ecrire } from "./dom.js";
import { heure } from "./util.js";

const DELAI_MS = 600;

export class Notes {
  #visite = null;
  #sale = false;
  #minuterie = null;

  constructor(envoyer) {
    this.envoyer = envoyer;
    this.champ = $("notes");
    this.champ.addEventListener("input", () => {
      this.#sale = true;
      ecrire($("notes-etat"), "En cours…");
      clearTimeout(this.#minuterie);
      this.#minuterie = setTimeout(() => this.garder(), DELAI_MS);
    });
    window.addEventListener("pagehide", () => this.garder());
  }

  /** Début ou reprise : la salle rend les notes, sauf si ce qui est à l'écran n'a pas encore pu partir. */
  commencer(visite, texte) {
    if (visite !== this.#visite) this.#sale = false;
    this.#visite = visite;
    if (this.#sale) this.garder();
    else this.recevoir({ texte });
  }

  recevoir({ texte }) {
    if (this.#sale || this.champ.value === texte) return;
    this.champ.value = texte;
    ecrire($("notes-etat"), texte ? "Notes retrouvées" : "");
  }

  /** Envoie ce qui ne l'est pas. */
  garder() {
    clearTimeout(this.#minuterie);
    if (!this.#sale || this.#visite === null) return;
    if (this.envoyer("Notes", { visite: this.#visite, texte: this.champ.value })) {
      this.#sale = false;
      $("notes-etat").dataset.ton = "";
      ecrire($("notes-etat"), `Gardées à ${heure(Date.now() / 1000)}`);
    } else {
      $("notes-etat").dataset.ton = "attention";
      ecrire($("notes-etat"), "Pas encore gardées : la salle ne répond pas");
    }
  }

  finir() {
    clearTimeout(this.#minuterie);
    this.#visite = null;
    this.#sale = false;
    this.champ.value = "";
    $("notes-etat").dataset.ton = "";
    ecrire($("notes-etat"), "");
  }
}

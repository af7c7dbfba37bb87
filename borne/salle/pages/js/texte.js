// Texte avec le patient, dans les deux sens. Ce qui n'a pas pu partir le dit, et part au retour de l'appel.

import { $, creer, ecrire } from "./dom.js";
import { heure } from "./util.js";

export class Texte {
  #enPeine = [];

  constructor(dire) {
    this.dire = dire;
    this.fil = $("fil");
    $("formulaire-texte").addEventListener("submit", (evenement) => {
      evenement.preventDefault();
      const texte = $("texte").value.trim();
      if (!texte) return;
      $("texte").value = "";
      this.#envoyer(texte);
    });
  }

  commencer() {
    this.#enPeine = [];
    $("texte").value = "";
    this.fil.replaceChildren(creer("li", { class: "rien" }, "Si le patient entend mal, écrivez-lui."));
  }

  recevoir({ texte, instant }) {
    this.#ajouter("patient-dit", "Patient", texte, heure(instant));
  }

  /** Le canal vient de s'ouvrir : ce qui attendait part, dans l'ordre. */
  reprendre() {
    for (const { texte, note } of this.#enPeine.splice(0)) {
      const instant = Date.now() / 1000;
      if (this.dire("Texte", { texte, instant })) ecrire(note, heure(instant));
      else this.#enPeine.push({ texte, note });
    }
  }

  #envoyer(texte) {
    const instant = Date.now() / 1000;
    const parti = this.dire("Texte", { texte, instant });
    const note = this.#ajouter("medecin-dit", "Vous", texte, parti ? heure(instant) : "pas encore parti : l’appel est coupé");
    if (!parti) this.#enPeine.push({ texte, note });
  }

  #ajouter(classe, auteur, texte, quand) {
    this.fil.querySelector(".rien")?.remove();
    const note = creer("small", {}, quand);
    this.fil.append(creer("li", { class: classe }, creer("span", { class: "cache" }, `${auteur} : `), texte, note));
    this.fil.scrollTop = this.fil.scrollHeight;
    return note;
  }
}

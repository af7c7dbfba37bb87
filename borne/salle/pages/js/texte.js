// Texte avec le patient, dans les deux sens. Ce qui n'a pas pu partir le dit, et part au retour de l'appel.

import { $, creer, ecrire } from "./dom.js";
import { SILENCE_MS } from "./battement.js";
import { heure } from "./util.js";

const GARDES = 20;

export class Texte {
  #enPeine = [];
  #partis = [];

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
    this.#partis = [];
    $("texte").value = "";
    this.fil.replaceChildren(creer("li", { class: "rien" }, "Si le patient entend mal, écrivez-lui."));
  }

  recevoir({ texte, instant }) {
    this.#ajouter("patient-dit", "Patient", texte, heure(instant));
  }

  /** L'appel vient de se perdre : ce qui est parti pendant le silence n'est sans doute pas arrivé. */
  couper() {
    const debut = Date.now() / 1000 - (SILENCE_MS + 1000) / 1000;
    for (const message of this.#partis.filter(({ instant }) => instant > debut)) this.#retenir(message);
    this.#partis = [];
  }

  /** L'appel est revenu : ce qui attendait part, dans l'ordre. Même instant : la borne reconnaît une redite. */
  reprendre() {
    for (const message of this.#enPeine.splice(0)) this.#tenter(message);
  }

  #envoyer(texte) {
    const note = this.#ajouter("medecin-dit", "Vous", texte, "");
    this.#tenter({ texte, note, instant: Date.now() / 1000 });
    this.fil.scrollTop = this.fil.scrollHeight;
  }

  #tenter(message) {
    const { texte, instant, note } = message;
    if (!this.dire("Texte", { texte, instant })) return this.#retenir(message);
    this.#partis = [...this.#partis.slice(-GARDES), message];
    return ecrire(note, heure(instant));
  }

  #retenir(message) {
    this.#enPeine.push(message);
    ecrire(message.note, "pas encore parti : l’appel est coupé");
  }

  #ajouter(classe, auteur, texte, quand) {
    this.fil.querySelector(".rien")?.remove();
    const note = creer("small", {}, quand);
    this.fil.append(creer("li", { class: classe }, creer("span", { class: "cache" }, `${auteur} : `), texte, note));
    this.fil.scrollTop = this.fil.scrollHeight;
    return note;
  }
}

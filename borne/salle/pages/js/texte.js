// Texte avec le patient, dans les deux sens. Ce qui n'a pas pu partir le dit, et part au retour de l'appel.

import { $, creer, ecrire } from "./dom.js";
import { SILENCE_MS } from "./battement.js";
import { heure } from "./util.js";

const GARDES = 20;
const FRAPPE_MS = 100; // dix envois par seconde au plus : plus vite qu'on ne lit

export class Texte {
  #enPeine = [];
  #partis = [];
  #enCours = null;
  #minuterie = null;

  constructor(dire) {
    this.dire = dire;
    this.fil = $("fil");
    // Lettre par lettre (EN 301 549, 6.2) : la ligne entière à chaque fois, la plus récente gagne.
    $("texte").addEventListener("input", () => this.#frapper());
    $("formulaire-texte").addEventListener("submit", (evenement) => {
      evenement.preventDefault();
      const texte = $("texte").value.trim();
      if (!texte) return;
      $("texte").value = "";
      this.#oublierFrappe();
      this.#envoyer(texte);
    });
  }

  commencer() {
    this.#enPeine = [];
    this.#partis = [];
    this.#enCours = null;
    this.#oublierFrappe();
    $("texte").value = "";
    this.fil.replaceChildren(creer("li", { class: "rien" }, "Si le patient entend mal, écrivez-lui."));
  }

  /** La ligne que le patient est en train d'écrire ; vide, elle disparaît. */
  recevoirFrappe({ texte }) {
    this.#enCours?.remove();
    this.#enCours = texte ? creer("li", { class: "patient-dit en-cours", "aria-live": "off" }, texte, creer("small", {}, "écrit…")) : null;
    if (!this.#enCours) return;
    this.fil.querySelector(".rien")?.remove();
    this.fil.append(this.#enCours);
    this.fil.scrollTop = this.fil.scrollHeight;
  }

  recevoir({ texte, instant }) {
    this.recevoirFrappe({ texte: "" });
    this.#ajouter("patient-dit", "Patient", texte, heure(instant));
  }

  /** L'appel vient de se perdre : ce qui est parti pendant le silence n'est sans doute pas arrivé. */
  couper() {
    this.recevoirFrappe({ texte: "" });
    const debut = Date.now() / 1000 - (SILENCE_MS + 1000) / 1000;
    for (const message of this.#partis.filter(({ instant }) => instant > debut)) this.#retenir(message);
    this.#partis = [];
  }

  /** L'appel est revenu : ce qui attendait part, dans l'ordre. Même instant : la borne reconnaît une redite. */
  reprendre() {
    if ($("texte").value) this.#frapper();
    for (const message of this.#enPeine.splice(0)) this.#tenter(message);
  }

  #frapper() {
    this.#minuterie ??= setTimeout(() => {
      this.#minuterie = null;
      this.dire("TexteEnCours", { texte: $("texte").value });
    }, FRAPPE_MS);
  }

  #oublierFrappe() {
    clearTimeout(this.#minuterie);
    this.#minuterie = null;
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

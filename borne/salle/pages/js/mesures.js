// Les mesures au fil de l'eau : tableau, brassard en direct, demandes de tension et leurs échecs en clair.

import { $, creer, ecrire, pastille, permettre, permis } from "./dom.js";
import { DIASTOLIQUE, PRESSION_BRASSARD, SYSTOLIQUE, enMmhg, fusionner, lignes, marquer } from "./constantes.js";
import { Courbe } from "./courbe.js";
import { marque, tendance } from "./tendance.js";
import { heure, nombre } from "./util.js";

const LIGNES_HAUTES = 2;
const SANS_REPONSE_MS = 10000;
const ETATS = {
  repos: ["Brassard au repos", "", false],
  demandee: ["Demandée à la borne…", "actif", true],
  en_cours: ["Mesure en cours", "actif", true],
  finie: ["Mesure finie", "bon", false],
  echouee: ["Mesure échouée", "urgence", false],
  arretee: ["Mesure arrêtée", "attention", false],
  inconnue: ["Sans nouvelles de la mesure", "attention", false],
};

export class Mesures {
  #mesures = [];
  #etat = "repos";
  #possible = false;
  #patience = null;

  constructor(dire) {
    this.dire = dire;
    this.courbe = new Courbe($("courbe"));
    $("prendre-tension").addEventListener("click", (e) => permis(e.currentTarget) && this.#prendre());
    $("arreter-tension").addEventListener("click", (e) => permis(e.currentTarget) && this.dire("ArretTension"));
  }

  commencer(connues) {
    this.#mesures = [];
    this.courbe.effacer();
    $("courbe-vide").hidden = false;
    ecrire($("pression"), "");
    this.#changer("repos");
    this.recevoir(connues);
  }

  /** Le canal est ouvert ou non : sans lui, on ne peut rien demander. */
  possible(ouvert) {
    this.#possible = ouvert;
    // La borne mesure peut-être encore : son résultat arrivera, mais le bouton ne doit pas rester bloqué.
    if (!ouvert && ETATS[this.#etat][2]) this.#changer("inconnue");
    this.#boutons();
  }

  /** `attention` : les repères de la borne, mesure par mesure. */
  recevoir(nouvelles, attention) {
    this.#mesures = fusionner(this.#mesures, marquer(nouvelles, attention));
    const rangees = lignes(this.#mesures).map((ligne) => this.#rangee(ligne));
    $("mesures").replaceChildren(...rangees);
    $("mesures").closest(".releve").toggleAttribute("data-dense", rangees.length > LIGNES_HAUTES);
    const derniere = (code) => this.#mesures.findLast((m) => m.code === code);
    const [sys, dia] = [derniere(SYSTOLIQUE), derniere(DIASTOLIQUE)];
    if (sys && dia && !this.courbe.vide) this.courbe.marquer(enMmhg(sys), enMmhg(dia));
  }

  echantillon({ nature, valeur, unite, instant }) {
    if (nature !== PRESSION_BRASSARD) return;
    const mmhg = enMmhg({ valeur, unite });
    $("courbe-vide").hidden = true;
    this.courbe.ajouter(instant, mmhg);
    ecrire($("pression"), `${nombre(mmhg)} mmHg`);
  }

  etat({ etat, raison }) {
    if (etat === "demandee" || (etat === "en_cours" && this.#etat !== "demandee" && this.#etat !== "en_cours")) this.#vierge();
    this.#changer(etat, raison);
  }

  #prendre() {
    this.#vierge();
    if (!this.dire("DemandeTension")) return this.#changer("echouee", "L’appel est coupé : la demande n’est pas partie.");
    this.#changer("demandee");
    this.#patience = setTimeout(() => this.#changer("echouee", "La borne n’a pas répondu à la demande."), SANS_REPONSE_MS);
    return null;
  }

  #vierge() {
    this.courbe.effacer();
    $("courbe-vide").hidden = false;
    ecrire($("pression"), "");
  }

  #changer(etat, raison = "") {
    clearTimeout(this.#patience);
    this.#etat = etat;
    const [texte, ton] = ETATS[etat];
    pastille($("tension-etat"), texte, ton);
    const dire = etat === "echouee" || (etat === "arretee" && raison);
    $("tension-erreur").hidden = !dire;
    ecrire($("tension-erreur"), dire ? `Tension : ${raison || "la mesure n’a pas abouti."}` : "");
    if (!ETATS[etat][2]) ecrire($("pression"), "");
    this.#boutons();
  }

  #boutons() {
    const enCours = ETATS[this.#etat][2];
    permettre($("prendre-tension"), this.#possible && !enCours);
    permettre($("arreter-tension"), this.#possible && enCours);
  }

  #rangee({ nom, valeur, unite, instant, appareil, avant, attention, series }) {
    if (valeur === null) {
      return creer("tr", {}, creer("th", { scope: "row" }, nom), creer("td", { class: "sans", colspan: "2" }, "pas encore de mesure"));
    }
    const precedente = avant === null ? "" : `, avant : ${avant}`;
    return creer(
      "tr",
      { title: `${appareil}, à ${heure(instant)}${precedente}` },
      creer("th", { scope: "row" }, nom),
      creer("td", { class: "valeur" }, `${valeur} `, creer("small", {}, unite), creer("span", { class: "source" }, appareil)),
      creer("td", { class: "note" }, marque(attention), creer("span", {}, tendance(series), heure(instant))),
    );
  }
}

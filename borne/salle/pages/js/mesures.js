// Les mesures au fil de l'eau : tableau, valeurs vivantes, demandes de toute nature et leurs échecs en clair.

import { $, creer, ecrire, pastille, permettre, permis } from "./dom.js";
import { DIASTOLIQUE, SYSTOLIQUE, enMots, fusionner, lignes, lue, marquer } from "./constantes.js";
import { Courbe } from "./courbe.js";
import { NATURES, PLETH } from "./natures.js";
import { annoncer } from "./raccourcis.js";
import { marque, tendance } from "./tendance.js";
import { heure } from "./util.js";

const LIGNES_HAUTES = 2;
const SANS_REPONSE_MS = 10000;
const ETATS = {
  repos: ["Au repos", "", false],
  souhaitee: ["Patient prévenu", "actif", false],
  demandee: ["Demandée…", "actif", true],
  en_cours: ["Mesure en cours", "actif", true],
  finie: ["Mesure finie", "bon", false],
  echouee: ["Mesure échouée", "urgence", false],
  arretee: ["Mesure arrêtée", "attention", false],
  inconnue: ["Sans nouvelles", "attention", false],
};

export class Mesures {
  #mesures = [];
  #etat = "repos";
  #nature = "tension";
  #connues = ["tension"];
  #annoncees = false;
  #possible = false;
  #avantAppel = false;
  #patience = null;
  #vivantes = new Map();

  /** `dire` : par le canal de l'appel ; `souhaiter` : par la salle, avant l'appel. Faux : rien n'est parti. */
  constructor(dire, souhaiter) {
    this.dire = dire;
    this.souhaiter = souhaiter;
    this.courbe = new Courbe($("courbe"));
    $("prendre-mesure").addEventListener("click", (e) => permis(e.currentTarget) && this.#prendre());
    $("arreter-mesure").addEventListener("click", (e) => permis(e.currentTarget) && this.#arreter());
    $("mesure-nature").addEventListener("change", (e) => this.#choisir(e.currentTarget.value));
  }

  commencer(connues) {
    this.#mesures = [];
    this.#annoncees = false;
    this.#avantAppel = false;
    this.#proposer(["tension"]);
    this.#vierge();
    this.#changer("repos");
    this.recevoir(connues);
  }

  /** Le canal est ouvert ou non : sans lui, on ne peut demander que par la salle. */
  possible(ouvert) {
    this.#possible = ouvert;
    // La borne mesure peut-être encore : son résultat arrivera, mais le bouton ne doit pas rester bloqué.
    if (!ouvert && ETATS[this.#etat][2]) this.#changer("inconnue");
    this.#boutons();
  }

  /** Ce que la borne sait mesurer, dit par la salle avant l'appel. */
  avantAppel(natures = []) {
    if (this.#annoncees || natures.length === 0) return;
    this.#avantAppel = true;
    this.#proposer(natures);
  }

  /** Ce que la borne sait mesurer, dit par elle : elle comprend `DemandeMesure`. */
  appareils(natures) {
    this.#annoncees = true;
    this.#proposer(natures);
  }

  /** `attention` : les repères de la borne, mesure par mesure. */
  recevoir(nouvelles, attention) {
    this.#mesures = fusionner(this.#mesures, marquer(nouvelles, attention));
    const rangees = lignes(this.#mesures).map((ligne) => this.#rangee(ligne));
    $("mesures").replaceChildren(...rangees);
    $("mesures").closest(".releve").toggleAttribute("data-dense", rangees.length > LIGNES_HAUTES);
    const derniere = (code) => this.#mesures.findLast((m) => m.code === code);
    const [sys, dia] = [derniere(SYSTOLIQUE), derniere(DIASTOLIQUE)];
    if (this.#nature === "tension" && sys && dia && !this.courbe.vide) this.courbe.marquer(lue(sys), lue(dia));
  }

  echantillon({ nature, valeur, unite, instant }) {
    const { vivantes, courbe } = NATURES[this.#nature];
    if (!vivantes.includes(nature)) return;
    this.#vivantes.set(nature, enMots({ nature, valeur, unite }));
    ecrire($("vivante"), vivantes.filter((code) => this.#vivantes.has(code)).map((code) => this.#vivantes.get(code)).join(" · "));
    if (courbe === nature) this.#tracer(instant, lue({ valeur, unite }));
  }

  /** Un morceau de la courbe du pouls, à pas réguliers. */
  onde({ nature, valeurs, debut, fin }) {
    if (nature !== PLETH || NATURES[this.#nature].courbe !== PLETH) return;
    const pas = (fin - debut) / Math.max(1, valeurs.length - 1);
    valeurs.forEach((valeur, rang) => this.#tracer(debut + rang * pas, valeur));
  }

  etat({ etat, raison, nature = "tension" }) {
    const debut = etat === "demandee" || (etat === "en_cours" && this.#etat !== "demandee" && this.#etat !== "en_cours");
    if (nature in NATURES && nature !== this.#nature) this.#choisir(nature);
    else if (debut) this.#vierge();
    this.#changer(etat, raison);
  }

  #tracer(instant, valeur) {
    $("courbe-vide").hidden = true;
    this.courbe.ajouter(instant, valeur);
  }

  #proposer(natures) {
    const connues = natures.filter((nature) => nature in NATURES);
    if (connues.length === 0 || connues.join() === this.#connues.join()) return this.#boutons();
    this.#connues = connues;
    $("mesure-nature").replaceChildren(...connues.map((nature) => creer("option", { value: nature }, NATURES[nature].nom)));
    $("mesure-nature").hidden = connues.length < 2;
    this.#choisir(connues.includes(this.#nature) ? this.#nature : connues[0]);
    return null;
  }

  #choisir(nature) {
    this.#nature = nature;
    $("mesure-nature").value = nature;
    const bouton = $("prendre-mesure");
    ecrire($("mesure-quoi"), ` ${NATURES[nature].quoi}`);
    bouton.title = "";
    annoncer(bouton);
    ecrire($("vivante-nom"), NATURES[nature].appareil);
    this.courbe.regler(NATURES[nature].echelle);
    this.#vierge();
    this.#boutons();
  }

  #prendre() {
    this.#vierge();
    if (!this.#possible) return this.#souhaiter();
    const partie = this.#annoncees ? this.dire("DemandeMesure", { nature: this.#nature }) : this.dire("DemandeTension");
    if (!partie) return this.#changer("echouee", "l’appel est coupé, la demande n’est pas partie.");
    this.#changer("demandee");
    this.#patience = setTimeout(() => this.#changer("echouee", "la borne n’a pas répondu à la demande."), SANS_REPONSE_MS);
    return null;
  }

  #souhaiter() {
    const partie = this.souhaiter(this.#nature);
    this.#changer(partie ? "souhaitee" : "echouee", partie ? "" : "la salle ne répond pas, la demande n’est pas partie.");
    return null;
  }

  #arreter() {
    this.dire(this.#annoncees ? "ArretMesure" : "ArretTension");
  }

  #vierge() {
    this.courbe.effacer();
    this.#vivantes.clear();
    $("courbe-vide").hidden = false;
    ecrire($("vivante"), "");
  }

  /** `raison` : pourquoi elle a échoué ou, pendant qu'elle se fait, ce qui ne va pas en ce moment (doigt retiré). */
  #changer(etat, raison = "") {
    clearTimeout(this.#patience);
    this.#etat = etat;
    const [texte, ton, enCours] = ETATS[etat];
    pastille($("mesure-etat"), texte, ton);
    const dire = etat === "echouee" || raison !== "";
    $("mesure-erreur").hidden = !dire;
    ecrire($("mesure-erreur"), dire ? `${NATURES[this.#nature].nom} : ${raison || "la mesure n’a pas abouti."}` : "");
    if (!enCours) ecrire($("vivante"), "");
    this.#boutons();
  }

  #boutons() {
    const enCours = ETATS[this.#etat][2];
    permettre($("prendre-mesure"), (this.#possible || this.#avantAppel) && !enCours);
    permettre($("arreter-mesure"), this.#possible && enCours);
    $("mesure-nature").disabled = enCours;
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

// Écran 2 : la file, telle que la salle la dit, à chaque changement. Les attentes vieillissent toutes seules.

import { $, creer, ecrire, icone, pastille } from "./dom.js";
import { marquer, tensionEnBref } from "./constantes.js";
import { marque } from "./tendance.js";
import { accord, age, attente, motifs, nomComplet, telephone } from "./util.js";

const RAFRAICHIR_MS = 5000;

export class Attente {
  #lignes = [];
  #connues = null;
  #demandee = null;
  #surPrendre;
  #surArrivee;
  medecin = "";

  constructor({ surPrendre, surArrivee }) {
    this.#surPrendre = surPrendre;
    this.#surArrivee = surArrivee;
    setInterval(() => this.#vieillir(), RAFRAICHIR_MS);
  }

  montrer() {
    $("ecran-attente").hidden = false;
    this.#demandee = null;
    this.#dessiner();
  }

  liaison(ouverte) {
    pastille($("liaison-salle"), ouverte ? "En ligne" : "Liaison perdue, reprise en cours…", ouverte ? "bon" : "urgence");
    for (const bouton of $("file").querySelectorAll("button")) bouton.disabled = !ouverte;
  }

  recevoir(lignes) {
    this.#lignes = lignes;
    const libres = new Set(lignes.filter((l) => !l.prise_par).map((l) => l.patient.visite));
    const arrive = this.#connues && [...libres].some((visite) => !this.#connues.has(visite));
    this.#connues = new Set(lignes.map((l) => l.patient.visite));
    if (arrive) this.#surArrivee();
    this.#dessiner();
  }

  /** La ligne de cette visite, si la salle la dit encore. */
  ligne(visite) {
    return this.#lignes.find((l) => l.patient.visite === visite) ?? null;
  }

  get nombre() {
    return this.#lignes.filter((l) => !l.prise_par).length;
  }

  vider() {
    this.#lignes = [];
    this.#connues = null;
    this.#dessiner();
  }

  /** La salle a refusé ou n'a pas répondu : les boutons reviennent. */
  liberer() {
    this.#demandee = null;
    this.#dessiner();
  }

  #dessiner() {
    const vide = this.#lignes.length === 0;
    $("file-vide").hidden = !vide;
    $("file-pleine").hidden = vide;
    const actif = document.activeElement?.dataset?.visite;
    $("file").replaceChildren(...this.#lignes.map((ligne) => this.#carte(ligne)));
    if (actif) $("file").querySelector(`[data-visite="${CSS.escape(actif)}"]`)?.focus();
    const libres = this.nombre;
    ecrire($("file-titre"), libres ? `${accord(libres, "patient")} ${libres > 1 ? "attendent" : "attend"}` : "Personne n’attend");
    this.#vieillir();
  }

  #vieillir() {
    for (const element of $("file").querySelectorAll("[data-depuis]")) {
      ecrire(element, attente(Number(element.dataset.depuis)));
    }
    const plusAncienne = Math.min(...this.#lignes.filter((l) => !l.prise_par).map((l) => l.patient.depuis));
    ecrire($("file-resume"), Number.isFinite(plusAncienne) ? `Plus longue attente : ${attente(plusAncienne)}` : "Tous les patients sont suivis.");
  }

  #carte(ligne) {
    const { patient } = ligne;
    const titre = `patient-${patient.visite}`;
    return creer(
      "li",
      { class: ligne.prise_par ? "patient" : "patient libre", "aria-labelledby": titre },
      creer("div", {}, creer("h3", { id: titre }, nomComplet(patient)), creer("p", { class: "age" }, age(patient.naissance))),
      creer("p", { class: "depuis" }, creer("small", {}, "Attend depuis"), creer("span", { "data-depuis": patient.depuis })),
      creer("p", { class: "motifs" }, motifs(patient)),
      creer("dl", { class: "faits" }, ...this.#faits(ligne)),
      creer("div", { class: "pied" }, ...this.#pied(ligne)),
    );
  }

  #faits({ patient, lieu }) {
    const tension = tensionEnBref(marquer(patient.mesures ?? [], patient.attention));
    const fait = (nom, ...contenu) => creer("div", {}, creer("dt", {}, nom), creer("dd", {}, ...contenu));
    const large = fait("Lieu", lieu);
    large.className = "large";
    const faits = [
      large,
      fait("Téléphone", telephone(patient.telephone) || "non donné"),
      fait(
        "Tension",
        tension?.texte ?? "pas encore prise",
        tension ? marque(tension.attention) : null,
      ),
    ];
    if (patient.langue && !patient.langue.startsWith("fr")) {
      faits.push(fait("Langue", new Intl.DisplayNames("fr", { type: "language" }).of(patient.langue)));
    }
    return faits;
  }

  #pied({ patient, prise_par, pret, connectee }) {
    const aMoi = prise_par !== null && prise_par === this.medecin;
    if (prise_par && !aMoi) return [creer("span", { class: "pastille" }, icone("personne"), `Suivi par ${prise_par}`)];
    const etat = !connectee ? ["Borne hors liaison", "urgence"] : aMoi ? ["Suivi par vous", "actif"] : pret ? ["Installé, prêt", "bon"] : ["En salle d’attente", ""];
    const enCours = this.#demandee === patient.visite;
    const bouton = creer(
      "button",
      { type: "button", class: "bouton plein grand", "data-visite": patient.visite, surClic: () => this.#prendre(patient.visite) },
      enCours ? "Prise en charge…" : aMoi ? "Reprendre" : "Prendre",
      creer("span", { class: "cache" }, ` ${nomComplet(patient)}`),
    );
    bouton.disabled = this.#demandee !== null;
    return [creer("span", { class: "pastille", "data-ton": etat[1] }, etat[0]), bouton];
  }

  #prendre(visite) {
    if (!this.#surPrendre(visite)) return;
    this.#demandee = visite;
    this.#dessiner();
  }
}

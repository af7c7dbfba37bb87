// L'auscultation : le médecin choisit où écouter, la borne montre où poser, le son exact se joue, se voit et se garde.

import { $, ecrire, pastille, permettre, permis } from "./dom.js";
import { EcouteAudio } from "./ecoute-audio.js";
import { Enregistrement } from "./enregistrement.js";
import { Onde } from "./onde.js";
import { Points } from "./points.js";
import { GroupeRadio } from "./radio.js";
import { Memoire, lireTrame } from "./son-exact.js";
import { nombre } from "./util.js";

const SANS_REPONSE_MS = 10000;
const SECOURS_MS = 600; // sans son exact depuis ce temps, on écoute l'Opus
const SATURE_DB = -3;
const FAIBLE_DB = -55;
const QUALITE_BONNE = 0.7;
const QUALITE_MOYENNE = 0.4;

export class Auscultation {
  #etat = "repos"; // repos, demandee, active
  #possible = false;
  #patience = null;
  #piste = null;
  #memoire = null;
  #dernierBloc = -Infinity;
  #filtres = { coeur: "large", poumon: "poumon" };
  #gainDb = 0;

  constructor(dire, couperVoix) {
    this.dire = dire;
    this.couperVoix = couperVoix;
    this.audio = $("son-stethoscope");
    this.ecoute = new EcouteAudio();
    this.onde = new Onde($("onde"), $("spectre"));
    this.points = new Points((foyer) => this.#choisir(foyer), () => this.#changerMode());
    this.filtre = new GroupeRadio([...document.querySelectorAll("[data-filtre]")], (b) => this.#filtrer(b.dataset.filtre));
    this.enregistrement = new Enregistrement({
      ecoute: this.ecoute,
      dire: (blocs) => this.#memoire !== null && this.dire("BlocsManquants", { ecoute: this.#memoire.ecoute, blocs }),
      surDebut: () => this.#relire(),
      surFin: () => this.#direct(),
    });
    $("ecouter").addEventListener("click", (e) => permis(e.currentTarget) && this.#ecouter());
    $("arreter-ecoute").addEventListener("click", (e) => permis(e.currentTarget) && this.#arreter());
    $("voix-coupee").addEventListener("change", () => this.#voix());
    $("gain").addEventListener("input", (e) => this.#amplifier(Number(e.target.value)));
    // Une page rechargée pendant l'appel n'a pas encore le droit de jouer : le premier geste le lui donne.
    for (const geste of ["pointerdown", "keydown"]) {
      window.addEventListener(geste, () => this.#etat === "active" && !this.ecoute.tourne && this.#jouer());
    }
    setInterval(() => this.#veiller(), 200);
  }

  commencer() {
    this.points.commencer();
    this.#filtres = { coeur: "large", poumon: "poumon" };
    this.filtre.montrer("large");
    this.#amplifier(0);
    $("gain").value = 0;
    this.#oublier();
    this.#passer("repos");
    this.#dire("");
    $("onde-vide").hidden = false;
  }

  /** Fin de la visite : plus une note de ce patient dans la page. */
  finir() {
    this.#passer("repos");
    this.#oublier();
    this.ecoute.fermer();
    this.onde.effacer();
    this.audio.srcObject = null;
    this.#piste = null;
  }

  /** La piste Opus de l'appel qui parle : le secours du son exact. */
  piste(piste) {
    this.#piste = piste;
    // L'élément reçoit toujours la piste, muet : sans lecteur, Chromium ne décode pas une piste distante.
    this.audio.srcObject = piste && new MediaStream([piste]);
    if (piste) this.audio.play().catch(() => null);
    if (this.ecoute.tourne) this.ecoute.secours(piste);
  }

  possible(ouvert) {
    this.#possible = ouvert;
    if (!ouvert && this.#etat !== "repos") this.#dire("Écoute interrompue", "attention");
    // L'appel revient : la borne reprend l'écoute là où elle était.
    if (ouvert && this.#etat !== "repos") this.dire("DemandeEcoute", { foyer: this.points.foyer });
    this.#boutons();
  }

  /** Un message du canal `auscultation`. */
  son(tampon) {
    const trame = lireTrame(tampon);
    if (!trame) return;
    if (trame.ecoute !== this.#memoire?.ecoute) {
      // Une trame en retard d'une écoute finie ne rouvre rien (les numéros tournent sur 16 bits).
      const avance = this.#memoire ? (trame.ecoute - this.#memoire.ecoute) & 0xffff : 1;
      if (this.#etat === "repos" || avance > 0x7fff) return;
      this.#ouvrir(trame);
    }
    for (const [numero, bloc] of this.#memoire.ajouter(trame)) this.ecoute.bloc(numero, bloc);
    // Une trame d'un bloc est un rappel : seul le direct prouve que le canal vit.
    if (trame.numero === this.#memoire.fin - 1) this.#dernierBloc = performance.now();
  }

  recevoir({ active, foyer, raison }) {
    if (!active) {
      this.#passer("repos");
      this.#dire(raison || "", raison ? "urgence" : "");
      return;
    }
    if (foyer) this.points.montrer(foyer);
    this.#passer("active");
    this.#dire(`En écoute · ${this.points.libelle}`, "bon");
  }

  /** Une fois par seconde pendant l'écoute : fréquence cardiaque, qualité, ce que le patient lit. */
  analyse({ bpm, qualite, conseil }) {
    if (this.#etat !== "active") return;
    const [mot, ton] =
      qualite >= QUALITE_BONNE ? ["Son net", "bon"] : qualite >= QUALITE_MOYENNE ? ["Son moyen", "attention"] : ["Son gêné", "attention"];
    pastille($("qualite-ecoute"), conseil ? `${mot} · le patient lit : « ${conseil} »` : mot, ton);
    const coeur = this.points.mode === "coeur";
    ecrire($("bpm"), !coeur ? "" : bpm === null ? "— /min" : `${nombre(bpm)} /min`);
    $("bpm").title = bpm === null ? "Fréquence cardiaque : la qualité du son ne permet pas de la dire" : "Fréquence cardiaque, au son";
  }

  #oublier() {
    this.#memoire = null;
    this.#dernierBloc = -Infinity;
    this.enregistrement.ouvrir(null, "");
    this.#sansAnalyse();
  }

  #sansAnalyse() {
    pastille($("qualite-ecoute"), "");
    ecrire($("bpm"), "");
  }

  #ouvrir({ frequence, ecoute }) {
    this.#memoire = new Memoire(frequence, ecoute);
    this.ecoute.ouvrir(frequence);
    this.enregistrement.ouvrir(this.#memoire, this.points.foyer);
    this.#sansAnalyse();
  }

  async #ecouter() {
    if (!this.dire("DemandeEcoute", { foyer: this.points.foyer })) return;
    this.#passer("demandee");
    this.#dire("Demandée à la borne…", "actif");
    this.#patience = setTimeout(() => {
      this.#passer("repos");
      this.#dire("La borne n’a pas répondu", "urgence");
    }, SANS_REPONSE_MS);
    await this.#jouer();
  }

  async #jouer() {
    await this.ecoute.preparer();
    this.ecoute.secours(this.#piste);
    this.ecoute.filtrer(this.filtre.valeur);
    this.ecoute.amplifier(this.#gainDb);
    this.onde.brancher(this.ecoute.filtree);
  }

  #arreter() {
    this.dire("ArretEcoute");
    this.#passer("repos");
    this.#dire("");
  }

  #passer(etat) {
    clearTimeout(this.#patience);
    const avant = this.#etat;
    this.#etat = etat;
    if (etat === "active" && avant !== "active") {
      $("onde-vide").hidden = true;
      this.enregistrement.taire();
      this.onde.demarrer();
      this.#jouer();
    }
    if (etat === "repos") {
      if (this.ecoute.voie !== "relecture") {
        this.ecoute.choisir(null);
        this.onde.arreter();
      }
      this.#sansAnalyse();
    }
    this.#voix();
    this.points.ecouter(etat === "active");
    this.#boutons();
  }

  /** Une relecture commence : le direct se tait, les tracés la suivent. */
  #relire() {
    $("onde-vide").hidden = true;
    this.onde.demarrer();
    this.onde.effacer();
    this.#voix();
  }

  /** La relecture est finie : le direct revient, s'il y en a un. */
  #direct() {
    this.ecoute.choisir(null);
    if (this.#etat !== "active") this.onde.arreter();
    else this.onde.effacer();
    this.#voix();
  }

  #voix() {
    const occupe = this.#etat === "active" || this.ecoute.voie === "relecture";
    this.couperVoix(occupe && $("voix-coupee").checked);
  }

  #boutons() {
    const repos = this.#etat === "repos";
    permettre($("ecouter"), this.#possible && repos);
    permettre($("arreter-ecoute"), this.#possible && !repos);
  }

  #choisir(foyer) {
    if (this.#etat !== "repos") this.dire("DemandeEcoute", { foyer });
  }

  #changerMode() {
    const { mode } = this.points;
    ecrire($("ecouter-mot"), mode === "coeur" ? "Écouter le cœur" : "Écouter les poumons");
    this.onde.frequenceMax = mode === "coeur" ? 400 : 1200;
    ecrire($("spectre-echelle"), `0 à ${nombre(this.onde.frequenceMax)} Hz`);
    this.filtre.montrer(this.#filtres[mode]);
    this.ecoute.filtrer(this.#filtres[mode]);
    if (this.#etat !== "repos") this.dire("DemandeEcoute", { foyer: this.points.foyer });
  }

  #filtrer(nom) {
    this.#filtres[this.points.mode] = nom;
    this.ecoute.filtrer(nom);
  }

  #amplifier(decibels) {
    this.#gainDb = decibels;
    this.ecoute.amplifier(decibels);
    ecrire($("gain-mot"), `${decibels > 0 ? "+" : ""}${nombre(decibels)} dB`);
  }

  #dire(texte, ton = "") {
    pastille($("ecoute-etat"), texte || "Stéthoscope au repos", ton);
  }

  #veiller() {
    const actif = this.#etat === "active";
    const exact = performance.now() - this.#dernierBloc < SECOURS_MS;
    if (actif && this.ecoute.voie !== "relecture" && this.ecoute.tourne) this.ecoute.choisir(exact ? "exact" : "secours");
    if (actif || this.#memoire) this.enregistrement.veiller();
    this.#dessinerVoie(actif, exact);
    this.#dessinerNiveau(actif || this.ecoute.voie === "relecture");
  }

  #dessinerVoie(actif, exact) {
    if (!actif) return pastille($("voie"), "");
    if (!this.ecoute.tourne) return pastille($("voie"), "Cliquez dans la page pour entendre", "attention");
    if (!exact) return pastille($("voie"), "Son compressé, en secours", "attention");
    return pastille($("voie"), `Son exact · ${nombre(Math.floor(1000 * this.#memoire.part) / 10, 1)} %`, "bon");
  }

  #dessinerNiveau(joue) {
    const db = joue ? this.onde.niveauDb + this.#gainDb : -60;
    $("niveau").value = Math.max(-60, Math.min(0, db));
    ecrire($("niveau-mot"), !joue ? "" : db > SATURE_DB ? "trop fort" : db < FAIBLE_DB ? "très faible" : "bon");
    ecrire($("onde-echelle"), joue && this.onde.echelle > 1 ? `agrandi ${this.onde.echelle} fois` : "");
  }
}

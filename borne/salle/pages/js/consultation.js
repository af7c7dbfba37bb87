// Écran 3 : la consultation. Ce module assemble l'appel et ses panneaux ; chacun sait faire une chose.

import { Appel } from "./appel.js";
import { avis } from "./alertes.js";
import { Auscultation } from "./auscultation.js";
import { Camera } from "./camera.js";
import { Documents } from "./documents.js";
import { $, demander, ecrire } from "./dom.js";
import { effacerIdentite, montrerIdentite } from "./identite.js";
import { Examen } from "./examen.js";
import { Liaison } from "./liaison.js";
import { Mesures } from "./mesures.js";
import { Notes } from "./notes.js";
import { cleChangee } from "./securite.js";
import { Photos } from "./photos.js";
import { Scene } from "./scene.js";
import { Texte } from "./texte.js";
import { chrono } from "./util.js";

const PATIENCE_CAMERA_MS = 6000;

export class Consultation {
  visite = null;
  #appel = null;
  #debut = 0;
  #finDemandee = false;
  #tenue = false;
  #minuterie = null;

  constructor(salle) {
    this.salle = salle;
    const dire = (type, champs) => this.#appel?.dire(type, champs) ?? false;
    this.camera = new Camera();
    // Un son silencieux n'apprend rien au patient : la borne lui montre le micro coupé.
    this.camera.addEventListener("micro", () => dire("MicroMedecin", { coupe: this.camera.microCoupe }));
    this.scene = new Scene();
    this.liaison = new Liaison();
    this.mesures = new Mesures(dire, (nature) => this.#envoyer("MesureSouhaitee", { visite: this.visite, nature }));
    this.auscultation = new Auscultation(dire, (coupee) => this.scene.couperVoix(coupee));
    this.texte = new Texte(dire);
    this.examen = new Examen(dire);
    this.photos = new Photos(dire);
    this.documents = new Documents();
    this.notes = new Notes((type, champs) => this.#envoyer(type, champs));
    $("terminer").addEventListener("click", () => this.#terminer());
  }

  /** La salle a dit oui : `Prise` acceptée. */
  async commencer({ visite, notes, cle_borne: cleBorne }, ligne, glace) {
    this.visite = visite;
    this.#tenue = true;
    this.#finDemandee = false;
    this.#debut = Number(sessionStorage.getItem("debut")) || Date.now();
    sessionStorage.setItem("visite", visite);
    sessionStorage.setItem("debut", String(this.#debut));
    $("ecran-consultation").hidden = false;
    this.scene.commencer();
    this.mesures.commencer([]);
    this.auscultation.commencer();
    this.examen.commencer();
    this.photos.commencer();
    this.texte.commencer();
    this.documents.commencer(visite);
    this.notes.commencer(visite, notes);
    if (ligne) this.patient(ligne);
    const changee = ligne && cleChangee(ligne.borne, cleBorne);
    avis("cle", changee ? "La borne a une nouvelle clé depuis votre dernière consultation. Lisez le code de sécurité avec le patient." : "");
    this.#creerAppel(glace, cleBorne);
    clearInterval(this.#minuterie);
    this.#minuterie = setInterval(() => this.#chaqueSeconde(), 1000);
    this.#chaqueSeconde();
    await Promise.race([this.camera.ouvrir(), new Promise((r) => setTimeout(r, PATIENCE_CAMERA_MS))]);
    if (this.visite === visite) this.#appel?.demander();
  }

  /** La salle est revenue, la visite est toujours la nôtre : la borne refait une offre, l'ancien appel tient jusque-là. */
  reprendre({ notes }) {
    this.#tenue = true;
    this.notes.commencer(this.visite, notes);
    if (this.#finDemandee) this.#envoyer("Terminer", { visite: this.visite });
    else this.#appel?.demander();
  }

  /** La salle ne nous écoute plus : rien ne part de cette visite avant que `Prise` ne la rende. */
  sallePerdue() {
    this.#tenue = false;
  }

  patient(ligne) {
    montrerIdentite(ligne);
    this.scene.patient(ligne.patient, ligne.pret);
    this.mesures.avantAppel(ligne.patient.natures);
    this.mesures.recevoir(ligne.patient.mesures ?? [], ligne.patient.attention);
  }

  async recevoir(message) {
    switch (message.type) {
      case "Offre":
        return this.#appel?.recevoirOffre(message);
      case "Candidat":
        return this.#appel?.recevoirCandidat(message);
      case "EtatDocument":
        return this.documents.recevoir(message);
      case "RappelTelephonique":
        return this.scene.rappel(message);
      case "Notes":
        return this.notes.recevoir(message);
      case "BorneAbsente":
        return avis("borne", message.absente ? "La borne n’est plus reliée à la salle. Elle revient toute seule ; l’appel déjà établi continue." : "");
      default:
        return null;
    }
  }

  /** La visite est finie : plus une image ni un son ne passe, dans aucun sens, même si l'écran reste un instant. */
  raccrocher() {
    clearInterval(this.#minuterie);
    this.#appel?.fermer();
    this.#appel = null;
    this.camera.fermer();
    this.scene.finir();
    this.auscultation.finir();
    this.mesures.possible(false);
    this.auscultation.possible(false);
    this.examen.possible(false);
    this.examen.commencer();
    this.photos.commencer();
  }

  /** Range tout : aucune trace du patient ne reste dans la page. */
  quitter() {
    this.raccrocher();
    this.notes.finir();
    this.visite = null;
    this.#tenue = false;
    sessionStorage.removeItem("visite");
    sessionStorage.removeItem("debut");
    this.mesures.commencer([]);
    this.texte.commencer();
    this.documents.commencer(null);
    effacerIdentite();
    for (const nom of ["borne", "cle", "refus"]) avis(nom, "");
    ecrire($("code"), "–");
    $("ecran-consultation").hidden = true;
  }

  #envoyer(type, champs) {
    return this.#tenue && this.salle.envoyer(type, champs);
  }

  #creerAppel(glace, cleBorne) {
    const appel = new Appel({
      visite: this.visite,
      glace,
      cleBorne,
      camera: this.camera,
      envoyer: (type, champs) => this.#envoyer(type, champs),
    });
    this.#appel = appel;
    appel.addEventListener("etat", ({ detail: etat }) => this.#etatAppel(etat));
    appel.addEventListener("pistes", ({ detail: pistes }) => {
      this.scene.pistes(pistes);
      this.auscultation.piste(pistes.stethoscope);
    });
    appel.addEventListener("message", ({ detail: message }) => this.#messageCanal(message));
    appel.addEventListener("code", ({ detail: code }) => ecrire($("code"), code || "–"));
    appel.addEventListener("refus", ({ detail: phrase }) => avis("refus", phrase, { ton: "urgence" }));
    appel.addEventListener("octets", ({ detail: { canal, octets } }) => {
      if (canal === "examen") this.photos.morceau(octets);
      else if (canal === "auscultation") this.auscultation.son(octets);
    });
    appel.addEventListener("ouvert", () => {
      this.texte.reprendre();
      this.photos.reprendre();
      appel.dire("MicroMedecin", { coupe: this.camera.microCoupe });
    });
    this.#etatAppel("attente");
  }

  #etatAppel(etat) {
    this.scene.etat(etat);
    this.mesures.possible(etat === "etabli");
    this.auscultation.possible(etat === "etabli");
    this.examen.possible(etat === "etabli");
    this.photos.possible(etat === "etabli");
    if (etat === "coupe") this.texte.couper();
    // Le réseau de la page est peut-être coupé, et la salle avec : le savoir vite, c'est revenir vite.
    this.salle.presser(etat === "coupe");
    this.liaison.relever(this.#appel);
  }

  #messageCanal(message) {
    switch (message.type) {
      case "MesureTransmise":
        return this.mesures.recevoir(message.mesures, message.attention);
      case "EchantillonTransmis":
        return this.mesures.echantillon(message);
      case "CourbeTransmise":
        return this.mesures.onde(message);
      case "AppareilsMesure":
        return this.mesures.appareils(message.natures);
      case "EtatMesure":
        return this.mesures.etat(message);
      case "EtatLien":
        return this.scene.niveau(message.niveau);
      case "EtatEcoute":
        return this.auscultation.recevoir(message);
      case "EtatCameras":
        this.photos.camera(message.active);
        return this.examen.cameras(message);
      case "Cadrage":
        return this.examen.cadrage(message);
      case "EtatImage":
        return this.examen.image(message);
      case "Pointeur":
        return this.examen.recevoirPointeur(message);
      case "PhotoAnnoncee":
        return this.photos.annonce(message);
      case "PhotoEchouee":
        return this.photos.echec(message);
      case "AnalyseEcoute":
        return this.auscultation.analyse(message);
      case "Texte":
        return this.texte.recevoir(message);
      case "TexteEnCours":
        return this.texte.recevoirFrappe(message);
      default:
        return null;
    }
  }

  async #chaqueSeconde() {
    ecrire($("duree"), chrono(Date.now() - this.#debut));
    const appel = this.#appel;
    const releve = appel && (await this.liaison.relever(appel));
    if (appel === this.#appel) this.scene.releve(releve);
  }

  async #terminer() {
    const choix = await demander({
      titre: "Terminer la consultation ?",
      texte: "L’appel s’arrête. Vos notes sont gardées avec la visite.",
      boutons: [
        { nom: "Continuer", valeur: "non" },
        { nom: "Oui, terminer", valeur: "oui", classe: "rouge" },
      ],
    });
    if (choix !== "oui" || this.visite === null) return;
    this.notes.garder();
    this.#finDemandee = true;
    if (this.#envoyer("Terminer", { visite: this.visite })) return;
    avis("fin", "La salle ne répond pas : la consultation se terminera à son retour.", { dureeMs: 8000 });
  }
}

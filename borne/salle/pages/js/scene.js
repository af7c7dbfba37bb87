// L'image et la voix du patient, et le voile qui dit ce qui se passe quand elles manquent.

import { $, ecrire } from "./dom.js";
import { telephone } from "./util.js";

const FIGEE_S = 3;
const RAISONS_RAPPEL = {
  coupure: "La liaison avec le patient est coupée.",
  debit: "La liaison du patient est trop faible, même pour la voix.",
  echec: "L’appel n’a pas pu s’établir.",
};

export class Scene {
  #flux = new MediaStream();
  #voix = new MediaStream();
  #figee = 0;
  #etat = "attente";
  #pret = true;
  #numero = "";
  #sonBloque = false;
  #voixCoupee = false;
  #rappel = null;
  #niveau = "plein";

  constructor() {
    this.video = $("image-patient");
    this.audio = $("son-voix");
    $("volume-voix").addEventListener("input", (e) => (this.audio.volume = e.target.value / 100));
    $("activer-son").addEventListener("click", () => this.#jouer());
    $("agrandir").addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.video.parentElement.requestFullscreen().catch(() => null);
    });
  }

  commencer() {
    this.video.srcObject = this.#flux;
    this.audio.srcObject = this.#voix;
    this.#figee = 0;
    this.#rappel = null;
    this.#niveau = "plein";
    this.etat("attente");
  }

  /** L'appel ne passe plus : la borne prie de téléphoner, et dit pourquoi (`RappelTelephonique`). */
  rappel({ raison, telephone: numero, actif }) {
    this.#rappel = actif ? { raison, numero: telephone(numero) || this.#numero } : null;
    this.#dessiner();
  }

  /** Ce que le réseau laisse passer de la borne (`EtatLien`). */
  niveau(niveau) {
    this.#niveau = niveau;
    this.#dessiner();
  }

  patient({ telephone: numero }, pret) {
    this.#numero = telephone(numero);
    this.#pret = pret;
    this.#dessiner();
  }

  /** Remplace les pistes dans les mêmes flux : l'ancienne image reste jusqu'à la première de la nouvelle. */
  pistes({ video, voix }) {
    remplacer(this.#flux, video);
    remplacer(this.#voix, voix);
    this.#jouer();
  }

  etat(etat) {
    this.#etat = etat;
    this.#figee = 0;
    this.#dessiner();
  }

  /** Chaque seconde, avec le relevé de la liaison (null sans appel établi). */
  releve(releve) {
    this.#figee = releve && releve.ips < 1 ? this.#figee + 1 : 0;
    this.#dessiner();
  }

  couperVoix(coupee) {
    this.#voixCoupee = coupee;
    this.audio.muted = coupee;
  }

  finir() {
    remplacer(this.#flux, null);
    remplacer(this.#voix, null);
    this.video.srcObject = null;
    this.audio.srcObject = null;
    this.couperVoix(false);
    if (document.fullscreenElement) document.exitFullscreen();
  }

  #jouer() {
    this.video.play().catch(() => null);
    this.audio.play().then(
      () => this.#son(false),
      // Une lecture interrompue par la suivante n'est pas un refus du navigateur.
      (erreur) => this.#son(erreur.name === "NotAllowedError"),
    );
  }

  #son(bloque) {
    this.#sonBloque = bloque;
    this.#dessiner();
  }

  #dessiner() {
    const [place, titre, texte] = this.#dire();
    const voile = $("voile");
    if (place) voile.dataset.visible = place;
    else delete voile.dataset.visible;
    ecrire($("voile-titre"), titre);
    ecrire($("voile-texte"), texte);
    $("activer-son").hidden = !(this.#sonBloque && this.#etat === "etabli");
  }

  #dire() {
    if (this.#rappel) {
      const { raison, numero } = this.#rappel;
      const suite = " L’appel reviendra tout seul dès que le réseau le permet.";
      const quoi = numero ? `Téléphonez au patient : ${numero}.` : "Le patient n’a pas laissé de numéro. Il peut demander de l’aide sur place.";
      return ["plein", numero ? "Rappelez le patient au téléphone" : "L’appel ne passe plus", `${RAISONS_RAPPEL[raison] ?? ""} ${quoi}${suite}`];
    }
    const rappel = this.#numero ? ` S’il tarde, rappelez le patient au ${this.#numero}.` : "";
    if (this.#etat === "coupe") return ["plein", "L’appel est coupé", `Il revient tout seul.${rappel}`];
    if (this.#etat === "attente" && !this.#pret) return ["plein", "Le patient s’installe", "L’appel commence dès qu’il est prêt."];
    if (this.#etat !== "etabli") return ["plein", "Appel de la borne…", "L’image arrive dans un instant."];
    if (this.#sonBloque) return ["bas", "Le navigateur retient le son", "Un clic suffit pour entendre le patient."];
    if (this.#niveau === "son_seul") return ["bas", "Son seul", "La liaison du patient est trop faible pour l’image. La voix, le texte et les mesures passent."];
    if (this.#figee >= FIGEE_S) return ["bas", "L’image est figée", "La liaison vit encore : la voix, le texte et les mesures peuvent passer."];
    return ["", "", ""];
  }
}

function remplacer(flux, piste) {
  const anciennes = flux.getTracks().filter((p) => p !== piste);
  if (piste) flux.addTrack(piste);
  for (const ancienne of anciennes) flux.removeTrack(ancienne);
}

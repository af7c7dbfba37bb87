// L'image et la voix du patient, et le voile qui dit ce qui se passe quand elles manquent.

import { $, ecrire } from "./dom.js";
import { telephone } from "./util.js";

const FIGEE_S = 3;

export class Scene {
  #flux = new MediaStream();
  #voix = new MediaStream();
  #figee = 0;
  #etat = "attente";
  #pret = true;
  #numero = "";
  #sonBloque = false;
  #voixCoupee = false;

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
    this.etat("attente");
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
    const rappel = this.#numero ? ` S’il tarde, rappelez le patient au ${this.#numero}.` : "";
    if (this.#etat === "coupe") return ["plein", "L’appel est coupé", `Il revient tout seul.${rappel}`];
    if (this.#etat === "attente" && !this.#pret) return ["plein", "Le patient s’installe", "L’appel commence dès qu’il est prêt."];
    if (this.#etat !== "etabli") return ["plein", "Appel de la borne…", "L’image arrive dans un instant."];
    if (this.#sonBloque) return ["bas", "Le navigateur retient le son", "Un clic suffit pour entendre le patient."];
    if (this.#figee >= FIGEE_S) return ["bas", "L’image est figée", "La liaison vit encore : la voix, le texte et les mesures peuvent passer."];
    return ["", "", ""];
  }
}

function remplacer(flux, piste) {
  const anciennes = flux.getTracks().filter((p) => p !== piste);
  if (piste) flux.addTrack(piste);
  for (const ancienne of anciennes) flux.removeTrack(ancienne);
}

// La caméra et le micro du médecin. Un refus n'arrête rien : la consultation continue avec ce qui reste.

import { $, changerIcone, ecrire, permettre } from "./dom.js";

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

// Au masculin ; « @ » devient « e » quand il s'agit de la caméra seule, « s » des deux.
const REFUS = {
  NotAllowedError: "refusé@ par le navigateur",
  NotFoundError: "introuvable",
  NotReadableError: "déjà pris@ par un autre logiciel",
  OverconstrainedError: "inutilisable",
};
const INTERDIT = "impossible hors d’une adresse sûre (https)";

/** Émet `pistes` quand une piste naît ou meurt, `micro` quand le médecin coupe ou rétablit son micro. */
export class Camera extends EventTarget {
  #pannes = { video: "", audio: "" };
  #pistes = { video: null, audio: null };
  #coupe = { video: false, audio: false };
  #session = 0;

  constructor() {
    super();
    $("micro").addEventListener("click", () => this.#basculer("audio"));
    $("camera").addEventListener("click", () => this.#basculer("video"));
    $("reessayer-media").addEventListener("click", () => this.ouvrir());
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#session && this.#manque() && this.ouvrir());
  }

  /** Le médecin a coupé son micro (un micro absent n'est pas coupé). */
  get microCoupe() {
    return this.#coupe.audio;
  }

  piste(nature) {
    return this.#pistes[nature];
  }

  #manque() {
    return !this.#pistes.video || !this.#pistes.audio;
  }

  /** Ouvre ce qui manque ; ne lève jamais : ce qui est refusé est dit à l'écran. */
  async ouvrir() {
    this.#session ||= 1;
    const session = this.#session;
    const voulu = { video: !this.#pistes.video && VIDEO, audio: !this.#pistes.audio && AUDIO };
    if (!navigator.mediaDevices) {
      this.#pannes = { video: INTERDIT, audio: INTERDIT };
      return this.#dessiner();
    }
    ecrire($("media-etat"), "Ouverture de la caméra et du micro…");
    if (!(await this.#essayer(voulu, session)) && voulu.video && voulu.audio) {
      await this.#essayer({ audio: AUDIO }, session);
      await this.#essayer({ video: VIDEO }, session);
    }
    return this.#dessiner();
  }

  async #essayer(contraintes, session) {
    try {
      const flux = await navigator.mediaDevices.getUserMedia(contraintes);
      // Le médecin a pu quitter la consultation pendant que le navigateur demandait.
      if (session !== this.#session) flux.getTracks().forEach((piste) => piste.stop());
      else flux.getTracks().forEach((piste) => this.#adopter(piste));
      return true;
    } catch (erreur) {
      for (const nature of ["video", "audio"]) {
        if (contraintes[nature]) this.#pannes[nature] = REFUS[erreur.name] ?? "en panne";
      }
      return false;
    }
  }

  #adopter(piste) {
    const nature = piste.kind;
    this.#pannes[nature] = "";
    this.#pistes[nature] = piste;
    piste.enabled = !this.#coupe[nature];
    if (nature === "video") piste.contentHint = "motion";
    piste.addEventListener("ended", () => {
      if (this.#pistes[nature] !== piste) return;
      this.#pistes[nature] = null;
      this.#pannes[nature] = "débranché@";
      this.#dessiner();
      this.dispatchEvent(new Event("pistes"));
    });
    this.dispatchEvent(new Event("pistes"));
  }

  fermer() {
    this.#session = 0;
    for (const piste of Object.values(this.#pistes)) piste?.stop();
    this.#pistes = { video: null, audio: null };
    this.#pannes = { video: "", audio: "" };
    this.#coupe = { video: false, audio: false };
    $("retour-camera").srcObject = null;
    this.#dessiner();
  }

  #basculer(nature) {
    if (!this.#pistes[nature]) return;
    this.#coupe[nature] = !this.#coupe[nature];
    this.#pistes[nature].enabled = !this.#coupe[nature];
    if (nature === "audio") this.dispatchEvent(new Event("micro"));
    this.#dessiner();
  }

  #dessiner() {
    this.#bouton($("micro"), "audio", "le micro", "micro");
    this.#bouton($("camera"), "video", "la caméra", "camera");
    const video = this.#pistes.video;
    const retour = $("retour-camera");
    if (retour.srcObject?.getVideoTracks()[0] !== (video ?? undefined)) retour.srcObject = video && new MediaStream([video]);
    const visible = video && !this.#coupe.video;
    retour.parentElement.toggleAttribute("data-sans-image", !visible);
    ecrire($("retour-texte"), visible ? "Vous" : video ? "Caméra coupée" : "Sans caméra");
    const texte = direPannes(this.#pannes);
    ecrire($("media-etat"), texte && `${texte} Vous voyez et entendez toujours le patient.`);
    $("media-etat").dataset.ton = texte ? "attention" : "";
    $("reessayer-media").hidden = !texte;
  }

  #bouton(bouton, nature, objet, icone) {
    const coupe = this.#coupe[nature];
    permettre(bouton, this.#pistes[nature] !== null);
    bouton.setAttribute("aria-pressed", String(coupe));
    ecrire(bouton.querySelector("span"), `${coupe ? "Rétablir" : "Couper"} ${objet}`);
    changerIcone(bouton, coupe ? `${icone}-coupe${icone === "camera" ? "e" : ""}` : icone);
  }
}

/** « Caméra et micro : refusés par le navigateur. », ou vide. */
function direPannes({ video, audio }) {
  if (video && video === audio) return `Caméra et micro : ${video.replace("@", "s")}.`;
  const phrases = [video && `Caméra : ${video.replace("@", "e")}.`, audio && `Micro : ${audio.replace("@", "")}.`];
  return phrases.filter(Boolean).join(" ");
}

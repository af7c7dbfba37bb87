// Une tentative d'appel : une offre de la borne, une RTCPeerConnection, ses pistes et son canal `donnees`.
// La borne offre dans l'ordre : image du médecin, voix, stéthoscope, caméra de la borne, canal de données. Une borne qui
// n'a qu'une section vidéo, dans les deux sens, est servie aussi.

import { Battement } from "./battement.js";
import { AppelRefuse, code, empreinte, engagementTenu, tirerAlea } from "./securite.js";

const DEBIT_VIDEO_MAX = 2_500_000; // bit/s : 720p lisible par la borne, sans étouffer la voix

const TAMPON_STETHOSCOPE_MS = 250;

export class Tentative {
  #candidats = [];
  #prete = false;
  #fermee = false;
  #alea = tirerAlea();
  pistes = { video: null, voix: null, stethoscope: null };
  canal = null;
  code = "";

  /** `empreinteBorne` et `engagement` : ceux de l'offre, déjà vérifiée. `surRefus` reçoit une phrase. */
  constructor({ visite, appel, glace, empreinteBorne, engagement, envoyer, surMessage, surOctets, surChangement, surRefus }) {
    Object.assign(this, { visite, appel, empreinteBorne, engagement, envoyer, surMessage, surOctets, surChangement, surRefus });
    this.naissance = Date.now();
    this.pc = new RTCPeerConnection({ iceServers: glace.map((serveur) => serveurIce(serveur)), bundlePolicy: "max-bundle" });
    this.battement = new Battement((message) => this.dire(message));
    this.pc.addEventListener("icecandidate", ({ candidate }) => this.#annoncer(candidate));
    this.pc.addEventListener("connectionstatechange", () => this.surChangement());
    this.pc.addEventListener("datachannel", ({ channel }) => this.#adopter(channel));
  }

  /** Répond à l'offre. Les pistes du médecin peuvent arriver plus tard (`poserPistes`). */
  async repondre(sdp, camera) {
    const emis = new Set(); // ce que la borne envoie : seules ces sections annoncent une piste
    this.pc.addEventListener("track", ({ transceiver }) => emis.add(transceiver));
    await this.pc.setRemoteDescription({ type: "offer", sdp });
    if (this.#fermee) return;
    const transceivers = this.pc.getTransceivers();
    const audios = transceivers.filter((t) => t.receiver.track.kind === "audio");
    const videos = transceivers.filter((t) => t.receiver.track.kind === "video");
    this.video = videos.find((t) => !emis.has(t)) ?? videos[0] ?? null;
    const cameraBorne = videos.find((t) => emis.has(t));
    [this.voix, this.stethoscope] = [audios[0] ?? null, audios[1] ?? null];
    for (const transceiver of [this.video, this.voix]) if (transceiver) transceiver.direction = "sendrecv";
    this.pistes = {
      video: cameraBorne?.receiver.track ?? null,
      voix: this.voix?.receiver.track ?? null,
      stethoscope: this.stethoscope?.receiver.track ?? null,
    };
    // Un cœur se juge à son rythme : un tampon plus long évite que le navigateur étire ou resserre les battements.
    if (this.stethoscope) this.stethoscope.receiver.jitterBufferTarget = TAMPON_STETHOSCOPE_MS;
    await this.poserPistes(camera);
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    if (this.#fermee) return;
    await this.#limiterDebit();
    this.#prete = true;
    this.envoyer("Reponse", { visite: this.visite, appel: this.appel, sdp: this.pc.localDescription.sdp, alea: this.#alea });
    for (const candidat of this.#candidats.splice(0)) await this.#ajouter(candidat);
  }

  async poserPistes(camera) {
    await this.video?.sender.replaceTrack(camera.piste("video"));
    await this.voix?.sender.replaceTrack(camera.piste("audio"));
  }

  async recevoirCandidat(message) {
    if (this.#prete) await this.#ajouter(message);
    else this.#candidats.push(message);
  }

  /** Vrai si le message est parti. */
  dire(message) {
    if (this.canal?.readyState !== "open") return false;
    this.canal.send(JSON.stringify(message));
    return true;
  }

  get vivante() {
    return this.canal?.readyState === "open" && this.battement.vivant && this.pc.connectionState !== "failed";
  }

  /** La borne a raccroché cette liaison : elle ne reviendra pas. */
  get rompue() {
    return this.canal?.readyState === "closed" || ["failed", "closed"].includes(this.pc.connectionState);
  }

  fermer() {
    this.#fermee = true;
    this.battement.arreter();
    this.pc.close();
  }

  async #limiterDebit() {
    const parametres = this.video?.sender.getParameters();
    if (!parametres?.encodings?.length) return;
    parametres.encodings[0].maxBitrate = DEBIT_VIDEO_MAX;
    await this.video.sender.setParameters(parametres);
  }

  #annoncer(candidate) {
    this.envoyer("Candidat", {
      visite: this.visite,
      appel: this.appel,
      candidat: candidate?.candidate ?? "",
      mid: candidate?.sdpMid ?? null,
      ligne: candidate?.sdpMLineIndex ?? null,
    });
  }

  async #ajouter({ candidat, mid, ligne }) {
    if (this.#fermee) return;
    if (!candidat) await this.pc.addIceCandidate();
    else await this.pc.addIceCandidate({ candidate: candidat, sdpMid: mid, sdpMLineIndex: ligne });
  }

  #adopter(canal) {
    if (canal.label !== "donnees") {
      canal.binaryType = "arraybuffer";
      canal.addEventListener("message", ({ data }) => this.#fermee || this.surOctets(canal.label, data));
      return;
    }
    this.canal = canal;
    const ouvrir = () => {
      this.battement.demarrer();
      this.surChangement();
    };
    if (canal.readyState === "open") ouvrir();
    else canal.addEventListener("open", ouvrir, { once: true });
    canal.addEventListener("close", () => this.#fermee || this.surChangement());
    canal.addEventListener("message", ({ data }) => {
      const message = JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data));
      if (this.battement.recevoir(message) || this.#fermee) return;
      if (message.type === "Revelation") this.#reveler(message);
      else this.surMessage(message);
    });
  }

  async #reveler({ alea }) {
    const sienne = empreinte(this.pc.localDescription.sdp);
    if (!(await engagementTenu(alea, this.engagement)) || !sienne) {
      this.fermer();
      this.surRefus(new AppelRefuse("Le code de sécurité de la borne est faux : l’appel est refusé."));
      return;
    }
    this.code = await code(this.empreinteBorne, sienne, alea, this.#alea);
    this.surChangement();
  }
}

function serveurIce({ urls, username, credential }) {
  return username ? { urls, username, credential } : { urls };
}

// La page d'essai : répond à l'offre de la borne comme la page du médecin, et mesure ce qu'elle reçoit.
import { lireHorodatage } from "./horodatage.js";

const recu = { pistes: {}, sons: {}, delais: [], eclairs: [], clics: [], messages: [] };
let pair = null;
let canal = null;

// Le son de chaque piste, échantillon par échantillon, daté sur l'horloge de la machine.
async function enregistrer(mid, piste) {
  const contexte = new AudioContext({ sampleRate: 48000 });
  await contexte.audioWorklet.addModule("preneur.js");
  const source = contexte.createMediaStreamSource(new MediaStream([piste]));
  const preneur = new AudioWorkletNode(contexte, "preneur");
  recu.sons[mid] = [];
  preneur.port.onmessage = ({ data }) => recu.sons[mid].push(data);
  source.connect(preneur).connect(contexte.destination);
  await contexte.resume();
}

function regarder(video) {
  const toile = new OffscreenCanvas(1, 1);
  const dessin = toile.getContext("2d", { willReadFrequently: true });
  const voir = () => {
    const maintenant = performance.timeOrigin + performance.now();
    const largeur = Math.ceil(video.videoWidth / 8);
    [toile.width, toile.height] = [largeur, largeur];
    dessin.drawImage(video, 0, 0, largeur, largeur, 0, 0, largeur, largeur);
    const instant = lireHorodatage(dessin.getImageData(0, 0, largeur, largeur), video.videoWidth);
    if (instant !== null) recu.delais.push([maintenant, ((maintenant % 2 ** 32) - instant + 2 ** 31) % 2 ** 32 - 2 ** 31]);
    video.requestVideoFrameCallback(voir);
  };
  video.requestVideoFrameCallback(voir);
}

export async function repondre(offre) {
  pair = new RTCPeerConnection({ iceServers: [] });
  pair.ontrack = ({ track, transceiver, receiver }) => {
    recu.pistes[transceiver.mid] = track.kind;
    // L'auscultation préfère 0,3 s de retard à un son que Chromium étire pour rattraper le réseau.
    if (transceiver.mid === "2") receiver.jitterBufferTarget = 300;
    // Chromium ne décode un son que si un élément le joue.
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.muted = track.kind === "audio";
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    if (track.kind === "audio") enregistrer(transceiver.mid, track);
    else regarder(element);
  };
  pair.ondatachannel = ({ channel }) => {
    if (channel.label !== "donnees") return;
    canal = channel;
    canal.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "Battement") canal.send(JSON.stringify({ ...message, type: "EchoBattement" }));
      else if (!["EchoBattement", "Revelation"].includes(message.type)) recu.messages.push(message);
    };
  };
  await pair.setRemoteDescription({ type: "offer", sdp: offre });
  const flux = await navigator.mediaDevices.getUserMedia({
    audio: true, video: { width: 1280, height: 720, frameRate: 30 },
  });
  for (const transmetteur of pair.getTransceivers()) {
    const piste = flux.getTracks().find((p) => p.kind === transmetteur.receiver.track.kind);
    if (transmetteur.mid === "2" || transmetteur.mid === "3") continue;
    await transmetteur.sender.replaceTrack(piste);
    transmetteur.direction = "sendrecv";
  }
  await pair.setLocalDescription();
  while (pair.iceGatheringState !== "complete") await new Promise((fin) => setTimeout(fin, 10));
  return pair.localDescription.sdp;
}

export async function bilan() {
  const video = document.querySelector("video");
  const rapports = [...(await pair.getStats()).values()];
  const codecs = Object.fromEntries(rapports.filter((r) => r.type === "codec").map((r) => [r.id, r.mimeType]));
  return {
    largeur: video.videoWidth, hauteur: video.videoHeight, etat: pair.connectionState,
    entrees: rapports.filter((r) => r.type === "inbound-rtp").map((r) => ({ ...r, codec: codecs[r.codecId] })),
    sorties: rapports.filter((r) => r.type === "outbound-rtp").map((r) => ({ ...r, codec: codecs[r.codecId] })),
    delais: recu.delais, messages: recu.messages, pistes: recu.pistes,
  };
}

// Les dernières secondes d'un son, en base64 d'entiers de 16 bits : des nombres en JSON arrêteraient la borne d'essai.
export function son(mid, secondes) {
  const blocs = recu.sons[mid].slice(-Math.ceil((secondes * 48000) / 4800)).map(({ bloc }) => Array.from(bloc));
  const entiers = Int16Array.from(blocs.flat(), (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32768))));
  const octets = new Uint8Array(entiers.buffer);
  let texte = "";
  for (let i = 0; i < octets.length; i += 8192) texte += String.fromCharCode(...octets.subarray(i, i + 8192));
  return btoa(texte);
}

// Les retards (ms) d'un clic joué à chaque seconde Unix paire : bloc où le son passe du silence au clic.
export function retardsDuClic(mid) {
  const retards = [];
  let dernier = 0;
  for (const { instant, bloc } of recu.sons[mid]) {
    const rang = bloc.findIndex((x) => Math.abs(x) > 0.1);
    if (rang < 0) continue;
    const quand = instant - (bloc.length - rang) / 48;
    if (quand - dernier > 1000) retards.push(((quand + 1000) % 2000) - 1000);
    dernier = quand;
  }
  return retards;
}

export const envoyer = (texte) => canal.send(texte);
export const fermer = () => pair.close();
Object.assign(window, { repondre, bilan, son, retardsDuClic, envoyer, fermer });

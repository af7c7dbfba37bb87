// Les deux pages du banc de l'appel : le médecin, qui lit ce que chaque image rendue porte, et l'ancre Chromium,
// qui émet le même contenu que la borne. `repondre` et `offrir` rendent un SDP complet.
import { dessinerHorodatage, lireHorodatage } from "./horodatage.js";

const BLOCS_NUMERO = 6;
const BLOCS_MARQUES = 13;
const IMAGES_S = 30;
const SERIE_MS = 200;
let pair = null;
const recues = [];
let rendues = [];
const serie = [];
const clics = [];
let photos = 0;
const generation = { cout: 0, images: 0, sautees: 0 };

const maintenant = () => performance.timeOrigin + performance.now();

// [instant de rendu (ms Unix), âge (ms), numéro, images présentées, hauteur] de chaque image rendue.
// Utilisable dans toute page qui montre la vidéo de la borne.
export function regarder(element, noter = (ligne) => rendues.push(ligne)) {
  const toile = new OffscreenCanvas(1, 1);
  const dessin = toile.getContext("2d", { willReadFrequently: true });
  const lire = (x, y, cote, hauteur) => {
    dessin.drawImage(element, x, y, cote, hauteur, 0, 0, cote, hauteur);
    return dessin.getImageData(0, 0, cote, hauteur);
  };
  const voir = (_heure, { presentedFrames }) => {
    const instant = maintenant();
    const largeur = element.videoWidth;
    const bloc = largeur / 80;
    const [cote, hauteur] = [Math.ceil(11 * bloc), Math.ceil(BLOCS_MARQUES * bloc)];
    if (toile.width < cote || toile.height < hauteur) [toile.width, toile.height] = [cote, hauteur];
    const marques = lire(0, 0, cote, hauteur);
    const capte = lireHorodatage(marques, largeur);
    const debut = 4 * cote * Math.round(BLOCS_NUMERO * bloc);
    const bas = { data: marques.data.subarray(debut), width: cote, height: hauteur - Math.round(BLOCS_NUMERO * bloc) };
    const numero = lireHorodatage(bas, largeur);
    if (capte !== null) {
      const age = ((instant % 2 ** 32) - capte + 2 ** 31) % 2 ** 32 - 2 ** 31;
      noter([instant, age, numero, presentedFrames, element.videoHeight]);
    }
    if (photos > 0 && numero !== null) photographier(element, numero);
    element.requestVideoFrameCallback(voir);
  };
  element.requestVideoFrameCallback(voir);
}

// La luminance exacte de l'image rendue, sans conversion de couleurs, envoyée au banc.
async function photographier(element, numero) {
  photos -= 1;
  const image = new VideoFrame(element);
  const octets = new Uint8Array(image.allocationSize());
  const plans = await image.copyTo(octets);
  const { visibleRect, format } = image;
  image.close();
  const [{ offset, stride }] = plans;
  const infos = { numero, format, offset, stride, largeur: visibleRect.width, hauteur: visibleRect.height };
  await fetch(`/photo?${new URLSearchParams(infos)}`, { method: "POST", body: octets });
}

export const demanderPhotos = (nombre) => { photos = nombre; };

async function complet() {
  while (pair.iceGatheringState !== "complete") await new Promise((fin) => setTimeout(fin, 5));
  return pair.localDescription.sdp;
}

// Les comptes de l'image toutes les 200 ms : [instant ms, octets, images clés, PLI et FIR], toutes liaisons réunies.
async function compter() {
  const total = [maintenant(), 0, 0, 0];
  for (const liaison of recues) {
    for (const r of (await liaison.getStats()).values()) {
      if (r.type !== "inbound-rtp" || r.kind !== "video") continue;
      total[1] += r.bytesReceived ?? 0;
      total[2] += r.keyFramesDecoded ?? 0;
      total[3] += (r.pliCount ?? 0) + (r.firCount ?? 0);
    }
  }
  serie.push(total);
}

// Les instants (ms Unix) où le clic de la voix se fait entendre.
async function ecouter(piste) {
  const contexte = new AudioContext({ sampleRate: 48000 });
  await contexte.audioWorklet.addModule("preneur.js");
  const preneur = new AudioWorkletNode(contexte, "preneur");
  preneur.port.onmessage = ({ data: { instant, bloc } }) => {
    const rang = bloc.findIndex((x) => Math.abs(x) > 0.1);
    const quand = instant - (bloc.length - rang) / 48;
    if (rang >= 0 && quand - (clics.at(-1) ?? 0) > 1000) clics.push(quand);
  };
  contexte.createMediaStreamSource(new MediaStream([piste])).connect(preneur).connect(contexte.destination);
  await contexte.resume();
}

// Une nouvelle offre double la liaison d'avant ; la borne ferme celle qu'elle abandonne.
export async function repondre(offre, avecSon = false) {
  if (recues.length === 0) setInterval(compter, SERIE_MS);
  pair = new RTCPeerConnection({ iceServers: [] });
  recues.push(pair);
  const emises = new Set();
  pair.ontrack = ({ track, transceiver }) => {
    emises.add(transceiver);
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.muted = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    if (track.kind === "video") regarder(element);
    else if (avecSon && [...emises].filter((t) => t.receiver.track.kind === "audio").length === 1) ecouter(track);
  };
  pair.ondatachannel = ({ channel }) => {
    channel.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "Battement") channel.send(JSON.stringify({ ...message, type: "EchoBattement" }));
    };
  };
  await pair.setRemoteDescription({ type: "offer", sdp: offre });
  // Comme la page du médecin, qui parle : sans rien émettre, Chromium ne rend pas compte des arrivées.
  const voix = pair.getTransceivers().find(({ receiver }) => receiver.track.kind === "audio");
  if (voix) voix.direction = "sendrecv";
  await pair.setLocalDescription();
  return complet();
}

export async function releve(depuis = 0) {
  const rapports = [...(await pair.getStats()).values()];
  const codecs = Object.fromEntries(rapports.filter((r) => r.type === "codec").map((r) => [r.id, r.mimeType]));
  const entree = rapports.find((r) => r.type === "inbound-rtp" && r.kind === "video") ?? {};
  return {
    instant: maintenant(), etat: pair.connectionState, rendues: rendues.filter(([t]) => t >= depuis),
    entree: { ...entree, codec: codecs[entree.codecId] },
    serie: serie.filter(([t]) => t >= depuis), clics: clics.filter((t) => t >= depuis),
  };
}

// Oublie ce qui précède : un appel long n'encombre pas la page.
export function oublier(avant) {
  rendues = rendues.filter(([t]) => t >= avant);
  serie.splice(0, serie.findIndex(([t]) => t >= avant));
}

// --- l'ancre : Chromium émetteur ---

// Un contexte 2D qui peint le plan de luminance : les tampons sont dessinés par le même code que partout.
class PlanLuma {
  constructor(octets, largeur, decale) { Object.assign(this, { octets, largeur, decale, niveau: 0 }); }
  set fillStyle(style) { this.niveau = parseInt(style.slice(4), 10); }
  fillRect(x, y, largeur, hauteur) {
    for (let ligne = y + this.decale; ligne < y + this.decale + hauteur; ligne += 1) {
      const debut = ligne * this.largeur + x;
      this.octets.fill(this.niveau, debut, debut + largeur);
    }
  }
}

async function generer(ecrivain, largeur, hauteur) {
  const contenu = new Uint8Array(await (await fetch(`/contenu?hauteur=${hauteur}`)).arrayBuffer());
  const taille = (largeur * hauteur * 3) / 2;
  const tour = 2 * (contenu.length / taille - 1);
  const tampon = new Uint8Array(taille);
  const [instants, numeros] = [0, BLOCS_NUMERO].map((b) => new PlanLuma(tampon, largeur, (b * largeur) / 80));
  for (let numero = 0; ; numero += 1) {
    let debut = performance.now();
    const rang = Math.min(numero % tour, tour - (numero % tour));
    tampon.set(contenu.subarray(rang * taille, (rang + 1) * taille));
    generation.cout += performance.now() - debut;
    const echeance = (Math.floor((maintenant() * IMAGES_S) / 1000 + 1) * 1000) / IMAGES_S;
    await new Promise((fin) => setTimeout(fin, Math.max(0, echeance - maintenant())));
    debut = performance.now();
    dessinerHorodatage(instants, largeur, maintenant());
    dessinerHorodatage(numeros, largeur, numero);
    const image = new VideoFrame(tampon, {
      format: "I420", codedWidth: largeur, codedHeight: hauteur, timestamp: Math.round(performance.now() * 1000),
    });
    generation.cout += performance.now() - debut;
    generation.images += 1;
    if (ecrivain.desiredSize > 0) ecrivain.write(image);
    else { generation.sautees += 1; image.close(); }
  }
}

export async function offrir(largeur, hauteur, debit, degradation) {
  const piste = new MediaStreamTrackGenerator({ kind: "video" });
  generer(piste.writable.getWriter(), largeur, hauteur);
  pair = new RTCPeerConnection({ iceServers: [] });
  const { sender } = pair.addTransceiver(piste, { direction: "sendonly", sendEncodings: [{ maxBitrate: debit, maxFramerate: 30 }] });
  const parametres = sender.getParameters();
  if (degradation) parametres.degradationPreference = degradation;
  await sender.setParameters(parametres);
  await pair.setLocalDescription();
  return complet();
}

export const accepter = (sdp) => pair.setRemoteDescription({ type: "answer", sdp });
export const coutGeneration = () => generation;
export const fermer = () => pair?.close();
Object.assign(window, { regarder, repondre, releve, oublier, demanderPhotos, offrir, accepter, coutGeneration, fermer });

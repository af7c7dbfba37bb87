// Le médecin du banc de l'auscultation : les modules mêmes de la page du médecin, et de quoi relever ce qu'ils rendent.
import { EcouteAudio } from "/pages/js/ecoute-audio.js";
import { Memoire, lireTrame } from "/pages/js/son-exact.js";

const REDEMANDER_MS = 200;
const maintenant = () => performance.timeOrigin + performance.now();

const audio = new EcouteAudio();
const sons = {};
let pairs = [];
let canal = null;
let memoire = null;
let blocs = new Map();
let arrivees = [];

function recevoir(tampon) {
  const instant = maintenant();
  const trame = lireTrame(tampon);
  if (trame === null) throw new Error("trame malformée");
  if (trame.ecoute !== memoire?.ecoute) {
    memoire = new Memoire(trame.frequence, trame.ecoute);
    [blocs, arrivees] = [new Map(), []];
    audio.ouvrir(trame.frequence);
  }
  for (const [numero, bloc] of memoire.ajouter(trame)) {
    audio.bloc(numero, bloc);
    blocs.set(numero, bloc);
    arrivees.push([numero, instant]);
  }
}

function redemander() {
  const manquants = memoire?.aRedemander(performance.now()) ?? [];
  if (!manquants.length) return;
  canal.send(JSON.stringify({ type: "BlocsManquants", ecoute: memoire.ecoute, blocs: manquants }));
}

function adopter(voie) {
  if (voie.label === "auscultation") {
    voie.binaryType = "arraybuffer";
    voie.onmessage = ({ data }) => recevoir(data);
  }
  if (voie.label !== "donnees") return;
  canal = voie;
  voie.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "Battement") voie.send(JSON.stringify({ ...message, type: "EchoBattement" }));
  };
}

/** Tout le son d'un nœud, échantillon par échantillon. */
function enregistrer(nom, noeud) {
  sons[nom] = [];
  const preneur = new AudioWorkletNode(audio.contexte, "preneur", { channelCount: 1, channelCountMode: "explicit" });
  preneur.port.onmessage = ({ data }) => sons[nom].push(data.bloc);
  noeud.connect(preneur).connect(audio.contexte.destination);
}

/** Prépare le son de la page ; `exact` est pris avant tout filtre, `filtre` après celui qui est choisi. */
export async function preparer() {
  await audio.preparer();
  await audio.contexte.audioWorklet.addModule("preneur.js");
  enregistrer("exact", audio.lecteur);
  setInterval(redemander, REDEMANDER_MS);
}

function poserSecours(nom, piste) {
  // Chromium ne décode un son que si un élément le joue.
  const element = document.createElement("audio");
  [element.autoplay, element.muted, element.srcObject] = [true, true, new MediaStream([piste])];
  document.body.append(element);
  enregistrer(nom, new MediaStreamAudioSourceNode(audio.contexte, { mediaStream: new MediaStream([piste]) }));
}

/** Répond à la borne ; sa piste de stéthoscope (mid 2) est enregistrée sous le nom `secours`. */
export async function repondre(offre) {
  const pair = new RTCPeerConnection({ iceServers: [] });
  pairs.push(pair);
  pair.ondatachannel = ({ channel }) => adopter(channel);
  await pair.setRemoteDescription({ type: "offer", sdp: offre });
  const stethoscope = pair.getTransceivers().find((t) => t.mid === "2");
  stethoscope.receiver.jitterBufferTarget = 250;
  poserSecours("secours", stethoscope.receiver.track);
  return finir(pair);
}

/** Répond à l'ancre : une seule piste, celle d'aiortc tel quel. */
export async function repondreAncre(offre) {
  const pair = new RTCPeerConnection({ iceServers: [] });
  pairs.push(pair);
  await pair.setRemoteDescription({ type: "offer", sdp: offre });
  const { receiver } = pair.getTransceivers()[0];
  receiver.jitterBufferTarget = 250;
  poserSecours("ancre", receiver.track);
  return finir(pair);
}

async function finir(pair) {
  await pair.setLocalDescription();
  while (pair.iceGatheringState !== "complete") await new Promise((fin) => setTimeout(fin, 10));
  return pair.localDescription.sdp;
}

const base64 = (entiers) => {
  const octets = new Uint8Array(entiers.buffer, entiers.byteOffset, entiers.byteLength);
  let texte = "";
  for (let i = 0; i < octets.length; i += 8192) texte += String.fromCharCode(...octets.subarray(i, i + 8192));
  return btoa(texte);
};

/** Les blocs exacts reçus : leurs numéros, leurs échantillons bout à bout (base64), et les arrivées (ms Unix). */
export function exact() {
  const numeros = [...blocs.keys()].sort((a, b) => a - b);
  const taille = blocs.get(numeros[0])?.length ?? 0;
  const tout = new Int16Array(numeros.length * taille);
  numeros.forEach((n, rang) => tout.set(blocs.get(n), rang * taille));
  return { numeros, echantillons: base64(tout), arrivees, releve: audio.releve };
}

/** Ce qu'un nœud a joué depuis le dernier appel, en virgule flottante de 32 bits (base64). */
export function son(nom) {
  const morceaux = sons[nom]?.splice(0) ?? [];
  const tout = new Float32Array(morceaux.reduce((somme, bloc) => somme + bloc.length, 0));
  let place = 0;
  for (const bloc of morceaux) {
    tout.set(bloc, place);
    place += bloc.length;
  }
  return base64(tout);
}

export function fermer() {
  for (const pair of pairs) pair.close();
  pairs = [];
}
Object.assign(window, { preparer, repondre, repondreAncre, exact, son, fermer });

// Le médecin du banc de la voix : parle (micro factice), date ce qu'il dit, et compte ce qu'il entend.

let pair = null;
let capture = null;
const dit = [];

// Chaque bloc du micro, avec l'instant (ms) où la page en a eu le dernier échantillon.
async function dater(piste) {
  const contexte = new AudioContext({ sampleRate: 48000 });
  await contexte.audioWorklet.addModule("preneur.js");
  const preneur = new AudioWorkletNode(contexte, "preneur");
  preneur.port.onmessage = ({ data }) => dit.push(data);
  contexte.createMediaStreamSource(new MediaStream([piste])).connect(preneur).connect(contexte.destination);
  await contexte.resume();
}

export async function parler() {
  const brut = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const flux = await navigator.mediaDevices.getUserMedia({ audio: { ...brut, channelCount: 1 } });
  capture = flux.getAudioTracks()[0];
  await dater(capture);
}

export async function repondre(offre) {
  pair?.close();
  pair = new RTCPeerConnection({ iceServers: [] });
  pair.ontrack = ({ track }) => {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  };
  pair.ondatachannel = ({ channel }) => {
    channel.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "Battement") channel.send(JSON.stringify({ ...message, type: "EchoBattement" }));
    };
  };
  await pair.setRemoteDescription({ type: "offer", sdp: offre });
  const section = pair.getTransceivers().find((t) => t.receiver.track.kind === "audio");
  section.direction = "sendrecv";
  await section.sender.replaceTrack(capture);
  await pair.setLocalDescription();
  while (pair.iceGatheringState !== "complete") await new Promise((fin) => setTimeout(fin, 10));
  return pair.localDescription.sdp;
}

export const etat = () => pair.connectionState;

/** Oublie ce qui a été dit avant la mesure, et rend les comptes d'écoute. */
export async function commencer() {
  dit.length = 0;
  return ecoute();
}

export async function ecoute() {
  const rapports = [...(await pair.getStats()).values()];
  const sections = pair.getTransceivers().filter((t) => t.receiver.track.kind === "audio");
  return rapports.find((r) => r.type === "inbound-rtp" && r.kind === "audio" && r.mid === sections[0].mid);
}

/** Ce qui a été dit : base64 d'entiers de 16 bits, tailles des blocs et instants de leur fin (ms). */
export function paroles() {
  const entiers = Int16Array.from(dit.flatMap(({ bloc }) => Array.from(bloc)), (x) => Math.round(x * 32767));
  const octets = new Uint8Array(entiers.buffer);
  let texte = "";
  for (let i = 0; i < octets.length; i += 8192) texte += String.fromCharCode(...octets.subarray(i, i + 8192));
  return { son: btoa(texte), tailles: dit.map(({ bloc }) => bloc.length), instants: dit.map(({ instant }) => instant) };
}

Object.assign(window, { parler, repondre, etat, commencer, ecoute, paroles });

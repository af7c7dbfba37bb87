// Le chemin du son du stéthoscope dans la page : exact, de secours (Opus) ou relecture, puis filtre, gain, casque.

import { reechantillonner } from "./tampon-exact.js";

const FREQUENCE = 48000;
const FONDU_S = 0.015;
const TRANSITION_S = 0.02;

/** Les bandes d'écoute, en hertz. */
export const FILTRES = { cloche: [20, 200], membrane: [100, 500], large: [20, 1000], poumon: [100, 2000] };

/** Butterworth d'ordre 4 : deux cellules de ces facteurs de qualité (en dB, comme BiquadFilterNode les veut). */
const QUALITES_DB = [0.541196, 1.306563].map((q) => 20 * Math.log10(q));

export class EcouteAudio {
  #source = null;
  #piste = null;
  #relecture = null;
  #bande = FILTRES.large;
  #voie = null;
  #frequence = null;
  releve = null;

  /** Prépare tout ; à appeler après un geste de la personne. */
  async preparer() {
    this.pret ??= this.#construire();
    await this.pret;
    if (this.contexte.state !== "running") await this.contexte.resume();
  }

  get tourne() {
    return Boolean(this.filtree) && this.contexte.state === "running";
  }

  /** Commence une écoute du son exact à cette fréquence. */
  ouvrir(frequence) {
    this.#frequence = frequence;
    this.lecteur?.port.postMessage({ frequence });
  }

  bloc(numero, bloc) {
    this.lecteur?.port.postMessage({ numero, bloc });
  }

  /** La piste Opus de l'appel, pour le secours ; null la retire. */
  secours(piste) {
    if (piste === this.#piste) return;
    this.#piste = piste;
    this.#source?.disconnect();
    this.#source = null;
    if (!piste || !this.filtree) return;
    this.#source = new MediaStreamAudioSourceNode(this.contexte, { mediaStream: new MediaStream([piste]) });
    this.#source.connect(this.voies.secours);
  }

  /** Fait entendre une seule voie : `exact`, `secours`, `relecture`, ou null. */
  choisir(voie) {
    if (!this.filtree || voie === this.#voie) return;
    this.#voie = voie;
    for (const [nom, gain] of Object.entries(this.voies)) {
      gain.gain.setTargetAtTime(nom === voie ? 1 : 0, this.contexte.currentTime, FONDU_S / 3);
    }
  }

  get voie() {
    return this.#voie;
  }

  filtrer(nom) {
    this.#bande = FILTRES[nom];
    this.#accorder(1);
  }

  /** En décibels. */
  amplifier(decibels) {
    this.gain?.gain.setTargetAtTime(10 ** (decibels / 20), this.contexte.currentTime, TRANSITION_S);
  }

  /** Relit des entiers de 16 bits ; `vitesse` 0,5 : deux fois plus lent et une octave plus bas, sans retouche. */
  relire(son, frequence, vitesse, surFin) {
    this.taire();
    const echantillons = reechantillonner(son, frequence, FREQUENCE, vitesse);
    const tampon = new AudioBuffer({ length: Math.max(1, echantillons.length), sampleRate: FREQUENCE });
    tampon.copyToChannel(echantillons, 0);
    const source = new AudioBufferSourceNode(this.contexte, { buffer: tampon });
    source.connect(this.voies.relecture);
    this.#relecture = source;
    // À demi-vitesse, tout le spectre descend d'une octave : la bande écoutée descend avec lui.
    this.#accorder(vitesse);
    source.onended = () => {
      if (this.#relecture !== source) return;
      this.taire();
      surFin();
    };
    source.start();
    this.choisir("relecture");
  }

  /** Arrête la relecture. */
  taire() {
    const source = this.#relecture;
    this.#relecture = null;
    source?.stop();
    source?.disconnect();
    this.#accorder(1);
  }

  /** Plus un son, plus une donnée : fin de l'écoute ou de la visite. */
  fermer() {
    this.taire();
    this.choisir(null);
    this.secours(null);
    this.#frequence = null;
    this.lecteur?.port.postMessage({ vider: true });
    this.contexte?.suspend();
  }

  async #construire() {
    this.contexte = new AudioContext({ latencyHint: "interactive", sampleRate: FREQUENCE });
    await this.contexte.audioWorklet.addModule("/pages/js/lecteur-worklet.js");
    await this.contexte.audioWorklet.addModule("/pages/js/onde-worklet.js");
    const mono = { numberOfInputs: 0, outputChannelCount: [1] };
    this.lecteur = new AudioWorkletNode(this.contexte, "lecteur-exact", mono);
    this.lecteur.port.onmessage = ({ data }) => (this.releve = data);
    const voie = () => new GainNode(this.contexte, { gain: 0, channelCount: 1, channelCountMode: "explicit" });
    this.voies = { exact: voie(), secours: voie(), relecture: voie() };
    this.lecteur.connect(this.voies.exact);
    const cellule = (type, qualite) => new BiquadFilterNode(this.contexte, { type, Q: qualite });
    this.passeHaut = QUALITES_DB.map((q) => cellule("highpass", q));
    this.passeBas = QUALITES_DB.map((q) => cellule("lowpass", q));
    this.gain = new GainNode(this.contexte);
    const chaine = [...this.passeHaut, ...this.passeBas, this.gain];
    for (const entree of Object.values(this.voies)) entree.connect(chaine[0]);
    chaine.slice(1).forEach((noeud, rang) => chaine[rang].connect(noeud));
    this.gain.connect(this.contexte.destination);
    /** Ce que l'on entend, avant le gain : c'est ce que les tracés montrent. */
    this.filtree = this.passeBas.at(-1);
    this.#accorder(1);
    if (this.#frequence) this.ouvrir(this.#frequence);
  }

  #accorder(vitesse) {
    if (!this.passeBas) return;
    const [bas, haut] = this.#bande;
    for (const noeud of this.passeHaut) noeud.frequency.value = bas * vitesse;
    for (const noeud of this.passeBas) noeud.frequency.value = haut * vitesse;
  }
}

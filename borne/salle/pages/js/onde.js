// Ce que le médecin entend du stéthoscope, dessiné en direct : phonocardiogramme et spectrogramme sur cinq secondes.

import { couleur, preparerCanvas } from "./dom.js";

const DUREE_S = 5;
const IMAGE_MS = 33;
const AMPLITUDE_MIN = 0.001;
const ETENDUE_DB = 45; // du plus fort au plus faible dessinés
const PLANCHER_DB = -90;
const DESCENTE_DB = 0.15; // par image : la référence suit le son sans clignoter

export class Onde {
  #blocs = new Float32Array(0);
  #tete = 0;
  #remplis = 0;
  #actif = false;
  #derniere = 0;
  #reference = PLANCHER_DB + ETENDUE_DB;
  #reste = 0;
  niveauDb = -Infinity;
  echelle = 1;
  frequenceMax = 400;

  constructor(canvasOnde, canvasSpectre) {
    this.canvasOnde = canvasOnde;
    this.canvasSpectre = canvasSpectre;
  }

  /** Dessine ce qui passe par ce nœud du graphe audio. */
  brancher(noeud) {
    if (this.contexte) return;
    this.contexte = noeud.context;
    const mesureur = new AudioWorkletNode(this.contexte, "onde", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    mesureur.port.onmessage = ({ data }) => this.#recevoir(data);
    this.analyseur = new AnalyserNode(this.contexte, { fftSize: 4096, smoothingTimeConstant: 0 });
    this.#blocs = new Float32Array(Math.round((DUREE_S * this.contexte.sampleRate) / 128) * 2);
    noeud.connect(mesureur);
    noeud.connect(this.analyseur);
  }

  demarrer() {
    this.effacer();
    if (this.#actif) return;
    this.#actif = true;
    requestAnimationFrame((t) => this.#animer(t));
  }

  arreter() {
    this.#actif = false;
  }

  effacer() {
    this.#remplis = 0;
    this.#tete = 0;
    this.#derniere = 0;
    this.#reference = PLANCHER_DB + ETENDUE_DB;
    for (const canvas of [this.canvasOnde, this.canvasSpectre]) {
      const [c, largeur, hauteur] = preparerCanvas(canvas);
      c.clearRect(0, 0, largeur, hauteur);
    }
  }

  #recevoir(lot) {
    let energie = 0;
    for (let i = 0; i < lot.length; i += 3) {
      this.#blocs[this.#tete] = lot[i];
      this.#blocs[this.#tete + 1] = lot[i + 1];
      this.#tete = (this.#tete + 2) % this.#blocs.length;
      energie += lot[i + 2];
    }
    this.#remplis = Math.min(this.#blocs.length, this.#remplis + (lot.length / 3) * 2);
    const db = 10 * Math.log10(Math.max(1e-9, (energie * 3) / lot.length));
    // Montée vive, descente lente : un bruit du cœur se lit au lieu de clignoter.
    this.niveauDb = Number.isFinite(this.niveauDb) ? Math.max(db, this.niveauDb - 0.5) : db;
  }

  #animer(t) {
    if (!this.#actif) return;
    if (this.analyseur && t - this.#derniere >= IMAGE_MS) {
      const ecoule = this.#derniere ? (t - this.#derniere) / 1000 : 0;
      this.#derniere = t;
      this.#dessinerOnde();
      this.#dessinerSpectre(ecoule);
    }
    requestAnimationFrame((suivant) => this.#animer(suivant));
  }

  #dessinerOnde() {
    const [c, largeur, hauteur] = preparerCanvas(this.canvasOnde);
    const total = this.#blocs.length / 2;
    const remplis = this.#remplis / 2;
    let pic = AMPLITUDE_MIN;
    for (let i = 0; i < remplis * 2; i += 1) pic = Math.max(pic, Math.abs(this.#lire(i)));
    // L'échelle suit le son (puissance de deux) et s'affiche : le médecin sait ce qui est agrandi.
    this.echelle = 2 ** Math.max(0, Math.floor(Math.log2(1 / pic)));
    const milieu = hauteur / 2;
    const gain = milieu * 0.95 * this.echelle;
    c.clearRect(0, 0, largeur, hauteur);
    this.#graduer(c, largeur, hauteur);
    c.strokeStyle = couleur("principal");
    c.lineWidth = 1.2;
    c.beginPath();
    for (let i = 0; i < remplis; i += 1) {
      const x = largeur - ((remplis - i) / total) * largeur;
      c.lineTo(x, milieu - this.#lire(2 * i) * gain);
      c.lineTo(x, milieu - this.#lire(2 * i + 1) * gain);
    }
    c.stroke();
  }

  /** Un trait par seconde, et le zéro. */
  #graduer(c, largeur, hauteur) {
    c.fillStyle = couleur("trait");
    c.fillRect(0, hauteur / 2, largeur, 1);
    for (let s = 1; s < DUREE_S; s += 1) c.fillRect((largeur * s) / DUREE_S, 0, 1, hauteur);
  }

  /** Le i-ème nombre, du plus ancien au plus récent. */
  #lire(i) {
    return this.#blocs[(this.#tete - this.#remplis + i + 2 * this.#blocs.length) % this.#blocs.length];
  }

  #dessinerSpectre(ecoule) {
    const canvas = this.canvasSpectre;
    const [c, largeur, hauteur] = preparerCanvas(canvas);
    const bandes = Math.ceil((this.frequenceMax * this.analyseur.fftSize) / this.contexte.sampleRate);
    const niveaux = new Float32Array(this.analyseur.frequencyBinCount);
    this.analyseur.getFloatFrequencyData(niveaux);
    const fort = Math.max(...niveaux.subarray(1, bandes));
    this.#reference = Math.max(PLANCHER_DB + ETENDUE_DB, fort, this.#reference - DESCENTE_DB);
    this.#reste += (ecoule / DUREE_S) * largeur;
    const pas = Math.floor(this.#reste);
    this.#reste -= pas;
    if (!pas) return;
    const densite = canvas.width / largeur;
    c.save();
    c.globalCompositeOperation = "copy";
    c.drawImage(canvas, pas * densite, 0, canvas.width - pas * densite, canvas.height, 0, 0, largeur - pas, hauteur);
    c.restore();
    c.fillStyle = couleur("principal");
    for (let bande = 1; bande < bandes; bande += 1) {
      c.globalAlpha = Math.max(0, 1 - (this.#reference - niveaux[bande]) / ETENDUE_DB) ** 1.5;
      c.fillRect(largeur - pas, hauteur * (1 - (bande + 1) / bandes), pas, hauteur / bandes + 0.5);
    }
    c.globalAlpha = 1;
  }
}

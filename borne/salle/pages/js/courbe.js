// La pression du brassard, en direct : une courbe qui s'allonge, avec la tension quand elle est connue.

import { couleur, preparerCanvas } from "./dom.js";

const DUREE_MIN_S = 30;
const PRESSION_MIN = 180;

export class Courbe {
  #points = [];
  #reperes = [];
  #demande = 0;

  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#bientot()).observe(canvas);
    window.addEventListener("theme", () => this.#bientot());
  }

  get vide() {
    return this.#points.length === 0;
  }

  effacer() {
    this.#points = [];
    this.#reperes = [];
    this.#bientot();
  }

  ajouter(instantS, mmhg) {
    this.#points.push([instantS, mmhg]);
    this.#bientot();
  }

  /** Systolique et diastolique en mmHg, tracées en pointillés. */
  marquer(...pressions) {
    this.#reperes = pressions.filter((p) => p !== null);
    this.#bientot();
  }

  #bientot() {
    this.#demande ||= requestAnimationFrame(() => {
      this.#demande = 0;
      this.#dessiner();
    });
  }

  #dessiner() {
    const [c, largeur, hauteur] = preparerCanvas(this.canvas);
    if (!largeur) return;
    c.clearRect(0, 0, largeur, hauteur);
    if (this.vide) return;
    const [debut, fin] = [this.#points[0][0], this.#points.at(-1)[0]];
    const maximum = Math.max(PRESSION_MIN, ...this.#points.map(([, p]) => p + 10));
    const x = (t) => 30 + ((t - debut) / Math.max(DUREE_MIN_S, fin - debut)) * (largeur - 40);
    const y = (p) => hauteur - 6 - (p / maximum) * (hauteur - 14);
    this.#graduer(c, largeur, maximum, y);
    c.strokeStyle = couleur("principal");
    c.fillStyle = couleur("principal");
    c.lineWidth = 2.5;
    c.lineJoin = "round";
    c.beginPath();
    this.#points.forEach(([t, p], i) => (i ? c.lineTo(x(t), y(p)) : c.moveTo(x(t), y(p))));
    c.stroke();
    c.beginPath();
    c.arc(x(fin), y(this.#points.at(-1)[1]), 4, 0, 2 * Math.PI);
    c.fill();
    this.#tracerReperes(c, largeur, y);
  }

  #graduer(c, largeur, maximum, y) {
    c.font = '12px "Atkinson Hyperlegible Next", sans-serif';
    c.textBaseline = "middle";
    for (let pression = 50; pression < maximum; pression += 50) {
      c.fillStyle = couleur("trait");
      c.fillRect(30, y(pression), largeur - 36, 1);
      c.fillStyle = couleur("encre-douce");
      c.fillText(String(pression), 4, y(pression));
    }
  }

  #tracerReperes(c, largeur, y) {
    c.strokeStyle = couleur("sur-attention");
    c.lineWidth = 1.5;
    c.setLineDash([5, 4]);
    for (const pression of this.#reperes) {
      c.beginPath();
      c.moveTo(30, y(pression));
      c.lineTo(largeur - 6, y(pression));
      c.stroke();
    }
    c.setLineDash([]);
  }
}

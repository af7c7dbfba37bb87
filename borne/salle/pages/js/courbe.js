// Ce qui vit pendant une mesure : une courbe qui s'allonge (pression, température...), ou qui défile (pouls).

import { couleur, preparerCanvas } from "./dom.js";

/** Échelle : `plancher` et `plafond` au moins, écart des graduations, secondes montrées, et si la courbe défile. */
const ECHELLE_PRESSION = { plancher: 0, plafond: 180, pas: 50, duree: 30, defile: false };

export class Courbe {
  #points = [];
  #reperes = [];
  #demande = 0;
  #echelle = ECHELLE_PRESSION;

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

  /** Change d'échelle ; sans argument, celle de la pression. */
  regler(echelle = ECHELLE_PRESSION) {
    this.#echelle = echelle;
    this.effacer();
  }

  ajouter(instantS, valeur) {
    this.#points.push([instantS, valeur]);
    if (this.#echelle.defile) this.#points = this.#points.filter(([t]) => t > instantS - this.#echelle.duree);
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
    const { pas, duree } = this.#echelle;
    const marge = pas / 5;
    const maximum = Math.max(this.#echelle.plafond, ...this.#points.map(([, p]) => p + marge));
    const { plancher } = this.#echelle;
    const minimum = Math.min(plancher, ...this.#points.filter(([, p]) => p < plancher).map(([, p]) => p - marge));
    const x = (t) => 30 + ((t - debut) / Math.max(duree, fin - debut)) * (largeur - 40);
    const y = (p) => hauteur - 6 - ((p - minimum) / (maximum - minimum)) * (hauteur - 14);
    this.#graduer(c, largeur, [minimum, maximum], y);
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

  #graduer(c, largeur, [minimum, maximum], y) {
    const { pas, nue } = this.#echelle;
    if (nue) return;
    c.font = '12px "Atkinson Hyperlegible Next", sans-serif';
    c.textBaseline = "middle";
    for (let repere = Math.floor(minimum / pas) * pas + pas; repere < maximum; repere += pas) {
      c.fillStyle = couleur("trait");
      c.fillRect(30, y(repere), largeur - 36, 1);
      c.fillStyle = couleur("encre-douce");
      c.fillText(String(repere), 4, y(repere));
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

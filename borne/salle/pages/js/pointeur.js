// Le doigt du médecin sur l'image : un point du capteur, que le patient voit aussi sur son propre retour.

const PROCHE = 0.03; // part de ce qui se voit : cliquer sur le pointeur le retire

export class Pointeur {
  point = null;

  constructor(dire, repere) {
    this.dire = dire;
    this.repere = repere;
  }

  /** Montrer ce point du capteur ; au même endroit, le retirer. `part` : part du capteur que l'on voit. */
  montrer(point, part) {
    const ancien = this.point;
    if (ancien && Math.hypot((ancien.x - point.x) / part.x, (ancien.y - point.y) / part.y) < PROCHE) return this.retirer();
    if (this.dire("Pointeur", point)) this.point = point;
    return null;
  }

  retirer() {
    if (this.point && this.dire("Pointeur", { x: null, y: null })) this.point = null;
  }

  recevoir({ x, y }) {
    this.point = typeof x === "number" && typeof y === "number" ? { x, y } : null;
  }

  oublier() {
    this.point = null;
    this.placer(null);
  }

  /** `place` : dans le flux (0 à 1) ou null ; `boite` : où est l'image, en pixels CSS. */
  placer(place, boite) {
    const visible = place && place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1;
    this.repere.hidden = !visible;
    if (!visible) return;
    this.repere.style.left = `${boite.x + place.x * boite.largeur}px`;
    this.repere.style.top = `${boite.y + place.y * boite.hauteur}px`;
  }
}

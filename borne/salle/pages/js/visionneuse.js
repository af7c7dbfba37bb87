// Une photo d'examen en plein écran : entière ou agrandie, à la molette, au clavier ou en la tirant.

import { $, creer, ecrire } from "./dom.js";
import { nombre } from "./util.js";

const ZOOM_MAX = 12;
const PAS = 1.25;
const dans = (valeur, bas, haut) => Math.min(Math.max(valeur, bas), haut);

export class Visionneuse {
  #photos = [];
  #rang = 0;
  #zoom = 1; // 1 : la photo entière tient dans la place
  #x = 0; // décalage du centre, en pixels CSS
  #y = 0;
  #prise = null;

  constructor() {
    this.dialogue = $("visionneuse");
    this.place = $("visionneuse-place");
    this.image = $("visionneuse-image");
    const clic = (id, geste) => $(id).addEventListener("click", geste);
    clic("vue-fermer", () => this.fermer());
    clic("vue-plus", () => this.#zoomer(PAS * PAS));
    clic("vue-moins", () => this.#zoomer(1 / (PAS * PAS)));
    clic("vue-entiere", () => this.#entiere());
    clic("vue-pixels", () => this.#zoomer(1 / (this.#echelle * this.#zoom)));
    clic("vue-avant", () => this.#montrer(this.#rang - 1));
    clic("vue-apres", () => this.#montrer(this.#rang + 1));
    clic("vue-garder", () => this.#enregistrer());
    this.place.addEventListener("wheel", (e) => this.#molette(e), { passive: false });
    this.place.addEventListener("pointerdown", (e) => this.#saisir(e));
    this.place.addEventListener("pointermove", (e) => this.#tirer(e));
    this.place.addEventListener("pointerup", () => (this.#prise = null));
    this.dialogue.addEventListener("keydown", (e) => this.#clavier(e));
    this.dialogue.addEventListener("close", () => this.#vider());
    new ResizeObserver(() => this.#dessiner()).observe(this.place);
  }

  ouvrir(photos, rang) {
    this.#photos = photos;
    if (!this.dialogue.open) this.dialogue.showModal();
    this.#montrer(rang);
    this.place.focus();
  }

  fermer() {
    if (this.dialogue.open) this.dialogue.close();
    this.#vider();
  }

  #vider() {
    this.#photos = [];
    this.image.removeAttribute("src");
    ecrire($("vue-titre"), "");
    ecrire($("vue-details"), "");
  }

  #montrer(rang) {
    const photo = this.#photos[rang];
    if (!photo) return;
    this.#rang = rang;
    this.image.src = photo.adresse;
    this.image.alt = photo.titre;
    ecrire($("vue-titre"), `Photo ${rang + 1} sur ${this.#photos.length} : ${photo.titre}`);
    ecrire($("vue-details"), photo.details);
    $("vue-avant").disabled = rang === 0;
    $("vue-apres").disabled = rang === this.#photos.length - 1;
    this.#entiere();
  }

  /** Pixels CSS par pixel de la photo, quand elle tient entière. */
  get #echelle() {
    const photo = this.#photos[this.#rang];
    return photo ? Math.min(this.place.clientWidth / photo.largeur, this.place.clientHeight / photo.hauteur) : 1;
  }

  #entiere() {
    this.#zoom = 1;
    this.#x = this.#y = 0;
    this.#dessiner();
  }

  #zoomer(facteur, dx = 0, dy = 0) {
    const zoom = dans(this.#zoom * facteur, 1, ZOOM_MAX / Math.min(1, this.#echelle));
    const rapport = zoom / this.#zoom;
    this.#x = dx - (dx - this.#x) * rapport;
    this.#y = dy - (dy - this.#y) * rapport;
    this.#zoom = zoom;
    this.#dessiner();
  }

  #molette(evenement) {
    evenement.preventDefault();
    const cadre = this.place.getBoundingClientRect();
    const crans = dans(-evenement.deltaY / (evenement.deltaMode ? 3 : 100), -2, 2);
    this.#zoomer(PAS ** crans, evenement.clientX - cadre.left - cadre.width / 2, evenement.clientY - cadre.top - cadre.height / 2);
  }

  #saisir(evenement) {
    if (evenement.button !== 0) return;
    this.place.setPointerCapture(evenement.pointerId);
    this.#prise = { x: evenement.clientX - this.#x, y: evenement.clientY - this.#y };
  }

  #tirer(evenement) {
    if (!this.#prise) return;
    this.#x = evenement.clientX - this.#prise.x;
    this.#y = evenement.clientY - this.#prise.y;
    this.#dessiner();
  }

  #clavier(evenement) {
    if (evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    const pas = 80;
    const decaler = (dx, dy) => {
      this.#x += dx;
      this.#y += dy;
      this.#dessiner();
    };
    const gestes = {
      "+": () => this.#zoomer(PAS),
      "=": () => this.#zoomer(PAS),
      "-": () => this.#zoomer(1 / PAS),
      0: () => this.#entiere(),
      ArrowLeft: () => decaler(pas, 0),
      ArrowRight: () => decaler(-pas, 0),
      ArrowUp: () => decaler(0, pas),
      ArrowDown: () => decaler(0, -pas),
      PageUp: () => this.#montrer(this.#rang - 1),
      PageDown: () => this.#montrer(this.#rang + 1),
    };
    const geste = gestes[evenement.key];
    if (!geste) return;
    evenement.preventDefault();
    geste();
  }

  /** Sur un geste voulu seulement : le fichier quitte alors la page pour l'ordinateur du médecin. */
  #enregistrer() {
    const photo = this.#photos[this.#rang];
    if (photo) creer("a", { href: photo.adresse, download: photo.nom }).click();
  }

  #dessiner() {
    const photo = this.#photos[this.#rang];
    if (!photo) return;
    const echelle = this.#echelle * this.#zoom;
    const [largeur, hauteur] = [photo.largeur * echelle, photo.hauteur * echelle];
    const [libreX, libreY] = [Math.max(0, largeur - this.place.clientWidth) / 2, Math.max(0, hauteur - this.place.clientHeight) / 2];
    this.#x = dans(this.#x, -libreX, libreX);
    this.#y = dans(this.#y, -libreY, libreY);
    this.image.style.width = `${largeur}px`;
    this.image.style.height = `${hauteur}px`;
    this.image.style.transform = `translate(${this.#x}px, ${this.#y}px)`;
    // Au-delà d'un pixel pour un, on montre les pixels du capteur, sans les fondre.
    this.image.style.imageRendering = echelle > 2 ? "pixelated" : "auto";
    ecrire($("vue-zoom"), `${nombre(echelle * 100)}\u00a0%`);
  }
}

// Examiner à l'image : choisir la caméra, zoomer et se déplacer dans le capteur (la borne recadre avant d'encoder),
// montrer du doigt, et dire en mots ce que valent la lumière et la netteté.

import { borner, contenir, parts, versCapteur, versFlux, zoomerVers } from "./cadre.js";
import { $, creer, ecrire, permettre, permis } from "./dom.js";
import { Pointeur } from "./pointeur.js";
import { nombre } from "./util.js";

const CADENCE_MS = 60; // entre deux cadrages envoyés : la souris en ferait cent par seconde
const SANS_CAMERA_MS = 9000;
const PAS_ZOOM = 1.25;
const PAS_BOUTON = 1.5;
const PAS_DEPLACEMENT = 0.15; // part de ce qui se voit
const SEUIL_GLISSER = 5; // px : en deçà, c'est un clic
const ENTIERE = { x: 0.5, y: 0.5, zoom: 1 };

export const CAMERAS = { principale: "Visage", examen: "Caméra d’examen", document: "Documents" };

const CONSEILS = {
  sombre: "Trop sombre : ajoutez de la lumière",
  eblouie: "Éblouie : éloignez la lampe",
  contre_jour: "Contre-jour : la lumière est derrière",
  floue: "Floue : reculez un peu la caméra",
  bougee: "L’image bouge : ne plus bouger",
};

export class Examen {
  #active = "principale";
  #presentes = ["principale"];
  #voulue = null;
  #patience = null;
  #vise = ENTIERE;
  #capteur = null;
  #possible = false;
  #envoye = 0;
  #minuterie = null;
  #geste = null;

  constructor(dire) {
    this.dire = dire;
    this.video = $("image-patient");
    this.surface = $("surface");
    this.pointeur = new Pointeur(dire, $("pointeur"));
    this.boutons = [...document.querySelectorAll("[data-camera]")];
    for (const bouton of this.boutons) {
      bouton.addEventListener("click", () => permis(bouton) && this.#choisir(bouton.dataset.camera));
      bouton.addEventListener("keydown", (e) => this.#fleches(e));
    }
    $("zoom-plus").addEventListener("click", (e) => permis(e.currentTarget) && this.#zoomer(PAS_BOUTON));
    $("zoom-moins").addEventListener("click", (e) => permis(e.currentTarget) && this.#zoomer(1 / PAS_BOUTON));
    $("zoom-entier").addEventListener("click", (e) => permis(e.currentTarget) && this.#viser(ENTIERE));
    this.surface.addEventListener("wheel", (e) => this.#molette(e), { passive: false });
    this.surface.addEventListener("pointerdown", (e) => this.#saisir(e));
    this.surface.addEventListener("pointermove", (e) => this.#glisser(e));
    this.surface.addEventListener("pointerup", (e) => this.#lacher(e));
    this.surface.addEventListener("pointercancel", () => (this.#geste = null));
    this.surface.addEventListener("keydown", (e) => this.#clavier(e));
    this.video.addEventListener("resize", () => this.#placer());
    new ResizeObserver(() => this.#placer()).observe(this.surface);
  }

  get camera() {
    return this.#active;
  }

  commencer() {
    clearTimeout(this.#patience);
    clearTimeout(this.#minuterie);
    this.#active = "principale";
    this.#presentes = ["principale"];
    this.#voulue = this.#capteur = this.#geste = this.#minuterie = null;
    this.#vise = ENTIERE;
    this.pointeur.oublier();
    this.#dire("");
    this.#conseiller([]);
    this.#dessiner();
  }

  possible(ouvert) {
    this.#possible = ouvert;
    this.#dessiner();
  }

  /** L'appel revient : la borne a gardé caméra, cadrage et pointeur, et les redit. */
  cameras({ active, presentes, raison }) {
    if (active !== this.#active) this.#conseiller([]);
    if (active !== this.#active) this.pointeur.oublier();
    if (active === this.#voulue || raison) this.#renoncer();
    this.#active = active;
    this.#presentes = presentes;
    this.#dire(raison ?? "", "attention");
    this.#dessiner();
  }

  cadrage({ x, y, zoom }) {
    // Pendant qu'on glisse, la réponse à un ancien geste ferait trembler l'image sous la main.
    if (this.#geste || this.#minuterie) return;
    this.#vise = { x, y, zoom };
    this.#dessiner();
  }

  image({ camera, largeur, hauteur, conseils }) {
    if (camera !== this.#active) return;
    this.#capteur = { largeur, hauteur };
    this.#conseiller(conseils ?? []);
    this.#dessiner();
  }

  recevoirPointeur(message) {
    this.pointeur.recevoir(message);
    this.#placer();
  }

  // --- caméras ---

  #choisir(camera) {
    if (camera === this.#active || !this.dire("ChoixCamera", { camera })) return;
    this.#voulue = camera;
    this.#dire(`${CAMERAS[camera]} : ouverture…`);
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.#renoncer();
      this.#dire("La borne n’a pas répondu.", "attention");
      this.#dessiner();
    }, SANS_CAMERA_MS);
    this.#dessiner();
  }

  #renoncer() {
    clearTimeout(this.#patience);
    this.#voulue = null;
  }

  /** Groupe de radios (ARIA APG) : une seule tabulation, les flèches choisissent. */
  #fleches(evenement) {
    const sens = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[evenement.key];
    if (!sens || evenement.altKey) return;
    evenement.preventDefault();
    const presents = this.boutons.filter((b) => permis(b));
    const rang = presents.indexOf(evenement.currentTarget);
    const suivant = presents[(rang + sens + presents.length) % presents.length];
    if (!suivant) return;
    this.#choisir(suivant.dataset.camera);
    suivant.focus();
  }

  // --- cadrage ---

  get #flux() {
    const { videoWidth: largeur, videoHeight: hauteur } = this.video;
    return largeur && hauteur && this.#capteur && this.#possible ? { largeur, hauteur } : null;
  }

  /** Où est l'image dans la surface, en pixels CSS. */
  #boite() {
    return contenir({ largeur: this.surface.clientWidth, hauteur: this.surface.clientHeight }, this.#flux);
  }

  /** Ce point de la page dans le flux (0 à 1). */
  #dansLeFlux({ clientX, clientY }) {
    const [surface, boite] = [this.surface.getBoundingClientRect(), this.#boite()];
    return { x: (clientX - surface.left - boite.x) / boite.largeur, y: (clientY - surface.top - boite.y) / boite.hauteur };
  }

  #zoomer(facteur, point = { x: 0.5, y: 0.5 }) {
    if (this.#flux) this.#viser(zoomerVers(point, this.#vise.zoom * facteur, this.#vise, this.#capteur, this.#flux));
  }

  #deplacer(dx, dy) {
    if (!this.#flux) return;
    const part = parts(this.#vise.zoom, this.#capteur, this.#flux);
    this.#viser({ ...this.#vise, x: this.#vise.x + dx * part.x, y: this.#vise.y + dy * part.y });
  }

  #viser(vise) {
    if (!this.#flux) return;
    this.#vise = borner(vise, this.#capteur, this.#flux);
    this.#dessiner();
    if (this.#minuterie) return;
    const attente = Math.max(0, this.#envoye + CADENCE_MS - performance.now());
    this.#minuterie = setTimeout(() => {
      this.#minuterie = null;
      this.#envoye = performance.now();
      this.dire("Cadrage", this.#vise);
    }, attente);
  }

  #molette(evenement) {
    if (!this.#flux) return;
    evenement.preventDefault();
    const crans = Math.max(-2, Math.min(2, -evenement.deltaY / (evenement.deltaMode ? 3 : 100)));
    this.#zoomer(PAS_ZOOM ** crans, this.#dansLeFlux(evenement));
  }

  #saisir(evenement) {
    if (evenement.button !== 0 || !this.#flux) return;
    this.surface.setPointerCapture(evenement.pointerId);
    this.#geste = { x: evenement.clientX, y: evenement.clientY, vise: this.#vise, glisse: false };
  }

  #glisser(evenement) {
    const geste = this.#geste;
    if (!geste || !this.#flux) return;
    const [dx, dy] = [evenement.clientX - geste.x, evenement.clientY - geste.y];
    if (!geste.glisse && Math.hypot(dx, dy) < SEUIL_GLISSER) return;
    geste.glisse = true;
    this.surface.dataset.glisse = "";
    const [boite, part] = [this.#boite(), parts(geste.vise.zoom, this.#capteur, this.#flux)];
    this.#viser({ ...geste.vise, x: geste.vise.x - (dx / boite.largeur) * part.x, y: geste.vise.y - (dy / boite.hauteur) * part.y });
  }

  #lacher(evenement) {
    const geste = this.#geste;
    this.#geste = null;
    delete this.surface.dataset.glisse;
    if (!geste || geste.glisse || !this.#flux) return;
    this.#pointer(this.#dansLeFlux(evenement));
  }

  #pointer(point) {
    const { x, y } = versCapteur(point, this.#vise, this.#capteur, this.#flux);
    if (x < 0 || x > 1 || y < 0 || y > 1) return;
    this.pointeur.montrer({ x, y }, parts(this.#vise.zoom, this.#capteur, this.#flux));
    this.#placer();
  }

  #clavier(evenement) {
    if (evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    const pas = PAS_DEPLACEMENT;
    const gestes = {
      "+": () => this.#zoomer(PAS_ZOOM),
      "=": () => this.#zoomer(PAS_ZOOM),
      "-": () => this.#zoomer(1 / PAS_ZOOM),
      0: () => this.#viser(ENTIERE),
      ArrowLeft: () => this.#deplacer(-pas, 0),
      ArrowRight: () => this.#deplacer(pas, 0),
      ArrowUp: () => this.#deplacer(0, -pas),
      ArrowDown: () => this.#deplacer(0, pas),
      Enter: () => this.#pointer({ x: 0.5, y: 0.5 }),
      Escape: () => this.#retirer(),
    };
    const geste = gestes[evenement.key];
    if (!geste || !this.#flux) return;
    evenement.preventDefault();
    geste();
  }

  #retirer() {
    this.pointeur.retirer();
    this.#placer();
  }

  // --- ce qui se voit ---

  #placer() {
    const flux = this.#flux;
    const place = flux && this.pointeur.point ? versFlux(this.pointeur.point, this.#vise, this.#capteur, flux) : null;
    this.pointeur.placer(place, place && this.#boite());
  }

  #dire(texte, ton = "") {
    const etat = $("examen-etat");
    ecrire(etat, texte);
    etat.dataset.ton = ton;
  }

  #conseiller(conseils) {
    const phrases = conseils.map((c) => CONSEILS[c]).filter(Boolean);
    const liste = $("conseils");
    if (liste.textContent !== phrases.join("")) liste.replaceChildren(...phrases.map((phrase) => creer("li", {}, phrase)));
  }

  #dessiner() {
    const pret = Boolean(this.#flux);
    for (const bouton of this.boutons) {
      const { camera } = bouton.dataset;
      const choisie = camera === this.#active;
      bouton.setAttribute("aria-checked", String(choisie));
      bouton.toggleAttribute("data-voulue", camera === this.#voulue);
      bouton.tabIndex = choisie ? 0 : -1;
      bouton.hidden = !this.#presentes.includes(camera) && !choisie;
      permettre(bouton, this.#possible);
    }
    const { zoom } = this.#vise;
    ecrire($("zoom-valeur"), `${nombre(zoom, 1)}×`);
    ecrire($("zoom-pastille"), `Zoom ${nombre(zoom, 1)}×`);
    $("zoom-pastille").hidden = zoom < 1.01;
    this.surface.toggleAttribute("data-zoome", zoom > 1.001);
    permettre($("zoom-plus"), pret && zoom < 7.99);
    permettre($("zoom-moins"), pret && zoom > 1.01);
    permettre($("zoom-entier"), pret && zoom > 1.01);
    this.#placer();
  }
}

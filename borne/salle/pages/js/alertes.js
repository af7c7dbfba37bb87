// Aide ou 15 demandés à une borne : un bandeau que l'on ne peut pas manquer, un son, « J'ai vu ». Avis discrets.

import { $, creer, icone } from "./dom.js";
import { heure } from "./util.js";

const TITRES = { quinze: "15 demandé", aide: "Aide demandée" };
const NOTES = { quinze: [880, 660, 880, 660], aide: [660, 880], arrivee: [523, 659] };
const REPETITION_MS = { quinze: 1600, aide: 3200 };

/** Sons courts, faits par oscillateur : rien à télécharger, rien à lire. */
class Sonnerie {
  #contexte = null;

  jouer(nom, volume = 0.25) {
    this.#contexte ??= new AudioContext();
    const contexte = this.#contexte;
    // Sans geste de la personne, le navigateur garde le son fermé : l'appelant le dit à l'écran.
    if (contexte.state !== "running") contexte.resume().catch(() => null);
    NOTES[nom].forEach((frequence, rang) => {
      const debut = contexte.currentTime + rang * 0.2;
      const gain = new GainNode(contexte, { gain: 0 });
      const note = new OscillatorNode(contexte, { frequency: frequence, type: "triangle" });
      gain.gain.setValueAtTime(0, debut);
      gain.gain.linearRampToValueAtTime(volume, debut + 0.02);
      gain.gain.linearRampToValueAtTime(0, debut + 0.18);
      note.connect(gain).connect(contexte.destination);
      note.start(debut);
      note.stop(debut + 0.2);
    });
  }

  get muette() {
    return this.#contexte !== null && this.#contexte.state !== "running";
  }
}

export class Alertes {
  #alertes = new Map();
  #vues = new Set();
  #minuterie = null;
  #envoyer;

  constructor(envoyer) {
    this.#envoyer = envoyer;
    this.sonnerie = new Sonnerie();
    this.zone = $("alertes");
    window.addEventListener("pointerdown", () => this.#alertes.size && this.#sonner());
  }

  /** Une AlerteBorne. La même alerte déjà vue ne sonne plus ; une nouvelle (autre instant) sonne. */
  recevoir({ borne, lieu, raison, instant, active }) {
    const cle = `${borne} ${instant}`;
    if (!active) this.#alertes.delete(borne);
    else if (!this.#vues.has(cle)) this.#alertes.set(borne, { borne, lieu, raison, instant, cle });
    this.#dessiner();
  }

  get nombre() {
    return this.#alertes.size;
  }

  vider() {
    this.#alertes.clear();
    this.#dessiner();
  }

  arrivee() {
    this.sonnerie.jouer("arrivee", 0.12);
  }

  #vu({ borne, cle }) {
    this.#vues.add(cle);
    this.#alertes.delete(borne);
    this.#envoyer("AlerteVue", { borne });
    this.#dessiner();
  }

  #dessiner() {
    this.zone.replaceChildren(...[...this.#alertes.values()].map((alerte) => this.#bandeau(alerte)));
    clearInterval(this.#minuterie);
    window.dispatchEvent(new Event("alertes"));
    if (this.#alertes.size) this.#sonner();
  }

  #bandeau(alerte) {
    const { borne, lieu, raison, instant } = alerte;
    return creer(
      "div",
      { class: "bandeau alerte", "data-raison": raison },
      icone(raison === "quinze" ? "quinze" : "aide"),
      creer("p", {}, creer("strong", {}, `${TITRES[raison]} · ${lieu}`), `Demande faite à ${heure(instant)}. Appelez la borne ou prenez le patient.`),
      creer("button", { type: "button", class: "bouton grand pousse", surClic: () => this.#vu(alerte) }, "J’ai vu"),
    );
  }

  #sonner() {
    clearInterval(this.#minuterie);
    const raison = [...this.#alertes.values()].some((a) => a.raison === "quinze") ? "quinze" : "aide";
    this.sonnerie.jouer(raison);
    this.#minuterie = setInterval(() => this.sonnerie.jouer(raison), REPETITION_MS[raison]);
    setTimeout(() => avis("son", this.sonnerie.muette ? "Le son des alertes est fermé. Cliquez dans la page pour l’ouvrir." : ""), 300);
  }
}

const lesAvis = new Map();

/** Un avis discret en haut de page, par sujet ; texte vide pour l'ôter. `dureeMs` : il part tout seul. */
export function avis(sujet, texte, { ton = "attention", dureeMs = 0 } = {}) {
  const ancien = lesAvis.get(sujet);
  if (ancien?.texte === texte) return;
  clearTimeout(ancien?.minuterie);
  ancien?.element.remove();
  lesAvis.delete(sujet);
  if (!texte) return;
  const element = creer("div", { class: "bandeau", "data-ton": ton, "data-sujet": sujet }, icone(ton === "urgence" ? "alerte" : "info"), creer("p", {}, texte));
  const minuterie = dureeMs ? setTimeout(() => avis(sujet, ""), dureeMs) : null;
  lesAvis.set(sujet, { texte, element, minuterie });
  $("avis").append(element);
}

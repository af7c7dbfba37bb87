// La liaison avec la salle : WebSocket `/ws/medecin`, messages de borne/protocole.py, reprise toute seule.

import { sessionOuverte } from "./session.js";

const DELAIS_MS = [300, 600, 1200, 2500, 5000];
const VERIFICATION_MS = 15000;
const VERIFICATION_PRESSEE_MS = 1500;
const PRESSE_MS = 700;

/** Émet `message` (detail : le message), `etat` (detail : « ouverte », « perdue »), `anonyme` (session finie). */
export class Salle extends EventTarget {
  #ws = null;
  #essais = 0;
  #voulue = false;
  #minuterie = null;
  #veille = null;
  #presse = false;

  constructor() {
    super();
    // Le système sait parfois avant TCP que le réseau est parti ou revenu.
    window.addEventListener("offline", () => this.#couper());
    window.addEventListener("online", () => this.#voulue && !this.ouverte && this.#ouvrir());
  }

  get ouverte() {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  demarrer() {
    this.#voulue = true;
    this.#ouvrir();
    clearInterval(this.#veille);
    this.#veille = setInterval(() => this.#verifier(), VERIFICATION_MS);
  }

  arreter() {
    this.#voulue = false;
    this.#presse = false;
    clearInterval(this.#veille);
    clearTimeout(this.#minuterie);
    renoncer(this.#ws);
    this.#ws = null;
  }

  /** L'appel est coupé : la liaison se vérifie et se refait sans attendre. */
  presser(presse) {
    if (presse === this.#presse) return;
    this.#presse = presse;
    if (!this.#voulue) return;
    clearInterval(this.#veille);
    this.#veille = setInterval(() => this.#verifier(), presse ? VERIFICATION_PRESSEE_MS : VERIFICATION_MS);
    if (presse) this.#verifier();
  }

  /** Vrai si le message est parti. */
  envoyer(type, champs = {}) {
    if (!this.ouverte) return false;
    this.#ws.send(JSON.stringify({ type, ...champs }));
    return true;
  }

  #ouvrir() {
    clearTimeout(this.#minuterie);
    const ancien = this.#ws;
    this.#ws = null;
    renoncer(ancien);
    const protocole = location.protocol === "https:" ? "wss:" : "ws:";
    const ws = new WebSocket(`${protocole}//${location.host}/ws/medecin`);
    this.#ws = ws;
    ws.addEventListener("open", () => {
      if (ws !== this.#ws) return;
      this.#essais = 0;
      this.#dire("etat", "ouverte");
    });
    ws.addEventListener("message", (evenement) => {
      if (ws === this.#ws) this.#dire("message", JSON.parse(evenement.data));
    });
    ws.addEventListener("close", () => ws === this.#ws && this.#perdue());
  }

  async #perdue() {
    this.#ws = null;
    if (!this.#voulue) return;
    this.#dire("etat", "perdue");
    // Le navigateur ne dit pas pourquoi un WebSocket est refusé : on demande si la session vit encore.
    const session = await sessionOuverte(this.#patience);
    if (!this.#voulue || this.#ws) return;
    if (session.anonyme) {
      this.arreter();
      this.#dire("anonyme");
      return;
    }
    const delai = this.#presse ? PRESSE_MS : DELAIS_MS[Math.min(this.#essais, DELAIS_MS.length - 1)] * (0.8 + Math.random() * 0.4);
    this.#essais += 1;
    this.#minuterie = setTimeout(() => this.#ouvrir(), delai);
  }

  get #patience() {
    return this.#presse ? VERIFICATION_PRESSEE_MS : undefined;
  }

  async #verifier() {
    if (!this.ouverte) return;
    const ws = this.#ws;
    const session = await sessionOuverte(this.#patience);
    // Un lien mort sans fermeture TCP ne se voit que par une question restée sans réponse.
    if (ws === this.#ws && !session.medecin) this.#couper();
  }

  #couper() {
    const ws = this.#ws;
    if (!ws) return;
    this.#ws = null;
    ws.close();
    this.#perdue();
  }

  #dire(nom, detail) {
    this.dispatchEvent(new CustomEvent(nom, { detail }));
  }
}

/** Un WebSocket dont on ne veut plus ; un qui se connecte encore l'apprend à son ouverture, sinon le navigateur s'en plaint. */
function renoncer(ws) {
  if (ws?.readyState === WebSocket.CONNECTING) ws.addEventListener("open", () => ws.close());
  else ws?.close();
}

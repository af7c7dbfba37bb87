// Signe de vie sur le canal de données : deux Battements par seconde, écho immédiat, 2 s de silence = perdue.
// ICE met 27 à 39 s à voir un chemin mort (VISIO.md) : c'est trop long pour un patient.

const PERIODE_MS = 500;
export const SILENCE_MS = 2000;

export class Battement {
  #numero = 0;
  #dernier = null;
  #minuterie = null;
  allerRetourMs = null;

  constructor(emettre, maintenant = () => Date.now()) {
    this.emettre = emettre;
    this.maintenant = maintenant;
  }

  demarrer() {
    this.#dernier = this.maintenant();
    this.battre();
    this.#minuterie = setInterval(() => this.battre(), PERIODE_MS);
  }

  arreter() {
    clearInterval(this.#minuterie);
  }

  battre() {
    this.#numero += 1;
    this.emettre({ type: "Battement", numero: this.#numero, instant: this.maintenant() / 1000 });
  }

  /** À appeler pour tout message reçu ; vrai si c'était un battement ou son écho. */
  recevoir(message) {
    this.#dernier = this.maintenant();
    if (message.type === "Battement") {
      this.emettre({ type: "EchoBattement", numero: message.numero, instant: message.instant });
      return true;
    }
    if (message.type !== "EchoBattement") return false;
    this.allerRetourMs = Math.max(0, this.maintenant() - message.instant * 1000);
    return true;
  }

  get vivant() {
    return this.#dernier !== null && this.maintenant() - this.#dernier < SILENCE_MS;
  }
}

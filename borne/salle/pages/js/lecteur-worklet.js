// Dans le fil du son : joue le son exact à mesure qu'il arrive. Rien ne passe par le lecteur adaptatif du navigateur.

import { TamponExact } from "./tampon-exact.js";

const RELEVE_BLOCS = 75; // 200 ms à 48 kHz

class LecteurExact extends AudioWorkletProcessor {
  #tampon = null;
  #compte = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data.frequence) this.#tampon = new TamponExact(data.frequence, sampleRate);
      else if (data.vider) this.#tampon = null;
      else this.#tampon?.ajouter(data.numero, data.bloc);
    };
  }

  process(_, [[sortie]]) {
    if (!this.#tampon) return true;
    this.#tampon.rendre(sortie);
    this.#compte += 1;
    if (this.#compte % RELEVE_BLOCS === 0) {
      const { niveauS, sauts, attentes, trous } = this.#tampon;
      this.port.postMessage({ niveauS, sauts, attentes, trous });
    }
    return true;
  }
}

registerProcessor("lecteur-exact", LecteurExact);

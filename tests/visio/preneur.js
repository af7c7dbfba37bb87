// Rend le son reçu par paquets de 4800 échantillons, avec l'instant Unix (ms) de son traitement.
class Preneur extends AudioWorkletProcessor {
  constructor() {
    super();
    this.tampon = new Float32Array(4800);
    this.rang = 0;
  }

  process([entree]) {
    const voie = entree[0] ?? new Float32Array(128);
    this.tampon.set(voie, this.rang);
    this.rang += 128;
    if (this.rang + 128 > this.tampon.length) {
      this.port.postMessage({ instant: Date.now(), bloc: this.tampon.slice(0, this.rang) });
      this.rang = 0;
    }
    return true;
  }
}
registerProcessor("preneur", Preneur);

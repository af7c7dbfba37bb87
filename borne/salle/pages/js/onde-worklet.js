// Dans le fil du son : par bloc de 128 échantillons, le plus bas, le plus haut et l'énergie. Rien n'est modifié.

const BLOCS = 8;

class Onde extends AudioWorkletProcessor {
  #lot = [];

  process([entree]) {
    const son = entree[0];
    let bas = 0;
    let haut = 0;
    let energie = 0;
    for (const valeur of son ?? []) {
      if (valeur < bas) bas = valeur;
      if (valeur > haut) haut = valeur;
      energie += valeur * valeur;
    }
    this.#lot.push(bas, haut, energie / 128);
    if (this.#lot.length >= BLOCS * 3) {
      const lot = Float32Array.from(this.#lot);
      this.#lot = [];
      this.port.postMessage(lot, [lot.buffer]);
    }
    return true;
  }
}

registerProcessor("onde", Onde);

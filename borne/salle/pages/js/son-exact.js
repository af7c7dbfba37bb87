// Le son exact du stéthoscope : lire ses trames, en garder quinze secondes, en faire un WAV. Pur, sans DOM.

const VERSION = 1;
const ENTETE = 16;
export const BLOC_MS = 20;
export const MEMOIRE_S = 15;
export const BLOCS_GARDES = (MEMOIRE_S * 1000) / BLOC_MS;

const ATTENTE_BLOCS = 8; // la redondance a quatre chances de le rendre, le réseau cinq de remettre l'ordre
const DEMANDES_MAX = 10;
const REDEMANDER_MS = [250, 250, 500, 1000, 2000]; // de plus en plus rare : une borne chargée rend un bloc en retard
const PAR_DEMANDE = 150;

/** Une trame (borne/protocole.py, TrameSon) : { frequence, ecoute, numero, instantUs, blocs }, ou null si malformée. */
export function lireTrame(tampon) {
  if (!(tampon instanceof ArrayBuffer) || tampon.byteLength <= ENTETE) return null;
  const vue = new DataView(tampon);
  const khz = vue.getUint8(1);
  if (vue.getUint8(0) !== VERSION || (khz !== 4 && khz !== 8)) return null;
  const numero = vue.getUint32(4);
  const taille = khz * BLOC_MS;
  const nombre = (tampon.byteLength - ENTETE) / (2 * taille);
  if (!Number.isInteger(nombre) || nombre > numero + 1) return null;
  const blocs = [];
  for (let rang = 0; rang < nombre; rang += 1) {
    const bloc = new Int16Array(taille);
    const debut = ENTETE + 2 * taille * rang;
    for (let i = 0; i < taille; i += 1) bloc[i] = vue.getInt16(debut + 2 * i, true);
    blocs.push(bloc);
  }
  return { frequence: khz * 1000, ecoute: vue.getUint16(2), numero, instantUs: Number(vue.getBigUint64(8)), blocs };
}

/** Les quinze dernières secondes d'une écoute, bloc par bloc, et ce qui y manque. */
export class Memoire {
  #blocs = new Map();
  #demandes = new Map();
  #fin = 0;

  constructor(frequence, ecoute) {
    Object.assign(this, { frequence, ecoute });
  }

  /** Range les blocs d'une trame ; rend les nouveaux, du plus ancien au plus récent : [[numero, bloc], …]. */
  ajouter({ numero, blocs }) {
    const nouveaux = [];
    blocs.forEach((bloc, rang) => {
      const n = numero - rang;
      if (n <= this.#fin - 1 - BLOCS_GARDES || this.#blocs.has(n)) return;
      this.#blocs.set(n, bloc);
      this.#demandes.delete(n);
      nouveaux.unshift([n, bloc]);
    });
    if (numero + 1 > this.#fin) {
      const avant = Math.max(0, this.#fin - BLOCS_GARDES);
      this.#fin = numero + 1;
      for (let n = avant; n < this.debut; n += 1) this.#blocs.delete(n) && this.#demandes.delete(n);
    }
    return nouveaux;
  }

  get debut() {
    return Math.max(0, this.#fin - BLOCS_GARDES);
  }

  get fin() {
    return this.#fin;
  }

  get dureeS() {
    return ((this.#fin - this.debut) * BLOC_MS) / 1000;
  }

  /** Les numéros qui manquent encore ; `recents` compris, ou non s'ils peuvent encore arriver d'eux-mêmes. */
  manquants(recents = true) {
    const manquants = [];
    for (let n = this.debut; n < this.#fin - (recents ? 0 : ATTENTE_BLOCS); n += 1) if (!this.#blocs.has(n)) manquants.push(n);
    return manquants;
  }

  /** Ce qu'il faut redemander maintenant, sans insister plus que de raison. */
  aRedemander(maintenantMs, recents = false) {
    const choisis = this.manquants(recents)
      .filter((n) => {
        const { fois = 0, quand = 0 } = this.#demandes.get(n) ?? {};
        return fois === 0 || (fois < DEMANDES_MAX && maintenantMs - quand >= REDEMANDER_MS[Math.min(fois, REDEMANDER_MS.length) - 1]);
      })
      .slice(0, PAR_DEMANDE);
    for (const n of choisis) this.#demandes.set(n, { fois: (this.#demandes.get(n)?.fois ?? 0) + 1, quand: maintenantMs });
    return choisis;
  }

  /** La part reçue de la mémoire, de 0 à 1. */
  get part() {
    const total = this.#fin - this.debut;
    return total ? 1 - this.manquants().length / total : 0;
  }

  /** Tout, à la suite ; un bloc qui manque est du silence. */
  echantillons() {
    const taille = (this.frequence * BLOC_MS) / 1000;
    const son = new Int16Array((this.#fin - this.debut) * taille);
    for (let n = this.debut; n < this.#fin; n += 1) {
      const bloc = this.#blocs.get(n);
      if (bloc) son.set(bloc, (n - this.debut) * taille);
    }
    return son;
  }
}

/** Un fichier WAV (RIFF, PCM 16 bits mono) : les échantillons tels qu'ils ont été captés. */
export function wav(echantillons, frequence) {
  const octets = new ArrayBuffer(44 + 2 * echantillons.length);
  const vue = new DataView(octets);
  const texte = (place, mot) => [...mot].forEach((lettre, i) => vue.setUint8(place + i, lettre.charCodeAt(0)));
  texte(0, "RIFF");
  vue.setUint32(4, 36 + 2 * echantillons.length, true);
  texte(8, "WAVEfmt ");
  vue.setUint32(16, 16, true);
  vue.setUint16(20, 1, true);
  vue.setUint16(22, 1, true);
  vue.setUint32(24, frequence, true);
  vue.setUint32(28, 2 * frequence, true);
  vue.setUint16(32, 2, true);
  vue.setUint16(34, 16, true);
  texte(36, "data");
  vue.setUint32(40, 2 * echantillons.length, true);
  echantillons.forEach((valeur, i) => vue.setInt16(44 + 2 * i, valeur, true));
  return octets;
}

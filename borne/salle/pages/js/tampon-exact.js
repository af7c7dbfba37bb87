// Jouer le son exact à sa vitesse : un tampon court, une horloge asservie doucement, une interpolation sans perte
// dans la bande utile. Pur : le fil du son et les essais s'en servent tels quels.

const BLOC_S = 0.02;
const CIBLE_S = 0.1; // cinq blocs : la redondance en rattrape trois
const EXCES_S = 0.25; // au-delà de la cible, on saute plutôt que de vivre en retard
const MEMOIRE_S = 2;
const GAIN_HORLOGE = 0.02; // par seconde : un écart de 10 ms se résorbe à 0,02 %
const CORRECTION_MAX = 0.0005; // plus que deux quartz ne s'écartent, et inaudible
const LISSAGE_S = 3;
const FONDU_S = 0.005;

const MOITIE = 16;
const PHASES = 256;
const BETA = 9; // Kaiser : 90 dB

function bessel(x) {
  let terme = 1;
  let somme = 1;
  for (let k = 1; terme > 1e-12 * somme; k += 1) {
    terme *= (x / (2 * k)) ** 2;
    somme += terme;
  }
  return somme;
}

/** Les coefficients d'un sinus cardinal de 32 points pour 256 décalages, chacun de somme 1. */
function fabriquer() {
  const largeur = 2 * MOITIE;
  const table = new Float64Array((PHASES + 1) * largeur);
  for (let phase = 0; phase <= PHASES; phase += 1) {
    let somme = 0;
    for (let k = 0; k < largeur; k += 1) {
      const x = k - MOITIE + 1 - phase / PHASES;
      const fenetre = bessel(BETA * Math.sqrt(Math.max(0, 1 - (x / MOITIE) ** 2))) / bessel(BETA);
      const valeur = x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * fenetre;
      table[phase * largeur + k] = valeur;
      somme += valeur;
    }
    for (let k = 0; k < largeur; k += 1) table[phase * largeur + k] /= somme;
  }
  return table;
}

const TABLE = fabriquer();

/** La valeur du son à une position fractionnaire ; `lire(i)` rend le i-ème échantillon. */
function interpoler(lire, position) {
  const entier = Math.floor(position);
  const fraction = (position - entier) * PHASES;
  const phase = Math.floor(fraction);
  const reste = fraction - phase;
  const a = phase * 2 * MOITIE;
  const b = a + 2 * MOITIE;
  let valeur = 0;
  for (let k = 0; k < 2 * MOITIE; k += 1) {
    valeur += lire(entier - MOITIE + 1 + k) * (TABLE[a + k] + reste * (TABLE[b + k] - TABLE[a + k]));
  }
  return valeur;
}

/** Tout un enregistrement (entiers de 16 bits) à une autre fréquence, de -1 à 1 ; `vitesse` 0,5 : une octave plus bas. */
export function reechantillonner(son, frequence, sortie, vitesse = 1) {
  const pas = (frequence / sortie) * vitesse;
  const resultat = new Float32Array(Math.floor(son.length / pas));
  const lire = (i) => (i >= 0 && i < son.length ? son[i] / 32768 : 0);
  for (let i = 0; i < resultat.length; i += 1) resultat[i] = interpoler(lire, i * pas);
  return resultat;
}

export class TamponExact {
  #anneau;
  #numeros;
  #taille;
  #fin = 0;
  #premier = null;
  #position = 0;
  #enLecture = false;
  #niveau = 0;
  #gain = 0;
  sauts = 0;
  attentes = 0;
  trous = 0;

  constructor(frequence, sortie) {
    Object.assign(this, { frequence, sortie });
    this.#taille = Math.round(frequence * BLOC_S);
    this.#numeros = new Float64Array(Math.round(MEMOIRE_S / BLOC_S)).fill(-1);
    this.#anneau = new Float32Array(this.#numeros.length * this.#taille);
  }

  /** Un bloc reçu, dans n'importe quel ordre. */
  ajouter(numero, bloc) {
    if (this.#premier === null) {
      this.#premier = numero;
      this.#fin = numero;
      this.#position = numero * this.#taille;
    }
    if (numero < this.#premier || numero <= this.#fin - this.#numeros.length) return;
    for (let n = Math.max(this.#fin, numero - this.#numeros.length + 1); n < numero; n += 1) this.#poser(n, null);
    this.#fin = Math.max(this.#fin, numero + 1);
    this.#poser(numero, bloc);
  }

  /** Secondes de son en attente. */
  get niveauS() {
    return this.#premier === null ? 0 : (this.#fin * this.#taille - this.#position) / this.frequence;
  }

  /** Remplit un tableau de sortie (nombres de -1 à 1). */
  rendre(sortie) {
    const duree = sortie.length / this.sortie;
    this.#accorder(duree);
    const pas = (this.frequence / this.sortie) * (1 + this.#correction());
    const fondu = 1 / (FONDU_S * this.sortie);
    const lire = (i) => this.#anneau[((i % this.#anneau.length) + this.#anneau.length) % this.#anneau.length];
    for (let i = 0; i < sortie.length; i += 1) {
      if (!this.#enLecture) {
        sortie[i] = 0;
        continue;
      }
      const vise = this.#present(this.#position) && this.#present(this.#position + FONDU_S * this.frequence) ? 1 : 0;
      this.#gain += Math.max(-fondu, Math.min(fondu, vise - this.#gain));
      sortie[i] = this.#gain > 0 ? this.#gain * interpoler(lire, this.#position) : 0;
      this.#position += pas;
    }
  }

  #accorder(duree) {
    if (this.#premier === null) return;
    const niveau = this.niveauS;
    if (!this.#enLecture) {
      if (niveau < CIBLE_S) return;
      this.#position = this.#fin * this.#taille - CIBLE_S * this.frequence;
      this.#niveau = CIBLE_S;
      this.#enLecture = true;
    } else if (niveau < duree + MOITIE / this.frequence + FONDU_S) {
      // Plus rien à jouer : se taire sans bruit, et reprendre une fois le tampon refait.
      this.#enLecture = false;
      this.#gain = 0;
      this.attentes += 1;
    } else if (niveau > CIBLE_S + EXCES_S) {
      this.#position = this.#fin * this.#taille - CIBLE_S * this.frequence;
      this.#niveau = CIBLE_S;
      this.#gain = 0;
      this.sauts += 1;
    }
    this.#niveau += ((this.niveauS - this.#niveau) * duree) / LISSAGE_S;
  }

  #correction() {
    return Math.max(-CORRECTION_MAX, Math.min(CORRECTION_MAX, GAIN_HORLOGE * (this.#niveau - CIBLE_S)));
  }

  #poser(numero, bloc) {
    const place = numero % this.#numeros.length;
    if (bloc && this.#numeros[place] === numero) return;
    this.#numeros[place] = bloc ? numero : -1;
    if (!bloc) this.trous += 1;
    for (let i = 0; i < this.#taille; i += 1) this.#anneau[place * this.#taille + i] = bloc ? bloc[i] / 32768 : 0;
  }

  #present(position) {
    const numero = Math.floor(position / this.#taille);
    return numero < this.#fin && this.#numeros[numero % this.#numeros.length] === numero;
  }
}

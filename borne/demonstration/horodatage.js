// Le tampon horaire de horodatage.py, lu et dessiné dans une page : même grille, mêmes proportions, même CRC-8.
// Fonctions pures, sans dépendance : `lireHorodatage` prend un ImageData (ou { data, width, height }, RGBA).

const BLOCS_PAR_LARGEUR = 80;
const COLONNES = 9;
const LIGNES = 5;
const MARGE = 1;
const NOIR = 16;
const BLANC = 235;
const CONTRASTE_MINIMAL = 48;
const ECLAIR = { colonne: 72, ligne: MARGE, cote: 6 };

function crc8(octets) {
  let reste = 0xff;
  for (const octet of octets) {
    reste ^= octet;
    for (let i = 0; i < 8; i += 1) reste = reste & 0x80 ? ((reste << 1) ^ 0x07) & 0xff : reste << 1;
  }
  return reste;
}

// Moyenne de luminance de la moitié centrale d'un bloc.
function coeur({ data, width }, bloc, colonne, ligne) {
  const x0 = (MARGE + colonne + 0.25) * bloc;
  const y0 = (MARGE + ligne + 0.25) * bloc;
  const xFin = Math.floor(Math.max(x0 + bloc / 2, Math.floor(x0) + 1));
  const yFin = Math.floor(Math.max(y0 + bloc / 2, Math.floor(y0) + 1));
  let somme = 0;
  let nombre = 0;
  for (let y = Math.floor(y0); y < yFin; y += 1) {
    for (let x = Math.floor(x0); x < xFin; x += 1) {
      const i = 4 * (y * width + x);
      somme += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
      nombre += 1;
    }
  }
  return somme / nombre;
}

/** L'instant du tampon (millisecondes Unix modulo 2^32), ou null. La zone haute gauche de l'image suffit
 *  à condition de donner la largeur de l'image entière. */
export function lireHorodatage(image, largeurImage = image.width) {
  const bloc = largeurImage / BLOCS_PAR_LARGEUR;
  const assezGrande = image.height >= (LIGNES + MARGE) * bloc && image.width >= (COLONNES + MARGE) * bloc;
  if (bloc < 4 || !assezGrande) return null;
  const blocs = Array.from({ length: LIGNES }, (_, ligne) =>
    Array.from({ length: COLONNES }, (__, colonne) => coeur(image, bloc, colonne, ligne)));
  const references = blocs.map((ligne) => ligne[0]);
  const clair = Math.min(...references.filter((_, i) => i % 2 === 0));
  const sombre = Math.max(...references.filter((_, i) => i % 2 === 1));
  if (clair - sombre < CONTRASTE_MINIMAL) return null;
  const seuil = (clair + sombre) / 2;
  const octets = blocs.map((ligne) =>
    ligne.slice(1).reduce((octet, valeur) => (octet << 1) | (valeur > seuil ? 1 : 0), 0));
  if (crc8(octets.slice(0, 4)) !== octets[4]) return null;
  return ((octets[0] << 24) | (octets[1] << 16) | (octets[2] << 8) | octets[3]) >>> 0;
}

/** Zone de l'éclair [x, y, côté] en pixels : blanche le premier dixième de chaque seconde Unix paire. */
export function zoneEclair(largeurImage) {
  const bloc = largeurImage / BLOCS_PAR_LARGEUR;
  return [ECLAIR.colonne * bloc, ECLAIR.ligne * bloc, ECLAIR.cote * bloc].map(Math.round);
}

/** L'éclair est-il blanc dans cette image entière ? */
export function lireEclair(image) {
  const [x, y, cote] = zoneEclair(image.width);
  const milieu = 4 * ((y + (cote >> 1)) * image.width + x + (cote >> 1));
  const [rouge, vert, bleu] = image.data.slice(milieu, milieu + 3);
  return 0.299 * rouge + 0.587 * vert + 0.114 * bleu > (BLANC + NOIR) / 2;
}

/** Dessine le tampon dans un contexte 2D (l'image que le médecin envoie). */
export function dessinerHorodatage(contexte, largeurImage, instantMs) {
  const bloc = Math.floor(largeurImage / BLOCS_PAR_LARGEUR);
  const instant = Math.floor(instantMs) % 2 ** 32;
  const octets = [24, 16, 8, 0].map((decalage) => Math.floor(instant / 2 ** decalage) & 0xff);
  octets.push(crc8(octets));
  octets.forEach((octet, ligne) => {
    for (let colonne = 0; colonne < COLONNES; colonne += 1) {
      const blanc = colonne === 0 ? ligne % 2 === 0 : (octet >> (8 - colonne)) & 1;
      const niveau = blanc ? BLANC : NOIR;
      contexte.fillStyle = `rgb(${niveau} ${niveau} ${niveau})`;
      contexte.fillRect((MARGE + colonne) * bloc, (MARGE + ligne) * bloc, bloc, bloc);
    }
  });
}

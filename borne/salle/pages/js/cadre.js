// Le cadrage de la borne, refait ici pour savoir quel point du capteur est sous la souris. Fonctions pures ; mêmes
// règles que borne/visio/cadrage.py. Un point du capteur et le centre visé vont de 0 à 1 ; les tailles sont en pixels.

export const ZOOM_MAX = 8;

const dans = (valeur, bas, haut) => Math.min(Math.max(valeur, bas), haut);

/** Part du capteur que l'on voit, dans chaque sens. */
export function parts(zoom, capteur, flux) {
  const forme = (capteur.largeur * flux.hauteur) / (capteur.hauteur * flux.largeur);
  return { x: Math.min(1, Math.max(1, 1 / forme) / zoom), y: Math.min(1, Math.max(1, forme) / zoom) };
}

/** Le cadrage le plus proche qui ne sort pas du capteur. */
export function borner({ x, y, zoom }, capteur, flux) {
  const obtenu = dans(zoom, 1, ZOOM_MAX);
  const part = parts(obtenu, capteur, flux);
  return { x: dans(x, part.x / 2, 1 - part.x / 2), y: dans(y, part.y / 2, 1 - part.y / 2), zoom: obtenu };
}

/** Le rectangle où l'image tient dans cette boîte, sans déformation (`object-fit: contain`). */
export function contenir(boite, image) {
  const echelle = Math.min(boite.largeur / image.largeur, boite.hauteur / image.hauteur);
  const [largeur, hauteur] = [image.largeur * echelle, image.hauteur * echelle];
  return { x: (boite.largeur - largeur) / 2, y: (boite.hauteur - hauteur) / 2, largeur, hauteur };
}

/** Le rectangle où se voit le capteur dans le flux (0 à 1) : ailleurs, le noir qui entoure une caméra d'une autre forme. */
export function fenetre(zoom, capteur, flux) {
  const part = parts(zoom, capteur, flux);
  const vue = contenir(flux, { largeur: part.x * capteur.largeur, hauteur: part.y * capteur.hauteur });
  return { x: vue.x / flux.largeur, y: vue.y / flux.hauteur, largeur: vue.largeur / flux.largeur, hauteur: vue.hauteur / flux.hauteur };
}

/** Le point du capteur sous ce point du flux (0 à 1) ; il peut en sortir. */
export function versCapteur(point, vise, capteur, flux) {
  const [part, f] = [parts(vise.zoom, capteur, flux), fenetre(vise.zoom, capteur, flux)];
  return {
    x: vise.x + ((point.x - f.x) / f.largeur - 0.5) * part.x,
    y: vise.y + ((point.y - f.y) / f.hauteur - 0.5) * part.y,
  };
}

/** Où ce point du capteur se voit dans le flux (0 à 1) ; hors de 0 à 1, il ne se voit pas. */
export function versFlux(point, vise, capteur, flux) {
  const [part, f] = [parts(vise.zoom, capteur, flux), fenetre(vise.zoom, capteur, flux)];
  return {
    x: f.x + ((point.x - vise.x) / part.x + 0.5) * f.largeur,
    y: f.y + ((point.y - vise.y) / part.y + 0.5) * f.hauteur,
  };
}

/** Zoomer en gardant sous la souris le même point du capteur. */
export function zoomerVers(point, zoom, vise, capteur, flux) {
  const voulu = dans(zoom, 1, ZOOM_MAX);
  const [avant, apres] = [versCapteur(point, vise, capteur, flux), versCapteur(point, { ...vise, zoom: voulu }, capteur, flux)];
  return borner({ x: vise.x + avant.x - apres.x, y: vise.y + avant.y - apres.y, zoom: voulu }, capteur, flux);
}

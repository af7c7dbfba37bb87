// La marque d'attention d'une mesure, et sa tendance au cours de la visite : un petit tracé à côté de la valeur.

import { creer } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [LARGEUR, HAUTEUR, MARGE] = [72, 26, 4];
const MARQUES = [null, ["attention", "à regarder"], ["urgence", "alerte"]];

/** La pastille d'un niveau (0 rien, 1 à regarder, 2 alerte) ; null s'il n'y a rien à dire. */
export function marque(niveau) {
  const connue = MARQUES[niveau];
  return connue ? creer("span", { class: "pastille", "data-ton": connue[0] }, connue[1]) : null;
}

/** Le tracé de plusieurs séries ({ instant, valeur }) à la même échelle ; null avant deux points. */
export function tendance(series) {
  const points = series.flat();
  if (Math.max(...series.map((s) => s.length)) < 2) return null;
  const [debut, fin] = bornes(points.map((p) => p.instant));
  const [bas, haut] = bornes(points.map((p) => p.valeur));
  const x = (instant) => MARGE + ((instant - debut) / (fin - debut || 1)) * (LARGEUR - 2 * MARGE);
  const y = (valeur) => (haut === bas ? HAUTEUR / 2 : HAUTEUR - MARGE - ((valeur - bas) / (haut - bas)) * (HAUTEUR - 2 * MARGE));
  const svg = element("svg", { class: "tendance", viewBox: `0 0 ${LARGEUR} ${HAUTEUR}`, role: "img", "aria-label": enMots(series) });
  for (const serie of series.filter((s) => s.length > 0)) {
    svg.append(element("polyline", { points: serie.map((p) => `${x(p.instant)},${y(p.valeur)}`).join(" ") }));
    svg.append(element("circle", { cx: x(serie.at(-1).instant), cy: y(serie.at(-1).valeur), r: 3 }));
  }
  return svg;
}

const bornes = (valeurs) => [Math.min(...valeurs), Math.max(...valeurs)];

function enMots(series) {
  const suites = series.map((serie) => serie.map((p) => Math.round(p.valeur * 10) / 10).join(", puis "));
  return `Depuis le début de la visite : ${suites.join(" ; ")}`;
}

function element(balise, attributs) {
  const cree = document.createElementNS(SVG, balise);
  for (const [nom, valeur] of Object.entries(attributs)) cree.setAttribute(nom, valeur);
  return cree;
}

// Les mesures : codes LOINC, unités UCUM, écriture. Pur. Les seuils d'attention sont ceux de la borne.

import { nombre } from "./util.js";

export const SYSTOLIQUE = "8480-6";
export const DIASTOLIQUE = "8462-4";
export const PRESSION_MOYENNE = "8478-0";
export const PRESSION_BRASSARD = "8358-4";
export const FREQUENCE_CARDIAQUE = "8867-4";

export const SPO2 = "59408-5";
export const TEMPERATURE = "8310-5";
export const POIDS = "29463-7";

/** Unité de l'appareil : unité qu'on lit en France, facteur, et ce qu'il faut ajouter avant de multiplier. */
const USUELLES = {
  kPa: ["mm[Hg]", 7.500616827, 0], // BIPM : 1 mmHg = 133,322387415 Pa
  "[degF]": ["Cel", 5 / 9, -32],
  "[lb_av]": ["kg", 0.45359237, 0],
  "[in_i]": ["m", 0.0254, 0],
  "kg/L": ["g/L", 1000, 0],
  "mol/L": ["mmol/L", 1000, 0],
};
const UNITES = { "mm[Hg]": "mmHg", Cel: "°C", "/min": "/min", "%": "%", "kg/m2": "kg/m²", "mg/dL": "mg/dL" };

/** Les autres grandeurs que la borne peut transmettre : nom, décimales. */
const AUTRES = {
  "59408-5": { nom: "SpO₂", decimales: 0 },
  "61006-3": { nom: "Indice de perfusion", decimales: 1 },
  "8310-5": { nom: "Température", decimales: 1 },
  "29463-7": { nom: "Poids", decimales: 1 },
  "8302-2": { nom: "Taille", decimales: 2 },
  "39156-5": { nom: "IMC", decimales: 1 },
  "2339-0": { nom: "Glycémie", decimales: 2 },
  "15074-8": { nom: "Glycémie", decimales: 1 },
  "72514-3": { nom: "Douleur", decimales: 0 },
};

/** La valeur dans l'unité qu'on lit en France ; null sans valeur. */
export function lue({ valeur, unite: ucum }) {
  const [, facteur, decalage] = USUELLES[ucum] ?? [ucum, 1, 0];
  return valeur === null ? null : (valeur + decalage) * facteur;
}

/** Cette unité, telle qu'elle s'écrit. */
export function unite(ucum) {
  const usuelle = USUELLES[ucum]?.[0] ?? ucum;
  return UNITES[usuelle] ?? usuelle.replace(/^\{.*\}$/, "");
}

/** Une valeur vivante en mots : « 97 % », « 36,8 °C ». */
export function enMots({ nature, valeur, unite: ucum }) {
  return `${nombre(lue({ valeur, unite: ucum }), AUTRES[nature]?.decimales ?? 0)} ${unite(ucum)}`;
}

/** Les repères de la borne (0 rien, 1 à regarder, 2 alerte) posés sur ses mesures ; une valeur illisible se regarde. */
export function marquer(mesures, attention = []) {
  return mesures.map((mesure, i) => ({ ...mesure, attention: mesure.valeur === null ? 1 : (attention[i] ?? 0) }));
}

/** Toutes les mesures, sans doublon (même code, même instant), de la plus ancienne à la plus récente. */
export function fusionner(connues, nouvelles) {
  const parCle = new Map(connues.map((m) => [`${m.code} ${m.instant}`, m]));
  for (const mesure of nouvelles) parCle.set(`${mesure.code} ${mesure.instant}`, mesure);
  return [...parCle.values()].sort((a, b) => a.instant - b.instant);
}

const derniers = (mesures, code) => mesures.filter((m) => m.code === code).slice(-2).reverse();
const serie = (mesures, code, lire) => mesures.filter((m) => m.code === code && m.valeur !== null).map((m) => ({ instant: m.instant, valeur: lire(m) }));

function ligneTension(mesures) {
  const [sys, sysAvant] = derniers(mesures, SYSTOLIQUE);
  const [dia, diaAvant] = derniers(mesures, DIASTOLIQUE);
  if (!sys || !dia) return { cle: "tension", nom: "Tension", valeur: null };
  const [haute, basse] = [lue(sys), lue(dia)];
  const ecrire = (h, b) => `${h === null ? "?" : nombre(h)} / ${b === null ? "?" : nombre(b)}`;
  return {
    cle: "tension",
    nom: "Tension",
    valeur: ecrire(haute, basse),
    unite: "mmHg",
    instant: sys.instant,
    appareil: sys.appareil,
    avant: sysAvant && diaAvant ? ecrire(lue(sysAvant), lue(diaAvant)) : null,
    attention: Math.max(sys.attention ?? 0, dia.attention ?? 0),
    series: [serie(mesures, SYSTOLIQUE, lue), serie(mesures, DIASTOLIQUE, lue)],
  };
}

function ligne(mesures, code, nom, decimales) {
  const [mesure, precedente] = derniers(mesures, code);
  if (!mesure) return { cle: code, nom, valeur: null };
  const ecrire = (m) => (lue(m) === null ? "illisible" : nombre(lue(m), decimales));
  return {
    cle: code,
    nom,
    valeur: ecrire(mesure),
    unite: unite(mesure.unite),
    instant: mesure.instant,
    appareil: mesure.appareil,
    avant: precedente ? ecrire(precedente) : null,
    attention: mesure.attention ?? 0,
    series: [serie(mesures, code, lue)],
  };
}

/** Les lignes du tableau : tension et pouls toujours, le reste quand il arrive. */
export function lignes(mesures) {
  const resultat = [ligneTension(mesures), ligne(mesures, FREQUENCE_CARDIAQUE, "Pouls", 0)];
  if (mesures.some((m) => m.code === PRESSION_MOYENNE)) {
    resultat.push(ligne(mesures, PRESSION_MOYENNE, "Moyenne", 0));
  }
  for (const [code, { nom, decimales }] of Object.entries(AUTRES)) {
    if (!mesures.some((m) => m.code === code)) continue;
    resultat.push(ligne(mesures, code, nom, decimales));
  }
  return resultat;
}

/** « 158 / 94 mmHg » pour la salle d'attente, ou null si elle n'est pas prise. */
export function tensionEnBref(mesures) {
  const { valeur, unite: u, attention } = ligneTension(mesures);
  return valeur === null ? null : { texte: `${valeur} ${u}`, attention };
}

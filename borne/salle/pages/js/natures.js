// Ce que la borne sait mesurer : les mots du médecin, ce qui vit pendant la mesure, et l'échelle de sa courbe. Pur.

import { FREQUENCE_CARDIAQUE, POIDS, PRESSION_BRASSARD, SPO2, TEMPERATURE } from "./constantes.js";

export const PLETH = "pleth";

const BATTEMENTS = { plancher: 50, plafond: 110, pas: 20, duree: 30, defile: false };

/** Par nature : ce que l'on prend, nom, appareil, valeurs écrites, celle que trace la courbe et son échelle (absente : pression). */
export const NATURES = {
  tension: { quoi: "la tension", nom: "Tension", appareil: "Brassard", vivantes: [PRESSION_BRASSARD], courbe: PRESSION_BRASSARD },
  temperature: {
    quoi: "la température",
    nom: "Température",
    appareil: "Thermomètre",
    vivantes: [TEMPERATURE],
    courbe: TEMPERATURE,
    echelle: { plancher: 34, plafond: 39, pas: 1, duree: 20, defile: false },
  },
  saturation: {
    quoi: "la SpO₂",
    nom: "SpO₂",
    appareil: "Oxymètre",
    vivantes: [SPO2, FREQUENCE_CARDIAQUE],
    courbe: PLETH,
    echelle: { plancher: 0, plafond: 1, pas: 1, duree: 6, defile: true, nue: true },
  },
  poids: {
    quoi: "le poids",
    nom: "Poids",
    appareil: "Balance",
    vivantes: [POIDS],
    courbe: POIDS,
    echelle: { plancher: 0, plafond: 100, pas: 25, duree: 10, defile: false },
  },
  glycemie: { quoi: "la glycémie", nom: "Glycémie", appareil: "Lecteur de glycémie", vivantes: [], courbe: null },
  frequence: {
    quoi: "le pouls",
    nom: "Pouls",
    appareil: "Ceinture cardiaque",
    vivantes: [FREQUENCE_CARDIAQUE],
    courbe: FREQUENCE_CARDIAQUE,
    echelle: BATTEMENTS,
  },
};

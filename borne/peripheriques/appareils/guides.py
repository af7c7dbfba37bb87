"""Le guide de chaque nature de mesure : gestes, valeurs vivantes et maladresses, en clés de textes. Pur.

Le guide ne dépend pas du fil : un oxymètre sur câble et un oxymètre Bluetooth disent les mêmes fautes. Un pilote
retire celles que son appareil ne sait pas reconnaître.

La préparation s'arrête où l'appareil est armé : une mesure faite avant l'armement n'est à personne (`fraicheur`). Ce
qui la déclenche (monter sur la balance, appuyer, piquer) se dit ensuite, appareil armé :
`mesure-<nature>-attente-...`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from borne import mesures as m
from borne.peripheriques.appareils.contrat import Guide, Nature

PLETH: Final = "pleth"
"""Nature des `Echantillon` de la courbe de pouls d'un oxymètre (sans unité, 0 à 1)."""
RR: Final = "rr"
"""Nature des `Echantillon` d'intervalle entre deux battements (secondes)."""

SITES_TEMPERATURE: Final = ("aisselle", "bouche", "front", "oreille", "rectum", "doigt")
"""Où se pose une sonde : le geste `sonde` devient `sonde-<site>` quand la fiche de l'appareil le dit."""

GUIDES: Final[Mapping[Nature, Guide]] = MappingProxyType(
    {
        Nature.TENSION: Guide(
            preparation=("brassard", "bras-pose", "assis"),
            vivantes=(m.PRESSION_BRASSARD,),
            fautes=("mouvement", "brassard-lache", "position", "pouls-irregulier"),
        ),
        Nature.TEMPERATURE: Guide(
            preparation=("repos", "sonde"),
            vivantes=(m.TEMPERATURE,),
            fautes=("sonde-mal-placee", "sonde-retiree"),
        ),
        Nature.SATURATION: Guide(
            preparation=("doigt-nu", "main-chaude"),
            vivantes=(m.SPO2, m.FREQUENCE_CARDIAQUE, m.INDICE_PERFUSION, PLETH),
            fautes=("doigt-retire", "doigt-bouge", "main-froide", "signal-faible", "lumiere", "capteur-en-panne"),
        ),
        Nature.POIDS: Guide(
            preparation=("chaussures", "poches"),
            vivantes=(m.POIDS,),
            fautes=("bouge", "descendu-trop-tot", "pesee-manquee"),
        ),
        Nature.GLYCEMIE: Guide(
            preparation=("mains-lavees", "bandelette"),
            fautes=(
                "goutte-insuffisante",
                "bandelette-mal-mise",
                "bandelette-inconnue",
                "bandelette-retiree",
                "trop-haute",
                "trop-basse",
                "trop-chaud",
                "trop-froid",
                "solution-de-controle",
                "lecteur-en-panne",
            ),
        ),
        Nature.FREQUENCE: Guide(
            preparation=("peau-humide", "ceinture"),
            vivantes=(m.FREQUENCE_CARDIAQUE, RR),
            fautes=("contact-perdu", "bouge"),
        ),
    }
)
"""Un guide par nature. Textes : `mesure-<nature>-preparation-<geste>`, `-faute-<faute>`, `-remede-<faute>`."""

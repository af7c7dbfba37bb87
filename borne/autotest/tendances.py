"""Les tendances : ce que l'historique annonce avant la panne. Purement calculé, sans horloge ni fichier.

La pente est celle de Theil et Sen (médiane des pentes de chaque paire) : un point faux ne la change pas. Elle ne
compte que si le signe est sûr (test de Mann et Kendall, sans correction d'ex aequo, bilatéral à 5 %). Une batterie
changée, un appareil remplacé se voient à un saut vers le bon côté : seul ce qui suit compte.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from borne.autotest.contrat import Couleur, Resultat

JOUR_S: Final = 86400.0
FENETRE_J: Final = 60.0
"""Jours d'historique regardés."""
POINTS_MINIMUM: Final = 5
DUREE_MINIMUM_J: Final = 3.0
SUR: Final = 1.96
"""Écart réduit de Mann et Kendall au-delà duquel le sens de la pente est sûr (5 %, bilatéral)."""

TENDANCE: Final = "tendance:"
"""Début du nom d'une tendance ; suivent le contrôle et la règle."""

A_PREVOIR: Final = "a-prevoir-"
"""Début du code d'une tendance ; la suite nomme la règle."""

Serie = Sequence[tuple[float, float]]
"""(instant en secondes Unix, valeur), du plus ancien au plus récent."""


@dataclass(frozen=True, slots=True)
class Point:
    """Ce qu'un autotest passé a mesuré : `valeurs` par contrôle, à l'instant `instant` (secondes Unix)."""

    instant: float
    valeurs: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Regle:
    """Ce qu'on surveille. `valeur` : nom dans `Resultat.valeurs`. `sens` : -1, la panne est en bas ; 1, en haut.

    `seuil` : valeur où l'appareil ne sert plus bien. `horizon_j` : annoncer quand il sera touché d'ici là.
    `saut` : écart, du bon côté et d'un point au suivant, qui veut dire que la pièce a été changée. `pas` : la plus
    petite pente par jour qui compte. `role` : le seul contrôle concerné ; vide : tous. `constat` et `remede`
    reçoivent `{libelle}`, `{valeur}`, `{pente}` (par jour, sans signe) et `{jours}`.
    """

    nom: str
    valeur: str
    sens: int
    seuil: float
    horizon_j: float
    saut: float
    pas: float
    constat: str
    remede: str
    role: str = ""


REGLES: Final = (
    Regle(
        "batterie",
        "batterie_pct",
        sens=-1,
        seuil=15.0,
        horizon_j=14.0,
        saut=15.0,
        pas=0.1,
        constat="{libelle} : la batterie est à {valeur:.0f} % et perd {pente:.1f} % par jour. Il lui reste {jours}.",
        remede="Prévoyez de changer les piles ou de recharger l'appareil avant ce terme.",
    ),
    Regle(
        "nettete",
        "nettete",
        sens=-1,
        seuil=0.3,
        horizon_j=30.0,
        saut=math.inf,
        pas=0.0,
        constat="{libelle} : l'image se brouille peu à peu. À ce rythme, elle sera floue dans {jours}.",
        remede="Nettoyez la vitre de la caméra avec un chiffon doux et sec, puis relancez ce contrôle.",
    ),
    Regle(
        "aller-retour",
        "aller_retour_ms",
        sens=1,
        seuil=300.0,
        horizon_j=30.0,
        saut=math.inf,
        pas=0.5,
        constat="{libelle} : l'aller-retour est de {valeur:.0f} ms et monte de {pente:.1f} ms par jour.",
        remede="Prévenez le fournisseur d'accès : la conversation deviendra difficile dans {jours}.",
    ),
    Regle(
        "disque",
        "libre_mio",
        role="disque",
        sens=-1,
        seuil=1024.0,
        horizon_j=30.0,
        saut=1024.0,
        pas=5.0,
        constat="{libelle} : il reste {valeur:.0f} Mio, {pente:.0f} de moins chaque jour.",
        remede="Le disque sera plein dans {jours} : libérez de la place ou vérifiez la liaison avec la salle.",
    ),
)


def tendances(
    points: Sequence[Point], libelles: Mapping[str, str], regles: Sequence[Regle] = REGLES
) -> list[Resultat]:
    """Un résultat orange par panne annoncée. `points` : du plus ancien au plus récent, l'autotest présent compris.

    Rien n'est annoncé d'une valeur que l'autotest présent n'a pas mesurée (appareil absent, retiré).
    """
    if not points:
        return []
    trouvees = []
    for controle, valeurs in points[-1].valeurs.items():
        for regle in regles:
            if regle.valeur in valeurs and regle.role in ("", controle):
                serie = _serie(points, controle, regle.valeur)
                prevue = prevoir(regle, serie)
                if prevue is not None:
                    trouvees.append(_resultat(regle, controle, libelles.get(controle, controle), serie, *prevue))
    return trouvees


def prevoir(regle: Regle, serie: Serie) -> tuple[float, float] | None:
    """(pente par jour, jours avant le seuil) si la panne s'annonce dans l'horizon ; None sinon.

    Le seuil déjà passé n'est plus une tendance : le contrôle lui-même est alors orange ou rouge.
    """
    serie = _depuis_le_saut(regle, serie)
    if len(serie) < POINTS_MINIMUM or serie[-1][0] - serie[0][0] < DUREE_MINIMUM_J * JOUR_S:
        return None
    pente = theil_sen(serie) * JOUR_S
    if pente * regle.sens <= regle.pas or kendall(serie) * regle.sens < SUR:
        return None
    # D'où part la droite : le niveau des derniers points, que le dernier seul ne décide pas.
    present = statistics.median(valeur for _, valeur in serie[-3:])
    reste = (regle.seuil - present) / pente
    return (pente, reste) if 0 < reste <= regle.horizon_j else None


def theil_sen(serie: Serie) -> float:
    """La pente médiane, par seconde ; 0 sans deux instants différents."""
    pentes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.combinations(serie, 2) if b[0] != a[0]]
    return statistics.median(pentes) if pentes else 0.0


def kendall(serie: Serie) -> float:
    """L'écart réduit de Mann et Kendall : positif, la série monte ; au-delà de 1,96, sûrement (5 %)."""
    n = len(serie)
    score = sum((b[1] > a[1]) - (b[1] < a[1]) for a, b in itertools.combinations(serie, 2))
    ecart = math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    return (score - (score > 0) + (score < 0)) / ecart if ecart else 0.0


def _serie(points: Sequence[Point], controle: str, valeur: str) -> list[tuple[float, float]]:
    debut = points[-1].instant - FENETRE_J * JOUR_S
    return list(_valeurs(points, controle, valeur, debut))


def _valeurs(points: Sequence[Point], controle: str, valeur: str, debut: float) -> Iterator[tuple[float, float]]:
    for point in points:
        mesure = point.valeurs.get(controle, {}).get(valeur)
        if mesure is not None and debut <= point.instant <= points[-1].instant:
            yield point.instant, mesure


def _depuis_le_saut(regle: Regle, serie: Serie) -> Serie:
    """Ce qui suit le dernier saut vers le bon côté."""
    for rang in range(len(serie) - 1, 0, -1):
        if (serie[rang - 1][1] - serie[rang][1]) * regle.sens >= regle.saut:
            return serie[rang:]
    return serie


def _resultat(regle: Regle, controle: str, libelle: str, serie: Serie, pente: float, reste: float) -> Resultat:
    mots = {"libelle": libelle, "valeur": serie[-1][1], "pente": abs(pente), "jours": _jours(reste)}
    return Resultat(
        f"{TENDANCE}{controle}:{regle.nom}",
        Couleur.ORANGE,
        regle.constat.format(**mots),
        regle.remede.format(**mots),
        A_PREVOIR + regle.nom,
        {f"{regle.valeur}_par_jour": round(pente, 4), "jours_restants": round(reste, 1)},
    )


def _jours(reste: float) -> str:
    entier = max(1, math.floor(reste))
    return f"{entier} jour{'s' if entier > 1 else ''}"

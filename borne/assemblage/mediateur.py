"""Ce que le médiateur appelé à l'aide voit, derrière son code : les repères d'attention, et les mesures de personne.

Jamais montré au patient (VISITE-NEUTRE) : ni dit, ni imprimé, ni écrit au dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from borne.mesures import Mesure
from borne.parcours.seuils import Niveau, niveau
from borne.parcours.visite import Visite
from borne.peripheriques.formats.lecture import Horodatage, Lecture
from borne.ui.mots import valeur_lue
from borne.ui.technicien import Couleur, LigneControle

COULEURS: Final[Mapping[Niveau, Couleur]] = {Niveau.REGARDER: "orange", Niveau.ALERTE: "rouge"}
MOTS: Final = {Niveau.REGARDER: "mediateur-regarder", Niveau.ALERTE: "mediateur-alerte"}


def lignes_mediateur(
    visite: Visite, en_memoire: Mapping[str, Sequence[Lecture]], dire: Callable[..., str]
) -> tuple[LigneControle, ...]:
    """Les dernières mesures qui demandent de l'attention, la plus grave d'abord, puis celles de patient inconnu."""
    dernieres = {mesure.code: mesure for mesure in visite.mesures}
    graves = sorted(dernieres.values(), key=niveau, reverse=True)
    reperes = [_repere(mesure, dire) for mesure in graves if niveau(mesure) is not Niveau.RIEN]
    memoires = [
        LigneControle(f"memoire-{nature}-{rang}", _memoire(nature, lecture, dire), "gris", dire("mediateur-inconnu"))
        for nature, lectures in en_memoire.items()
        for rang, lecture in enumerate(lectures)
    ]
    return (*reperes, *memoires)


def _repere(mesure: Mesure, dire: Callable[..., str]) -> LigneControle:
    combien = niveau(mesure)
    return LigneControle(mesure.code, _dite(mesure, dire), COULEURS[combien], dire(MOTS[combien]))


def _dite(mesure: Mesure, dire: Callable[..., str]) -> str:
    return f"{dire(f'valeur-{mesure.code}').capitalize()} : {valeur_lue(mesure)}"


def _memoire(nature: str, lecture: Lecture, dire: Callable[..., str]) -> str:
    """L'appareil, ce qu'il a gardé, et quand il dit l'avoir mesuré."""
    valeurs = " / ".join(valeur for mesure in lecture.mesures if (valeur := valeur_lue(mesure)))
    return f"{dire(f'mesure-{nature}-nom')} : {valeurs or '?'}{_quand(lecture.instant)}"


def _quand(instant: Horodatage | None) -> str:
    if instant is None or not instant.complet:
        return ""
    return f" ({instant.jour:02}/{instant.mois:02}, {instant.heure} h {instant.minute:02})"

"""Chaque appareil arraché dans chacun de ses états, et l'adaptateur de la borne à chaque étape ; tous reviennent.

Un appareil est revenu quand, remis, la séance suivante rend sa propre valeur ; pendant la panne, le pilote n'a le
droit qu'à une `ErreurPeripherique` (ou à la valeur déjà mesurée, si l'appareil s'éteint après l'avoir rendue).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.erreurs import ErreurPeripherique
from borne.peripheriques.simulation.comportement import EXTINCTIONS, Comportement, Phase
from tests.bancs._appareils_sujets import LANGAGES, Sujet, SujetRadio, SujetSerie, radio, seance, serie
from tests.bancs._auscultation_figures import figure
from tests.peripheriques.virtuels import COUPLES, Poste

_DELAI_S: Final = 30.0
_ESSAIS: Final = 3
"""Une machine trop occupée peut renoncer avant que l'appareil n'arrive à l'état où il s'éteint."""
_DE_FRONT: Final = 16
"""Pannes menées ensemble : elles attendent plus qu'elles ne calculent."""
_AVANT_LIAISON: Final = frozenset({Phase.ANNONCE, Phase.RELIE})
"""Phases où l'appareil éteint ne répondra plus : inutile d'être patient."""
_SANS_VALEUR: Final = {
    nom: "contact-perdu" if nom == "frequence" else "doigt-retire"
    for nom, couple in COUPLES.items()
    if couple.continu
}
"""La maladresse où un flux ne donne rien."""
_SANS_LIAISON: Final = frozenset({Phase.RELIE, Phase.ABONNE})
"""Phases qu'une balance par annonce n'a pas."""
_ETAPES_QUI_MANQUENT: Final = frozenset(
    {("poids_annonce", Etape.TROUVE), ("poids", Etape.MESURE), ("glycemie", Etape.MESURE)}
)
"""Étapes que ces pilotes ne disent pas : l'un ne se relie pas, les autres n'ont pas de valeur vivante."""

Bilan = Counter[tuple[str, bool]]
"""Combien de fois, par état, l'appareil est revenu ou non."""


class Casse(Exception):
    """Ce que le pilote a fait d'une panne, et qu'il n'aurait pas dû."""


async def _pannes_puis_retour(
    sujet: Sujet, panne: Callable[[], Awaitable[None]], remede: Callable[[], Awaitable[None]]
) -> bool:
    """Vrai si la panne n'a donné qu'une erreur claire (ou une valeur juste), et si l'appareil est revenu."""
    try:
        await panne()
    finally:
        await remede()
    return await seance(sujet, 2, _DELAI_S)


async def _eteint(poste: Poste, sujet: SujetRadio, comportement: Comportement) -> bool:
    """L'appareil perd son courant à la phase du comportement."""
    prompt = EXTINCTIONS[comportement] in _AVANT_LIAISON
    victime = SujetRadio(sujet.nom, poste.pilote(sujet.nom, prompt=prompt, recherche_s=_DELAI_S), sujet.jumeau)

    relie = sujet.nom != "poids_annonce"
    # La pesée d'une balance par annonce peut être d'avant l'écoute : elle n'est alors à personne.
    rendu = comportement is Comportement.ETEINDRE_APRES and relie

    async def panne() -> None:
        await sujet.jumeau.conduire(comportement)
        if COUPLES[sujet.nom].continu and not rendu:
            # Un flux qui donnerait une valeur sûre serait quitté avant sa panne.
            sujet.jumeau.etat.faute = _SANS_VALEUR[sujet.nom]
        # Un flux, ou une annonce, rend sa valeur sans attendre : le pilote est déjà parti quand l'appareil s'éteint.
        facultative = comportement is Comportement.ETEINDRE_APRES and (COUPLES[sujet.nom].continu or not relie)
        for _ in range(_ESSAIS):
            await _erreur_ou_valeur(victime, rendu=rendu, delai_s=_DELAI_S if relie else 2.0)
            if facultative or not sujet.jumeau.allume:
                return
        raise Casse("la panne n'a pas eu lieu")

    async def remede() -> None:
        sujet.jumeau.etat.faute = ""
        await sujet.jumeau.conduire(Comportement.NORMAL)

    return await _pannes_puis_retour(sujet, panne, remede)


async def _erreur_ou_valeur(
    sujet: Sujet, *, rendu: bool, sur_etat: Callable[[Etape], None] | None = None, delai_s: float = _DELAI_S
) -> None:
    """Une séance en panne. Lève `Casse` si elle rend une valeur qui n'est pas celle de cette séance."""
    try:
        juste = await seance(sujet, 1, delai_s, sur_etat)
    except ErreurPeripherique:
        if rendu:
            raise Casse("une mesure finie a été perdue") from None
        return
    if not juste:
        raise Casse("une valeur fausse")


async def _adaptateur(poste: Poste, sujet: Sujet, etape: Etape) -> bool:
    """L'adaptateur Bluetooth de la borne est retiré quand le pilote entre dans cette étape."""
    arrachee: list[asyncio.Task[None]] = []

    def sur_etat(atteinte: Etape) -> None:
        if atteinte is etape and not arrachee:
            arrachee.append(asyncio.get_running_loop().create_task(poste.monde.lien.retirer()))

    async def panne() -> None:
        # Un balayage ne dit pas que l'adaptateur a disparu : le délai tranche.
        delai_s = _DELAI_S if sujet.nom != "poids_annonce" else 2.0
        await _erreur_ou_valeur(sujet, rendu=False, sur_etat=sur_etat, delai_s=delai_s)

    async def remede() -> None:
        if not arrachee:
            raise Casse("étape jamais atteinte")
        await asyncio.gather(*arrachee)
        poste.monde.lien.remettre()

    return await _pannes_puis_retour(sujet, panne, remede)


async def _debranche(sujet: SujetSerie, etape: Etape) -> bool:
    """Le câble est arraché quand le pilote entre dans cette étape."""

    arrachee: list[Etape] = []

    def sur_etat(atteinte: Etape) -> None:
        if atteinte is etape:
            arrachee.append(etape)
            sujet.appareil.prise.debrancher()

    async def panne() -> None:
        # Débranché pendant la recherche, l'appareil est attendu jusqu'au délai.
        delai_s = 1.0 if etape is Etape.RECHERCHE else _DELAI_S
        await _erreur_ou_valeur(sujet, rendu=False, sur_etat=sur_etat, delai_s=delai_s)

    async def remede() -> None:
        if not arrachee:
            raise Casse("étape jamais atteinte")
        sujet.appareil.prise.brancher()

    return await _pannes_puis_retour(sujet, panne, remede)


async def _noter(bilan: Bilan, nom: str, etat: str, essai: Awaitable[bool]) -> None:
    try:
        revenu = await essai
    except (ErreurPeripherique, Casse) as erreur:
        print(f"{nom}, {etat} : {erreur!r}", file=sys.stderr)
        revenu = False
    bilan[etat, revenu] += 1


async def _eteindre_appareil(nom: str, comportement: Comportement, dossier: Path, bilan: Bilan) -> None:
    """Chaque panne a son monde : elle ne retarde pas les autres."""
    async with radio(dossier, (nom,)) as (poste, sujets):
        sujet: Any = sujets[0]
        await seance(sujet, 0, _DELAI_S)
        await _noter(bilan, nom, f"eteint_{EXTINCTIONS[comportement]}", _eteint(poste, sujet, comportement))


async def _retirer_adaptateur(nom: str, etape: Etape, dossier: Path, bilan: Bilan) -> None:
    async with radio(dossier, (nom,)) as (poste, sujets):
        await _noter(bilan, nom, f"adaptateur_{etape}", _adaptateur(poste, sujets[0], etape))


async def _arracher_fil(nom: str, etape: Etape, dossier: Path, bilan: Bilan) -> None:
    async with serie(dossier, (nom,)) as sujets:
        sujet: Any = sujets[0]
        await _noter(bilan, nom, f"fil_{etape}", _debranche(sujet, etape))


def _essais(dossier: Path, bilan: Bilan) -> list[Coroutine[Any, Any, None]]:
    """Chaque appareil dans chacun de ses états."""
    essais = []
    for nom in COUPLES:
        relie = nom != "poids_annonce"
        for comportement, phase in EXTINCTIONS.items():
            if relie or phase not in _SANS_LIAISON:
                essais.append(_eteindre_appareil(nom, comportement, dossier / nom / comportement, bilan))
        for etape in Etape:
            if (nom, etape) not in _ETAPES_QUI_MANQUENT:
                essais.append(_retirer_adaptateur(nom, etape, dossier / nom / etape, bilan))
    for nom in LANGAGES:
        essais += [_arracher_fil(nom, etape, dossier / nom / etape, bilan) for etape in Etape]
    return essais


async def partie(tours: int) -> bool:
    """Une figure par état ; vrai si tous sont revenus de tous. `tours` : fois que chacun subit chaque état."""
    bilan: Bilan = Counter()
    place = asyncio.Semaphore(_DE_FRONT)

    async def a_son_tour(essai: Coroutine[Any, Any, None]) -> None:
        async with place:
            await essai

    with tempfile.TemporaryDirectory(prefix="borne-arrachements-") as dossier:
        for tour in range(tours):
            essais = _essais(Path(dossier) / str(tour), bilan)
            await asyncio.gather(*(a_son_tour(essai) for essai in essais))
    tenues = []
    for etat in dict.fromkeys(etat for etat, _ in bilan):
        total = bilan[etat, True] + bilan[etat, False]
        unite = f"appareils revenus sur {total}"
        tenues.append(figure(f"arrache_{etat}", bilan[etat, True], unite, str(total), not bilan[etat, False]))
    return all(tenues)

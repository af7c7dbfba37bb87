"""L'exécution : les contrôles côte à côte, sauf ceux d'un même groupe ; aucun ne bloque ni ne casse les autres."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from borne.autotest.contrat import Controle, Couleur, Resultat

journal = logging.getLogger(__name__)

B = TypeVar("B")

FAUTE: Final = "faute-du-controle"
DELAI: Final = "delai-depasse"
BLOQUE: Final = "groupe-bloque"
NON_CONTROLE: Final = "non-controle"
"""Codes que l'exécution donne elle-même."""

GRACE_S: Final = 3.0
"""Secondes laissées à un contrôle annulé pour rendre ce qu'il tenait ; au-delà, son groupe est condamné."""


@dataclass(frozen=True, slots=True)
class Avancee:
    """Où en est l'autotest. `resultat` None : le contrôle `nom` commence ; sinon il vient de finir.

    `consigne` : ce qu'il attend d'une personne pour aboutir, ou vide.
    """

    nom: str
    libelle: str
    finis: int
    total: int
    resultat: Resultat | None = None
    consigne: str = ""


class _Groupe:
    """Ce que des contrôles ne partagent pas. `condamne` : un contrôle annulé ne l'a jamais rendu."""

    def __init__(self) -> None:
        self.verrou = asyncio.Lock()
        self.condamne = False


class _Execution(Generic[B]):
    def __init__(self, banc: B, total: int, progression: Callable[[Avancee], None]) -> None:
        self._banc = banc
        self._total = total
        self._progression = progression
        self._finis = 0
        self._groupes: defaultdict[str, _Groupe] = defaultdict(_Groupe)
        self._rendus: dict[str, asyncio.Future[Resultat]] = {}
        self._causes: dict[str, Resultat] = {}
        """Pour chaque contrôle qui n'a pas tourné, la panne d'où cela vient."""

    def attendre(self, noms: Sequence[str]) -> None:
        """Ceux que d'autres peuvent requérir."""
        boucle = asyncio.get_running_loop()
        self._rendus = {nom: boucle.create_future() for nom in noms}

    async def mener(self, controle: Controle[B]) -> Resultat:
        # Avant de prendre le groupe : le contrôle requis en est souvent.
        manque = await self._manque(controle)
        resultat = await self._tourner(controle) if manque is None else self._non_controle(controle, manque)
        self._rendus[controle.nom].set_result(resultat)
        self._finis += 1
        self._progression(Avancee(controle.nom, controle.libelle, self._finis, self._total, resultat))
        return resultat

    async def _manque(self, controle: Controle[B]) -> Resultat | None:
        """Le premier résultat requis sur lequel on ne peut pas compter."""
        for nom in controle.requiert:
            if nom in self._rendus:
                requis = await self._rendus[nom]
                if requis.couleur is Couleur.ROUGE:
                    return requis
                if nom in self._causes:
                    return self._causes[nom]
        return None

    def _non_controle(self, controle: Controle[B], cause: Resultat) -> Resultat:
        self._causes[controle.nom] = cause
        return Resultat(
            controle.nom,
            Couleur.GRIS,
            f"{controle.libelle} : non contrôlé, à cause d'une autre panne. {cause.constat}",
            cause.remede,
            NON_CONTROLE,
        )

    async def _tourner(self, controle: Controle[B]) -> Resultat:
        # Sans groupe, rien à partager : chacun le sien.
        groupe = self._groupes[controle.groupe] if controle.groupe else _Groupe()
        async with groupe.verrou:
            consigne = getattr(controle, "consigne", "")
            self._progression(Avancee(controle.nom, controle.libelle, self._finis, self._total, consigne=consigne))
            debut = time.monotonic()
            resultat = self._bloque(controle) if groupe.condamne else await self._borner(controle, groupe)
            return replace(resultat, controle=controle.nom, duree_s=time.monotonic() - debut)

    async def _borner(self, controle: Controle[B], groupe: _Groupe) -> Resultat:
        """Dans son délai ; annulé, il a `GRACE_S` secondes pour rendre ce qu'il tenait."""
        tache = asyncio.create_task(controle.controler(self._banc), name=f"autotest-{controle.nom}")
        try:
            await asyncio.wait({tache}, timeout=controle.delai_s)
        finally:
            a_temps = tache.done()
            if not a_temps:
                tache.cancel()
                _, restantes = await asyncio.wait({tache}, timeout=GRACE_S)
                groupe.condamne = bool(restantes)
        if not a_temps:
            return self._en_retard(controle, groupe.condamne, tache)
        return self._lire(controle, tache)

    def _lire(self, controle: Controle[B], tache: asyncio.Task[Resultat]) -> Resultat:
        if tache.cancelled():
            return self._faute(controle, asyncio.CancelledError())
        erreur = tache.exception()
        if erreur is not None:
            return self._faute(controle, erreur)
        return tache.result()

    def _faute(self, controle: Controle[B], erreur: BaseException) -> Resultat:
        journal.error("contrôle %s en faute : %s", controle.nom, type(erreur).__name__, exc_info=erreur)
        return Resultat(
            controle.nom,
            Couleur.ROUGE,
            f"{controle.libelle} : le contrôle lui-même n'a pas fonctionné.",
            "Relancez ce contrôle. S'il échoue encore, envoyez le journal de la borne à son mainteneur.",
            FAUTE,
        )

    def _en_retard(self, controle: Controle[B], condamne: bool, tache: asyncio.Task[Resultat]) -> Resultat:
        if condamne:
            journal.error("contrôle %s : annulé, il ne s'arrête pas ; son groupe est condamné", controle.nom)
        elif not tache.cancelled() and tache.exception() is not None:
            journal.warning("contrôle %s : faute en s'arrêtant", controle.nom, exc_info=tache.exception())
        return Resultat(
            controle.nom,
            Couleur.ROUGE,
            f"{controle.libelle} : pas de réponse en {controle.delai_s:.0f} secondes.",
            "Débranchez puis rebranchez l'appareil, et relancez ce contrôle.",
            DELAI,
        )

    def _bloque(self, controle: Controle[B]) -> Resultat:
        return Resultat(
            controle.nom,
            Couleur.ROUGE,
            f"{controle.libelle} : pas contrôlé, un contrôle précédent n'a pas rendu l'appareil.",
            "Redémarrez la borne, puis relancez l'autotest.",
            BLOQUE,
        )


def _sans_suite(_avancee: Avancee) -> None:
    """La progression dont personne ne veut."""


async def executer(
    controles: Sequence[Controle[B]], banc: B, progression: Callable[[Avancee], None] = _sans_suite
) -> tuple[Resultat, ...]:
    """Mène ces contrôles sur ce banc ; rend leurs résultats dans leur ordre.

    Un contrôle qui lève rend rouge (`faute-du-controle`), un contrôle trop long aussi (`delai-depasse`) ; le délai
    court quand son groupe est libre. Annulée, l'exécution annule les contrôles en cours et attend qu'ils aient rendu
    leurs appareils. Un contrôle dont un requis est rouge ne tourne pas : gris, `non-controle`. Deux contrôles du même
    nom, ou un requis qui vient après : `ValueError`. Une faute de `progression` arrête tout
    (`ExceptionGroup`).
    """
    noms = [controle.nom for controle in controles]
    if len(set(noms)) != len(noms):
        raise ValueError(f"deux contrôles portent le même nom : {sorted(n for n in noms if noms.count(n) > 1)[0]}")
    for rang, controle in enumerate(controles):
        if tard := set(controle.requiert) & set(noms[rang:]):
            raise ValueError(f"{controle.nom} requiert {sorted(tard)[0]}, qui vient après lui")
    execution = _Execution(banc, len(controles), progression)
    execution.attendre(noms)
    # Le groupe de tâches annule une seule fois : un second coup couperait la grâce laissée aux contrôles.
    async with asyncio.TaskGroup() as ensemble:
        taches = [ensemble.create_task(execution.mener(controle)) for controle in controles]
    return tuple(tache.result() for tache in taches)

"""La file vivante : liste d'attente aux médecins, place et minutes aux bornes, à chaque changement."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from borne.protocole import Attente, LigneAttente, ListeAttente, encoder
from borne.salle.estimation import minutes_d_attente
from borne.salle.liaisons import CANAL_FILE, Contexte, Liaison, journal
from borne.salle.stockage import ErreurStockage, EtatFile, Visite

NOMBRE_DUREES: Final = 20
"""Dernières consultations sur lesquelles l'estimation se fonde."""


class FileAttente:
    """Diffuse la file aux liaisons de ce nœud. Une rafale de changements ne fait qu'une diffusion."""

    def __init__(self, contexte: Contexte) -> None:
        self._contexte = contexte
        self._change = asyncio.Event()
        self._listes: dict[Liaison, str] = {}
        self._attentes: dict[str, tuple[Liaison, dict[str, Attente]]] = {}
        self._desabonner = contexte.bus.abonner(CANAL_FILE, lambda _: self._change.set())
        self._tache = asyncio.create_task(self._diffuser_toujours())

    def suivre_medecin(self, page: Liaison) -> None:
        """Cette page recevra la liste, à commencer par maintenant."""
        self._listes[page] = ""
        self._change.set()

    def suivre_borne(self, borne: str, liaison: Liaison) -> None:
        """Cette borne recevra la place de ses patients."""
        self._attentes[borne] = (liaison, {})

    def redire(self, borne: str, visite: str) -> None:
        """La borne vient d'annoncer cette visite : sa place lui est due, même inchangée."""
        self._attentes[borne][1].pop(visite, None)

    def oublier(self, liaison: Liaison) -> None:
        """La liaison est finie."""
        self._listes.pop(liaison, None)
        self._attentes = {b: suivi for b, suivi in self._attentes.items() if suivi[0] is not liaison}

    async def arreter(self) -> None:
        """Fin du service."""
        self._desabonner()
        self._tache.cancel()
        await asyncio.wait({self._tache})

    async def _diffuser_toujours(self) -> None:
        """Diffuse à chaque changement, et de temps en temps : les minutes s'écoulent aussi sans changement."""
        while True:
            try:
                async with asyncio.timeout(self._contexte.reglages.rafraichissement_s):
                    await self._change.wait()
            except TimeoutError:
                journal.debug("rafraîchissement de la file")
            self._change.clear()
            try:
                await self._diffuser()
            except ErreurStockage as erreur:
                journal.error("file d'attente non diffusée : %s", erreur)

    async def _diffuser(self) -> None:
        bornes = await self._contexte.bus.presents("borne")
        medecins = await self._contexte.bus.presents("medecin")
        etat = await self._contexte.stockage.etat_file(NOMBRE_DUREES)
        # Plus aucune attente après cette lecture : ce qui part d'ici ne dépasse jamais une prise plus récente.
        liste = encoder(ListeAttente(tuple(ligne(visite, bornes) for visite in etat.visites)))
        for page, deja in self._listes.items():
            if deja != liste:
                self._listes[page] = liste
                page.envoyer_texte(liste)
        for borne, attente in self._attentes_de(etat, medecins):
            suivi = self._attentes.get(borne)
            if suivi is not None and suivi[1].get(attente.visite) != attente:
                suivi[1][attente.visite] = attente
                suivi[0].envoyer(attente)

    def _attentes_de(self, etat: EtatFile, medecins: frozenset[str]) -> list[tuple[str, Attente]]:
        maintenant = self._contexte.reglages.horloge()
        file = [visite for visite in etat.visites if visite.etat == "attente"]
        prises = [visite for visite in etat.visites if visite.etat == "prise" and visite.medecin in medecins]
        occupes = {visite.medecin: maintenant - (visite.prise_a or maintenant) for visite in prises}
        minutes = minutes_d_attente(len(file), etat.durees, len(medecins) - len(occupes), tuple(occupes.values()))
        return [
            (visite.borne, Attente(visite.id, rang, estimation, len(medecins)))
            for rang, (visite, estimation) in enumerate(zip(file, minutes, strict=True), start=1)
        ]


def ligne(visite: Visite, bornes: frozenset[str]) -> LigneAttente:
    """La ligne de cette visite ouverte. `depuis` est l'entrée dans la file, à l'horloge de la salle."""
    if visite.patient is None:
        raise ValueError("visite finie")
    return LigneAttente(
        patient=msgspec.structs.replace(visite.patient, depuis=visite.entree),
        borne=visite.borne,
        lieu=visite.lieu,
        prise_par=visite.nom_medecin,
        pret=visite.pret,
        connectee=visite.borne in bornes,
    )

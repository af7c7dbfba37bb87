"""Ce que l'appareil envoie pendant une séance, dans l'ordre, jusqu'à la mesure que l'on peut attribuer au patient."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from borne.mesures import Echantillon
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Demande, Flux, Interprete, Service, Trame, Vu
from borne.peripheriques.ble import ATT_ACCEPTE, Liaison
from borne.peripheriques.erreurs import (
    AppareilPerdu,
    ErreurPeripherique,
    HorlogeDecalee,
    MesureAncienne,
    MesureImpossible,
    TrameInvalide,
)
from borne.peripheriques.formats import Lecture
from borne.peripheriques.fraicheur import HorlogeAppareil, debut_armement, secondes

journal = logging.getLogger(__name__)

RACCROCHER_S: Final = 2.0
"""Silence après lequel un appareil a tout dit (pi-health-hub, et la plupart des profils de santé)."""
_APRES_MESURE_S: Final = 3.0
"""Attente d'un autre résultat quand celui d'une mesure qui semble neuve porte une date qui ne convient pas."""
_MEMOIRE_VIDEE_S: Final = 5.0
"""Un appareil vide sa mémoire d'un trait dès l'abonnement : ce qui vient après un tel silence est né depuis."""
_MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Rappels:
    """À qui dire ce qui se passe pendant la mesure."""

    echantillon: Callable[[Echantillon], None]
    en_cours: Callable[[], None]
    faute: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Armement:
    """Pour qui l'on mesure : depuis quand, avec quelle horloge d'appareil, sous quel nom lisible.

    `arme_s` : secondes Unix ; `arme_t` : le même instant, de l'horloge de la boucle, qui ne recule jamais.
    """

    arme_s: float
    arme_t: float
    horloge_appareil: HorlogeAppareil
    nom: str


class Ecoute:
    """Une séance d'écoute. `en_memoire` : les mesures reçues que rien n'attribue au patient."""

    def __init__(
        self,
        liaison: Liaison,
        service: Service,
        profil: Profil,
        armement: Armement,
        rappels: Rappels,
        horloge: Callable[[], float],
    ) -> None:
        self.en_memoire: list[Lecture] = []
        self.faute = ""
        self._liaison = liaison
        self._service = service
        self._profil = profil
        self._armement = armement
        self._rappels = rappels
        self._horloge = horloge
        self._boucle = asyncio.get_running_loop()
        self._interprete: Interprete = service.interprete(profil)
        self._trames: asyncio.Queue[tuple[Flux, Trame]] = asyncio.Queue()
        self._retenues: list[Lecture] = []
        self._deverse_t = self._boucle.time()
        """Depuis quand il n'envoie plus de mesure : une mémoire se déverse d'un trait."""
        self._vue_naitre = False
        self._douteuse = False
        self._rejet = ""
        self._illisibles: set[str] = set()
        self._fin_t: float | None = None
        self._demande: Demande | None = None
        self._demande_t = 0.0

    async def abonner(self) -> None:
        """Les valeurs vivantes d'abord : le résultat n'est demandé que quand tout est prêt à le recevoir."""
        if self._profil.pause_abonnement_s:
            await asyncio.sleep(self._profil.pause_abonnement_s)
        for flux in self._service.flux:
            await self._liaison.abonner(flux.uuid, self._recepteur(flux))
        self._deverse_t = self._boucle.time()

    async def resultat(self) -> Lecture:
        """La mesure du patient : la plus récente de celles qu'on peut lui attribuer.

        Lève `MesureImpossible`, `MesureAncienne`, `HorlogeDecalee`, `TrameInvalide` ou `AppareilPerdu`.
        """
        self._demander(self._interprete.debut(self._horloge()))
        while (recue := await self._suivante()) is not None:
            self._comprendre(*recue)
        if not self._retenues:
            raise self._echec()
        await self._prendre_conge(self._interprete.fin())
        return self._interprete.verifier(self._la_plus_neuve())

    def _recepteur(self, flux: Flux) -> Callable[[bytes], None]:
        def recevoir(octets: bytes) -> None:
            self._trames.put_nowait((flux, Trame(flux.uuid, octets, self._horloge(), self._boucle.time())))

        return recevoir

    async def _suivante(self) -> tuple[Flux, Trame] | None:
        """La trame suivante ; None quand la liaison est tombée, ou quand l'attente d'une suite est finie.

        Les trames reçues avant la coupure passent d'abord : ce qui est mesuré n'est pas perdu.
        """
        trame = asyncio.ensure_future(self._trames.get())
        coupure = asyncio.ensure_future(self._liaison.coupee.wait())
        try:
            while True:
                await asyncio.wait({trame, coupure}, timeout=self._patience_s(), return_when="FIRST_COMPLETED")
                if trame.done():
                    return trame.result()
                if coupure.done() or (self._fin_t is not None and self._boucle.time() >= self._fin_t):
                    return None
                await self._envoyer()
        finally:
            trame.cancel()
            coupure.cancel()

    def _patience_s(self) -> float | None:
        echeances = [self._demande_t] if self._demande is not None else []
        if self._fin_t is not None:
            echeances.append(self._fin_t)
        return max(0.0, min(echeances) - self._boucle.time()) if echeances else None

    # --- demandes ---

    def _demander(self, demande: Demande | None) -> None:
        if demande is not None:
            self._demande, self._demande_t = demande, self._boucle.time() + demande.apres_s

    async def _envoyer(self) -> None:
        """Fait l'écriture qui est due ; ce que l'appareil refuse revient à l'interprète."""
        demande = self._demande
        if demande is None or self._boucle.time() < self._demande_t:
            return
        self._demande = None
        self._demander(demande.puis)
        try:
            if demande.reabonner:
                await self._liaison.reabonner()
            code = await self._liaison.demander(demande.uuid, demande.octets)
        except AppareilPerdu:
            # Une trame a pu arriver juste avant la coupure : elle passe d'abord, la coupure se verra ensuite.
            journal.info("liaison coupée pendant une demande")
            return
        if code != ATT_ACCEPTE:
            self._demander(self._interprete.refus(code))

    async def _prendre_conge(self, adieu: Demande | None) -> None:
        """La mesure est là : que l'adieu n'aboutisse pas n'y change rien."""
        if adieu is None or self._liaison.coupee.is_set():
            return
        try:
            await self._liaison.ecrire(adieu.uuid, adieu.octets)
        except ErreurPeripherique as erreur:
            journal.info("adieu sans réponse : %s", erreur.code)

    # --- ce que les trames apprennent ---

    def _comprendre(self, flux: Flux, trame: Trame) -> None:
        try:
            vu = self._interprete.recevoir(trame)
        except TrameInvalide as erreur:
            if flux.decisif and not self._retenues:
                raise
            if flux.uuid not in self._illisibles:
                self._illisibles.add(flux.uuid)
                journal.warning("trames %s illisibles : %s", flux.uuid, erreur.detail)
            return
        self._demander(vu.demande)
        if vu.rejet and not any(self._attribuable(vu, lecture, trame) for lecture in vu.resultats):
            # Le flacon de contrôle de ce matin n'est la maladresse de personne.
            return
        if vu.en_cours and not self._vue_naitre:
            self._vue_naitre = True
            self._rappels.en_cours()
        if not vu.resultats or any(self._attribuable(vu, lecture, trame) for lecture in vu.resultats):
            # Ce qui sort de la mémoire n'est à montrer à personne : ni sa valeur, ni ce qui y avait manqué.
            self._montrer(vu, trame.recu_s)
        if vu.en_cours and self._douteuse and not self._retenues:
            # Il mesure encore : la vieille mesure qu'il vient d'envoyer n'est pas celle que l'on voit naître.
            self._fin_t = trame.t_s + _APRES_MESURE_S
        if vu.rejet:
            self._rejet = vu.rejet
        else:
            for lecture in vu.resultats:
                self._ranger(vu, lecture.estampillee(trame.recu_s, self._armement.nom), trame)
        if vu.resultats:
            self._deverse_t = trame.t_s
        if vu.complet and (self._retenues or self._demande is None):
            self._fin_t = trame.t_s

    def _montrer(self, vu: Vu, recu_s: float) -> None:
        for echantillon in vu.echantillons:
            self._rappels.echantillon(replace(echantillon, instant=recu_s))
        if vu.faute is not None and vu.faute != self.faute:
            self.faute = vu.faute
            self._rappels.faute(vu.faute)

    def _ranger(self, vu: Vu, lecture: Lecture, trame: Trame) -> None:
        """Attribue la mesure, ou la met avec celles de la mémoire de l'appareil."""
        if self._attribuable(vu, lecture, trame):
            self._retenues.append(lecture)
            self._rejet = ""
            self._fin_t = trame.t_s + self._attente_s()
            return
        if not self.en_memoire:
            journal.info("mesures en mémoire de l'appareil : non attribuées")
        self.en_memoire.append(lecture)
        # Neuve si l'on en croit la nouvelle heure, vieille si l'on en croit l'ancienne : on ne saura pas.
        ambigue = self._fraiche(lecture, trame, nee=True)
        self._douteuse = (self._vue_naitre or ambigue) and not vu.en_memoire
        if not self._retenues:
            self._fin_t = trame.t_s + _APRES_MESURE_S if self._douteuse else None

    def _attribuable(self, vu: Vu, lecture: Lecture, trame: Trame) -> bool:
        return not vu.en_memoire and self._fraiche(lecture, trame, nee=self._vue_naitre or self._tardive(trame))

    def _tardive(self, trame: Trame) -> bool:
        return trame.t_s - self._deverse_t > _MEMOIRE_VIDEE_S

    def _fraiche(self, lecture: Lecture, trame: Trame, *, nee: bool) -> bool:
        instant, pas_s = lecture.instant, self._profil.pas_date_s
        if self._vue_naitre and instant is not None and instant.seconde == 0:
            # On l'a vue naître : des secondes à zéro disent que l'appareil ne date qu'à la minute.
            pas_s = max(pas_s, _MINUTE_S)
        arme_s = debut_armement(
            self._armement.arme_s, recu_s=trame.recu_s, ecoule_s=trame.t_s - self._armement.arme_t
        )
        return self._armement.horloge_appareil.est_fraiche(
            instant, arme_s=arme_s, recu_s=trame.recu_s, vue_naitre=nee, pas_s=pas_s
        )

    def _attente_s(self) -> float:
        if self._profil.attente_suite_s is not None:
            return self._profil.attente_suite_s
        return 0.0 if self._vue_naitre else RACCROCHER_S

    def _la_plus_neuve(self) -> Lecture:
        """La dernière par sa date si toutes en ont une, sinon la dernière reçue ; les autres ne sont à personne."""
        dates = [self._date_s(lecture) for lecture in self._retenues]
        rang = len(dates) - 1
        if None not in dates:
            rang = max(range(len(dates)), key=lambda i: (dates[i] or 0.0, i))
        neuve = self._retenues.pop(rang)
        self.en_memoire += self._retenues
        return neuve

    @staticmethod
    def _date_s(lecture: Lecture) -> float | None:
        instant = lecture.instant
        return None if instant is None or not lecture.mesures else secondes(instant, lecture.mesures[0].instant)

    def _echec(self) -> ErreurPeripherique:
        if self._rejet:
            return MesureImpossible(faute=self._rejet, detail="résultat jeté")
        if self._douteuse:
            return HorlogeDecalee()
        if self.en_memoire and not self._vue_naitre:
            return MesureAncienne()
        return AppareilPerdu(faute=self.faute)

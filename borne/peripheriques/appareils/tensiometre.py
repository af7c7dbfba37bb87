"""Le tensiomètre Bluetooth (Blood Pressure Profile 1.1.1) : d'un brassard annoncé à une mesure attribuée.

Déroulement : attendre l'annonce, relier et appairer, lire l'identité et l'heure de l'appareil, s'abonner à la
pression vivante (2A36) puis au résultat (2A35), attendre. Les manies d'un modèle sont des champs de `Profil`,
réglés dans `config/peripheriques.toml` : aucun modèle n'est nommé ici.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner

from borne import mesures as m
from borne.mesures import Echantillon, Mesure
from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.ble import Liaison, Radio, Signalement
from borne.peripheriques.erreurs import (
    AppareilPerdu,
    DelaiDepasse,
    ErreurPeripherique,
    HorlogeDecalee,
    MesureAncienne,
    MesureArretee,
    MesureDejaEnCours,
    MesureImpossible,
    TrameInvalide,
)
from borne.peripheriques.formats import Lecture, decoder
from borne.peripheriques.fraicheur import est_fraiche, secondes

journal = logging.getLogger(__name__)

SERVICE: Final = "1810"
_GONFLE_DES: Final = 20.0
"""Pression (unité de l'appareil) au-dessus de laquelle le brassard est tenu pour gonflé."""
_KPA_GONFLE_DES: Final = 2.5
_APRES_GONFLAGE_S: Final = 3.0
"""Attente d'un autre résultat quand celui qui suit un gonflage porte une vieille date."""
_CONSEILS: Final = (
    ("movement", "Restez immobile, sans parler, puis recommencez."),
    ("cuff_loose", "Resserrez le brassard autour du bras, puis recommencez."),
    ("position", "Posez le bras sur l'appui, brassard à hauteur du cœur."),
)


@dataclass(frozen=True, slots=True)
class Profil:
    """Les manies d'un modèle. Les champs sont ceux de `[appareil.reglages]` dans `config/peripheriques.toml`."""

    nom: str = "Tensiomètre"
    noms_annonces: tuple[str, ...] = ()
    """Débuts de nom qui le désignent, quand il n'annonce pas son service."""
    adresse: str | None = None
    appairer: bool = True
    recherche_s: float = 30.0
    """Beaucoup n'annoncent qu'après la mesure : leur donner alors tout le délai."""
    pause_abonnement_s: float = 0.0
    """Beurer : 0.1."""
    attente_suite_s: float = 0.0
    """Ceux qui déversent leur mémoire, la plus vieille d'abord : attendre ce silence et garder la plus neuve."""
    regler_heure: bool = True
    """Écrire l'heure de la borne avant de s'abonner (A&D l'exige)."""
    pas_date_s: float = 1.0
    """60 pour un appareil qui ne date qu'à la minute."""


class Tensiometre:
    """Le pilote. Une mesure à la fois ; `en_memoire` garde les mesures non attribuables de la dernière séance.

    `radio` : le transport partagé de la borne ; sans lui, une radio est faite de `backend_scanner` et
    `backend_client` (classes de bleak ; None : le vrai BlueZ, avec son agent d'appairage). `horloge` : secondes Unix.
    """

    def __init__(
        self,
        radio: Radio | None = None,
        profil: Profil | None = None,
        *,
        backend_scanner: type[BaseBleakScanner] | None = None,
        backend_client: type[BaseBleakClient] | None = None,
        horloge: Callable[[], float] = time.time,
    ) -> None:
        self.profil = profil or Profil()
        self.en_memoire: tuple[Lecture, ...] = ()
        self.batterie: int | None = None
        """Pour cent, lu à la dernière liaison."""
        self._sur_etat: Callable[[Etape], None] | None = None
        self._radio = radio or Radio(backend_scanner=backend_scanner, backend_client=backend_client)
        self._horloge = horloge
        self._tache: asyncio.Task[Lecture] | None = None
        self._arret_demande = False

    async def mesurer(
        self,
        *,
        sur_pression: Callable[[Echantillon], None],
        delai_s: float = 120.0,
        sur_etat: Callable[[Etape], None] | None = None,
    ) -> Lecture:
        """Arme le brassard pour le patient présent et rend son résultat.

        `sur_pression` reçoit la pression vivante (`PRESSION_BRASSARD`, unité de l'appareil). La `Lecture` rendue a
        systolique, diastolique, moyenne et pouls (les deux derniers parfois sans valeur), en instant de réception.
        `sur_etat` dit où l'on en est (`Etape`, une chaîne). Lève `AppareilAbsent`, `AppareilPerdu`,
        `AppairageRefuse`, `RadioIndisponible`, `TrameInvalide`, `MesureImpossible`, `MesureAncienne`,
        `HorlogeDecalee`, `DelaiDepasse`, `MesureArretee` ou `MesureDejaEnCours`.
        """
        if self._tache is not None:
            raise MesureDejaEnCours
        self._arret_demande = False
        self._sur_etat = sur_etat
        self.en_memoire = ()
        self._tache = asyncio.get_running_loop().create_task(self._bornee(sur_pression, delai_s))
        try:
            return await self._tache
        except asyncio.CancelledError:
            if self._arret_demande and self._tache.cancelled():
                raise MesureArretee from None
            self._tache.cancel()
            await asyncio.wait({self._tache})
            raise
        finally:
            self._tache = None

    async def arreter(self) -> None:
        """Arrête la mesure en cours, s'il y en a une, et attend que la liaison soit fermée.

        Le profil normalisé n'a pas d'ordre d'arrêt : la liaison est coupée, ce qui vide beaucoup de brassards ;
        pour les autres l'écran dit d'appuyer sur leur bouton.
        """
        tache = self._tache
        if tache is None:
            return
        self._arret_demande = True
        tache.cancel()
        await asyncio.wait({tache})

    async def _bornee(self, sur_pression: Callable[[Echantillon], None], delai_s: float) -> Lecture:
        try:
            async with asyncio.timeout(delai_s):
                return await self._seance(sur_pression, delai_s)
        except TimeoutError:
            raise DelaiDepasse from None

    async def _seance(self, sur_pression: Callable[[Echantillon], None], delai_s: float) -> Lecture:
        arme_s = self._horloge()
        profil = self.profil
        signalement = Signalement(SERVICE, profil.noms_annonces, profil.adresse)
        self._dire(Etape.RECHERCHE)
        appareil = await self._radio.chercher(signalement, delai_s=min(profil.recherche_s, delai_s))
        self._dire(Etape.TROUVE)
        async with self._radio.relier(appareil, signalement, appairer=profil.appairer) as liaison:
            nom = await self._identifier(liaison)
            avance_s = await self._accorder_heure(liaison)
            ecoute = _Ecoute(
                liaison,
                profil,
                nom,
                arme_s=arme_s,
                avance_s=avance_s,
                horloge=self._horloge,
                sur_pression=sur_pression,
                sur_gonflage=lambda: self._dire(Etape.MESURE),
            )
            await ecoute.abonner()
            self._dire(Etape.ATTENTE)
            try:
                return await ecoute.resultat()
            finally:
                self.en_memoire = tuple(ecoute.en_memoire)

    def _dire(self, etape: Etape) -> None:
        if self._sur_etat is not None:
            self._sur_etat(etape)

    async def _identifier(self, liaison: Liaison) -> str:
        """Le nom lisible de l'appareil (fabricant et modèle du DIS), et sa batterie."""
        textes = []
        for uuid, champ in (("2A29", "maker"), ("2A24", "model")):
            octets = await liaison.lire(uuid)
            if octets:
                textes.append(str(_detail(uuid, octets, champ) or ""))
        batterie = await liaison.lire("2A19")
        niveau = _detail("2A19", batterie, "level") if batterie else None
        self.batterie = niveau if isinstance(niveau, int) else None
        return " ".join(texte for texte in textes if texte) or self.profil.nom

    async def _accorder_heure(self, liaison: Liaison) -> float:
        """Met l'appareil à l'heure s'il le permet ; rend son avance en secondes (0 sans horloge lisible)."""
        if self.profil.regler_heure:
            maintenant = datetime.fromtimestamp(self._horloge())
            date = maintenant.year.to_bytes(2, "little") + bytes(maintenant.timetuple()[1:6])
            jour = date + bytes([maintenant.isoweekday(), 0, 1])
            if await liaison.ecrire("2A08", date) or await liaison.ecrire("2A2B", jour):
                return 0.0
        for uuid in ("2A2B", "2A08"):
            octets = await liaison.lire(uuid)
            if octets is None:
                continue
            recu_s = self._horloge()
            with suppress(TrameInvalide):
                instant = decoder(uuid, octets).instant
                date_s = secondes(instant, recu_s) if instant is not None and instant.complet else None
                if date_s is not None:
                    # L'heure lue est tronquée à la seconde : un écart de moins ne dit rien.
                    ecart = date_s - recu_s
                    return ecart if abs(ecart) > 1.0 else 0.0
        return 0.0


def _detail(uuid: str, octets: bytes, champ: str) -> object:
    """Un champ d'une caractéristique d'identité ; None si elle est abîmée (elle ne décide de rien)."""
    try:
        return decoder(uuid, octets).details[champ]
    except TrameInvalide as erreur:
        journal.warning("%s illisible : %s", uuid, erreur.detail)
        return None


class _Ecoute:
    """Ce que l'appareil envoie pendant une séance, dans l'ordre, jusqu'au résultat attribuable."""

    def __init__(
        self,
        liaison: Liaison,
        profil: Profil,
        nom: str,
        *,
        arme_s: float,
        avance_s: float,
        horloge: Callable[[], float],
        sur_pression: Callable[[Echantillon], None],
        sur_gonflage: Callable[[], None],
    ) -> None:
        self.en_memoire: list[Lecture] = []
        self._liaison = liaison
        self._profil = profil
        self._nom = nom
        self._arme_s = arme_s
        self._avance_s = avance_s
        self._horloge = horloge
        self._sur_pression = sur_pression
        self._sur_gonflage = sur_gonflage
        self._gonfle = False
        self._resultats: asyncio.Queue[tuple[bytes, float]] = asyncio.Queue()

    async def abonner(self) -> None:
        """Pression vivante d'abord : le résultat n'est demandé que quand tout est prêt à le recevoir."""
        if self._profil.pause_abonnement_s:
            await asyncio.sleep(self._profil.pause_abonnement_s)
        await self._liaison.abonner("2A36", self._pression)
        if not await self._liaison.abonner("2A35", self._resultat_recu):
            raise MesureImpossible("Cet appareil n'est pas un tensiomètre connu.", detail="2A35 manque")

    async def resultat(self) -> Lecture:
        """Le résultat du patient, la plus récente des mesures attribuables."""
        retenue: Lecture | None = None
        douteux = False
        while True:
            recu = await self._suivant(retenue is not None, douteux)
            if recu is None:
                break
            octets, recu_s = recu
            lecture = decoder("2A35", octets).estampillee(recu_s, self._nom)
            if not self._attribuable(lecture, recu_s):
                self.en_memoire.append(lecture)
                douteux = self._gonfle
                journal.info("mesure en mémoire de l'appareil : non attribuée")
            elif (retenue := lecture) and not self._profil.attente_suite_s:
                break
        if retenue is not None:
            return _verifiee(retenue)
        raise self._echec(douteux)

    def _echec(self, douteux: bool) -> ErreurPeripherique:
        if douteux:
            return HorlogeDecalee()
        return MesureAncienne() if self.en_memoire and not self._gonfle else AppareilPerdu()

    def _attribuable(self, lecture: Lecture, recu_s: float) -> bool:
        return est_fraiche(
            lecture.instant,
            arme_s=self._arme_s,
            recu_s=recu_s,
            avance_s=self._avance_s,
            pas_s=self._profil.pas_date_s,
        )

    async def _suivant(self, retenue: bool, douteux: bool) -> tuple[bytes, float] | None:
        """La trame suivante ; None quand la liaison est tombée, ou quand l'attente d'une suite est finie.

        Les trames reçues avant la coupure passent d'abord : ce qui est mesuré n'est pas perdu.
        """
        limite: float | None = None
        if retenue:
            limite = self._profil.attente_suite_s
        elif douteux:
            limite = _APRES_GONFLAGE_S
        trame = asyncio.ensure_future(self._resultats.get())
        coupure = asyncio.ensure_future(self._liaison.coupee.wait())
        try:
            await asyncio.wait({trame, coupure}, timeout=limite, return_when=asyncio.FIRST_COMPLETED)
            return trame.result() if trame.done() else None
        finally:
            trame.cancel()
            coupure.cancel()

    def _resultat_recu(self, octets: bytes) -> None:
        self._resultats.put_nowait((octets, self._horloge()))

    def _pression(self, octets: bytes) -> None:
        """Une pression vivante : montrée, jamais gardée ; abîmée, elle manque seulement à la courbe."""
        try:
            mesure = decoder("2A36", octets).mesures[0]
        except TrameInvalide as erreur:
            journal.warning("pression vivante illisible : %s", erreur.detail)
            return
        if mesure.valeur is None:
            return
        seuil = _KPA_GONFLE_DES if mesure.unite == m.KPA else _GONFLE_DES
        if not self._gonfle and mesure.valeur >= seuil:
            self._gonfle = True
            self._sur_gonflage()
        instant = self._horloge()
        self._sur_pression(Echantillon(m.PRESSION_BRASSARD, mesure.valeur, mesure.unite, instant))


def _verifiee(lecture: Lecture) -> Lecture:
    """La lecture, si elle a une tension ; une moyenne nulle est « pas de moyenne ».

    Lève `MesureImpossible`, avec le conseil que l'état de l'appareil suggère, sans systolique ou sans diastolique.
    """
    if not lecture.valeur(m.SYSTOLIQUE) or not lecture.valeur(m.DIASTOLIQUE):
        raise MesureImpossible(
            "Le brassard n'a pas réussi à mesurer.", conseil=_conseil(lecture), detail="sans valeur"
        )
    return replace(lecture, mesures=tuple(_sans_zero(mesure) for mesure in lecture.mesures))


def _sans_zero(mesure: Mesure) -> Mesure:
    return replace(mesure, valeur=None) if mesure.valeur == 0 else mesure


def _conseil(lecture: Lecture) -> str | None:
    etat = lecture.details["status"]
    if not isinstance(etat, dict):
        return None
    return next((conseil for drapeau, conseil in _CONSEILS if etat[drapeau]), None)

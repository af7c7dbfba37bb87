"""L'imprimante à tickets (ESC/POS) : son état quand le modèle le dit, et des tickets dont on sait s'ils sont sortis.

Par prise série (nom stable) ou par le pilote USB du noyau (`/dev/borne/tickets-...`, lien d'udev vers /dev/usb/lp0) ;
un fichier ordinaire reçoit les octets tels quels. L'état vient des commandes DLE EOT (en temps réel, même au milieu
d'un ticket), la fin de GS r, à laquelle l'imprimante ne répond qu'une fois tout imprimé. Un modèle muet imprime sans
que la borne sache rien de plus.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import msgspec

from borne.peripheriques.composition_ticket import EFFACER_TAMPON, Bloc, Papier, composer
from borne.peripheriques.erreurs import AppareilAbsent, AppareilPerdu, ConfigurationInvalide, PortIndisponible
from borne.peripheriques.impression import (
    ErreurImprimante,
    ImprimanteAbsente,
    ImprimanteOccupee,
    PapierManquant,
    TravailRefuse,
)
from borne.peripheriques.serie import Ligne, Prise, Serie

T = TypeVar("T")

DELAI_REPONSE_S: Final = 0.5
DELAI_TICKET_S: Final = 30.0
"""Secondes au bout desquelles un ticket qui ne finit pas est abandonné."""
MORCEAU: Final = 512
"""Octets envoyés d'un coup : de quoi voir l'imprimante s'arrêter avant de lui avoir tout donné."""

_EN_LIGNE, _ARRET, _PANNE, _ROULEAU = b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04"
_ETAT_PAPIER: Final = b"\x1dr\x01"
_CAPOT, _FIN_PAPIER, _ERREUR = 0x04, 0x20, 0x40
_COUTEAU, _GRAVE = 0x08, 0x20
_BAS, _FINI = 0x0C, 0x60
"""Bits de DLE EOT 2, 3 et 4 (Epson, « ESC/POS Command Reference »)."""


class Rouleau(StrEnum):
    """Ce qui reste de papier."""

    PRESENT = "present"
    BAS = "bas"
    FINI = "fini"
    INCONNU = "inconnu"


@dataclass(frozen=True, slots=True)
class EtatTickets:
    """`prete` : un ticket sortirait maintenant. `parle` : le modèle répond à DLE EOT, sinon on ne sait rien de lui.

    `code` : celui d'une `ErreurImprimante` (papier, inconnue), vide si tout va bien ; `phrase` : en français.
    """

    prete: bool
    parle: bool
    rouleau: Rouleau
    code: str = ""
    phrase: str = ""


class ReglageTickets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`appareils.tickets` : `nom`, ou `nom?debit=38400&rtscts=true&profil=TM-T20II&page=CP858`.

    `rtscts` : par prise série, retient la borne par le fil CTS quand son tampon est plein. Sans ce fil, une image
    longue peut déborder ; avec ce réglage mais sans le fil, rien ne part.
    """

    port: str
    debit: int = 9600
    profil: str = "default"
    page: str = "CP1252"
    rtscts: bool = False

    @classmethod
    def lire(cls, texte: str) -> ReglageTickets:
        """Le réglage de cette ligne. Lève `ConfigurationInvalide`, en nommant ce qui ne va pas."""
        port, _, options = texte.partition("?")
        try:
            lus = dict(parse_qsl(options, strict_parsing=bool(options)))
            return msgspec.convert({**lus, "port": port}, cls, strict=False)
        except (msgspec.ValidationError, ValueError) as erreur:
            raise ConfigurationInvalide(f"appareils.tickets : {erreur}.") from erreur


class ImprimanteTickets:
    """L'imprimante. Toutes les méthodes lèvent `ErreurImprimante` (une sous-classe quand la cause est connue)."""

    def __init__(self, serie: Serie, reglage: ReglageTickets) -> None:
        self.reglage = reglage
        self._serie = serie
        self._verrou = asyncio.Lock()

    async def etat(self) -> EtatTickets:
        """Son état maintenant ; lève `ImprimanteAbsente` si elle est débranchée."""
        return await self._tenue(_etat)

    async def imprimer(self, blocs: tuple[Bloc, ...]) -> bool:
        """Imprime un ticket ; vrai si l'imprimante a confirmé qu'il est sorti, faux si elle ne sait pas le dire.

        L'état est demandé d'abord : sans papier, rien n'est envoyé. Si elle s'arrête au milieu, ce qui n'est pas
        sorti est effacé d'elle : il sortirait plus tard, devant un autre patient.
        """
        papier = Papier(self.reglage.profil, self.reglage.page)
        try:
            octets = await asyncio.to_thread(composer, blocs, papier)
        except (ConfigurationInvalide, ValueError) as erreur:
            raise TravailRefuse(str(erreur)) from erreur
        return await self._tenue(lambda prise: _imprimer(prise, octets))

    async def _tenue(self, faire: Callable[[Prise], Awaitable[T]]) -> T:
        """Ouvre la prise le temps d'une affaire, une à la fois ; traduit ses pannes en celles d'une imprimante."""
        try:
            async with self._verrou:
                chemin = await self._serie.chercher(self.reglage.port, delai_s=0)
                async with self._serie.ouvrir(chemin, Ligne(self.reglage.debit, rtscts=self.reglage.rtscts)) as prise:
                    return await faire(prise)
        except (AppareilAbsent, AppareilPerdu) as erreur:
            raise ImprimanteAbsente("L'imprimante à tickets ne répond pas.") from erreur
        except PortIndisponible as erreur:
            raise ErreurImprimante("La borne n'a pas accès à l'imprimante à tickets.") from erreur


async def _imprimer(prise: Prise, octets: bytes) -> bool:
    etat = await _etat(prise)
    _exiger(etat)
    boucle = asyncio.get_running_loop()
    limite_s = boucle.time() + DELAI_TICKET_S
    try:
        for rang in range(0, len(octets), MORCEAU):
            await prise.ecrire(octets[rang : rang + MORCEAU], limite_s - boucle.time())
        if not await prise.partir(limite_s - boucle.time()):
            raise ImprimanteOccupee("L'imprimante à tickets ne finit pas.")
        return etat.parle and await _attendre_la_fin(prise, limite_s)
    except (ErreurImprimante, AppareilPerdu, asyncio.CancelledError):
        if not prise.coupee:
            with suppress(AppareilPerdu):
                await prise.ecrire(EFFACER_TAMPON, DELAI_REPONSE_S)
        raise


async def _attendre_la_fin(prise: Prise, limite_s: float) -> bool:
    """Attend la réponse à GS r, qui vient quand tout est imprimé ; regarde, en attendant, si elle s'est arrêtée."""
    boucle = asyncio.get_running_loop()
    await prise.ecrire(_ETAT_PAPIER, DELAI_REPONSE_S)
    while boucle.time() < limite_s:
        if await _reponse(prise, _est_gs_r) is not None:
            return True
        etat = await _etat(prise)
        if etat.parle:
            _exiger(etat)
    raise ImprimanteOccupee("L'imprimante à tickets ne finit pas.")


def _exiger(etat: EtatTickets) -> None:
    """Lève ce qui empêche d'imprimer, s'il y a lieu."""
    if etat.code == PapierManquant().code:
        raise PapierManquant(etat.phrase)
    if etat.code:
        raise ErreurImprimante(etat.phrase, etat.code)


async def _etat(prise: Prise) -> EtatTickets:
    """Demande les quatre états. Au premier silence le modèle est dit muet, et n'est plus interrogé."""
    lus = []
    for demande in (_EN_LIGNE, _ARRET, _PANNE, _ROULEAU):
        await prise.ecrire(demande, DELAI_REPONSE_S)
        octet = await _reponse(prise, _est_dle_eot)
        if octet is None:
            return EtatTickets(True, False, Rouleau.INCONNU)
        lus.append(octet)
    _, arret, panne, rouleau = lus
    if arret & _FIN_PAPIER or rouleau & _FINI:
        return EtatTickets(False, True, Rouleau.FINI, "papier", "L'imprimante à tickets n'a plus de papier.")
    reste = Rouleau.BAS if rouleau & _BAS else Rouleau.PRESENT
    if arret & _CAPOT:
        return EtatTickets(False, True, reste, "inconnue", "Le capot de l'imprimante à tickets est ouvert.")
    if panne & _COUTEAU:
        return EtatTickets(False, True, reste, "inconnue", "Le couteau de l'imprimante à tickets est bloqué.")
    if arret & _ERREUR or panne & _GRAVE:
        return EtatTickets(False, True, reste, "inconnue", "L'imprimante à tickets est en panne.")
    return EtatTickets(True, True, reste)


async def _reponse(prise: Prise, attendue: Callable[[int], bool]) -> int | None:
    """Le premier octet qui est une réponse attendue ; None si rien ne vient. Une réponse en retard est sautée."""
    boucle = asyncio.get_running_loop()
    limite_s = boucle.time() + DELAI_REPONSE_S
    while boucle.time() < limite_s:
        for octet in await prise.lire(limite_s - boucle.time()):
            if attendue(octet):
                return octet
    return None


def _est_dle_eot(octet: int) -> bool:
    """Bits fixes d'une réponse à DLE EOT : 0 et 7 nuls, 1 et 4 levés."""
    return octet & 0x93 == 0x12


def _est_gs_r(octet: int) -> bool:
    """Bits fixes d'une réponse à GS r : 4 et 7 nuls."""
    return octet & 0x90 == 0

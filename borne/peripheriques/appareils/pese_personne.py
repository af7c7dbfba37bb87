"""Le pèse-personne Bluetooth (Weight Scale Profile 1.0) : un poids (2A9D), et le consentement UDS sur demande.

Une balance qui a des comptes (Beurer BF720, SBF72) n'envoie rien sans consentement, puis rejoue ses pesées passées
avant celle de l'instant (ble-scale-sync#168). Un compte et son code sont des données personnelles : une borne
partagée s'en passe, sauf quand la fiche de l'appareil les donne.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Flux, SansDemande, Service, Trame, Vu
from borne.peripheriques.ble import Liaison
from borne.peripheriques.erreurs import AppairageRefuse, AppareilPerdu, MesureImpossible, TrameInvalide
from borne.peripheriques.formats import Lecture, decoder

_POIDS: Final = "2A9D"
_USAGERS: Final = "2A9F"
_CONSENTIR: Final = 0x02
_FAIT: Final = 0x01
_DELAI_CONSENTEMENT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class ProfilBalance(Profil):
    """Une balance. `compte` et `code` : le compte UDS de la borne dans la balance, None pour s'en passer."""

    compte: int | None = None
    code: int | None = None


class InterpretePoids(SansDemande):
    """2A9D : une pesée finie."""

    def recevoir(self, trame: Trame) -> Vu:
        """Une pesée. Lève `TrameInvalide`."""
        lecture = decoder(trame.uuid, trame.octets)
        poids = lecture.mesures[0]
        if poids.valeur is None:
            return Vu(resultats=(lecture,), faute="pesee-manquee")
        return Vu((Echantillon(m.POIDS, poids.valeur, poids.unite, 0.0),), resultats=(lecture,), faute="")

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a un poids ; une taille ou un IMC nuls sont « pas de valeur »."""
        if not lecture.valeur(m.POIDS):
            raise MesureImpossible(
                "La balance n'a pas réussi à peser.",
                conseil="Descendez, attendez que la balance s'éteigne, puis remontez sans bouger.",
                detail="sans valeur",
                faute="pesee-manquee",
            )
        return replace(lecture, mesures=tuple(mesure for mesure in lecture.mesures if mesure.valeur))


SERVICE: Final = Service(
    nom="poids",
    nature=Nature.POIDS,
    uuid="181D",
    flux=(Flux(_POIDS, decisif=True, obligatoire=True),),
    interprete=lambda _profil: InterpretePoids(),
)


class PesePersonne(AppareilBluetooth):
    """Le pilote du pèse-personne. La `Lecture` a le poids, et l'IMC et la taille si la balance les joint."""

    nature = Nature.POIDS
    guide = replace(GUIDES[Nature.POIDS], fautes=("pesee-manquee",))
    services: ClassVar = (SERVICE,)
    profil_usuel: ClassVar = ProfilBalance(nom="Pèse-personne")

    async def _preparer(self, liaison: Liaison) -> None:
        """Le consentement du compte de la borne (User Data Service 1.1, 3.3), si la fiche en donne un."""
        profil = self.profil
        if not isinstance(profil, ProfilBalance) or profil.compte is None:
            return
        reponses: asyncio.Queue[bytes] = asyncio.Queue()
        if not await liaison.abonner(_USAGERS, reponses.put_nowait):
            raise MesureImpossible("Cette balance n'a pas de comptes.", detail=f"{_USAGERS} manque")
        demande = bytes([_CONSENTIR, profil.compte]) + (profil.code or 0).to_bytes(2, "little")
        if not await liaison.ecrire(_USAGERS, demande):
            raise AppairageRefuse("La balance refuse le compte de la borne.", detail="UDS, écriture refusée")
        try:
            async with asyncio.timeout(_DELAI_CONSENTEMENT_S):
                reponse = decoder(_USAGERS, await reponses.get())
        except TimeoutError:
            if liaison.coupee.is_set():
                raise AppareilPerdu(detail="UDS") from None
            raise AppairageRefuse("La balance ne répond pas à la borne.", detail="UDS, sans réponse") from None
        except TrameInvalide as erreur:
            raise AppairageRefuse("La balance refuse le compte de la borne.", detail=erreur.detail) from erreur
        if reponse.details["code"] != _FAIT:
            raise AppairageRefuse(
                "La balance refuse le compte de la borne.", detail=f"UDS, code {reponse.details['code']}"
            )

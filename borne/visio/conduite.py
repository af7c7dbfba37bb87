"""Ce qui mène l'émission d'un appel : comptes rendus au régulateur, débit à l'encodeur, sondes, délai d'affichage."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from borne.visio.echelle import Echelle, Etat, Reseau
from borne.visio.emission import Emission, Nature
from borne.visio.encodeurs import DEBIT_MAX, DEBIT_MIN
from borne.visio.regulation import Regulation
from borne.visio.retour_transport import PAS, RetourInvalide, deplier, lire_retours
from borne.visio.souffle import Souffle

journal = logging.getLogger(__name__)

PERIODE: Final = 0.025
"""Secondes entre deux pas."""
DEPART: Final = 2_000_000
"""Débit total tenu pour possible avant la première mesure : les premières sondes disent le reste en un instant."""
MINIMUM: Final = 100_000
OUBLI_PART: Final = 0.05
"""Poids d'un pas dans la part moyenne de chaque nature de paquets (une demi-seconde)."""
PART_IMAGE_MIN: Final = 0.4
PERTES_SENSIBLES: Final = 0.005
MEMOIRE_PERTES: Final = 15.0
"""Secondes sans perte avant de redemander l'affichage immédiat."""
MARGE_AFFICHAGE: Final = 20
AFFICHAGE_MAX: Final = 400
AFFICHAGE_REPAREE: Final = 30
"""Millisecondes d'affichage retenu quand des parités réparent : 85 ms au lieu de 100 au p95 sous 5 % de pertes et
40 ms d'aller-retour, autant d'images rendues (29 par seconde) qu'en attendant les retransmissions."""


class Image(Protocol):
    """La piste d'image, vue d'ici."""

    debit: int

    @property
    def souffle(self) -> Souffle:
        """Ce que la machine a le temps d'encoder, gardé d'une reprise à l'autre."""

    @property
    def charge(self) -> float:
        """Temps d'encodage d'une image sur le temps entre deux images, lissé."""

    def adapter(self, etat: Etat) -> None:
        """Change la définition et la cadence."""


def delai_affichage(pertes: float, aller_retour: float, *, reparee: bool) -> tuple[int, int]:
    """Les délais d'affichage à demander, minimal et maximal, en millisecondes (0 et 0 : à l'arrivée).

    Sous pertes, le temps qu'une retransmission arrive : afficher plus tôt figerait l'image, puis la ferait sauter.
    Presque jamais besoin d'elle quand des parités réparent l'image (`reparee`) : quelques millisecondes suffisent.
    """
    if pertes < PERTES_SENSIBLES:
        return (0, 0)
    if reparee:
        return AFFICHAGE_REPAREE, AFFICHAGE_MAX
    minimum = min(1.1 * aller_retour * 1000 + MARGE_AFFICHAGE, AFFICHAGE_MAX)
    return round(minimum / 10) * 10, AFFICHAGE_MAX


class Conduite:
    """Tient ensemble l'émission, le régulateur et la piste d'image d'un appel. Depuis la boucle asyncio seule."""

    def __init__(
        self,
        emission: Emission,
        image: Image,
        *,
        rebourrer: Callable[[Sequence[int]], Awaitable[None]],
    ) -> None:
        """`rebourrer` : renvoie ces numéros RTP d'image en RTX."""
        self._emission = emission
        self._image = image
        self._rebourrer = rebourrer
        self.regulation = Regulation(DEPART, MINIMUM, DEBIT_MAX * 1.5)
        self._echelle = Echelle(image.souffle)
        self._pertes: tuple[float, float] = (0.0, 0.0)
        self._pas_arrivee: int | None = None
        self._compte = dict(emission.octets)
        self._debits = dict.fromkeys(Nature, 0.0)
        self._dernier_pas = time.monotonic()
        emission.sur_envoi = self.regulation.envoyer

    @property
    def etat(self) -> Etat:
        """Ce que l'appel garde : définition, cadence, niveau, raison."""
        return self._echelle.etat

    def chiffres(self) -> dict[str, float]:
        """`debit_permis_bits_s` (tout compris), `hauteur_image` (lignes au plus), `file_ms` (attente du lien)."""
        return {
            "debit_permis_bits_s": self.regulation.debit,
            "hauteur_image": float(self.etat.hauteur),
            "file_ms": self.regulation.file * 1000,
        }

    def recevoir_rtcp(self, octets: bytes) -> None:
        """Un datagramme RTCP déchiffré, avant qu'aiortc ne le lise."""
        try:
            retours = lire_retours(octets)
        except RetourInvalide as erreur:
            journal.warning("Compte rendu d'arrivée illisible (%s).", erreur)
            return
        maintenant = time.monotonic()
        for retour in retours:
            base = deplier(retour.base, self._emission.dernier_numero)
            arrivees = [None if pas is None else self._seconde(pas) for pas in retour.arrivees]
            self._emission.accuser(self.regulation.accuser(base, arrivees, maintenant))
        if retours:
            self._appliquer(maintenant)

    async def tourner(self) -> None:
        """Mène l'émission jusqu'à l'annulation."""
        while True:
            await asyncio.sleep(PERIODE)
            maintenant = time.monotonic()
            self._mesurer(maintenant)
            if self._emission.numerote:
                self.regulation.battre(maintenant)
                self._appliquer(maintenant)
            else:
                avant = self._echelle.etat
                self._adapter(avant, self._echelle.menager(self._image.charge, maintenant))
            try:
                await self._sonder(maintenant)
            except ConnectionError:
                journal.info("Liaison fermée : le débit n'est plus réglé.")
                return

    def _seconde(self, pas: int) -> float:
        """L'instant d'arrivée, déplié : l'horloge du récepteur fait le tour en 12 jours."""
        self._pas_arrivee = pas if self._pas_arrivee is None else deplier(pas, self._pas_arrivee, 32)
        return self._pas_arrivee * PAS

    def _appliquer(self, maintenant: float) -> None:
        regulation = self.regulation
        self._emission.cadencer(regulation.debit, libre=regulation.libre(maintenant), plafond=regulation.plafond)
        self._image.debit = int(max(DEBIT_MIN, min(self._part(regulation.debit), DEBIT_MAX)))
        self._degrader(maintenant)
        # Au-delà de ce que l'image peut employer, plus rien à chercher.
        regulation.maxi = DEBIT_MAX / self._part_image() + self._debits[Nature.SON]

    def _part_image(self) -> float:
        """Ce que l'image garde du débit une fois le son servi : le reste la répare."""
        image = self._debits[Nature.IMAGE]
        autres = sum(self._debits[nature] for nature in (Nature.RETRANSMISSION, Nature.REPARATION))
        return max(PART_IMAGE_MIN, image / (image + autres)) if image else 1.0

    def _part(self, total: float) -> float:
        return max(0.0, total - self._debits[Nature.SON]) * self._part_image()

    def _degrader(self, maintenant: float) -> None:
        regulation, avant = self.regulation, self._echelle.etat
        silence = regulation.silence(maintenant)
        etat = self._echelle.choisir(
            Reseau(
                self._part(regulation.durable),
                regulation.pertes,
                regulation.aller_retour,
                silence,
                self._image.charge,
            ),
            maintenant,
        )
        self._adapter(avant, etat)
        pire, quand = self._pertes
        if regulation.pertes >= pire or maintenant - quand > MEMOIRE_PERTES:
            self._pertes = (regulation.pertes, maintenant)
        self._emission.delai_affichage = delai_affichage(
            self._pertes[0], regulation.aller_retour, reparee=self._emission.octets[Nature.REPARATION] > 0
        )

    def _adapter(self, avant: Etat, etat: Etat) -> None:
        if etat != avant:
            journal.info("Qualité : %s (%d lignes, %d images/s).", etat.niveau.value, etat.hauteur, etat.cadence)
            self._image.adapter(etat)

    def _mesurer(self, maintenant: float) -> None:
        duree, self._dernier_pas = maintenant - self._dernier_pas, maintenant
        for nature in Nature:
            total = self._emission.octets[nature]
            debit = (total - self._compte.get(nature, 0)) * 8 / max(duree, 1e-3)
            self._compte[nature] = total
            self._debits[nature] += OUBLI_PART * (debit - self._debits[nature])

    async def _sonder(self, maintenant: float) -> None:
        derniers = self._emission.derniers
        if not self._emission.numerote or not derniers:
            return
        sonde = self.regulation.sonde_due(maintenant)
        if sonde is None:
            return
        numeros: list[int] = []
        octets = 0
        while octets < sonde.octets:
            for numero, taille in reversed(derniers):
                numeros.append(numero)
                octets += taille
                if octets >= sonde.octets:
                    break
        with self._emission.en_sonde(sonde.rang, sonde.debit):
            await self._rebourrer(numeros)

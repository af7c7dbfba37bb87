"""Le point de passage unique des paquets RTP que la borne émet : numérotés, cadencés, rangés par urgence.

aiortc envoie chaque paquet dès qu'il existe ; une image part alors en rafale, et un lien étroit la jette. Ici le son
part aussitôt, les retransmissions passent avant l'image neuve, et l'image est étalée à `FACTEUR_CADENCE` fois le
débit permis. Quand le lien ne suit plus, on attend avant l'encodeur (`attendre_place`) : une image encodée
part toujours, donc jamais de trou à combler par une image clé.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

journal = logging.getLogger(__name__)

FACTEUR_CADENCE: Final = 2.5
"""Une image part à tant de fois le débit permis : la suivante trouve la file vide (libwebrtc, même valeur)."""
FENETRE: Final = 0.005
"""Secondes de cadence envoyées d'un coup quand le lien est chargé."""
FENETRE_LIBRE: Final = 0.04
"""De même quand rien ne s'accumule : une image ordinaire part entière, seule une image clé s'étale."""
ATTENTE_MAX: Final = 0.01
"""Secondes de file au-delà desquelles la caméra attend son tour."""
SILENCE_RETOUR: Final = 0.6
"""Secondes sans accusé au bout desquelles les paquets en vol sont oubliés : le retour peut s'être perdu."""
DERNIERS: Final = 16
RATTRAPAGE: Final = 0.01
"""Secondes qu'une sonde rattrape quand la borne est occupée : trop lente, elle ne mesurerait rien."""
SURCOUT: Final = 16
"""Octets ajoutés par SRTP (RFC 3711, RFC 7714) à chaque paquet."""


class Nature(enum.IntEnum):
    """Ce que porte un paquet, du plus urgent au moins urgent."""

    SON = 0
    RETRANSMISSION = 1
    IMAGE = 2
    REPARATION = 3
    BOURRAGE = 4


_AVANT_BOURRAGE: Final = (Nature.RETRANSMISSION, Nature.IMAGE, Nature.REPARATION)


@dataclass(frozen=True, slots=True)
class Envoi:
    """Un paquet parti. `numero` : celui du transport, sans retour à zéro ; `instant` : secondes, `time.monotonic`."""

    numero: int
    instant: float
    taille: int
    nature: Nature
    sonde: int | None


Reparateur = Callable[[list[bytes]], list[bytes]]
"""Reçoit les paquets RTP d'une image, extensions modifiables à zéro, et rend les paquets de réparation à envoyer."""


class Emission:
    """Numérote, cadence et envoie. S'utilise depuis la boucle asyncio seule."""

    def __init__(self, envoyer: Callable[[bytes], Awaitable[None]]) -> None:
        """`envoyer` : chiffre et envoie un paquet RTP ; lève `ConnectionError` quand le transport est fermé."""
        self._envoyer = envoyer
        self._natures: dict[int, Nature] = {}
        self._files: dict[Nature, deque[tuple[bytes, int | None]]] = {nature: deque() for nature in Nature}
        self._image: list[bytes] = []
        self._numero = 0
        self._id_numero = self._id_heure = 0
        self._debit_cadence = 10_000_000.0
        self._fenetre = FENETRE_LIBRE
        self._libre_a = 0.0
        self._en_vol = 0
        self._plafond = float("inf")
        self._dernier_accuse = 0.0
        self._sonde: int | None = None
        self._cadence_sonde = 0.0
        self._reveil = asyncio.Event()
        self._place = asyncio.Event()
        self._pompe: asyncio.Task[None] | None = None
        self._rompu = False
        self._occupe = 0
        self.octets: Counter[Nature] = Counter()
        """Octets partis depuis le début, par nature."""
        self.derniers: deque[tuple[int, int]] = deque(maxlen=DERNIERS)
        """Numéro RTP et taille des derniers paquets d'image, dont se fait le bourrage des sondes."""
        self.reparer: Reparateur | None = None
        """Appelé quand une image est complète (bit marqueur) ; None : pas de réparation."""
        self.sur_envoi: Callable[[Envoi], None] | None = None
        """Appelé pour chaque paquet numéroté."""
        self.delai_affichage: tuple[int, int] = (0, 0)
        """Délais d'affichage minimal et maximal demandés au récepteur, en millisecondes (extension playout-delay)."""

    @property
    def numerote(self) -> bool:
        """Le récepteur accepte les numéros de transport : il rendra compte des arrivées."""
        return self._id_numero != 0

    @property
    def dernier_numero(self) -> int:
        """Le numéro de transport du dernier paquet parti, sans retour à zéro."""
        return max(0, self._numero - 1)

    def negocier(self, id_numero: int | None, id_heure: int | None) -> None:
        """Retient les numéros d'extension acceptés par le récepteur (None : refusée)."""
        self._id_numero, self._id_heure = id_numero or self._id_numero, id_heure or self._id_heure

    def declarer(self, ssrc: int, nature: Nature) -> None:
        """Dit ce que porte un flux ; un flux inconnu passe comme le son, sans attendre."""
        self._natures[ssrc] = nature

    def cadencer(self, debit: float, *, libre: bool, plafond: float = float("inf")) -> None:
        """Règle la cadence sur `debit` (bits par seconde). `libre` : rien ne s'accumule sur le lien.

        `plafond` : octets envoyés et non accusés au-delà desquels l'image attend.
        """
        self._debit_cadence = FACTEUR_CADENCE * debit
        self._fenetre = FENETRE_LIBRE if libre else FENETRE
        self._plafond = plafond
        self._reveil.set()

    def accuser(self, octets: int) -> None:
        """Note que `octets` de paquets numérotés sont arrivés, perdus ou oubliés."""
        self._en_vol = max(0, self._en_vol - octets)
        self._dernier_accuse = time.monotonic()
        self._reveil.set()

    @contextlib.contextmanager
    def en_sonde(self, sonde: int, cadence: float) -> Iterator[None]:
        """Dans ce contexte, les retransmissions émises sont du bourrage de la sonde donnée, à `cadence` bits/s."""
        self._sonde, self._cadence_sonde = sonde, cadence
        try:
            yield
        finally:
            self._sonde = None

    async def emettre(self, octets: bytes) -> None:
        """Prend un paquet RTP sérialisé ; rend aussitôt. Lève `ConnectionError` quand le transport est fermé."""
        if self._rompu:
            raise ConnectionError("le transport est fermé")
        nature = self._natures.get(int.from_bytes(octets[8:12]), Nature.SON)
        if nature is Nature.SON:
            await self._partir(octets, nature, None)
            return
        if nature is Nature.RETRANSMISSION and self._sonde is not None:
            self._ranger(Nature.BOURRAGE, octets, self._sonde)
            return
        if self._peut_partir():
            await self._partir(octets, nature, None)
        else:
            self._ranger(nature, octets, None)
        if nature is Nature.IMAGE:
            self.derniers.append((int.from_bytes(octets[2:4]), len(octets)))
            self._image.append(octets)
            if octets[1] & 0x80:
                self._reparer()

    async def attendre_place(self) -> None:
        """Attend que la file ne contienne plus que `ATTENTE_MAX` secondes : à appeler avant de prendre une image."""
        while not self._rompu and self.retard > ATTENTE_MAX:
            self._place.clear()
            with contextlib.suppress(TimeoutError):
                # Réveillé de temps en temps : un plafond atteint sans accusé finit par être oublié.
                await asyncio.wait_for(self._place.wait(), SILENCE_RETOUR)

    @property
    def retard(self) -> float:
        """Secondes que demandera la file de l'image, à la cadence actuelle ; infini si le lien est plein."""
        if self._plein():
            return float("inf")
        return self._octets_en_file() * 8 / self._debit_cadence

    def fermer(self) -> None:
        """Jette la file et arrête la cadence."""
        self._rompu = True
        self._place.set()
        if self._pompe is not None:
            self._pompe.cancel()
            self._pompe = None

    def _octets_en_file(self) -> int:
        return sum(len(octets) for nature in _AVANT_BOURRAGE for octets, _ in self._files[nature])

    def _peut_partir(self) -> bool:
        """Rien n'attend et la cadence le permet : inutile de passer par la file."""
        libre = not self._occupe and not any(self._files[nature] for nature in _AVANT_BOURRAGE)
        return libre and self._libre_a - time.monotonic() <= self._fenetre and not self._plein()

    def _reparer(self) -> None:
        image, self._image = self._image, []
        if self.reparer is None:
            return
        for octets in self.reparer(image):
            self._ranger(Nature.REPARATION, octets, None)

    def _ranger(self, nature: Nature, octets: bytes, sonde: int | None) -> None:
        self._files[nature].append((octets, sonde))
        self._reveil.set()
        if self._pompe is None:
            self._pompe = asyncio.create_task(self._pomper())

    def _plein(self) -> bool:
        if self._en_vol <= self._plafond:
            return False
        if time.monotonic() - self._dernier_accuse > SILENCE_RETOUR:
            self._en_vol = 0
            return False
        return True

    def _suivant(self) -> tuple[Nature | None, float]:
        """La file à servir et dans combien de secondes ; aucune quand tout est vide ou que le lien est plein."""
        avance = self._libre_a - time.monotonic()
        if self._files[Nature.RETRANSMISSION]:
            return Nature.RETRANSMISSION, avance - self._fenetre
        if not self._plein():
            for nature in (Nature.IMAGE, Nature.REPARATION):
                if self._files[nature]:
                    return nature, avance - self._fenetre
        # Une sonde mesure le lien à sa propre cadence : ni rafale, ni attente d'un accusé.
        return (Nature.BOURRAGE, avance) if self._files[Nature.BOURRAGE] else (None, SILENCE_RETOUR)

    async def _pomper(self) -> None:
        try:
            while True:
                nature, attente = self._suivant()
                if nature is not None and attente <= 0:
                    octets, sonde = self._files[nature].popleft()
                    await self._partir(octets, nature, sonde)
                    continue
                if self.retard <= ATTENTE_MAX:
                    self._place.set()
                self._reveil.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._reveil.wait(), attente)
        except ConnectionError:
            self._rompu = True
            self._place.set()

    async def _partir(self, octets: bytes, nature: Nature, sonde: int | None) -> None:
        paquet = bytearray(octets)
        maintenant = time.monotonic()
        taille = len(octets) + SURCOUT
        numerote = bool(self._id_numero) and poser_extension(
            paquet, self._id_numero, (self._numero & 0xFFFF).to_bytes(2)
        )
        if self._id_heure:
            poser_extension(paquet, self._id_heure, heure_absolue(time.time()))
        if nature is not Nature.SON:
            cadence = self._cadence_sonde if nature is Nature.BOURRAGE else self._debit_cadence
            retard = RATTRAPAGE if nature is Nature.BOURRAGE else 0.0
            self._libre_a = max(self._libre_a, maintenant - retard) + taille * 8 / cadence
        if numerote:
            self._numero += 1
            self._en_vol += taille
            if self.sur_envoi is not None:
                self.sur_envoi(Envoi(self._numero - 1, maintenant, taille, nature, sonde))
        self.octets[nature] += taille
        self._occupe += 1
        try:
            await self._envoyer(bytes(paquet))
        finally:
            self._occupe -= 1


def heure_absolue(instant: float) -> bytes:
    """L'extension abs-send-time d'un instant Unix : 6 bits de secondes, 18 de fraction (3 octets)."""
    return (int(instant * (1 << 18)) & 0xFFFFFF).to_bytes(3)


def poser_extension(paquet: bytearray, identifiant: int, valeur: bytes) -> bool:
    """Écrit `valeur` à la place de l'extension d'un octet (RFC 8285, 4.2) ; faux si le paquet ne la porte pas."""
    place = _place(paquet, identifiant, len(valeur))
    if place is None:
        return False
    paquet[place : place + len(valeur)] = valeur
    return True


def _place(paquet: bytes | bytearray, identifiant: int, longueur: int) -> int | None:
    """Où commence la valeur de l'extension, si elle est entière."""
    if len(paquet) < 16 or not paquet[0] & 0x10:
        return None
    debut = 12 + 4 * (paquet[0] & 0x0F)
    if paquet[debut : debut + 2] != b"\xbe\xde":
        return None
    fin = min(len(paquet), debut + 4 + 4 * int.from_bytes(paquet[debut + 2 : debut + 4]))
    position = debut + 4
    while position < fin:
        entete = paquet[position]
        if entete == 0:
            position += 1
            continue
        trouvee = (entete & 0x0F) + 1
        if entete >> 4 == identifiant:
            return position + 1 if trouvee == longueur and position + 1 + longueur <= fin else None
        position += 1 + trouvee
    return None

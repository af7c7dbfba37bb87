"""Le transport série des pilotes, au-dessus de pyserial : chercher une prise par son nom, l'ouvrir, lire, écrire.

Les noms sont ceux de `/dev/serial/by-id` (ou d'une autre racine) : ils survivent au débranchement et au redémarrage,
`ttyUSB0` non. Une prise s'ouvre pour une séance et se rend à la fin ; ce qui y traînait avant est jeté, une mesure
d'avant l'armement ne peut donc pas passer pour celle du patient. Jamais de XON/XOFF : 0x11 et 0x13 sont des mesures.

Lire et écrire attendent dans la boucle asyncio, sans fil. Ouvrir et fermer se font dans un fil prêté : un pilote du
noyau peut y rester bloqué (descripteur USB mort, octets jamais partis).
"""

from __future__ import annotations

import asyncio
import errno
import fnmatch
import logging
import os
import select
import stat
import termios
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import serial

from borne.peripheriques.branchements import Branchements
from borne.peripheriques.erreurs import AppareilPerdu, ErreurPeripherique, PortAbsent, PortIndisponible
from borne.peripheriques.espion import Capture, Espion, Genre, personne

journal = logging.getLogger(__name__)

RACINE_STABLE: Final = Path("/dev/serial/by-id")
TAILLE_LECTURE: Final = 4096
"""Octets lus d'un coup, au plus : ce que garde le noyau."""
DELAI_OUVERTURE_S: Final = 5.0
DELAI_ECRITURE_S: Final = 2.0
_PAS_S: Final = 0.01
VIDANGE_S: Final = 0.3
"""Secondes laissées aux derniers octets pour partir avant que la prise se ferme."""

_INTERDIT: Final = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN)
_JOKERS: Final = "*?["
_PSEUDO_TERMINAUX: Final = range(136, 144)
"""Numéros majeurs des pty : ni parité ni CTS ; la glibc refuse (EINVAL) qu'on leur en demande deux fois de suite."""
_USB_DIVERS: Final = 180
"""Numéro majeur de `usblp` (Documentation/admin-guide/devices.txt de Linux) : une imprimante, pas un terminal."""


@dataclass(frozen=True, slots=True)
class Ligne:
    """Réglages d'une ligne : bauds, parité (`N`, `E`, `O`), bits d'arrêt. Toujours 8 bits.

    `rtscts` : l'appareil retient la borne par le fil CTS quand son tampon est plein (imprimantes).
    """

    debit: int = 9600
    parite: Literal["N", "E", "O"] = "N"
    arrets: Literal[1, 2] = 1
    rtscts: bool = False


class Prise:
    """Une prise ouverte. `coupee` : elle est perdue, plus rien n'en viendra."""

    def __init__(
        self,
        descripteur: int,
        nom: str,
        espion: Espion = personne,
        *,
        restent: Callable[[], int] = lambda: 0,
        muette: bool = False,
    ) -> None:
        """`restent` : combien d'octets écrits ne sont pas partis. `muette` : un fichier, dont rien ne viendra."""
        self.nom = nom
        self.coupee = False
        self._descripteur = descripteur
        self._restent = restent
        self._muette = muette
        self._espion = espion

    async def lire(self, delai_s: float) -> bytes:
        """Ce qui est arrivé, `TAILLE_LECTURE` octets au plus ; vide si rien ne vient en `delai_s`.

        Lève `AppareilPerdu` si la prise est débranchée.
        """
        if self._muette:
            await asyncio.sleep(max(0.0, delai_s))
            return b""
        boucle = asyncio.get_running_loop()
        if not await self._pret(boucle.add_reader, boucle.remove_reader, delai_s):
            return b""
        try:
            octets = os.read(self._descripteur, TAILLE_LECTURE)
        except BlockingIOError:
            return b""
        except OSError as erreur:
            raise self._perdue(f"lecture : {erreur.strerror}") from erreur
        if not octets:
            # Lisible et vide : c'est ainsi que le noyau dit qu'il n'y a plus personne.
            raise self._perdue("fin de flux")
        self._espion(Capture(Genre.RECU, self.nom, octets))
        return octets

    async def ecrire(self, octets: bytes, delai_s: float = DELAI_ECRITURE_S) -> None:
        """Écrit tout. Lève `AppareilPerdu` si la prise est débranchée, ou n'a pas tout pris en `delai_s`."""
        boucle = asyncio.get_running_loop()
        echeance = boucle.time() + delai_s
        reste = memoryview(octets)
        while reste:
            try:
                ecrits = os.write(self._descripteur, reste)
                self._espion(Capture(Genre.ECRIT, self.nom, bytes(reste[:ecrits])))
                reste = reste[ecrits:]
            except BlockingIOError:
                delai = echeance - boucle.time()
                if not await self._pret(boucle.add_writer, boucle.remove_writer, delai):
                    raise AppareilPerdu("L'appareil n'écoute plus.", detail="écriture bloquée") from None
            except OSError as erreur:
                raise self._perdue(f"écriture : {erreur.strerror}") from erreur

    async def partir(self, delai_s: float) -> bool:
        """Attend que tout ce qui est écrit soit parti ; faux au bout de `delai_s`. Lève `AppareilPerdu`."""
        boucle = asyncio.get_running_loop()
        echeance = boucle.time() + delai_s
        try:
            while self._restent():
                if boucle.time() >= echeance:
                    return False
                await asyncio.sleep(_PAS_S)
        except OSError as erreur:
            raise self._perdue(f"vidange : {erreur.strerror}") from erreur
        return True

    async def _pret(self, inscrire: Callable[..., object], retirer: Callable[[int], object], delai_s: float) -> bool:
        """Attend que le descripteur soit prêt ; faux au bout de `delai_s`."""
        pret: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        inscrire(self._descripteur, lambda: None if pret.done() else pret.set_result(None))
        try:
            async with asyncio.timeout(max(0.0, delai_s)):
                await pret
        except TimeoutError:
            return False
        finally:
            retirer(self._descripteur)
        return True

    def _perdue(self, detail: str) -> AppareilPerdu:
        self.coupee = True
        self._espion(Capture(Genre.COUPE, self.nom))
        return AppareilPerdu(detail=detail)


class Serie:
    """Les prises série de la borne. `racine` : dossier des noms stables ; `espion` : à qui montrer ce qui passe."""

    def __init__(
        self,
        racine: Path = RACINE_STABLE,
        branchements: Branchements | None = None,
        espion: Espion = personne,
    ) -> None:
        self.racine = racine
        self._espion = espion
        self._branchements = branchements or Branchements()

    def ports(self) -> tuple[str, ...]:
        """Noms stables des prises branchées, triés ; vide si la racine manque (udev l'efface avec la dernière).

        Lève `PortIndisponible` si elle ne se lit pas.
        """
        try:
            return tuple(sorted(os.listdir(self.racine)))
        except FileNotFoundError:
            return ()
        except OSError as erreur:
            raise PortIndisponible(detail=f"{self.racine} : {erreur.strerror}") from erreur

    def trouver(self, port: str) -> Path | None:
        """Le chemin de cette prise si elle est là, sinon None. `port` : nom stable, motif (`*`), ou chemin absolu.

        Lève `PortIndisponible` si plusieurs prises conviennent au motif : mieux vaut ne rien lire que le mauvais.
        """
        if port.startswith("/") or not any(joker in port for joker in _JOKERS):
            chemin = self.racine / port
            return chemin if chemin.exists() else None
        noms = [nom for nom in self.ports() if fnmatch.fnmatchcase(nom, port) and (self.racine / nom).exists()]
        if len(noms) > 1:
            raise PortIndisponible("Plusieurs appareils branchés se ressemblent.", detail=", ".join(noms))
        return self.racine / noms[0] if noms else None

    async def chercher(self, port: str, *, delai_s: float | None) -> Path:
        """Attend que cette prise soit branchée et rend son chemin ; `delai_s` None : sans limite.

        Lève `PortAbsent` après `delai_s`, `PortIndisponible` si plusieurs conviennent.
        """
        try:
            async with asyncio.timeout(delai_s):
                return await self._branchements.attendre(lambda: self.trouver(port))
        except TimeoutError:
            raise PortAbsent(detail=port) from None

    async def attendre_changement(self, avant: tuple[str, ...]) -> tuple[str, ...]:
        """Attend que les prises branchées ne soient plus `avant` ; rend les nouvelles."""

        def regarder() -> tuple[str, ...] | None:
            maintenant = self.ports()
            return maintenant if maintenant != avant else None

        return await self._branchements.attendre(regarder)

    @asynccontextmanager
    async def ouvrir(self, chemin: Path, ligne: Ligne) -> AsyncIterator[Prise]:
        """La prise ouverte, à soi seul, vidée de ce qui y traînait ; rendue à la sortie.

        Un chemin qui n'est pas un terminal (`/dev/usb/lp0`, fichier) s'ouvre tel quel, sans réglages de ligne. Lève
        `PortAbsent`, `AppareilPerdu` ou `PortIndisponible`.
        """
        ouverte = await _dans_un_fil(lambda: _ouvrir(chemin, ligne), chemin.name)
        try:
            self._espion(Capture(Genre.OUVERT, chemin.name, infos=asdict(ligne)))
            yield Prise(
                ouverte.descripteur,
                chemin.name,
                self._espion,
                restent=ouverte.restent,
                muette=ouverte.muette,
            )
        finally:
            # Protégée : une annulation ne doit pas laisser la prise tenue, donc refusée au patient suivant.
            await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(ouverte.fermer)))


@dataclass(frozen=True, slots=True)
class _Ouverte:
    descripteur: int
    fermer: Callable[[], None]
    restent: Callable[[], int]
    muette: bool = False


async def _dans_un_fil(ouvrir: Callable[[], _Ouverte], nom: str) -> _Ouverte:
    """Ouvre sans bloquer la boucle ; ce qui s'ouvrirait après l'abandon est refermé."""
    tache = asyncio.ensure_future(asyncio.to_thread(ouvrir))
    try:
        async with asyncio.timeout(DELAI_OUVERTURE_S):
            return await asyncio.shield(tache)
    except TimeoutError:
        tache.add_done_callback(_refermer)
        raise AppareilPerdu("L'appareil est branché, mais ne s'ouvre pas.", detail=nom) from None
    except asyncio.CancelledError:
        tache.add_done_callback(_refermer)
        raise
    except (OSError, termios.error) as erreur:
        raise _echec(erreur, nom) from erreur


def _refermer(tache: asyncio.Future[_Ouverte]) -> None:
    """L'ouverture abandonnée a fini : la rendre (`exception` aussi est lue, pour qu'asyncio ne la signale pas)."""
    if not tache.cancelled() and tache.exception() is None:
        tache.result().fermer()


def _echec(erreur: BaseException, nom: str) -> ErreurPeripherique:
    numero = erreur.errno if isinstance(erreur, OSError) else None
    if numero in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return PortAbsent(detail=nom)
    if numero in _INTERDIT:
        return PortIndisponible(detail=f"{nom} : {erreur}")
    return AppareilPerdu("L'appareil est branché, mais ne s'ouvre pas.", detail=f"{nom} : {erreur}")


def _ouvrir(chemin: Path, ligne: Ligne) -> _Ouverte:
    genre = chemin.stat()
    if not stat.S_ISCHR(genre.st_mode):
        fichier = os.open(chemin, os.O_WRONLY | os.O_APPEND)
        return _Ouverte(fichier, lambda: os.close(fichier), lambda: 0, muette=True)
    if os.major(genre.st_rdev) == _USB_DIVERS:
        usb = os.open(chemin, os.O_RDWR | os.O_NONBLOCK)
        # usblp n'accepte un envoi que le précédent parti, et annule à la fermeture celui qui ne l'est pas.
        return _Ouverte(usb, lambda: os.close(usb), lambda: not select.select([], [usb], [], 0)[1])
    pseudo = os.major(genre.st_rdev) in _PSEUDO_TERMINAUX
    port = serial.Serial(
        str(chemin),
        ligne.debit,
        parity="N" if pseudo else ligne.parite,
        stopbits=ligne.arrets,
        timeout=0,
        exclusive=True,
        xonxoff=False,
        rtscts=ligne.rtscts and not pseudo,
        dsrdtr=False,
    )
    try:
        port.reset_input_buffer()
    except termios.error:
        port.close()
        raise
    return _Ouverte(port.fileno(), lambda: _fermer(port), lambda: port.out_waiting)


def _fermer(port: serial.Serial) -> None:
    """Laisse partir les derniers octets, jette le reste, ferme ; une prise arrachée n'a plus rien à vider."""
    with suppress(OSError, termios.error):
        echeance = time.monotonic() + VIDANGE_S
        while port.out_waiting and time.monotonic() < echeance:
            time.sleep(_PAS_S)
        if port.out_waiting:
            # Sans cela le noyau attendrait trente secondes des octets que personne ne prend.
            port.reset_output_buffer()
    port.close()

"""L'imprimante virtuelle : `ippeveprinter` (cups-ipp-utils), une vraie imprimante IPP sur la boucle locale.

Elle a besoin d'un D-Bus système pour démarrer (elle voudrait s'annoncer par DNS-SD) : un `dbus-daemon` privé lui
suffit. Sans avahi-daemon, elle attend son annonce sans fin, et sert quand même : ni socket mDNS, ni fichier dans
/run, rien hors de la boucle locale, et autant d'instances qu'on veut, qu'un avahi du système tourne ou non.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

DELAI_DEMARRAGE_S: Final = 20.0
NOM: Final = "Imprimante de la borne"
A4: Final = "iso_a4_210x297mm"

_DBUS: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow user="*"/><allow own="*"/>
   <allow send_destination="*" eavesdrop="true"/><allow receive_sender="*" eavesdrop="true"/></policy>
</busconfig>
"""
_COMMANDE: Final = """#!/bin/sh
# Le temps d'une feuille. Échoue si on l'a demandé, et devant un PDF sans fin (ippeveprinter ne voit pas qu'un envoi
# est coupé), comme une imprimante qui l'interprète. Accuse en passant ce que son moteur constate.
test -e {panne}.raisons && cat {panne}.raisons >&2
sleep {duree}
test ! -e {panne} && tail -c 1024 "$1" | grep -q '%%EOF'
"""


class ImprimanteVirtuelle:
    """Une imprimante ; gestionnaire de contexte. `papier` : dossier où elle garde les octets reçus.

    `duree_s` : temps d'impression d'un travail. `uri` : l'adresse pour la borne (la même après `rebrancher`).
    """

    def __init__(self, papier: Path, duree_s: float = 0.5) -> None:
        self.papier = papier
        self._duree_s = duree_s
        self._port = 0
        self._atelier: Path | None = None
        self._processus: list[subprocess.Popen[bytes]] = []

    @property
    def uri(self) -> str:
        """L'adresse IPP, une fois démarrée."""
        return f"ipp://localhost:{self._port}/ipp/print"

    def demarrer(self) -> None:
        """Lance D-Bus et l'imprimante. Lève `RuntimeError` si l'un ne démarre pas, `OSError` s'il n'est pas là."""
        self.papier.mkdir(parents=True, exist_ok=True)
        self._atelier = Path(tempfile.mkdtemp(prefix="imprimante-"))
        self._port = _port_libre()
        try:
            self._demarrer_dbus(self._atelier)
            self.rebrancher()
        except BaseException:
            self.arreter()
            raise

    def arreter(self) -> None:
        """Arrête tout et efface les configurations ; le papier reste."""
        while self._processus:
            _finir(self._processus.pop())
        if self._atelier is not None:
            shutil.rmtree(self._atelier, ignore_errors=True)
            self._atelier = None

    def debrancher(self) -> None:
        """Coupe l'imprimante sans ménagement, même au milieu d'un travail."""
        imprimante = self._processus.pop(1)
        imprimante.kill()
        imprimante.wait()

    def rebrancher(self) -> None:
        """Rallume l'imprimante, à la même adresse, le bac plein ; elle a oublié ses travaux."""
        atelier = self._ouvert()
        (atelier / "panne.raisons").unlink(missing_ok=True)
        commande = atelier / "commande"
        commande.write_text(_COMMANDE.format(duree=self._duree_s, panne=atelier / "panne"))
        commande.chmod(0o700)
        options = ["-n", "localhost", "-r", "off", "-p", str(self._port), "-f", "application/pdf", "-s", "60"]
        sorties = ["-k", "-d", str(self.papier), "-c", str(commande), "-D", "file:///dev/null"]
        self._lancer("ippeveprinter", *options, *sorties, NOM)
        self._attendre(lambda: _repond(self._port), "ippeveprinter")
        self._charger(A4, 250)

    def retirer_papier(self) -> None:
        """Vide le bac."""
        self._charger(A4, 0)

    def remettre_papier(self) -> None:
        """Remplit le bac."""
        self._charger(A4, 250)

    def faire_echouer(self, oui: bool) -> None:
        """Les travaux suivants sont abandonnés en route (ou de nouveau imprimés)."""
        panne = self._ouvert() / "panne"
        if oui:
            panne.touch()
        else:
            panne.unlink(missing_ok=True)

    def accuser(self, raison: str) -> None:
        """Dès le travail suivant, l'imprimante accuse cette raison (printer-state-reasons), jusqu'à `rebrancher`."""
        (self._ouvert() / "panne.raisons").write_text(f"STATE: +{raison}\n")

    def imprimes(self) -> list[Path]:
        """Les documents reçus, dans l'ordre des numéros de travail."""
        return sorted(self.papier.glob("*.pdf"), key=lambda chemin: int(chemin.name.split("-")[0]))

    def _charger(self, format_papier: str, feuilles: int) -> None:
        """Règle le bac principal par la page web de l'imprimante, comme le ferait son panneau."""
        champs = {"size1": format_papier, "type1": "stationery", "level1": feuilles, "size3": "", "level3": -2}
        adresse = f"http://localhost:{self._port}/media?{urllib.parse.urlencode(champs)}"
        with urllib.request.urlopen(adresse, timeout=DELAI_DEMARRAGE_S) as reponse:
            reponse.read()

    def _demarrer_dbus(self, atelier: Path) -> None:
        (atelier / "dbus.conf").write_text(_DBUS.format(socket=atelier / "bus"))
        self._lancer("dbus-daemon", f"--config-file={atelier / 'dbus.conf'}", "--nofork", "--nopidfile")
        self._attendre((atelier / "bus").exists, "dbus-daemon")

    def _lancer(self, programme: str, *arguments: str) -> None:
        atelier = self._ouvert()
        environnement = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={atelier / 'bus'}"}
        # ippeveprinter est dans /usr/sbin, absent du PATH d'un compte ordinaire.
        chemin = shutil.which(programme, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if chemin is None:
            raise FileNotFoundError(f"{programme} n'est pas installé")
        with (atelier / f"{programme}.log").open("ab") as journal:
            self._processus.append(
                subprocess.Popen(
                    [chemin, *arguments],
                    env=environnement,
                    stdin=subprocess.DEVNULL,
                    stdout=journal,
                    stderr=journal,
                )
            )

    def _attendre(self, pret: Callable[[], bool], programme: str) -> None:
        echeance = time.monotonic() + DELAI_DEMARRAGE_S
        while time.monotonic() < echeance and self._processus[-1].poll() is None:
            if pret():
                return
            time.sleep(0.02)
        journal = (self._ouvert() / f"{programme}.log").read_text(errors="replace")
        raise RuntimeError(f"{programme} n'a pas démarré : {journal[-500:]}")

    def _ouvert(self) -> Path:
        if self._atelier is None:
            raise RuntimeError("l'imprimante virtuelle n'est pas démarrée")
        return self._atelier

    def __enter__(self) -> Self:
        self.demarrer()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()


def _port_libre() -> int:
    with socket.create_server(("127.0.0.1", 0)) as prise:
        return int(prise.getsockname()[1])


def _repond(port: int) -> bool:
    with socket.socket() as essai:
        return essai.connect_ex(("127.0.0.1", port)) == 0


def _finir(processus: subprocess.Popen[bytes]) -> None:
    processus.terminate()
    try:
        processus.wait(timeout=10)
    except subprocess.TimeoutExpired:
        processus.kill()
        processus.wait()

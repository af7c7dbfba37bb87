"""L'écho de la voix : ce que le haut-parleur dit ne revient pas au médecin par le micro de la borne.

L'annulation est celle de WebRTC, dans le serveur de son (`module-echo-cancel` de PulseAudio, que PipeWire charge sous
le même nom) : elle y voit passer le son joué et le son capté à l'heure des cartes, et rien n'est à installer de plus.
Elle ne prend que le micro et le haut-parleur de la voix. Le stéthoscope n'a pas d'annulation, et ne peut pas en
avoir : rien ici ne connaît sa source, et `autoloaded` interdit au serveur de déplacer le module vers une autre.

Sans ce module, la voix passe telle quelle, et c'est dit.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections.abc import Callable
from typing import Final

journal = logging.getLogger(__name__)

SOURCE: Final = "borne_voix_sans_echo"
SORTIE: Final = "borne_voix_jouee"
REGLAGES: Final = (
    "analog_gain_control=0 digital_gain_control=0 noise_suppression=0 high_pass_filter=0 extended_filter=1"
)
"""L'écho seul : ni gain automatique, ni réduction de bruit. `extended_filter` : les hauts-parleurs lents (USB)."""
DELAI_COMMANDE_S: Final = 5.0


class EchoIndisponible(Exception):
    """Le serveur de son n'a pas pu annuler l'écho ; le texte est une phrase française."""


class AnnulationEcho:
    """Donne le nom PulseAudio à ouvrir pour la voix : annulé quand c'est possible, brut sinon.

    `micro` et `haut_parleur` se donnent à `Microphone` et `HautParleur`, qui les appellent depuis leur fil à chaque
    ouverture. Quand l'un revient alors que l'autre est ouvert brut, `rouvrir_micro` ou `rouvrir_haut_parleur` (à
    poser) le fait rouvrir. `serveur` : adresse (PULSE_SERVER), None pour celle de l'environnement.
    """

    def __init__(self, source: str, sortie: str, serveur: str | None = None) -> None:
        self._source, self._sortie, self._serveur = source, sortie, serveur
        self._verrou = threading.Lock()
        self._dit = ""
        self._annules = {"micro": False, "haut_parleur": False}
        self.rouvrir_micro: Callable[[], None] = _rien
        self.rouvrir_haut_parleur: Callable[[], None] = _rien

    @property
    def active(self) -> bool:
        """Les deux sont ouverts à travers l'annulation."""
        return all(self._annules.values())

    def micro(self) -> str:
        """La source à ouvrir pour la voix du patient."""
        if not self._passer("micro"):
            return self._source
        if not self._annules["haut_parleur"]:
            self.rouvrir_haut_parleur()
        return SOURCE

    def haut_parleur(self) -> str:
        """La sortie à ouvrir pour la voix du médecin."""
        if not self._passer("haut_parleur"):
            return self._sortie
        if not self._annules["micro"]:
            self.rouvrir_micro()
        return SORTIE

    def fermer(self) -> None:
        """Décharge l'annulation ; le micro et le haut-parleur sont déjà fermés."""
        with self._verrou:
            self._annules = {"micro": False, "haut_parleur": False}
            try:
                self._decharger()
            except EchoIndisponible as erreur:
                journal.info("%s", erreur)

    def _passer(self, qui: str) -> bool:
        with self._verrou:
            try:
                if not self._modules():
                    # Celui qui était ouvert à travers l'ancien module ne l'est plus.
                    self._annules = {"micro": False, "haut_parleur": False}
                    self._charger()
            except EchoIndisponible as erreur:
                self._annules[qui] = False
                self._dire(str(erreur))
                return False
            self._annules[qui] = True
            self._dire("")
            return True

    def _dire(self, raison: str) -> None:
        if raison and raison != self._dit:
            journal.warning("%s", raison)
        self._dit = raison

    def _modules(self) -> list[str]:
        """Les numéros des modules que nous (ou une borne arrêtée net) avons chargés."""
        lignes = self._pactl("list", "short", "modules").splitlines()
        return [ligne.split("\t")[0] for ligne in lignes if f"source_name={SOURCE} " in ligne + " "]

    def _charger(self) -> None:
        maitres = [f"source_master={self._source}"] if self._source else []
        maitres += [f"sink_master={self._sortie}"] if self._sortie else []
        self._pactl(
            *("load-module", "module-echo-cancel", *maitres, f"source_name={SOURCE}", f"sink_name={SORTIE}"),
            *("aec_method=webrtc", "use_master_format=1", "rate=48000", "channels=1", "autoloaded=1"),
            f'aec_args="{REGLAGES}"',
        )

    def _decharger(self) -> None:
        for numero in self._modules():
            self._pactl("unload-module", numero)

    def _pactl(self, *arguments: str) -> str:
        environnement = dict(os.environ, LC_ALL="C")
        if self._serveur is not None:
            environnement["PULSE_SERVER"] = self._serveur
        try:
            resultat = subprocess.run(
                ["pactl", *arguments], env=environnement, capture_output=True, text=True, timeout=DELAI_COMMANDE_S
            )
        except (OSError, subprocess.TimeoutExpired) as erreur:
            raise EchoIndisponible(
                f"L'écho n'est pas annulé : le serveur de son ne répond pas ({type(erreur).__name__})."
            ) from None
        if resultat.returncode != 0:
            raise EchoIndisponible(
                "L'écho n'est pas annulé : il manque le micro, le haut-parleur ou le module du serveur de son."
            )
        return resultat.stdout


def _rien() -> None:
    """Personne à prévenir."""

"""Les serveurs ICE que la salle donne, et leurs secrets à durée courte.

Le serveur TURN (coturn, `use-auth-secret`) partage un secret avec la salle et ne connaît aucun compte : le nom
d'utilisateur porte l'heure de fin, le mot de passe est son empreinte (« A REST API For Access To TURN Services »,
draft-uberti-behave-turn-rest-00, 2.2). Un secret volé dans une page ne sert qu'un temps, et nul ne peut en faire un
autre. Le nom ne dit rien de personne : c'est le numéro d'une liaison.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from borne.protocole import ServeurGlace

LONGUEUR_SECRET: Final = 32
"""Caractères du secret, au moins : `openssl rand -hex 32` en donne 64."""
DUREE_S: Final = 2 * 3600.0
"""Durée ordinaire d'un secret : celle de la plus longue consultation."""
URL: Final = re.compile(r"(turn:[^?\s]+(\?transport=(udp|tcp))?|turns:[^?\s]+(\?transport=tcp)?|stun:[^?\s]+)")


class GlaceInvalide(ValueError):
    """Le serveur TURN est mal réglé ; phrase française."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Un serveur TURN. `urls` : RFC 7065, dans l'ordre où les essayer ; `duree_s` : vie d'un secret donné."""

    urls: tuple[str, ...]
    secret: bytes
    duree_s: float = DUREE_S


def lire_turn(urls: tuple[str, ...], secret: Path, duree_s: float, donnees: Path) -> Turn:
    """Le serveur TURN réglé par la ligne de commande ; lève `GlaceInvalide`.

    Le secret est dans un fichier, hors du dossier des données : qui vole l'un n'a pas l'autre.
    """
    for url in urls:
        if not URL.fullmatch(url):
            raise GlaceInvalide(
                f"« {url} » n'est pas une adresse TURN (exemple : turn:turn.region.fr?transport=udp)."
            )
    if secret.resolve().is_relative_to(donnees.resolve()):
        raise GlaceInvalide("Le secret du serveur TURN ne doit pas être dans le dossier des données.")
    try:
        lu = secret.read_bytes().strip()
    except OSError as erreur:
        raise GlaceInvalide(f"Le secret du serveur TURN est illisible ({secret}) : {erreur.strerror}.") from erreur
    if len(lu) < LONGUEUR_SECRET:
        raise GlaceInvalide(f"Le secret du serveur TURN est trop court : {LONGUEUR_SECRET} caractères au moins.")
    return Turn(urls, lu, duree_s)


class Glace:
    """Ce que la salle donne à chaque liaison. `fixes` : serveurs sans secret tournant."""

    def __init__(
        self,
        fixes: tuple[ServeurGlace, ...] = (),
        turn: Turn | None = None,
        horloge: Callable[[], float] = time.time,
    ) -> None:
        self._fixes = fixes
        self._turn = turn
        self._horloge = horloge
        self._renouveles = horloge()

    def pour(self, liaison: str) -> tuple[ServeurGlace, ...]:
        """Les serveurs ICE, avec des secrets frais pour cette liaison."""
        if self._turn is None:
            return self._fixes
        nom = f"{int(self._horloge() + self._turn.duree_s)}:{liaison}"
        empreinte = hmac.new(self._turn.secret, nom.encode(), hashlib.sha1).digest()
        secret = base64.b64encode(empreinte).decode()
        return (*self._fixes, ServeurGlace(list(self._turn.urls), nom, secret))

    def a_renouveler(self) -> bool:
        """Vrai une fois par demi-durée : les secrets donnés avant vont expirer."""
        if self._turn is None or self._horloge() - self._renouveles < self._turn.duree_s / 2:
            return False
        self._renouveles = self._horloge()
        return True

"""Le serveur TURN, par chaque transport : derrière un pare-feu sévère, c'est par lui que passe l'appel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.controles.salle import ControleSalle
from borne.visio.sonde_turn import Facon, essayer

INJOIGNABLE: Final = Faute(
    "turn-injoignable", "Le relais des appels ne répond pas.", "Prévenez qui tient le serveur TURN."
)
REFUS: Final = Faute("turn-refuse", "Le relais des appels refuse la borne.", "Vérifiez le secret du serveur TURN.")
CERTIFICAT: Final = orange(
    "turn-certificat", "Le certificat du relais ne vaut pas.", "Faites renouveler le certificat du serveur TURN."
)


def juger(facons: Sequence[Facon]) -> Faute | None:
    """La panne que ces essais montrent ; None si tout passe."""
    ratees = [facon for facon in facons if facon.faute]
    if not ratees:
        return None
    if any(facon.faute == "refus" for facon in ratees):
        return REFUS
    if any(facon.faute == "certificat" for facon in ratees):
        return CERTIFICAT
    if len(ratees) == len(facons):
        return INJOIGNABLE
    noms = " et ".join(facon.transport.upper() for facon in ratees)
    return orange(
        f"turn-{ratees[0].transport}-bloque",
        f"Le relais des appels ne passe pas par {noms}.",
        "Ouvrez ce port dans le pare-feu du lieu.",
    )


class ControleTurn:
    """Chaque façon de joindre le serveur TURN que la salle donne."""

    nom, libelle = "turn", "Relais des appels"
    groupe = ""
    delai_s = 10.0
    requiert: tuple[str, ...] = ("salle",)

    def __init__(self, salle: ControleSalle) -> None:
        self._salle = salle

    async def controler(self, banc: Banc) -> Resultat:
        """Réserve une place par chaque transport."""
        facons = await essayer(self._salle.glace)
        if not facons:
            return gris(self.nom, "Relais des appels : la salle n'en donne pas.")
        faute = juger(facons)
        if faute is not None:
            return faute.rendre(self.nom)
        return vert(self.nom, f"Relais joint par {', '.join(facon.transport.upper() for facon in facons)}.")

"""L'oxymètre Viatom (Wellue, Checkme O2) : ses valeurs se demandent une à une, en trames encadrées.

Sources : viatom-develop/LepuDemo et les projets libres qui le lisent (service 14839ac4..., ordre 17 « valeurs »).
"""

from __future__ import annotations

from typing import Final

from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.saturation import InterpreteSaturation, ProfilOxymetre
from borne.peripheriques.appareils.service import RIEN, Demande, Flux, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import TrameInvalide, decoder
from borne.peripheriques.formats.oxymetres import VIATOM_LECTURE, crc8

_REPONSE: Final = "0734594a-a8e7-4b1a-a6b1-cd5243059a57"
_ORDRE: Final = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3"
_PERIODE_S: Final = 1.0
_SANS_REPONSE_S: Final = 3.0
_ENTETE: Final = 7
"""Octets avant la charge ; les deux derniers sont sa taille."""
_TAILLE_TROMPEUSE: Final = 512


def _valeurs() -> bytes:
    ordre = bytes([0xAA, VIATOM_LECTURE, VIATOM_LECTURE ^ 0xFF, 0, 0, 0, 0])
    return ordre + bytes([crc8(ordre)])


class InterpreteViatom(InterpreteSaturation):
    """Demande une valeur par seconde, recompose la réponse, et juge comme un oxymètre continu."""

    def __init__(self, profil: ProfilOxymetre) -> None:
        super().__init__(profil)
        self._recu = b""

    def debut(self, maintenant_s: float) -> Demande:
        """Les valeurs du moment."""
        return _demander(0.0)

    def refus(self, code: int) -> Demande | None:
        """Rien d'autre à lui demander."""
        raise MesureImpossible("L'oxymètre refuse de répondre.", detail=f"Viatom, ATT {code:#04x}")

    def recevoir(self, trame: Trame) -> Vu:
        """Un morceau de réponse. Lève `TrameInvalide`."""
        self._recu += trame.octets
        if len(self._recu) < _ENTETE:
            return RIEN
        taille = int.from_bytes(self._recu[_ENTETE - 2 : _ENTETE], "little")
        if taille > _TAILLE_TROMPEUSE:
            self._recu = b""
            raise TrameInvalide(detail="taille Viatom")
        if len(self._recu) < _ENTETE + taille + 1:
            return RIEN
        entiere, self._recu = self._recu, b""
        lecture = decoder("VIATOM", entiere)
        return self.continue_(lecture, trame.t_s, _demander(_PERIODE_S)) if lecture.mesures else RIEN


def _demander(apres_s: float) -> Demande:
    """Les valeurs ; et encore, si rien ne vient."""
    encore = Demande(_ORDRE, _valeurs(), _SANS_REPONSE_S)
    return Demande(_ORDRE, _valeurs(), apres_s, puis=encore)


VIATOM: Final = Service(
    nom="viatom",
    nature=Nature.SATURATION,
    uuid="14839ac4-7d7e-415c-9a42-167340cf2339",
    flux=(Flux(_REPONSE, obligatoire=True),),
    interprete=InterpreteViatom,
)

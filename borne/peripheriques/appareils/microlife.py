"""Le tensiomètre Microlife (BP3GY1-2N...), sans service normalisé : on le met à l'heure, puis on lit sa mémoire.

Il n'a pas de pression vivante et n'envoie que sa mémoire entière : la mesure du patient y est celle que sa date met
dans l'armement. Source : joergmlpts/blood-pressure-monitor, repris par derdilla/blood-pressure-monitor-fl.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from borne import mesures as m
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import RIEN, Demande, Flux, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, TrameInvalide, decoder
from borne.peripheriques.formats.microlife import ENTETE_ORDRE, ORDRE_HEURE, enregistrements

_REPONSE: Final = "fff1"
_ORDRE: Final = "fff2"
_SANS_REPONSE_S: Final = 5.0
"""Au-delà, l'appareil ne dira pas qu'il est à l'heure : on lui demande sa mémoire quand même."""
_TAILLE_TROMPEUSE: Final = 4096
"""Une trame annoncée plus longue que toute mémoire est du bruit."""


def _encadrer(charge: bytes) -> bytes:
    """4D FF, taille (charge et somme), charge, octet faible de la somme."""
    trame = ENTETE_ORDRE + (len(charge) + 1).to_bytes(2, "big") + charge
    return trame + bytes([sum(trame) & 0xFF])


_MEMOIRE: Final = Demande(_ORDRE, _encadrer(bytes(7) + b"\xfd"), _SANS_REPONSE_S)
_ADIEU: Final = Demande(_ORDRE, _encadrer(b"\x04"))


class InterpreteMicrolife:
    """Recompose les trames, coupées en notifications, et lit la mémoire."""

    def __init__(self, profil: Profil) -> None:
        self._regler_heure = profil.regler_heure
        self._recu = b""
        self._memoire_demandee = not profil.regler_heure

    def debut(self, maintenant_s: float) -> Demande:
        """L'heure, puis la mémoire."""
        if not self._regler_heure:
            return Demande(_ORDRE, _MEMOIRE.octets)
        instant = datetime.fromtimestamp(maintenant_s)
        heure = bytes([ORDRE_HEURE, instant.year - 2000, *instant.timetuple()[1:6]])
        return Demande(_ORDRE, _encadrer(heure), puis=_MEMOIRE)

    def fin(self) -> Demande:
        """Il s'éteint quand on le lui dit."""
        return _ADIEU

    def refus(self, code: int) -> Demande | None:
        """Rien d'autre à lui demander."""
        raise MesureImpossible("Le brassard refuse de répondre.", detail=f"Microlife, ATT {code:#04x}")

    def recevoir(self, trame: Trame) -> Vu:
        """Un morceau de réponse. Lève `TrameInvalide`."""
        self._recu += trame.octets
        if len(self._recu) < 4:
            return RIEN
        taille = int.from_bytes(self._recu[2:4], "big") + 4
        if taille > _TAILLE_TROMPEUSE:
            raise TrameInvalide(detail="taille Microlife")
        if len(self._recu) < taille:
            return RIEN
        entiere, self._recu = self._recu[:taille], b""
        charge = bytes.fromhex(str(decoder("MICROLIFE_FRAME", entiere).details["payload"]))
        if not self._memoire_demandee:
            self._memoire_demandee = True
            return Vu(demande=Demande(_ORDRE, _MEMOIRE.octets))
        return Vu(resultats=enregistrements(charge), complet=True)

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture : un emplacement de mémoire sans tension n'en est pas une."""
        if not lecture.valeur(m.SYSTOLIQUE) or not lecture.valeur(m.DIASTOLIQUE):
            raise MesureImpossible("Le brassard n'a pas réussi à mesurer.", detail="sans valeur")
        return lecture


MICROLIFE: Final = Service(
    nom="microlife",
    nature=Nature.TENSION,
    uuid="fff0",
    flux=(Flux(_REPONSE, decisif=True, obligatoire=True),),
    interprete=InterpreteMicrolife,
    sur_demande=True,
)
"""fff0 est à tout le monde : le profil doit nommer ce service."""

"""Le glucomètre Bluetooth (Glucose Profile 1.0.1) : ses mesures (2A18) se demandent au point d'accès (2A52, RACP).

On demande le dernier enregistrement, puis, de loin en loin, ceux d'après : la goutte vient souvent quand la liaison
est déjà là. Un enregistrement d'avant l'armement n'est à personne, et une solution de contrôle n'est pas une mesure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from borne.mesures import Mesure
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import RIEN, Demande, Flux, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, decoder

_MESURE: Final = "2A18"
_ACCES: Final = "2A52"

# Glucose Service 1.0.1, 3.4 : opération, opérateur, opérande.
_DERNIER: Final = bytes([0x01, 0x06])
_TOUS: Final = bytes([0x01, 0x01])
_DEPUIS: Final = bytes([0x01, 0x03, 0x01])
_ABANDON: Final = bytes([0x03, 0x00])
_LUE: Final = frozenset({1, 6})
"""Fait, ou rien à rendre : la mémoire est lue."""
_NON_PRIS: Final = frozenset({2, 3, 4, 5, 9})
"""Opération, opérateur ou opérande que ce lecteur n'a pas : on demande tout."""
_CCCD_OUBLIE: Final = 0xFD
_OCCUPE: Final = 0xFE
_PAUSE_OCCUPE_S: Final = 0.5
_REFUS_ADMIS: Final = 5
_SEQUENCE_MAX: Final = 0xFFFF
_CONTROLE: Final = "solution-de-controle"
_LIEU_CONTROLE: Final = 4

_FAUTES: Final = {
    "sample_size": "goutte-insuffisante",
    "strip_insertion": "bandelette-mal-mise",
    "strip_type": "bandelette-inconnue",
    "read_interrupt": "bandelette-retiree",
    "result_too_high": "trop-haute",
    "result_too_low": "trop-basse",
    "temp_too_high": "trop-chaud",
    "temp_too_low": "trop-froid",
    "malfunction": "lecteur-en-panne",
    "general_fault": "lecteur-en-panne",
}
"""Sensor Status Annunciation (Glucose Service 1.0.1, 3.1.1.7), faute du guide."""


@dataclass(frozen=True, slots=True)
class ProfilGlucometre(Profil):
    """Un glucomètre : `relance_s`, secondes entre deux demandes de mesures nouvelles."""

    recherche_s: float = 120.0
    reprendre: bool = True
    relance_s: float = 3.0


class InterpreteGlycemie:
    """Le dialogue RACP : dernier enregistrement, puis ceux qui suivent la dernière séquence vue."""

    def __init__(self, profil: ProfilGlucometre) -> None:
        self._relance_s = profil.relance_s
        self._sequence: int | None = None
        self._vues: set[tuple[object, object]] = set()
        self._memoire_lue = False
        """Vrai après la première réponse : ce qui vient ensuite est né pendant la séance."""
        self._relance = _DEPUIS
        """La demande des mesures nouvelles que ce lecteur admet."""
        self._refus = 0
        self._derniere = self._demander(_DERNIER)

    def debut(self, maintenant_s: float) -> Demande:
        """Le dernier enregistrement."""
        return self._derniere

    def fin(self) -> None:
        """Rien à dire."""

    def recevoir(self, trame: Trame) -> Vu:
        """Un enregistrement, ou la fin d'une demande. Lève `TrameInvalide`."""
        lecture = decoder(trame.uuid, trame.octets)
        return self._reponse(lecture) if trame.uuid == _ACCES else self._enregistrement(lecture)

    def refus(self, code: int) -> Demande:
        """0xFD : il a oublié les abonnements. 0xFE : une demande d'avant court encore, on l'abandonne."""
        self._refus += 1
        if self._refus > _REFUS_ADMIS or code not in (_CCCD_OUBLIE, _OCCUPE):
            raise MesureImpossible("Le lecteur de glycémie refuse de répondre.", detail=f"RACP, ATT {code:#04x}")
        if code == _CCCD_OUBLIE:
            return self._demander(self._derniere.octets, reabonner=True)
        if self._derniere.octets == _ABANDON:
            return self._demander(_DERNIER, apres_s=_PAUSE_OCCUPE_S)
        return self._demander(_ABANDON)

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a une glycémie."""
        mesure = _glycemie(lecture)
        if mesure is None or not mesure.valeur or mesure.qualite == 0.0:
            raise MesureImpossible(
                "Le lecteur de glycémie n'a pas réussi à mesurer.",
                conseil="Recommencez avec une bandelette neuve.",
                detail="sans valeur",
                faute=_faute(lecture),
            )
        return lecture

    def _enregistrement(self, lecture: Lecture) -> Vu:
        sequence = lecture.details["seq"]
        vue = (sequence, lecture.details["base_time"])
        if vue in self._vues:
            return RIEN
        self._vues.add(vue)
        self._sequence = sequence if isinstance(sequence, int) else None
        if lecture.details["control_solution"] or lecture.details["location"] == _LIEU_CONTROLE:
            return Vu(resultats=(lecture,), en_cours=self._memoire_lue, faute=_CONTROLE, rejet=_CONTROLE)
        return Vu(resultats=(lecture,), en_cours=self._memoire_lue, faute=_faute(lecture))

    def _reponse(self, lecture: Lecture) -> Vu:
        if lecture.details["op"] != "response":
            return RIEN
        if lecture.details["request"] == _ABANDON[0]:
            return Vu(demande=self._demander(_DERNIER))
        code = lecture.details["code"]
        if code in _NON_PRIS and self._relance != _TOUS:
            # Les lecteurs n'ont pas tous tous les opérateurs : « dernier » se passe de « depuis », « tous » des deux.
            self._relance = _TOUS if self._derniere.octets == _DERNIER else _DERNIER
            return Vu(demande=self._demander(self._relance))
        self._refus = 0
        # Une demande qui n'a pas abouti n'a rien lu : ce qui vient ensuite peut encore être de la mémoire.
        self._memoire_lue = self._memoire_lue or code in _LUE
        return Vu(complet=True, demande=self._suite())

    def _suite(self) -> Demande:
        """Les enregistrements d'après ; le dernier quand la mémoire était vide, ou que la séquence va reboucler."""
        octets = self._relance
        if octets == _DEPUIS:
            rebours = self._sequence is None or self._sequence == _SEQUENCE_MAX
            octets = _DERNIER if rebours else _DEPUIS + ((self._sequence or 0) + 1).to_bytes(2, "little")
        return self._demander(octets, apres_s=self._relance_s)

    def _demander(self, octets: bytes, *, apres_s: float = 0.0, reabonner: bool = False) -> Demande:
        self._derniere = Demande(_ACCES, octets, apres_s, reabonner)
        return self._derniere


def _glycemie(lecture: Lecture) -> Mesure | None:
    return lecture.mesures[0] if lecture.mesures else None


def _faute(lecture: Lecture) -> str:
    etats = lecture.details["status"]
    if not isinstance(etats, list | tuple):
        return ""
    return next((faute for etat, faute in _FAUTES.items() if etat in etats), "")


SERVICE: Final = Service(
    nom="glycemie",
    nature=Nature.GLYCEMIE,
    uuid="1808",
    flux=(Flux(_MESURE, decisif=True, obligatoire=True), Flux(_ACCES, decisif=True, obligatoire=True)),
    interprete=InterpreteGlycemie,
)


class Glucometre(AppareilBluetooth):
    """Le pilote du glucomètre. La `Lecture` a la glycémie en kg/L ou mol/L ; `details["seq"]` : son numéro."""

    nature = Nature.GLYCEMIE
    guide = GUIDES[Nature.GLYCEMIE]
    services: ClassVar = (SERVICE,)
    profil_usuel: ClassVar = ProfilGlucometre(nom="Lecteur de glycémie")

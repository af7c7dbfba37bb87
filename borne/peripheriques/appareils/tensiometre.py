"""Le tensiomètre Bluetooth (Blood Pressure Profile 1.1.1) : pression vivante (2A36), puis résultat (2A35).

Les manies d'un modèle sont des champs de `Profil` : aucun modèle n'est nommé ici.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from borne import mesures as m
from borne.mesures import Echantillon, Mesure
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.microlife import MICROLIFE
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Flux, SansDemande, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, decoder

__all__ = ["SERVICE", "Profil", "Tensiometre"]

_VIVANTE: Final = "2A36"
_RESULTAT: Final = "2A35"
_GONFLE_DES: Final = 20.0
"""Pression (mmHg) au-dessus de laquelle le brassard est tenu pour gonflé."""
_KPA_GONFLE_DES: Final = 2.5
_FAUTES: Final = (
    ("movement", "mouvement", "Restez immobile, sans parler, puis recommencez."),
    ("cuff_loose", "brassard-lache", "Resserrez le brassard autour du bras, puis recommencez."),
    ("position", "position", "Posez le bras sur l'appui, brassard à hauteur du cœur."),
    ("irregular", "pouls-irregulier", "Reposez-vous quelques minutes, puis recommencez."),
)
"""Bit d'état (Blood Pressure Service 1.1.1, 3.1.1.7), faute du guide, conseil ; le premier accusé est dit."""


class InterpreteTension(SansDemande):
    """2A36 : vivante. 2A35 : le résultat."""

    def recevoir(self, trame: Trame) -> Vu:
        """Une pression de l'instant ou une mesure finie. Lève `TrameInvalide`."""
        lecture = decoder(trame.uuid, trame.octets)
        if trame.uuid == _RESULTAT:
            return Vu(resultats=(lecture,))
        pression = lecture.mesures[0]
        if pression.valeur is None:
            return Vu()
        seuil = _KPA_GONFLE_DES if pression.unite == m.KPA else _GONFLE_DES
        vivante = Echantillon(m.PRESSION_BRASSARD, pression.valeur, pression.unite, 0.0)
        etat = lecture.details["status"]
        return Vu((vivante,), en_cours=pression.valeur >= seuil, faute=None if etat is None else _accusee(lecture)[0])

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a une tension ; une moyenne nulle est « pas de moyenne »."""
        if not lecture.valeur(m.SYSTOLIQUE) or not lecture.valeur(m.DIASTOLIQUE):
            faute, conseil = _accusee(lecture)
            raise MesureImpossible(
                "Le brassard n'a pas réussi à mesurer.", conseil=conseil, detail="sans valeur", faute=faute
            )
        return replace(lecture, mesures=tuple(_sans_zero(mesure) for mesure in lecture.mesures))


def _sans_zero(mesure: Mesure) -> Mesure:
    return replace(mesure, valeur=None) if mesure.valeur == 0 else mesure


def _accusee(lecture: Lecture) -> tuple[str, str | None]:
    """La faute que l'état de l'appareil accuse, et son conseil ; ("", None) s'il n'en accuse pas."""
    etat = lecture.details["status"]
    if isinstance(etat, dict):
        for bit, faute, conseil in _FAUTES:
            if etat[bit]:
                return faute, conseil
    return "", None


SERVICE: Final = Service(
    nom="tension",
    nature=Nature.TENSION,
    uuid="1810",
    flux=(Flux(_VIVANTE), Flux(_RESULTAT, decisif=True, obligatoire=True)),
    interprete=lambda _profil: InterpreteTension(),
)


class Tensiometre(AppareilBluetooth):
    """Le pilote du tensiomètre. La `Lecture` rendue a systolique, diastolique, moyenne et pouls (les deux derniers
    parfois sans valeur), dans l'unité de l'appareil ; `details["status"]` a ses bits d'état."""

    nature = Nature.TENSION
    guide = GUIDES[Nature.TENSION]
    services: ClassVar = (SERVICE, MICROLIFE)
    profil_usuel: ClassVar = Profil(nom="Tensiomètre")

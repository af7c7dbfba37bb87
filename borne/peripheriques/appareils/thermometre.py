"""Le thermomètre Bluetooth (Health Thermometer Profile 1.0) : température vivante (2A1E), puis résultat (2A1C)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

from borne import mesures as m
from borne.mesures import Echantillon, Mesure, usuelle
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Guide, Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import RIEN, Flux, SansDemande, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, decoder

_VIVANTE: Final = "2A1E"
_RESULTAT: Final = "2A1C"
_CORPS_C: Final = (30.0, 45.0)
"""Hors de là la sonde mesure l'air ou une tasse : les thermomètres médicaux sont tenus de 34 à 43 °C (ISO 80601-2-56)
et l'on meurt avant ces bornes."""
_CHUTE_C: Final = 1.0
"""Une température vivante qui tombe d'autant ne mesure plus le corps."""


class InterpreteTemperature(SansDemande):
    """2A1E : vivante. 2A1C : le résultat."""

    def __init__(self) -> None:
        self._sommet_c: float | None = None

    def recevoir(self, trame: Trame) -> Vu:
        """Une température de l'instant ou une mesure finie. Lève `TrameInvalide`."""
        lecture = decoder(trame.uuid, trame.octets)
        return Vu(resultats=(lecture,)) if trame.uuid == _RESULTAT else self._vivante(lecture.mesures[0])

    def _vivante(self, mesure: Mesure) -> Vu:
        celsius = usuelle(mesure)[0]
        if mesure.valeur is None or celsius is None:
            return RIEN
        self._sommet_c = celsius if self._sommet_c is None else max(self._sommet_c, celsius)
        faute = "sonde-retiree" if celsius < self._sommet_c - _CHUTE_C else ""
        return Vu((Echantillon(m.TEMPERATURE, mesure.valeur, mesure.unite, 0.0),), en_cours=True, faute=faute)

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a la température d'un corps."""
        celsius = usuelle(lecture.mesures[0])[0]
        if celsius is None or not _CORPS_C[0] <= celsius <= _CORPS_C[1]:
            raise MesureImpossible(
                "Le thermomètre n'a pas trouvé la température du corps.",
                conseil="Replacez le thermomètre, puis recommencez.",
                detail="sans valeur" if celsius is None else "hors de 30 à 45 °C",
                faute="sonde-mal-placee",
            )
        return lecture


@dataclass(frozen=True, slots=True)
class ProfilThermometre(Profil):
    """Ce qu'un thermomètre a en plus."""

    site: Literal["", "aisselle", "bouche", "front", "oreille", "rectum", "doigt"] = ""
    """Où il se pose, pour le dire au patient (`guides.SITES_TEMPERATURE`) ; vide : l'écran reste général."""


SERVICE: Final = Service(
    nom="temperature",
    nature=Nature.TEMPERATURE,
    uuid="1809",
    flux=(Flux(_VIVANTE), Flux(_RESULTAT, decisif=True, obligatoire=True)),
    interprete=lambda _profil: InterpreteTemperature(),
)


class Thermometre(AppareilBluetooth):
    """Le pilote du thermomètre. La `Lecture` a la température, en °C ou en °F ; `details["site"]` : où."""

    nature = Nature.TEMPERATURE
    guide = GUIDES[Nature.TEMPERATURE]
    services: ClassVar = (SERVICE,)
    profil_usuel: ClassVar = ProfilThermometre(nom="Thermomètre")

    def _guider(self, commun: Guide) -> Guide:
        """Avec l'endroit où poser celui-ci."""
        site = self.profil.site if isinstance(self.profil, ProfilThermometre) else ""
        gestes = (f"sonde-{site}" if site and geste == "sonde" else geste for geste in commun.preparation)
        return replace(commun, preparation=tuple(gestes))

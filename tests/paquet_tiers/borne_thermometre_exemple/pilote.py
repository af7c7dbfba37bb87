"""Le pilote du thermomètre Exemple IR-1 : où s'abonner, et ce que dit chaque trame."""

from typing import ClassVar

from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Guide, Nature
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Flux, SansDemande, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture
from borne_thermometre_exemple.trame import decoder

SERVICE = "6f3b0001-8d1e-4c5a-9b52-2f6d0c7a1e90"
MESURE = "6f3b0002-8d1e-4c5a-9b52-2f6d0c7a1e90"


class InterpreteExemple(SansDemande):
    """Une trame par mesure : la première est le résultat."""

    def recevoir(self, trame: Trame) -> Vu:
        """Ce que cette trame apprend. Lève `TrameInvalide`."""
        return Vu(resultats=(decoder(trame.octets),))

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a une valeur ; sinon la faute, que l'écran et la voix expliqueront."""
        if lecture.mesures[0].valeur is None:
            raise MesureImpossible(faute="sonde-mal-placee")
        return lecture


class ThermometreExemple(AppareilBluetooth):
    """Recherche, liaison, délais, fraîcheur et arrêt sont ceux de tout appareil Bluetooth de la borne."""

    nature = Nature.TEMPERATURE
    guide = Guide(preparation=("sonde-front",), fautes=("sonde-mal-placee",))
    services: ClassVar = (
        Service(
            nom="exemple",
            nature=Nature.TEMPERATURE,
            uuid=SERVICE,
            flux=(Flux(MESURE, decisif=True, obligatoire=True),),
            interprete=lambda _profil: InterpreteExemple(),
        ),
    )
    # L'appareil ne demande ni appairage ni mise à l'heure.
    profil_usuel: ClassVar = Profil(nom="Exemple IR-1", appairer=False, regler_heure=False, attente_suite_s=0.0)

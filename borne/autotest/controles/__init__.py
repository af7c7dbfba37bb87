"""Les contrôles, un sujet par fichier, et leur liste pour un banc."""

from __future__ import annotations

from borne.autotest.banc import Banc
from borne.autotest.contrat import Controle
from borne.autotest.controles.appareils import ControleAppareil, ControleBluetooth
from borne.autotest.controles.camera import cameras
from borne.autotest.controles.disque import ControleDisque
from borne.autotest.controles.dossier import ControleDossier
from borne.autotest.controles.ecran import ControleEcran, ControleToucher
from borne.autotest.controles.fuseau import ControleFuseau
from borne.autotest.controles.horloge import ControleHorloge
from borne.autotest.controles.identite import ControleIdentite
from borne.autotest.controles.imprimante import RELECTURE_S, ControleImprimante, ControleRelecture
from borne.autotest.controles.lumiere import ControleLumiere
from borne.autotest.controles.memoire import ControleMemoire
from borne.autotest.controles.mises_a_jour import ControleMisesAJour
from borne.autotest.controles.processeur import ControleProcesseur
from borne.autotest.controles.qualite import ControleQualite
from borne.autotest.controles.reseau import ControleReseau
from borne.autotest.controles.salle import ControleSalle
from borne.autotest.controles.son import ControleHautParleur, ControleMicrophone, ControleStethoscope
from borne.autotest.controles.temperature import ControleTemperature
from borne.autotest.controles.turn import ControleTurn
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Appareil


def tous(banc: Banc, *, relecture_s: float = RELECTURE_S) -> tuple[Controle[Banc], ...]:
    """Les contrôles de ce banc, un requis toujours avant qui le requiert. Neufs à chaque autotest.

    `relecture_s` : secondes laissées pour poser la page d'essai sous la caméra de documents.
    """
    principale, *autres = cameras()
    imprimante, salle = ControleImprimante(), ControleSalle()
    return (
        ControleIdentite(),
        ControleDisque(),
        ControleDossier(),
        ControleReseau(),
        salle,
        ControleTurn(salle),
        ControleQualite(salle),
        ControleHorloge(),
        imprimante,
        ControleBluetooth(),
        *_appareils(banc),
        principale,
        ControleLumiere(principale),
        *autres,
        ControleProcesseur(),
        ControleRelecture(imprimante, relecture_s),
        ControleMicrophone(),
        ControleHautParleur(),
        ControleStethoscope(),
        ControleEcran(),
        ControleToucher(),
        ControleMemoire(),
        ControleTemperature(),
        ControleFuseau(),
        ControleMisesAJour(),
    )


def _appareils(banc: Banc) -> list[ControleAppareil]:
    return [
        ControleAppareil(identifiant, appareil, sans_fil=isinstance(appareil, AppareilBluetooth))
        for identifiant, appareil in banc.appareils.items()
        if isinstance(appareil, Appareil)
    ]

"""Les contrôles, un sujet par fichier, et leur liste pour un banc."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from borne.autotest.banc import Banc
from borne.autotest.contrat import Controle
from borne.autotest.controles.appareils import ControleAppareil, ControleBluetooth, Sondable
from borne.autotest.controles.camera import cameras
from borne.autotest.controles.disque import ControleDisque
from borne.autotest.controles.dossier import ControleDossier
from borne.autotest.controles.ecran import ControleEcran, ControleToucher
from borne.autotest.controles.fuseau import ControleFuseau
from borne.autotest.controles.haut_parleur import ControleHautParleur
from borne.autotest.controles.horloge import ControleHorloge
from borne.autotest.controles.identite import ControleIdentite
from borne.autotest.controles.imprimante import RELECTURE_S, ControleImprimante, ControleRelecture
from borne.autotest.controles.lumiere import ControleLumiere
from borne.autotest.controles.memoire import ControleMemoire
from borne.autotest.controles.microphone import ControleMicrophone
from borne.autotest.controles.mises_a_jour import ControleMisesAJour
from borne.autotest.controles.processeur import ControleProcesseur
from borne.autotest.controles.qualite import ControleQualite
from borne.autotest.controles.reseau import ControleReseau
from borne.autotest.controles.salle import ControleSalle
from borne.autotest.controles.stethoscope import ControleStethoscope
from borne.autotest.controles.temperature import ControleTemperature
from borne.autotest.controles.tickets import ControleTickets
from borne.autotest.controles.turn import ControleTurn
from borne.peripheriques.inventaire import Annonceur


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
        ControleTickets(),
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


def avec_requis(controles: Sequence[Controle[Banc]], noms: Collection[str]) -> tuple[Controle[Banc], ...]:
    """Ces contrôles et, de proche en proche, ceux qu'ils requièrent : seuls, ils ne diraient rien."""
    gardes = set(noms)
    for controle in reversed(controles):
        if controle.nom in gardes:
            gardes |= set(controle.requiert)
    return tuple(controle for controle in controles if controle.nom in gardes)


def _appareils(banc: Banc) -> list[ControleAppareil]:
    return [
        ControleAppareil(identifiant, appareil, sans_fil=isinstance(appareil, Annonceur))
        for identifiant, appareil in banc.appareils.items()
        if isinstance(appareil, Sondable)
    ]

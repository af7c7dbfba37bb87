"""Des octets d'un appareil à une `Lecture` : `decoder`, contrat public. Pur (ni horloge, ni entrée-sortie).

Les noms de `details` sont ceux de `tests/donnees/vecteurs.jsonl`. Un fichier par famille d'appareils.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats import (
    annonces,
    cms50,
    communs,
    frequence,
    glycemie,
    microlife,
    nonin,
    omron,
    oxymetres,
    poids,
    saturation,
    temperature,
    tension,
    usager,
)
from borne.peripheriques.formats.lecture import Horodatage, Lecture

__all__ = ["FORMATS", "Horodatage", "Lecture", "TrameInvalide", "decoder"]

_SUFFIXE_SIG: Final = "-0000-1000-8000-00805F9B34FB"

FORMATS: Final[Mapping[str, Callable[[bytes], Lecture]]] = MappingProxyType(
    {
        "2A08": communs.date_heure,
        "2A18": glycemie.mesure_glycemie,
        "2A19": communs.batterie,
        "2A1C": temperature.mesure_temperature,
        "2A1D": temperature.type_temperature,
        "2A1E": temperature.mesure_temperature,
        "2A21": temperature.intervalle,
        "2A23": communs.identite_systeme,
        "2A24": communs.texte("model"),
        "2A25": communs.texte("serial"),
        "2A26": communs.texte("firmware"),
        "2A27": communs.texte("hardware"),
        "2A28": communs.texte("software"),
        "2A29": communs.texte("maker"),
        "2A2B": communs.heure_courante,
        "2A34": glycemie.contexte_glycemie,
        "2A35": tension.mesure_tension,
        "2A36": tension.pression_brassard,
        "2A37": frequence.mesure_frequence,
        "2A38": frequence.endroit_capteur,
        "2A49": tension.fonctions_tension,
        "2A51": glycemie.fonctions_lecteur,
        "2A52": glycemie.point_acces,
        "2A5E": saturation.ponctuelle,
        "2A5F": saturation.continue_,
        "2A60": saturation.fonctions_oxymetre,
        "2A9D": poids.mesure_poids,
        "2A9E": poids.fonctions_balance,
        "2A9F": usager.point_usager,
        "CMS50_V4_LIVE": cms50.v4_temps_reel,
        "CMS50_V4_RECORD": cms50.v4_memoire,
        "CMS50_V7_COMMAND": cms50.v7_commande,
        "CMS50_V7_PACKET": cms50.v7_paquet,
        "CMS50_V7_REALTIME": cms50.v7_temps_reel,
        "CMS50_V7_STORAGE": cms50.v7_memoire,
        "FLOAT": communs.float_seul,
        "JUMPER": oxymetres.jumper,
        "MICROLIFE_FRAME": microlife.reponse,
        "MICROLIFE_MEASUREMENTS": microlife.memoire,
        "MICROLIFE_RECORD": microlife.enregistrement,
        "MICROLIFE_SET_TIME": microlife.reglage_heure,
        "MI_181B": annonces.mi_composition,
        "MI_181D": annonces.mi_poids,
        "NONIN_3230": nonin.bluetooth_3230,
        "NONIN_DF13": nonin.format_13,
        "NONIN_DF2_PACKET": nonin.paquet_df2,
        "NONIN_FRAME": nonin.trame,
        "NONIN_STATUS": nonin.etat,
        "OKOK_11CA": annonces.okok_v11,
        "OKOK_20CA": annonces.okok_v20,
        "OKOK_C0": annonces.okok_c0,
        "OMRON_REC14_BITPACKED_BE": omron.rec14_bits,
        "OMRON_REC14_LE": omron.rec14_aligne,
        "OMRON_REC24_LE": omron.rec24_aligne,
        "SFLOAT": communs.sfloat_seul,
        "VIATOM": oxymetres.viatom,
    }
)
"""Un décodeur par format : UUID de 16 bits, ou nom du champ `char` des vecteurs."""


def decoder(format: str, octets: bytes) -> Lecture:
    """Décode une trame.

    `format` : UUID de 16 bits (« 2A35 »), le même sur 128 bits, ou un nom (« SFLOAT »), casse indifférente.
    Lève `TrameInvalide` pour toute trame ou tout format qui ne convient pas, et rien d'autre.
    """
    if not isinstance(format, str) or not isinstance(octets, bytes | bytearray | memoryview):
        raise TrameInvalide(detail="un format et des octets sont attendus")
    nom = format.upper()
    if nom.startswith("0000") and nom.endswith(_SUFFIXE_SIG):
        nom = nom[4:8]
    decodeur = FORMATS.get(nom)
    if decodeur is None:
        raise TrameInvalide(detail="format inconnu")
    return decodeur(bytes(octets))

"""Les profils : ce dont une borne ne peut pas se passer, et la décision « prête », avec réserves, ou pas. Pur.

Un contrôle porte un rôle : son `nom`, ou ce qui en précède le premier `:` (`tensiometre`, `tensiometre:batterie`). Un
profil nomme les rôles obligatoires ; tout autre rôle est facultatif.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from borne.autotest.banc import NomProfil
from borne.autotest.contrat import Couleur, Resultat


class Aptitude(StrEnum):
    """Ce que l'autotest dit de la borne."""

    PRETE = "prete"
    RESERVES = "prete avec reserves"
    PAS_PRETE = "pas prete"


@dataclass(frozen=True, slots=True)
class Profil:
    """Un genre de lieu. `obligatoires` : rôle -> ce que lit une personne. `vitaux` : rôles qui, rouges, ferment.

    Un vital gris (rien à en dire sur cette machine) ne ferme pas ; un obligatoire gris, si.
    """

    nom: NomProfil
    libelle: str
    obligatoires: Mapping[str, str]
    vitaux: tuple[str, ...] = ("identite", "dossier", "ecran", "toucher")


_PARTOUT: Final = {
    "salle": "la salle d'attente",
    "camera": "la caméra",
    "microphone": "le micro",
    "haut-parleur": "le haut-parleur",
    "disque": "le disque",
}
"""Sans eux, aucune téléconsultation : le patient ne serait ni vu, ni entendu, ni inscrit."""

PROFILS: Final[Mapping[NomProfil, Profil]] = {
    "mairie": Profil("mairie", "Mairie ou lieu public", _PARTOUT),
    # Avenant n° 15 à la convention nationale des pharmaciens (6 décembre 2018, arrêté publié au Journal officiel du 6
    # septembre 2019) : a minima un stéthoscope connecté, un otoscope connecté, un oxymètre et un tensiomètre.
    "officine": Profil(
        "officine",
        "Officine",
        {
            **_PARTOUT,
            "stethoscope": "le stéthoscope",
            "otoscope": "l'otoscope",
            "oxymetre": "l'oxymètre",
            "tensiometre": "le tensiomètre",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """La décision et ses motifs : noms des contrôles, ou rôles obligatoires que rien n'a contrôlés."""

    aptitude: Aptitude
    bloquants: tuple[str, ...] = ()
    reserves: tuple[str, ...] = ()


def profil(nom: NomProfil) -> Profil:
    """Le profil de ce nom."""
    return PROFILS[nom]


def role(controle: str) -> str:
    """Le rôle d'un contrôle, d'après son nom."""
    return controle.partition(":")[0]


def decider(exige: Profil, resultats: Iterable[Resultat]) -> Decision:
    """Rouge d'un rôle vital, rouge ou absence d'un rôle obligatoire : pas prête. Autre rouge, ou orange : réserves.

    Un rôle obligatoire tout gris manque autant qu'un rôle rouge : cette borne n'a pas l'appareil.
    """
    resultats = tuple(resultats)
    rouges = [r.controle for r in resultats if r.couleur is Couleur.ROUGE]
    vus = {role(r.controle) for r in resultats if r.couleur is not Couleur.GRIS}
    absents = [nom for nom in exige.obligatoires if nom not in vus]
    graves = (*exige.obligatoires, *exige.vitaux)
    bloquants = (*(nom for nom in rouges if role(nom) in graves), *absents)
    reserves = tuple(
        r.controle
        for r in resultats
        if r.couleur is Couleur.ORANGE or (r.couleur is Couleur.ROUGE and r.controle not in bloquants)
    )
    if bloquants:
        return Decision(Aptitude.PAS_PRETE, bloquants, reserves)
    return Decision(Aptitude.RESERVES if reserves else Aptitude.PRETE, (), reserves)

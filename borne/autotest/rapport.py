"""Le rapport d'un autotest : un objet JSON au schéma stable, que l'historique garde et que le certificat résume.

`encoder` rend toujours les mêmes octets pour le même rapport : `empreinte` (SHA-256 hexadécimal de ces octets) est ce
que le certificat signe. Le schéma (JSON Schema 2020-12, `borne autotest --schema`) vient des classes elles-mêmes ; un
champ ne change pas de sens, un champ nouveau a une valeur ordinaire, et `version` augmente quand cela ne suffit pas.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from borne.autotest.banc import NomProfil
from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.execution import NON_CONTROLE
from borne.autotest.profils import Aptitude, decider, profil
from borne.autotest.tendances import A_PREVOIR, TENDANCE

VERSION: Final = 1

CouleurJson = Literal["vert", "orange", "rouge", "gris"]
AptitudeJson = Literal["prete", "prete avec reserves", "pas prete"]


class RapportIllisible(ValueError):
    """Ces octets ne sont pas un rapport ; phrase française."""


class Ligne(msgspec.Struct, frozen=True, omit_defaults=True):
    """Un contrôle et ce qu'il a vu (`contrat.Resultat`)."""

    controle: Annotated[str, Meta(description="Nom court et stable ; avant « : », le rôle du profil")]
    libelle: Annotated[str, Meta(description="Ce que lit une personne")]
    couleur: Annotated[CouleurJson, Meta(description="vert, orange (à réparer), rouge (ne sert pas), gris (absent)")]
    constat: Annotated[str, Meta(description="Une phrase : ce qui a été vu")]
    remede: Annotated[str, Meta(description="Une phrase : quoi faire ; vide si tout va bien")] = ""
    code: Annotated[str, Meta(description="Nom court et stable de la panne ; vide si tout va bien")] = ""
    valeurs: Annotated[dict[str, float], Meta(description="Mesures, leur unité dans leur nom")] = {}
    duree_s: Annotated[float, Meta(description="Durée du contrôle, en secondes")] = 0.0


class Rapport(msgspec.Struct, frozen=True, kw_only=True):
    """Un autotest. Instants : secondes Unix (UTC)."""

    version: Annotated[int, Meta(description="Version du schéma")] = VERSION
    borne: Annotated[str, Meta(description="Identifiant donné par la salle ; vide : borne pas enrôlée")]
    lieu: Annotated[str, Meta(description="Nom du lieu")]
    profil: Annotated[NomProfil, Meta(description="Ce dont ce lieu ne peut pas se passer")]
    logiciel: Annotated[str, Meta(description="Version du logiciel de la borne")] = ""
    debut: Annotated[float, Meta(description="Début de l'autotest entier : c'est de là qu'il vaut")]
    fin: Annotated[float, Meta(description="Fin de l'autotest, ou du dernier contrôle refait")]
    aptitude: Annotated[AptitudeJson, Meta(description="La décision")]
    bloquants: Annotated[tuple[str, ...], Meta(description="Contrôles, ou rôles jamais contrôlés, qui l'empêchent")]
    reserves: Annotated[tuple[str, ...], Meta(description="Contrôles à réparer, la borne servant encore")]
    lignes: Annotated[tuple[Ligne, ...], Meta(description="Chaque contrôle, dans l'ordre")]
    tendances: Annotated[tuple[Ligne, ...], Meta(description="Ce que l'historique annonce, en orange")] = ()


def dresser(
    resultats: Sequence[Resultat],
    libelles: Mapping[str, str],
    tendances: Iterable[Resultat] = (),
    *,
    borne: str,
    lieu: str,
    nom_profil: NomProfil,
    debut: float,
    fin: float,
    logiciel: str = "",
) -> Rapport:
    """Le rapport de ces résultats ; `libelles` : nom du contrôle -> ce que lit une personne."""
    tendances = tuple(tendances)
    decision = decider(profil(nom_profil), (*resultats, *tendances))
    return Rapport(
        borne=borne,
        lieu=lieu,
        profil=nom_profil,
        logiciel=logiciel,
        debut=debut,
        fin=fin,
        aptitude=decision.aptitude.value,
        bloquants=decision.bloquants,
        reserves=decision.reserves,
        lignes=tuple(_ligne(resultat, libelles) for resultat in resultats),
        tendances=tuple(_ligne(tendance, libelles) for tendance in tendances),
    )


def remplacer(rapport: Rapport, resultat: Resultat, fin: float) -> Rapport:
    """Le même rapport après un seul contrôle refait à l'instant `fin` ; la décision est reprise.

    `debut` ne change pas : refaire un contrôle ne rajeunit pas les autres.
    """
    lignes = tuple(
        _ligne(resultat, {ligne.controle: ligne.libelle}) if ligne.controle == resultat.controle else ligne
        for ligne in rapport.lignes
    )
    decision = decider(profil(rapport.profil), map(resultat_de, (*lignes, *rapport.tendances)))
    return msgspec.structs.replace(
        rapport,
        fin=fin,
        lignes=lignes,
        aptitude=decision.aptitude.value,
        bloquants=decision.bloquants,
        reserves=decision.reserves,
    )


def resultat_de(ligne: Ligne) -> Resultat:
    """Le résultat d'une ligne du rapport."""
    return Resultat(
        ligne.controle,
        Couleur(ligne.couleur),
        ligne.constat,
        ligne.remede,
        ligne.code,
        dict(ligne.valeurs),
        ligne.duree_s,
    )


def _ligne(resultat: Resultat, libelles: Mapping[str, str]) -> Ligne:
    return Ligne(
        controle=resultat.controle,
        libelle=_libelle(resultat.controle, libelles),
        couleur=resultat.couleur.value,
        constat=resultat.constat,
        remede=resultat.remede,
        code=resultat.code,
        # JSON n'écrit ni l'infini ni NaN : une valeur qui n'en est pas une n'a rien à faire dans une tendance.
        valeurs={nom: float(v) for nom, v in sorted(resultat.valeurs.items()) if abs(v) < float("inf")},
        duree_s=round(resultat.duree_s, 3),
    )


def _libelle(controle: str, libelles: Mapping[str, str]) -> str:
    """Celui du contrôle ; une tendance porte celui du contrôle dont elle parle."""
    if controle.startswith(TENDANCE):
        controle = controle.removeprefix(TENDANCE).rpartition(":")[0]
    return libelles.get(controle, controle)


def encoder(rapport: Rapport) -> bytes:
    """Le JSON du rapport (UTF-8, compact, clés triées)."""
    return msgspec.json.encode(rapport, order="sorted")


def decoder(octets: bytes) -> Rapport:
    """Lève `RapportIllisible`."""
    try:
        rapport = msgspec.json.decode(octets, type=Rapport)
    except (msgspec.DecodeError, UnicodeDecodeError) as erreur:
        raise RapportIllisible(f"Ce rapport d'autotest ne peut pas être lu ({erreur}).") from erreur
    if rapport.version > VERSION:
        raise RapportIllisible("Ce rapport d'autotest vient d'une version plus récente du logiciel.")
    return rapport


def empreinte(octets: bytes) -> str:
    """SHA-256 hexadécimal d'un rapport encodé."""
    return hashlib.sha256(octets).hexdigest()


def schema() -> dict[str, Any]:
    """Le JSON Schema du rapport, pour qui le lit ailleurs."""
    return msgspec.json.schema(Rapport)


MOTS: Final[Mapping[Aptitude, str]] = {
    Aptitude.PRETE: "Borne prête",
    Aptitude.RESERVES: "Borne prête, avec réserves",
    Aptitude.PAS_PRETE: "Borne pas prête",
}
"""La décision, comme une personne la lit."""

_MOTS_COULEURS: Final[Mapping[str, str]] = {
    "vert": "Bon",
    "orange": "À réparer",
    "rouge": "En panne",
    "gris": "Absent",
}


def mot(couleur: str, code: str = "") -> str:
    """La couleur d'un contrôle dite en mots : jamais la couleur seule (A11Y-COULEUR)."""
    if couleur == "orange" and code.startswith(A_PREVOIR):
        return "À prévoir"
    return "Pas contrôlé" if code == NON_CONTROLE else _MOTS_COULEURS[couleur]

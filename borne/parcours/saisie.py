"""Les règles des saisies : quels champs, quelles erreurs. Pur ; la date du jour vient de l'événement."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

LONGUEUR_MAX = {"prenom": 40, "nom": 40, "naissance": 8, "telephone": 10, "motif-autre": 200, "message": 300}
"""Champs connus et leur longueur en caractères."""

AGE_MAX = 125
"""Années : au-delà, la date est une faute de frappe."""

AVANCE = timedelta(hours=14)
"""Le plus grand décalage horaire (Kiribati) : un enfant né ce matin y est né « demain » en temps universel."""


def accepte(champ: str, valeur: str) -> bool:
    """Vrai si cette saisie, même inachevée, peut être gardée telle quelle."""
    if champ not in LONGUEUR_MAX or len(valeur) > LONGUEUR_MAX[champ]:
        return False
    if champ in ("naissance", "telephone"):
        return valeur == "" or (valeur.isascii() and valeur.isdigit())
    return valeur.isprintable()


def date_de_naissance(saisie: str) -> date | None:
    """`JJMMAAAA` vers une date, None si ce n'en est pas une."""
    if len(saisie) != 8:
        return None
    try:
        return date(int(saisie[4:]), int(saisie[2:4]), int(saisie[:2]))
    except ValueError:
        return None


def erreur(champ: str, valeur: str, instant: float) -> str:
    """La clé de l'erreur à montrer, vide si la saisie est bonne."""
    if champ in ("prenom", "nom"):
        return "" if _est_un_nom(valeur.strip()) else f"erreur-{champ}-vide"
    if champ == "naissance":
        return _erreur_naissance(valeur, instant)
    if champ == "telephone":
        # Plan national de numérotation (Arcep) : dix chiffres, le deuxième de 1 à 9.
        return "" if re.fullmatch(r"0[1-9][0-9]{8}", valeur) else "erreur-telephone-invalide"
    return "" if valeur.strip() else f"erreur-{champ}-vide"


def _est_un_nom(valeur: str) -> bool:
    """Une lettre d'abord, puis lettres, accents, apostrophes, espaces et traits d'union, dans toute écriture."""
    return valeur[:1].isalpha() and all(
        signe.isalpha() or signe in " '’-" or unicodedata.category(signe).startswith("M") for signe in valeur
    )


def _erreur_naissance(valeur: str, instant: float) -> str:
    jour = date_de_naissance(valeur)
    aujourdhui = (datetime.fromtimestamp(instant, UTC) + AVANCE).date()
    if jour is None or aujourdhui.year - jour.year > AGE_MAX:
        return "erreur-naissance-invalide"
    return "erreur-naissance-future" if jour > aujourdhui else ""

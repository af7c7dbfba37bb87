"""Ce qui distingue un PDF d'autre chose, sans l'interpréter : il sera imprimé tel quel. Pur."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

FIN_CHERCHEE: Final = 1024
"""Octets de la fin où `%%EOF` doit se trouver (ISO 32000-1, annexe H.3, note 18)."""
_RENVOI: Final = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_TABLE: Final = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")


def defaut(octets: bytes) -> str | None:
    """Pourquoi ces octets ne sont pas un PDF imprimable, en français ; None s'ils en ont la structure.

    Structure minimale d'ISO 32000-1, 7.5 : en-tête, renvoi final vers une table ou un flux de références, pages.
    """
    if not octets:
        return "Le fichier est vide."
    if not octets.startswith(b"%PDF-"):
        return "Ce fichier n'est pas un PDF."
    renvois = _RENVOI.findall(octets[-FIN_CHERCHEE:])
    if not renvois:
        return "Ce PDF est incomplet : sa fin manque."
    position = int(renvois[-1])
    if position >= len(octets) or not _TABLE.match(octets, position):
        return "Ce PDF est abîmé : sa table des matières interne est introuvable."
    if b"/Encrypt" in octets[position:]:
        return "Ce PDF est protégé par un mot de passe : la borne ne pourrait pas l'imprimer."
    return None


def nom_sur(nom: str | None) -> str:
    """Un nom d'affichage court, sans chemin ni signe de contrôle."""
    dernier = (nom or "").replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(signe for signe in dernier if unicodedata.category(signe)[0] != "C").strip()
    return visible[:120] or "document.pdf"

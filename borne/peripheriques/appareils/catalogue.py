"""Le catalogue des modèles (`config/modeles.toml`) : leurs manies, en données, avec la source de chacune.

Une fiche de `peripheriques.toml` nomme un modèle (`modele = "beurer-bm59"`) ; ses réglages s'ajoutent à ceux du
modèle et l'emportent. Un modèle que la borne ne sait pas lire a un `refus`, dit au technicien dès le chargement.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from borne.peripheriques.erreurs import ConfigurationInvalide

NOM_FICHIER: Final = "modeles.toml"


class Modele(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Un modèle connu. `verifie` : vrai s'il a été essayé sur une vraie borne, non d'après ses seules sources."""

    pilote: str
    libelle: str
    sources: tuple[str, ...]
    reglages: dict[str, Any] = {}
    remarque: str = ""
    refus: str = ""
    verifie: bool = False


def lire_catalogue(chemin: Path) -> Mapping[str, Modele]:
    """Les modèles du fichier, par nom. Lève `ConfigurationInvalide`, en nommant le fichier et la clé fautive."""
    try:
        return msgspec.convert(tomllib.loads(chemin.read_text(encoding="utf-8")), dict[str, Modele])
    except OSError as erreur:
        raise ConfigurationInvalide(f"{chemin} : le fichier ne peut pas être lu ({erreur.strerror}).") from erreur
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as erreur:
        raise ConfigurationInvalide(f"{chemin} : ce n'est pas du TOML correct ({erreur}).") from erreur
    except msgspec.ValidationError as erreur:
        raise ConfigurationInvalide(f"{chemin} : {erreur}.") from erreur

"""Le registre : de `config/peripheriques.toml` aux pilotes prêts à servir.

Un appareil nouveau est un fichier dans `appareils/` et quelques lignes de configuration ; un tiers en ajoute un par
le groupe d'entrées `borne.peripheriques` de son paquet, sans toucher à ce dépôt. L'entrée nomme une `Fabrique`.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from borne.peripheriques.appareils.tensiometre import Profil, Tensiometre
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import ConfigurationInvalide

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

GROUPE: Final = "borne.peripheriques"


class Fiche(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Une section `[[appareil]]`."""

    identifiant: str
    pilote: str
    libelle: str
    actif: bool = True
    reglages: dict[str, Any] = {}


class _Fichier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    appareil: tuple[Fiche, ...] = ()


@dataclass(frozen=True, slots=True)
class Contexte:
    """Ce que la borne prête aux pilotes."""

    radio: Radio


Fabrique = Callable[[Fiche, Contexte], object]
"""Fait un pilote d'une fiche ; lève `ConfigurationInvalide` si ses réglages ne conviennent pas."""


def fabriquer_tensiometre(fiche: Fiche, contexte: Contexte) -> Tensiometre:
    """Le pilote « tensiometre » : `reglages` sont les champs de `Profil`."""
    profil = convertir(fiche, Profil)
    if "nom" not in fiche.reglages:
        profil = dataclasses.replace(profil, nom=fiche.libelle)
    return Tensiometre(contexte.radio, profil)


INTEGRES: Final[Mapping[str, Fabrique]] = {"tensiometre": fabriquer_tensiometre}


def convertir(fiche: Fiche, modele: type[T]) -> T:
    """Les réglages d'une fiche dans la dataclass du pilote, clés et types vérifiés."""
    inconnues = set(fiche.reglages) - {champ.name for champ in dataclasses.fields(modele)}
    if inconnues:
        raise ConfigurationInvalide(f"{fiche.identifiant}, reglages : clé inconnue « {sorted(inconnues)[0]} ».")
    try:
        return msgspec.convert(fiche.reglages, modele)
    except msgspec.ValidationError as erreur:
        raise ConfigurationInvalide(f"{fiche.identifiant}, reglages : {erreur}.") from erreur


def lire_fiches(chemin: Path) -> tuple[Fiche, ...]:
    """Les fiches du fichier, vérifiées. Lève `ConfigurationInvalide`, en nommant le fichier et la clé fautive."""
    try:
        fichier = msgspec.convert(tomllib.loads(chemin.read_text(encoding="utf-8")), _Fichier)
    except OSError as erreur:
        raise ConfigurationInvalide(f"{chemin} : le fichier ne peut pas être lu ({erreur.strerror}).") from erreur
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as erreur:
        raise ConfigurationInvalide(f"{chemin} : ce n'est pas du TOML correct ({erreur}).") from erreur
    except msgspec.ValidationError as erreur:
        raise ConfigurationInvalide(f"{chemin} : {erreur}.") from erreur
    vus: set[str] = set()
    for fiche in fichier.appareil:
        if fiche.identifiant in vus:
            raise ConfigurationInvalide(f"{chemin} : l'identifiant « {fiche.identifiant} » sert deux fois.")
        vus.add(fiche.identifiant)
    return fichier.appareil


def fabriques() -> dict[str, Fabrique]:
    """Les pilotes connus : ceux de la borne, et ceux des paquets installés (qui ne remplacent pas les premiers)."""
    tierces: dict[str, Fabrique] = {entree.name: entree.load() for entree in entry_points(group=GROUPE)}
    return {**tierces, **INTEGRES}


class Registre:
    """Les appareils actifs de cette borne, par identifiant."""

    def __init__(self, appareils: Mapping[str, object]) -> None:
        self._appareils = dict(appareils)

    @classmethod
    def charger(cls, chemin: Path, contexte: Contexte) -> Registre:
        """Lit la configuration et fait les pilotes. Lève `ConfigurationInvalide`."""
        connues = fabriques()
        appareils: dict[str, object] = {}
        for fiche in lire_fiches(chemin):
            if fiche.pilote not in connues:
                raise ConfigurationInvalide(
                    f"{chemin} : le pilote « {fiche.pilote} » de « {fiche.identifiant} » est inconnu "
                    f"(connus : {', '.join(sorted(connues))})."
                )
            if fiche.actif:
                appareils[fiche.identifiant] = connues[fiche.pilote](fiche, contexte)
        return cls(appareils)

    def tous(self) -> Mapping[str, object]:
        """Tous les appareils actifs."""
        return dict(self._appareils)

    def tensiometre(self) -> Tensiometre | None:
        """Le premier tensiomètre actif, ou None."""
        return next((a for a in self._appareils.values() if isinstance(a, Tensiometre)), None)

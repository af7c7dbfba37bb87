"""Le registre : de `config/peripheriques.toml` aux pilotes prêts à servir.

Un appareil nouveau est un fichier dans `appareils/` et quelques lignes de configuration ; un tiers en ajoute un par
le groupe d'entrées `borne.peripheriques` de son paquet, sans toucher à ce dépôt. L'entrée nomme une `Fabrique`.
"""

from __future__ import annotations

import dataclasses
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from borne.peripheriques.appareils.balance_annonce import BalanceAnnonce, ProfilBalanceAnnonce
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.cardiofrequencemetre import Cardiofrequencemetre
from borne.peripheriques.appareils.catalogue import Modele, lire_catalogue
from borne.peripheriques.appareils.contrat import Appareil, Nature
from borne.peripheriques.appareils.glucometre import Glucometre
from borne.peripheriques.appareils.oxymetre import Oxymetre
from borne.peripheriques.appareils.oxymetre_serie import OxymetreSerie, ProfilOxymetreSerie
from borne.peripheriques.appareils.pese_personne import PesePersonne
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.appareils.thermometre import Thermometre
from borne.peripheriques.badge import LecteurBadge, ProfilLecteur
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.espion import Espion, personne
from borne.peripheriques.serie import Serie

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

GROUPE: Final = "borne.peripheriques"
CATALOGUE: Final = Path(__file__).resolve().parents[2] / "config" / "modeles.toml"
"""Les modèles connus et leurs manies."""


class Fiche(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Une section `[[appareil]]`. `modele` : un nom du catalogue, qui donne alors pilote, libellé et réglages."""

    identifiant: str
    pilote: str = ""
    libelle: str = ""
    actif: bool = True
    reglages: dict[str, Any] = {}
    modele: str = ""


class _Fichier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    appareil: tuple[Fiche, ...] = ()


@dataclass(frozen=True, slots=True)
class Contexte:
    """Ce que la borne prête aux pilotes.

    `horloge` : secondes Unix, celles des mesures. `espion` : à qui montrer ce qui passe ; la radio et les prises le
    tiennent déjà d'elles-mêmes, un pilote tiers qui a son propre fil lui montre ce qu'il y lit et y écrit.
    """

    radio: Radio
    serie: Serie = dataclasses.field(default_factory=Serie)
    horloge: Callable[[], float] = time.time
    espion: Espion = personne


Fabrique = Callable[[Fiche, Contexte], object]
"""Fait un pilote d'une fiche ; lève `ConfigurationInvalide` si ses réglages ne conviennent pas."""


def fabrique_bluetooth(classe: type[AppareilBluetooth]) -> Fabrique:
    """La fabrique d'un pilote Bluetooth : `reglages` sont les champs de son profil."""

    def fabriquer(fiche: Fiche, contexte: Contexte) -> AppareilBluetooth:
        dits = convertir(fiche, type(classe.profil_usuel))
        # Ce que la fiche ne dit pas reste ce qui est usuel à cette classe, non à tout appareil Bluetooth.
        profil = dataclasses.replace(classe.profil_usuel, **{cle: getattr(dits, cle) for cle in fiche.reglages})
        profil = nommer(profil, fiche)
        connus = {service.nom for service in classe.services}
        if inconnus := set(profil.services) - connus:
            raise ConfigurationInvalide(
                f"{fiche.identifiant}, reglages : service « {sorted(inconnus)[0]} » inconnu "
                f"(connus : {', '.join(sorted(connus))})."
            )
        return classe(contexte.radio, profil, horloge=contexte.horloge)

    return fabriquer


def fabriquer_balance_annonce(fiche: Fiche, contexte: Contexte) -> BalanceAnnonce:
    """Le pilote « balance-annonce » : `reglages` sont les champs de `ProfilBalanceAnnonce`."""
    profil = nommer(convertir(fiche, ProfilBalanceAnnonce), fiche)
    return BalanceAnnonce(contexte.radio, profil, horloge=contexte.horloge)


def fabriquer_oxymetre_serie(fiche: Fiche, contexte: Contexte) -> OxymetreSerie:
    """Le pilote « oxymetre-serie » : `reglages` sont les champs de `ProfilOxymetreSerie`."""
    _exiger_port(fiche)
    return OxymetreSerie(contexte.serie, nommer(convertir(fiche, ProfilOxymetreSerie), fiche), contexte.horloge)


def fabriquer_lecteur_badge(fiche: Fiche, contexte: Contexte) -> LecteurBadge:
    """Le pilote « lecteur-badge » : `reglages` sont les champs de `ProfilLecteur`."""
    _exiger_port(fiche)
    return LecteurBadge(contexte.serie, nommer(convertir(fiche, ProfilLecteur), fiche))


def _exiger_port(fiche: Fiche) -> None:
    if "port" not in fiche.reglages:
        raise ConfigurationInvalide(
            f"{fiche.identifiant}, reglages : « port » manque (voir « ls /dev/serial/by-id »)."
        )


INTEGRES: Final[Mapping[str, Fabrique]] = {
    "balance-annonce": fabriquer_balance_annonce,
    "ceinture-cardiaque": fabrique_bluetooth(Cardiofrequencemetre),
    "glucometre": fabrique_bluetooth(Glucometre),
    "lecteur-badge": fabriquer_lecteur_badge,
    "oxymetre": fabrique_bluetooth(Oxymetre),
    "oxymetre-serie": fabriquer_oxymetre_serie,
    "pese-personne": fabrique_bluetooth(PesePersonne),
    "tensiometre": fabrique_bluetooth(Tensiometre),
    "thermometre": fabrique_bluetooth(Thermometre),
}


def nommer(profil: T, fiche: Fiche) -> T:
    """Le profil, qui porte le libellé de la fiche si ses réglages ne disent pas d'autre `nom`."""
    return profil if "nom" in fiche.reglages else dataclasses.replace(profil, **{"nom": fiche.libelle})


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
        if not fiche.modele and not (fiche.pilote and fiche.libelle):
            raise ConfigurationInvalide(
                f"{chemin} : « {fiche.identifiant} » a besoin d'un modele, ou d'un pilote et d'un libelle."
            )
    return fichier.appareil


def completer(fiche: Fiche, modeles: Mapping[str, Modele]) -> Fiche:
    """La fiche avec ce que son modèle donne ; ce qu'elle dit elle-même l'emporte.

    Lève `ConfigurationInvalide` pour un modèle inconnu, ou que la borne ne sait pas lire.
    """
    if not fiche.modele:
        return fiche
    modele = modeles.get(fiche.modele)
    if modele is None:
        raise ConfigurationInvalide(f"{fiche.identifiant} : le modèle « {fiche.modele} » n'est pas au catalogue.")
    if modele.refus and fiche.actif:
        raise ConfigurationInvalide(f"{fiche.identifiant} : {modele.libelle} : {modele.refus}")
    return msgspec.structs.replace(
        fiche,
        pilote=fiche.pilote or modele.pilote,
        libelle=fiche.libelle or modele.libelle,
        reglages={**modele.reglages, **fiche.reglages},
    )


def fabriques() -> dict[str, Fabrique]:
    """Les pilotes connus : ceux de la borne, et ceux des paquets installés (qui ne remplacent pas les premiers)."""
    tierces: dict[str, Fabrique] = {entree.name: entree.load() for entree in entry_points(group=GROUPE)}
    return {**tierces, **INTEGRES}


class Registre:
    """Les appareils actifs de cette borne, par identifiant."""

    def __init__(self, appareils: Mapping[str, object], fiches: Iterable[Fiche] = ()) -> None:
        self._appareils = dict(appareils)
        self.fiches: Mapping[str, Fiche] = {fiche.identifiant: fiche for fiche in fiches}
        """Toutes les fiches, inactives comprises, complétées de leur modèle."""

    @classmethod
    def charger(cls, chemin: Path, contexte: Contexte, catalogue: Path = CATALOGUE) -> Registre:
        """Lit la configuration et fait les pilotes. Lève `ConfigurationInvalide`."""
        connues = fabriques()
        fiches = lire_fiches(chemin)
        modeles = lire_catalogue(catalogue) if any(fiche.modele for fiche in fiches) else {}
        appareils: dict[str, object] = {}
        completes = [completer(fiche, modeles) for fiche in fiches]
        for fiche in completes:
            if fiche.pilote not in connues:
                raise ConfigurationInvalide(
                    f"{chemin} : le pilote « {fiche.pilote} » de « {fiche.identifiant} » est inconnu "
                    f"(connus : {', '.join(sorted(connues))})."
                )
            if fiche.actif:
                appareils[fiche.identifiant] = connues[fiche.pilote](fiche, contexte)
        return cls(appareils, completes)

    def tous(self) -> Mapping[str, object]:
        """Tous les appareils actifs."""
        return dict(self._appareils)

    def par_nature(self, nature: Nature) -> Appareil | None:
        """Le premier appareil actif qui mesure cela, ou None."""
        return next((a for a in self._appareils.values() if isinstance(a, Appareil) and a.nature is nature), None)

    def tensiometre(self) -> Tensiometre | None:
        """Le premier tensiomètre actif, ou None."""
        return next((a for a in self._appareils.values() if isinstance(a, Tensiometre)), None)

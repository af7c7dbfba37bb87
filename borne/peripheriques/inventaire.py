"""Ce qui est configuré et ce qui est vu : Bluetooth, prises, caméras, sons, imprimante. Pour le technicien.

Rien n'est relié ni mesuré : les appareils Bluetooth sont reconnus à leurs annonces, les autres à leurs noms stables.
Ce qui ne répond pas (serveur de son, Bluetooth éteint) est une phrase dans `manques`, jamais un échec.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from borne.peripheriques.appareils.contrat import Appareil
from borne.peripheriques.audio import SonPerdu
from borne.peripheriques.ble import Radio, Signalement
from borne.peripheriques.camera import RACINE_STABLE as RACINE_CAMERAS
from borne.peripheriques.camera import cameras_presentes
from borne.peripheriques.erreurs import ErreurPeripherique, PortIndisponible
from borne.peripheriques.impression import ErreurImprimante, Imprimante
from borne.peripheriques.liaison import canal
from borne.peripheriques.registre import Registre
from borne.peripheriques.serie import Serie
from borne.peripheriques.sons_presents import PeripheriqueSon, sons_presents


@runtime_checkable
class Annonceur(Protocol):
    """Un pilote qui sait à quoi son appareil se reconnaît sur l'air."""

    def signalement(self) -> Signalement:
        """À quoi il se reconnaît."""


@dataclass(frozen=True, slots=True)
class Configure:
    """Un appareil de `peripheriques.toml`. `vu` : vrai, faux, ou None quand rien ne le dit sans le relier."""

    identifiant: str
    libelle: str
    pilote: str
    nature: str
    actif: bool
    vu: bool | None


@dataclass(frozen=True, slots=True)
class Role:
    """Une caméra ou un son que la configuration nomme. `cle` : son réglage ; `vu` : None quand rien ne le dit."""

    cle: str
    nom: str
    vu: bool | None


@dataclass(frozen=True, slots=True)
class Roles:
    """Ce que la configuration nomme, par réglage (« appareils.camera ») ; les vides n'y sont pas."""

    cameras: Mapping[str, str] = field(default_factory=dict)
    micros: Mapping[str, str] = field(default_factory=dict)
    sorties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Annonce:
    """Un appareil entendu. `identifiant` : le configuré qu'il est, ou vide."""

    adresse: str
    nom: str
    services: tuple[str, ...]
    puissance_dbm: int
    identifiant: str


@dataclass(frozen=True, slots=True)
class Inventaire:
    """Tout ce qui est configuré et vu."""

    appareils: tuple[Configure, ...]
    roles: tuple[Role, ...]
    bluetooth: tuple[Annonce, ...]
    prises: tuple[str, ...]
    cameras: tuple[str, ...]
    micros: tuple[PeripheriqueSon, ...]
    sorties: tuple[PeripheriqueSon, ...]
    imprimante: str
    """Une phrase ; vide si aucune n'est configurée."""
    manques: tuple[str, ...] = field(default=())


async def inventaire(
    registre: Registre,
    radio: Radio,
    *,
    duree_s: float,
    imprimante: str = "",
    roles: Roles | None = None,
    racine_cameras: Path = RACINE_CAMERAS,
    serie: Serie | None = None,
    serveur_son: str | None = None,
) -> Inventaire:
    """Fait l'inventaire, en écoutant les annonces pendant `duree_s`."""
    manques: list[str] = []
    try:
        entendus = await radio.annonces(duree_s)
    except ErreurPeripherique as erreur:
        manques.append(erreur.message)
        entendus = None
    serie = serie or Serie()
    micros, sorties = await asyncio.to_thread(_sons, serveur_son, manques)
    return Inventaire(
        appareils=tuple(_configures(registre, entendus, serie)),
        roles=tuple(_roles(roles or Roles(), racine_cameras, micros, sorties)),
        bluetooth=tuple(_annonce(registre, *entendu) for entendu in entendus or ()),
        prises=serie.ports(),
        cameras=cameras_presentes(racine_cameras),
        micros=micros or (),
        sorties=sorties or (),
        imprimante=await _imprimante(imprimante),
        manques=tuple(dict.fromkeys(manques)),
    )


_Entendus = tuple[tuple[BLEDevice, AdvertisementData], ...]


def _configures(registre: Registre, entendus: _Entendus | None, serie: Serie) -> list[Configure]:
    pilotes = registre.tous()
    lignes = []
    for fiche in registre.fiches.values():
        pilote = pilotes.get(fiche.identifiant)
        nature = pilote.nature.value if isinstance(pilote, Appareil) else ""
        port = fiche.reglages.get("port")
        vu: bool | None = None
        if isinstance(pilote, Annonceur) and entendus is not None:
            vu = any(pilote.signalement().convient(*entendu) for entendu in entendus)
        elif isinstance(port, str):
            vu = _branche(serie, port)
        lignes.append(Configure(fiche.identifiant, fiche.libelle, fiche.pilote, nature, fiche.actif, vu))
    return lignes


def _branche(serie: Serie, port: str) -> bool:
    try:
        return serie.trouver(port) is not None
    except PortIndisponible:
        # Plusieurs prises conviennent : l'appareil y est sans doute, mais la borne ne saura pas lequel.
        return True


def _annonce(registre: Registre, appareil: BLEDevice, annonce: AdvertisementData) -> Annonce:
    identifiant = next(
        (
            nom
            for nom, pilote in registre.tous().items()
            if isinstance(pilote, Annonceur) and pilote.signalement().convient(appareil, annonce)
        ),
        "",
    )
    nom = annonce.local_name or appareil.name or ""
    services = tuple(canal(uuid) for uuid in annonce.service_uuids)
    return Annonce(appareil.address, nom, services, annonce.rssi, identifiant)


_Sons = tuple[PeripheriqueSon, ...] | None


def _roles(roles: Roles, racine_cameras: Path, micros: _Sons, sorties: _Sons) -> Iterator[Role]:
    for cle, nom in roles.cameras.items():
        # Un numéro n'est pas un nom stable, mais la caméra l'accepte en dépannage ; un chemin absolu aussi.
        chemin = Path(f"/dev/video{nom}") if nom.isdigit() else racine_cameras / nom
        yield Role(cle, nom, chemin.exists())
    for nommes, presents in ((roles.micros, micros), (roles.sorties, sorties)):
        for cle, nom in nommes.items():
            yield Role(cle, nom, None if presents is None else nom in {son.nom for son in presents})


def _sons(serveur: str | None, manques: list[str]) -> tuple[_Sons, _Sons]:
    try:
        micros = tuple(son for son in sons_presents("entree", serveur) if not son.moniteur)
        return micros, sons_presents("sortie", serveur)
    except SonPerdu as erreur:
        manques.append(str(erreur))
        return None, None


async def _imprimante(uri: str) -> str:
    if not uri:
        return ""
    try:
        etat = await Imprimante(uri).etat()
    except (ErreurImprimante, ValueError) as erreur:
        return str(erreur)
    return "Prête." if etat.prete else etat.phrase

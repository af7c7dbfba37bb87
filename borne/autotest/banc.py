"""Le banc : ce que la borne prête aux contrôles, et rien d'autre. Un contrôle ne lit ni configuration ni écran.

Les réglages ont la forme de ceux de `config/borne.toml` ([appareils], [chemins]...) : vide veut dire « cette borne
n'en a pas », et le contrôle rend gris. L'assemblage fait le banc d'une vraie borne, un essai celui d'une borne
virtuelle. Les contrôles d'un banc : `controles.tous(banc)`, dont les noms suivent les rôles de `profils.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from borne.peripheriques.ble import Radio
from borne.peripheriques.mode_camera import ModeVoulu
from borne.peripheriques.serie import RACINE_STABLE
from borne.protocole import ServeurGlace
from borne.visio.identite import IdentiteBorne

NomProfil = Literal["mairie", "officine"]

RACINE: Final = Path("/")


@dataclass(frozen=True, slots=True)
class EcranVoulu:
    """L'écran de la configuration : pixels et millimètres."""

    largeur_px: int = 1920
    hauteur_px: int = 1080
    largeur_mm: float = 531.0
    hauteur_mm: float = 299.0


@dataclass(frozen=True, slots=True)
class Banc:
    """Ce qu'un contrôle peut toucher. Les champs gardent les noms des réglages.

    `appareils` : `Registre.tous()`, pilotes par identifiant (ceux qui satisfont `contrat.Appareil` se sondent).
    `camera*` : nom stable, chemin absolu ou numéro, comme `camera.Camera` ; `modes` : ce qui leur est
    demandé, par le nom du champ. `microphone`, `haut_parleur`,
    `stethoscope` : noms PulseAudio ; vide, pour les deux premiers, veut dire « celui du système ». `imprimante` :
    adresse IPP ; `imprimante_tickets`, `lecteur_badge` : lignes série, par leur nom dans le dossier `serie`.
    `salle` : adresse http(s) ; `identite` None : borne pas enrôlée. `glace` : serveurs que la salle a donnés à la
    borne en marche ; None quand aucune liaison n'est ouverte (c'est alors au contrôle de la demander : deux liaisons
    de la même borne se chassent l'une l'autre).
    `precedentes` : `valeurs` du dernier résultat vert de chaque contrôle, par nom de contrôle : ce qui a été appris.
    `papier` : une page peut sortir de l'imprimante. `bruit` : le haut-parleur peut sonner.
    `racine` : ce qui tient lieu de `/` devant /proc, /sys, /dev et /etc ; voir `systeme`.
    `horloge` : secondes Unix. `fuseau` : celui que la borne doit avoir (base IANA).
    """

    radio: Radio
    donnees: Path
    appareils: Mapping[str, object] = field(default_factory=dict)
    camera: str = ""
    camera_examen: str = ""
    camera_document: str = ""
    modes: Mapping[str, ModeVoulu] = field(default_factory=dict)
    microphone: str = ""
    haut_parleur: str = ""
    stethoscope: str = ""
    imprimante: str = ""
    imprimante_tickets: str = ""
    lecteur_badge: str = ""
    serie: Path = RACINE_STABLE
    cles: Path = Path("/var/lib/borne/cles")
    salle: str = ""
    identite: IdentiteBorne | None = None
    glace: tuple[ServeurGlace, ...] | None = None
    ecran: EcranVoulu = EcranVoulu()
    fuseau: str = "Europe/Paris"
    profil: NomProfil = "mairie"
    precedentes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    papier: bool = True
    bruit: bool = True
    racine: Path = RACINE
    horloge: Callable[[], float] = time.time

    def systeme(self, chemin: str) -> Path:
        """Un chemin absolu du système (`/proc/meminfo`), sous `racine`."""
        return self.racine / chemin.lstrip("/")

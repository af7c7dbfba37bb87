"""Ce qui manque à cette machine pour être une borne complète, dit au technicien au démarrage.

Rien ici n'empêche de démarrer : un appareil se branche aussi en marche. Aucun appareil n'est ouvert.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from borne.assemblage import dossier_sons
from borne.configuration import Configuration
from borne.peripheriques.camera import RACINE_STABLE

PROGRAMMES: Final = {
    "espeak-ng": "la voix",
    "paplay": "les sonneries et la voix",
    "parec": "le micro et le stéthoscope",
    "pacat": "le haut-parleur",
}
"""Programmes que la borne lance, et ce qui ne marche pas sans eux."""

SONNERIES: Final = ("aide", "quinze")
RADIOS: Final = Path("/sys/class/bluetooth")
DELAI_S: Final = 5.0


def manques(configuration: Configuration, radios: Path = RADIOS) -> tuple[str, ...]:
    """Une phrase par manque, avec le réglage à changer. `radios` : où le noyau range les radios Bluetooth."""
    appareils = configuration.appareils
    return (
        *_camera("Caméra", "camera", appareils.camera),
        *_camera("Caméra d'examen", "camera_examen", appareils.camera_examen),
        *_camera("Caméra de documents", "camera_document", appareils.camera_document),
        *(
            f"{nom} n'est pas installé : {role} manquera."
            for nom, role in PROGRAMMES.items()
            if not shutil.which(nom)
        ),
        *_son(configuration),
        *(_absent("Stéthoscope", "stethoscope") if not appareils.stethoscope else ()),
        *(_absent("Imprimante", "imprimante") if not appareils.imprimante else ()),
        *(() if radios.is_dir() and any(radios.iterdir()) else ("Bluetooth : aucune radio sur cette machine.",)),
        *_sonneries(dossier_sons(configuration)),
    )


def _absent(appareil: str, reglage: str) -> tuple[str]:
    return (f"{appareil} : aucun de réglé (appareils.{reglage}).",)


def _camera(titre: str, reglage: str, camera: str) -> tuple[str, ...]:
    if not camera:
        return ()
    chemin = RACINE_STABLE / (f"/dev/video{camera}" if camera.isdigit() else camera)
    return () if chemin.exists() else (f"{titre} : {chemin} n'existe pas (appareils.{reglage}).",)


def _son(configuration: Configuration) -> tuple[str, ...]:
    """Les entrées et sorties nommées que le serveur de son ne connaît pas."""
    if not shutil.which("pactl"):
        return ("pactl n'est pas installé : le son ne peut pas être vérifié.",)
    appareils = configuration.appareils
    sources, sorties = _noms("sources"), _noms("sinks")
    if sources is None or sorties is None:
        return ("Son : aucun serveur PulseAudio ou PipeWire ne répond.",)
    voulus = (
        ("Micro", "microphone", appareils.microphone, sources),
        ("Stéthoscope", "stethoscope", appareils.stethoscope, sources),
        ("Haut-parleur", "haut_parleur", appareils.haut_parleur, sorties),
    )
    return tuple(
        f"{titre} : « {nom} » n'existe pas (appareils.{reglage})."
        for titre, reglage, nom, connus in voulus
        if nom and nom not in connus
    )


def _noms(nature: str) -> frozenset[str] | None:
    """Les noms que donne `pactl list short` ; None si aucun serveur ne répond."""
    try:
        sortie = subprocess.run(
            ["pactl", "list", "short", nature], capture_output=True, text=True, timeout=DELAI_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return frozenset(ligne.split("\t")[1] for ligne in sortie.splitlines() if "\t" in ligne)


def _sonneries(dossier: Path) -> tuple[str, ...]:
    return tuple(
        f"Sonnerie : {dossier / nom}.wav n'existe pas (chemins.sons)."
        for nom in SONNERIES
        if not (dossier / f"{nom}.wav").is_file()
    )

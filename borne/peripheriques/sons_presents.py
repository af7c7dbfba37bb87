"""Les entrées et sorties de son présentes, par leur nom stable, et ce que le serveur de son leur fait.

Le nom que donne PulseAudio (ou PipeWire, qui parle le même protocole) à une carte USB est fait de son modèle et de
son numéro de série : il ne change pas d'un branchement à l'autre, le numéro de la carte ALSA si. `pactl` rend du JSON
depuis PulseAudio 16 (celui de Debian 12).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from borne.peripheriques.audio import SonPerdu

Sens = Literal["entree", "sortie"]

CARTES_ALSA: Final = Path("/proc/asound/cards")
DELAI_COMMANDE_S: Final = 5.0
_LISTES: Final[dict[Sens, str]] = {"entree": "sources", "sortie": "sinks"}
_PLURIELS: Final[dict[Sens, str]] = {"entree": "Entrées présentes", "sortie": "Sorties présentes"}
_FRANCHES: Final = ("module-remap-source.c", "module-remap-sink.c")
"""Filtres du serveur qui ne font que nommer des canaux."""
_GROUPES_TRAITES: Final = ("echo-cancel", "filter-chain")


@dataclass(frozen=True, slots=True)
class PeripheriqueSon:
    """Une entrée ou une sortie. `nom` : stable, celui de la configuration ; `libelle` : ce que lit une personne.

    `volume` : 1.0 pour 100 % ; `muet` : coupé dans le serveur ; `frequence` : hertz, celle du matériel ; `moniteur` :
    l'écoute d'une sortie, pas un micro ; `traite` : le serveur y annule un écho ou y filtre quelque chose.
    """

    nom: str
    libelle: str
    sens: Sens
    volume: float
    muet: bool
    frequence: int
    moniteur: bool = False
    traite: bool = False


def sons_presents(sens: Sens, serveur: str | None = None) -> tuple[PeripheriqueSon, ...]:
    """Les entrées (moniteurs compris) ou les sorties du serveur de son. Lève `SonPerdu` quand il ne répond pas."""
    environnement = dict(os.environ, LC_ALL="C")
    if serveur is not None:
        environnement["PULSE_SERVER"] = serveur
    commande = ["pactl", "--format=json", "list", _LISTES[sens]]
    try:
        resultat = subprocess.run(
            commande, env=environnement, capture_output=True, text=True, timeout=DELAI_COMMANDE_S, check=True
        )
        trouves: list[dict[str, Any]] = json.loads(resultat.stdout)
        return tuple(_decrire(trouve, sens) for trouve in trouves)
    except FileNotFoundError as erreur:
        raise SonPerdu("Le programme pactl manque (paquet pulseaudio-utils).") from erreur
    except (OSError, subprocess.SubprocessError) as erreur:
        raise SonPerdu("Le serveur de son ne répond pas.") from erreur
    except (KeyError, TypeError, ValueError) as erreur:
        raise SonPerdu("Le serveur de son a donné une liste illisible.") from erreur


def trouver(nom: str, sens: Sens, serveur: str | None = None) -> PeripheriqueSon:
    """Celui de ce nom. Lève `SonPerdu`, avec les noms qui existent, quand il n'y est pas."""
    presents = sons_presents(sens, serveur)
    for present in presents:
        if present.nom == nom:
            return present
    raise SonPerdu(f"« {nom} » n'est pas branché. {citer(presents, sens)}")


def citer(presents: tuple[PeripheriqueSon, ...], sens: Sens) -> str:
    """« Entrées présentes : a, b. », sans les moniteurs."""
    noms = [present.nom for present in presents if not present.moniteur]
    return f"{_PLURIELS[sens]} : {', '.join(noms) if noms else 'aucune'}."


def cartes_alsa(chemin: Path = CARTES_ALSA) -> tuple[str, ...]:
    """Noms stables (`hw:CARD=...`) des cartes que le noyau voit, même quand le serveur de son ne les a pas prises."""
    try:
        lignes = chemin.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ()
    cartes = (re.match(r"\s*\d+ \[(\S+)\s*\]", ligne) for ligne in lignes)
    return tuple(f"hw:CARD={carte[1]}" for carte in cartes if carte)


def _decrire(brut: dict[str, Any], sens: Sens) -> PeripheriqueSon:
    proprietes: dict[str, str] = brut.get("properties") or {}
    volumes = [canal["value"] / 65536 for canal in brut["volume"].values()]
    frequence = re.search(r"(\d+)Hz", brut["sample_specification"])
    return PeripheriqueSon(
        nom=brut["name"],
        libelle=brut.get("description") or brut["name"],
        sens=sens,
        volume=max(volumes, default=1.0),
        muet=bool(brut["mute"]),
        frequence=int(frequence[1]) if frequence else 0,
        moniteur=sens == "entree" and bool(brut.get("monitor_source")),
        traite=_traite(str(brut.get("driver", "")), proprietes),
    )


def _traite(pilote: str, proprietes: dict[str, str]) -> bool:
    """Un filtre de PulseAudio (`device.class`), ou un nœud de traitement de PipeWire (`node.link-group`)."""
    if proprietes.get("device.class") == "filter":
        return pilote not in _FRANCHES
    groupe = proprietes.get("node.link-group", proprietes.get("node.group", ""))
    return groupe.startswith(_GROUPES_TRAITES)

"""Les caméras : là, nettes, vivantes, bien exposées, à la définition et à la cadence voulues."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, premiere, vert
from borne.autotest.contrat import Resultat
from borne.autotest.image import Regard
from borne.autotest.prise_vue import Film, filmer, racine_cameras
from borne.peripheriques.camera import CameraPerdue
from borne.peripheriques.mode_camera import ModeVoulu, dire_ecart

LUMINANCE_NOIRE: Final = 12.0
CLAIR_NOIR: Final = 25.0
"""Capuchon, ou carte d'acquisition sans signal : rien ne dépasse le bruit d'un capteur (16, noir de la vidéo)."""
CLAIR_SOMBRE: Final = 50.0
"""Les points les plus clairs sous un cinquième de l'échelle : on ne voit plus un visage, quelle que soit la pièce."""
BRULE_MAX: Final = 0.35
"""Un tiers de l'image saturé : une fenêtre derrière le patient en sature un dixième, une feuille blanche aucun."""
CONTRASTE_VIDE: Final = 5.0
"""Une image unie (objectif bouché par quelque chose de clair) : le bruit seul en donne 2 à 4."""
NETTETE_FLOUE: Final = 0.2
NETTETE_DOUTEUSE: Final = 0.3
"""Sur `image.nettete`. Un portrait net donne 0,5 ; flouté de 4 points sur 1920 (on lit mal), 0,29 ; de 8 (on ne lit
plus), 0,13."""
BRUIT_FORT: Final = 12.0
BRUIT_GENANT: Final = 7.0
"""Niveaux. Un capteur ordinaire en lumière intérieure : 2 à 4."""
CADENCE_MIN: Final = 15.0
CADENCE_BONNE: Final = 20.0
"""Images par seconde : 20 pour lire la langue des signes (A11Y-SOURDS), 15 pour suivre un geste."""
TROU_S: Final = 0.4
"""Une image arrêtée si longtemps se voit : le médecin croit à une coupure."""
HAUTEUR_MIN: Final = 480
TEINTE_NULLE: Final = 0.8
DOMINANTE: Final = 3.0
"""Une couleur moyenne trois fois plus forte qu'une autre : un fil ou un capteur en panne (un visage : 1,6)."""

CHAMPS: Final = ("camera", "camera_examen", "camera_document")


@dataclass(frozen=True, slots=True)
class Attente:
    """Ce qu'une caméra doit donner. Les caméras d'examen regardent de près : ni définition, ni lumière imposées."""

    largeur: int = 0
    hauteur: int = HAUTEUR_MIN
    en_couleur: bool = True
    papier: bool = False


PAPIER: Final = Attente(0, 720, en_couleur=False, papier=True)
"""Une feuille est blanche, et souvent sans couleur."""


def juger(regard: Regard, cadence: float, attente: Attente) -> Faute | None:
    """La panne que l'on voit, la cause avant ses effets ; None si l'image est bonne."""
    return premiere(_panne(regard, attente), _lumiere(regard, attente), _qualite(regard, cadence, attente))


def _panne(regard: Regard, attente: Attente) -> Faute | None:
    if regard.luminance < LUMINANCE_NOIRE and regard.clair < CLAIR_NOIR:
        return Faute("image-noire", "L'image est noire.", "Ôtez le cache de l'objectif, ou changez la caméra.")
    if regard.figee:
        return Faute("image-figee", "L'image ne bouge plus.", "Débranchez puis rebranchez la caméra.")
    if regard.largeur < attente.largeur or regard.hauteur < attente.hauteur:
        return Faute(
            "definition-basse",
            f"L'image fait {regard.largeur} points sur {regard.hauteur}, moins que voulu.",
            "Branchez la caméra sur une prise USB directe, ou vérifiez son modèle.",
        )
    return None


def _lumiere(regard: Regard, attente: Attente) -> Faute | None:
    if regard.clair < CLAIR_SOMBRE:
        return Faute("image-sombre", "L'image est beaucoup trop sombre.", "Éclairez, et réglez l'exposition.")
    if regard.part_brulee > (2 if attente.papier else 1) * BRULE_MAX:
        return Faute("image-claire", "L'image est beaucoup trop claire.", "Réglez l'exposition.")
    if regard.contraste < CONTRASTE_VIDE and not attente.papier:
        return Faute("image-vide", "L'image est unie : l'objectif est bouché.", "Dégagez et nettoyez l'objectif.")
    return None


def _qualite(regard: Regard, cadence: float, attente: Attente) -> Faute | None:
    conseil = "Nettoyez l'objectif, puis refaites la mise au point."
    if regard.bruit > BRUIT_FORT:
        return Faute("image-bruitee", "L'image est couverte de bruit.", "Éclairez mieux, ou changez la caméra.")
    if regard.nettete is not None and regard.nettete < NETTETE_FLOUE:
        return Faute("image-floue", "L'image est floue.", conseil)
    if cadence < CADENCE_MIN:
        return Faute("cadence-basse", f"{cadence:.0f} images par seconde.", "Changez la caméra de prise USB.")
    if attente.en_couleur and regard.teinte < TEINTE_NULLE:
        return orange("couleurs-perdues", "L'image est en noir et blanc.", "Changez la caméra ou son câble.")
    if attente.en_couleur and regard.dominante > DOMINANTE:
        return orange("couleurs-fausses", "Les couleurs sont fausses.", "Réglez la balance des blancs de la caméra.")
    if regard.bruit > BRUIT_GENANT:
        return orange("image-bruitee", "L'image a beaucoup de bruit.", "Éclairez mieux la pièce.")
    if regard.nettete is not None and regard.nettete < NETTETE_DOUTEUSE:
        return orange("image-floue", "L'image n'est pas bien nette.", conseil)
    if cadence < CADENCE_BONNE:
        return orange("cadence-basse", f"{cadence:.0f} images par seconde.", "Changez la caméra de prise USB.")
    return None


def absence(source: str | int, racine: Path, raison: str) -> Faute:
    """Pourquoi aucune image n'est venue."""
    chemin = Path(f"/dev/video{source}") if isinstance(source, int) else racine / source
    if not chemin.exists():
        return Faute("camera-absente", "La caméra n'est pas branchée.", "Branchez la caméra, vérifiez son câble.")
    return Faute("camera-muette", raison, "Débranchez puis rebranchez la caméra.")


class ControleCamera:
    """Une des caméras de la borne. `champ` : son réglage dans le banc."""

    groupe = "camera"
    delai_s = 25.0
    requiert: tuple[str, ...] = ()

    def __init__(self, nom: str, libelle: str, champ: str, attente: Attente) -> None:
        self.nom, self.libelle = nom, libelle
        self._champ, self._attente = champ, attente
        self.regard: Regard | None = None
        """Ce qu'elle a vu : la lumière de la pièce s'y lit aussi, sans filmer deux fois."""

    async def controler(self, banc: Banc) -> Resultat:
        """Filme deux secondes et juge."""
        nom = str(getattr(banc, self._champ))
        if not nom:
            return gris(self.nom, f"{self.libelle} : cette borne n'en a pas.")
        source: str | int = int(nom) if nom.isdigit() else nom
        racine = racine_cameras(banc)
        try:
            faute, valeurs = await self._regarder(source, racine, banc.modes.get(self._champ))
            if faute is not None:
                # Une faute doit se voir deux fois : quelqu'un qui passe, ou une machine un instant surchargée.
                faute, valeurs = await self._regarder(source, racine, banc.modes.get(self._champ))
        except CameraPerdue as perte:
            return absence(source, racine, str(perte)).rendre(self.nom)
        faute = premiere(faute, _instable(source), self._double(banc, nom))
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        return vert(
            self.nom, f"{self.libelle} : {valeurs['cadence_images_s']:.0f} images nettes par seconde.", valeurs
        )

    async def _regarder(
        self, source: str | int, racine: Path, mode: ModeVoulu | None
    ) -> tuple[Faute | None, dict[str, float]]:
        film = await filmer(source, racine, mode)
        self.regard = await asyncio.to_thread(film.regard)
        faute = premiere(
            juger(self.regard, film.cadence, self._attente),
            _saccade(film),
            juger_mode(self.regard, film.cadence, mode),
        )
        return faute, _valeurs(self.regard, film)

    def _double(self, banc: Banc, nom: str) -> Faute | None:
        """Deux réglages pour une caméra : celle d'examen montrerait le visage."""
        avant = CHAMPS[: CHAMPS.index(self._champ)]
        racine = racine_cameras(banc)
        chemins = {(racine / autre).resolve() for champ in avant if (autre := str(getattr(banc, champ)))}
        if (racine / nom).resolve() not in chemins:
            return None
        return Faute("camera-en-double", "Deux caméras ont le même chemin.", "Corrigez les chemins dans borne.toml.")


def juger_mode(regard: Regard, cadence: float, mode: ModeVoulu | None) -> Faute | None:
    """Ce que la caméra donne de moins que la configuration ne lui demande ; None si rien n'est demandé."""
    constat = "" if mode is None else dire_ecart(mode, (regard.largeur, regard.hauteur), cadence)
    if not constat:
        return None
    return orange("mode-refuse", constat, "Corrigez son mode dans borne.toml, ou changez-la de prise USB.")


def _saccade(film: Film) -> Faute | None:
    if film.trou_s < TROU_S:
        return None
    return orange("image-saccadee", f"L'image s'arrête {film.trou_s:.1f} seconde.", "Changez la caméra de prise USB.")


def _instable(source: str | int) -> Faute | None:
    if not isinstance(source, int):
        return None
    return orange(
        "camera-sans-nom-stable",
        f"La caméra est désignée par son numéro ({source}), qui change quand on la rebranche.",
        "Donnez son nom de /dev/v4l/by-id dans borne.toml.",
    )


def _valeurs(regard: Regard, film: Film) -> dict[str, float]:
    nettete = {} if regard.nettete is None else {"nettete": regard.nettete}
    return nettete | {
        "largeur_px": regard.largeur,
        "hauteur_px": regard.hauteur,
        "cadence_images_s": film.cadence,
        "plus_long_arret_s": film.trou_s,
        "luminance": regard.luminance,
        "part_saturee": regard.part_brulee,
        "bruit": regard.bruit,
    }


def cameras() -> tuple[ControleCamera, ...]:
    """Les trois caméras d'une borne : la principale d'abord."""
    return (
        ControleCamera("camera", "Caméra", "camera", Attente(1280, 720)),
        ControleCamera("otoscope", "Caméra d'examen", "camera_examen", Attente(en_couleur=False)),
        ControleCamera("camera-document", "Caméra de documents", "camera_document", PAPIER),
    )

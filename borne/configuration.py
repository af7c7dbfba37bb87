"""Les réglages de la borne : chacun est déclaré une fois, avec son type, sa valeur ordinaire et ce qu'il fait.

Le fichier est `config/borne.toml`. Une clé inconnue ou une valeur du mauvais type est nommée avec sa ligne, pour
qu'un technicien la corrige sans chercher. `aide()` rend la table des réglages (README, `borne configuration`).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta


class ConfigurationInvalide(ValueError):
    """Le fichier ne peut pas servir ; le message dit quoi corriger, et à quelle ligne."""


Nature = Literal["tension", "temperature", "saturation", "poids", "glycemie", "frequence"]
Pixels = Annotated[int, Meta(ge=320, le=16384)]
Millimetres = Annotated[float, Meta(ge=50, le=5000)]
Decibels = Annotated[float, Meta(ge=-60, le=0)]
Cote = Annotated[int, Meta(ge=0, le=16384)]
Cadence = Annotated[int, Meta(ge=1, le=240)]
Reglage = Literal["auto"] | Annotated[float, Meta(ge=0, le=20000)]
Gain = Annotated[float, Meta(ge=-20, le=30)]
Heures = Annotated[float, Meta(gt=0, le=24 * 366)]
Validite = Annotated[float, Meta(ge=1, le=72)]
Minutes = Annotated[float, Meta(ge=1, le=1440)]
Secondes = Annotated[float, Meta(ge=10, le=86400)]
Heure = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Lieu(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[lieu] : où est la borne."""

    nom: Annotated[str, Meta(description="Nom du lieu, montré au patient et au médecin")] = "Mairie"
    adresse: Annotated[str, Meta(description="Adresse à lire au 15")] = "Adresse à renseigner dans config/borne.toml"
    numero: Annotated[str, Meta(description="Numéro de la borne dans ce lieu")] = "1"
    secours: Annotated[str, Meta(description="Où aller quand cette borne est en panne ; vide : rien de connu")] = ""


class Ecran(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[ecran] : les tailles se calculent de ces millimètres, jamais des points par pouce annoncés."""

    largeur_px: Annotated[Pixels, Meta(description="Largeur en pixels")] = 1920
    hauteur_px: Annotated[Pixels, Meta(description="Hauteur en pixels")] = 1080
    largeur_mm: Annotated[Millimetres, Meta(description="Largeur visible, en millimètres")] = 531.0
    hauteur_mm: Annotated[Millimetres, Meta(description="Hauteur visible, en millimètres")] = 299.0
    distance_mm: Annotated[Millimetres, Meta(description="Distance de lecture, en millimètres")] = 600.0
    plein_ecran: Annotated[bool, Meta(description="Occuper tout l'écran")] = True
    mode_bas: Annotated[bool, Meta(description="Toutes les commandes plus bas (personne assise)")] = False
    reduire_mouvement: Annotated[bool, Meta(description="Aucune animation")] = False


class Chemins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[chemins] : les clés ne sont jamais dans le dossier des données."""

    donnees: Annotated[str, Meta(description="Dossiers chiffrés et journal")] = "/var/lib/borne/donnees"
    cles: Annotated[str, Meta(description="Clés de chiffrement et identité de la borne")] = "/var/lib/borne/cles"
    textes: Annotated[str, Meta(description="Textes Fluent ; vide : ceux du logiciel")] = ""
    peripheriques: Annotated[str, Meta(description="Modèles d'appareils ; vide : ceux du logiciel")] = ""
    sons: Annotated[str, Meta(description="Sonneries ; vide : celles du logiciel")] = ""


class Salle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[salle] : le côté des médecins."""

    url: Annotated[str, Meta(description="Adresse de la salle", pattern="^https?://")] = "http://127.0.0.1:8443"


class ModeCamera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[camera], [camera_examen], [camera_document] : ce qui est demandé à une caméra, et vérifié sur ses images."""

    largeur: Annotated[Cote, Meta(description="Pixels ; 0 : la plus grande image")] = 0
    hauteur: Annotated[Cote, Meta(description="Pixels ; 0 : la plus grande image")] = 0
    images_s: Annotated[Cadence, Meta(description="Images par seconde")] = 30
    flux: Annotated[Literal["mjpeg", "brut"], Meta(description="« mjpeg », ou « brut » (USB 3)")] = "mjpeg"
    exposition_ms: Annotated[Reglage, Meta(description="Millisecondes ; « auto » : la caméra choisit")] = "auto"
    mise_au_point: Annotated[Reglage, Meta(description="Unité de la caméra ; « auto » : elle choisit")] = "auto"
    balance_k: Annotated[Reglage, Meta(description="Kelvins ; « auto » : la caméra choisit")] = "auto"


class Appareils(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[appareils] : ce qui est branché. Les modèles Bluetooth sont dans `peripheriques.toml`."""

    camera: Annotated[str, Meta(description="Caméra : chemin stable ou numéro")] = "0"
    camera_examen: Annotated[str, Meta(description="Caméra d'examen (otoscope, dermatoscope) ; vide : aucune")] = ""
    camera_document: Annotated[str, Meta(description="Caméra de documents ; vide : aucune")] = ""
    cameras: Annotated[str, Meta(description="Dossier des noms stables des caméras")] = "/dev/v4l/by-id"
    microphone: Annotated[str, Meta(description="Source de son de la voix (PulseAudio, PipeWire)")] = ""
    haut_parleur: Annotated[str, Meta(description="Sortie de son ; vide : celle du système")] = ""
    annuler_echo: Annotated[bool, Meta(description="Retirer du micro ce que dit le haut-parleur")] = True
    niveau_max_db: Annotated[Decibels, Meta(description="Voix du médecin au plus fort, en dBFS efficaces")] = -16.0
    crete_max_db: Annotated[Decibels, Meta(description="Voix du médecin au plus fort, en dBFS de crête")] = -3.0
    stethoscope: Annotated[str, Meta(description="Source de son du stéthoscope ; vide : aucun")] = ""
    gain_stethoscope_db: Annotated[Gain, Meta(description="Gain du stéthoscope, en dB, ajouté au niveau appris")] = (
        0.0
    )
    niveau_appris: Annotated[bool, Meta(description="Régler le stéthoscope au niveau appris à l'autotest")] = True
    imprimante: Annotated[str, Meta(description="Adresse IPP de l'imprimante ; vide : aucune")] = ""
    serie: Annotated[str, Meta(description="Dossier des noms stables des prises série")] = "/dev/serial/by-id"
    tickets: Annotated[str, Meta(description="Imprimante à tickets : nom stable ou chemin ; vide : aucune")] = ""


class Parcours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[parcours] : ce que la visite demande au patient."""

    mesures: Annotated[
        tuple[Nature, ...], Meta(description="Mesures avant l'attente, dans l'ordre ; chacune allonge la visite")
    ] = ("tension",)


class Conservation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[conservation] : une visite que la salle n'a pas acquittée attend, chiffrée, puis est détruite."""

    limite_h: Annotated[Heures, Meta(description="Heures avant destruction d'un dossier jamais transmis")] = 72.0
    purge: Annotated[bool, Meta(description="Détruire après acquittement (faux : essais seulement)")] = True


class Autotest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[autotest] : la borne se contrôle elle-même, et n'invite personne quand elle ne peut pas servir."""

    profil: Annotated[
        Literal["mairie", "officine"],
        Meta(description="« mairie », ou « officine » : quatre appareils obligatoires (avenant 15)"),
    ] = "mairie"
    heures: Annotated[
        tuple[Heure, ...], Meta(description="Heures des autotests (« 03:30 ») ; vide : seulement à la demande")
    ] = ()
    validite_h: Annotated[Validite, Meta(description="Heures que vaut le certificat « borne prête »")] = 36.0
    reessai_min: Annotated[
        Minutes, Meta(description="Minutes entre deux essais de ce qui rend la borne pas prête")
    ] = 10.0
    liaison_s: Annotated[Secondes, Meta(description="Secondes sans salle avant de ne plus inviter personne")] = 120.0
    papier: Annotated[bool, Meta(description="Imprimer une page d'essai aux autotests des heures ci-dessus")] = False
    fuseau: Annotated[str, Meta(description="Fuseau horaire que la borne doit avoir")] = "Europe/Paris"


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Toute la configuration."""

    lieu: Lieu = Lieu()
    ecran: Ecran = Ecran()
    chemins: Chemins = Chemins()
    salle: Salle = Salle()
    appareils: Appareils = Appareils()
    camera: ModeCamera = ModeCamera(largeur=1920, hauteur=1080)
    camera_examen: ModeCamera = ModeCamera()
    camera_document: ModeCamera = ModeCamera()
    parcours: Parcours = Parcours()
    conservation: Conservation = Conservation()
    autotest: Autotest = Autotest()


def fichier_peripheriques(configuration: Configuration) -> Path:
    """Les appareils de cette borne : le fichier de la configuration, sinon celui du logiciel."""
    chemin = configuration.chemins.peripheriques
    return Path(chemin) if chemin else Path(__file__).resolve().parents[1] / "config" / "peripheriques.toml"


def lire(chemin: Path) -> Configuration:
    """Lit et vérifie le fichier ; lève `ConfigurationInvalide` avec la ligne fautive."""
    try:
        texte = chemin.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as erreur:
        raise ConfigurationInvalide(f"{chemin} : le fichier ne peut pas être lu ({erreur}).") from erreur
    try:
        brut = tomllib.loads(texte)
    except tomllib.TOMLDecodeError as erreur:
        raise ConfigurationInvalide(f"{chemin} : ce n'est pas du TOML correct ({erreur}).") from erreur
    try:
        return msgspec.convert(brut, Configuration)
    except msgspec.ValidationError as erreur:
        raise ConfigurationInvalide(_expliquer(chemin, texte, str(erreur))) from erreur


def _expliquer(chemin: Path, texte: str, message: str) -> str:
    """Une phrase française, avec la ligne, à partir de l'erreur de msgspec (« ... - at `$.ecran.x` »)."""
    trouve = re.search(r"at `\$\.?([^`]*)`", message)
    # Dans une liste, msgspec nomme le rang (`heures[...]`) : la ligne est celle de la liste.
    cle = re.sub(r"\[[^\]]*\]$", "", trouve[1]) if trouve else ""
    inconnue = re.search(r"unknown field `([^`]*)`", message)
    if inconnue:
        cle = f"{cle}.{inconnue[1]}".lstrip(".")
        proches = ", ".join(_connues(cle.rpartition(".")[0]))
        faute = f"la clé « {cle} » n'existe pas. Clés possibles : {proches}"
    else:
        faute = f"la valeur de « {cle} » ne convient pas ({_traduire(message.split(' - at ')[0])})"
    return f"{chemin}, ligne {_ligne(texte, cle)} : {faute}."


_TYPES = {
    "str": "un texte",
    "int": "un nombre entier",
    "float": "un nombre",
    "bool": "true ou false",
    "array": "une liste entre crochets",
}


def _traduire(message: str) -> str:
    attendu = re.fullmatch(r"Expected `(\w+)`, got `(\w+)`", message)
    if attendu:
        return f"{_TYPES.get(attendu[1], attendu[1])} est attendu, pas {_TYPES.get(attendu[2], attendu[2])}"
    borne = re.fullmatch(r"Expected `\w+` (>=|<=|>|<) (.+)", message)
    if borne:
        signes = {">=": "au moins", "<=": "au plus", ">": "plus de", "<": "moins de"}
        return f"{signes[borne[1]]} {borne[2]}"
    if re.fullmatch(r"Expected `.*str.*`, got `\w+`", message):
        return "un nombre ou « auto » est attendu"
    if "Invalid enum value" in message or "matching regex" in message:
        return "elle n'a pas la forme voulue, voir « borne configuration »"
    return message


def _connues(section: str) -> list[str]:
    classe: Any = get_type_hints(Configuration).get(section, Configuration) if section else Configuration
    return list(getattr(classe, "__struct_fields__", ()))


def _ligne(texte: str, cle: str) -> int:
    """La ligne de cette clé (`section.nom`), à défaut celle de sa section, à défaut 1."""
    section, _, nom = cle.rpartition(".")
    courante, meilleure = "", 1
    for numero, ligne in enumerate(texte.splitlines(), 1):
        entete = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", ligne)
        if entete:
            courante = entete[1]
            if courante in (section, cle):
                meilleure = numero
        elif courante == section and re.match(rf"\s*[\"']?{re.escape(nom)}[\"']?\s*=", ligne):
            return numero
    return meilleure


def aide() -> list[tuple[str, str, str]]:
    """Chaque réglage : (section.clé, valeur ordinaire en TOML, ce qu'il fait)."""
    lignes = []
    for section in Configuration.__struct_fields__:
        defaut = getattr(Configuration(), section)
        for nom, type_ in get_type_hints(type(defaut), include_extras=True).items():
            # Textes, nombres et booléens s'écrivent en TOML comme en JSON.
            valeur = msgspec.json.encode(getattr(defaut, nom)).decode()
            lignes.append((f"{section}.{nom}", valeur, _description(type_)))
    return lignes


def _description(type_: Any) -> str:
    if get_origin(type_) is not Annotated:
        return ""
    return next((m.description for m in get_args(type_)[1:] if isinstance(m, Meta) and m.description), "")

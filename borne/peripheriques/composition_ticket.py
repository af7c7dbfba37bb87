"""Mettre un ticket en octets ESC/POS, par python-escpos : page de code française, colonnes, QR, image.

Un ticket est une suite de blocs ; la mise en page suit la largeur du modèle (de 32 à 48 colonnes). Un caractère que
sa page de code n'a pas est écrit au plus proche, jamais remplacé par un autre sans rapport.
"""

from __future__ import annotations

import io
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.escpos import importer_escpos

PAGES: Final = {"CP1252": "cp1252", "CP858": "cp858", "CP850": "cp850", "CP437": "cp437"}
"""Pages de code où le français s'écrit, et le codec de chacune."""
EFFACER_TAMPON: Final = bytes.fromhex("10140801031401060208")
"""DLE DC4 8 (Epson, « Clear buffer ») : ce qui n'est pas imprimé ne le sera pas."""

_PROCHES: Final = {
    "\u2019": "'",
    "\u2018": "'",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2011": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2022": "-",
    "\u2026": "...",
    "\u2192": ">",
    "\u0153": "oe",
    "\u0152": "Oe",
    "\u20ac": "EUR",
}


@dataclass(frozen=True, slots=True)
class Texte:
    """Un paragraphe. `grand` : deux fois plus haut et plus large."""

    texte: str
    gras: bool = False
    grand: bool = False
    centre: bool = False


@dataclass(frozen=True, slots=True)
class Colonnes:
    """Un libellé à gauche, une valeur à droite ; sur deux lignes si elles ne tiennent pas sur une."""

    gauche: str
    droite: str


@dataclass(frozen=True, slots=True)
class Trait:
    """Un trait sur toute la largeur."""


@dataclass(frozen=True, slots=True)
class Qr:
    """Un QR code, centré. `taille` : points par carré, 1 à 16."""

    contenu: str
    taille: int = 6


@dataclass(frozen=True, slots=True)
class Image:
    """Une image (PNG, JPEG), centrée, mise en noir et blanc, réduite à la largeur du papier quand on la connaît."""

    octets: bytes


Bloc = Texte | Colonnes | Trait | Qr | Image


@dataclass(frozen=True, slots=True)
class Papier:
    """Le modèle : `profil` de python-escpos (`default`, `TM-T20II`, `NT-5890K`...) et page de code."""

    profil: str = "default"
    page: str = "CP1252"


def composer(blocs: tuple[Bloc, ...], papier: Papier) -> bytes:
    """Les octets d'un ticket entier, de l'initialisation à la coupe.

    Lève `ConfigurationInvalide` si le profil ou la page n'existent pas, `ValueError` pour une image illisible.
    """
    plume = _Plume(papier)
    for bloc in blocs:
        plume.ecrire(bloc)
    return plume.finir()


class _Plume:
    def __init__(self, papier: Papier) -> None:
        codec = PAGES.get(papier.page)
        if codec is None:
            raise ConfigurationInvalide(
                f"imprimante à tickets : page « {papier.page} » inconnue (connues : {', '.join(PAGES)})."
            )
        self._codec = codec
        try:
            self._sortie: Any = importer_escpos().Dummy(profile=papier.profil)
        except KeyError as erreur:
            raise ConfigurationInvalide(f"imprimante à tickets : profil inconnu « {papier.profil} ».") from erreur
        if papier.page not in self._sortie.profile.get_code_pages():
            raise ConfigurationInvalide(
                f"imprimante à tickets : le profil « {papier.profil} » n'a pas la page « {papier.page} »."
            )
        # ESC @ : rien de ce qu'un ticket coupé aurait laissé (gras, page de code) ne passe au suivant.
        self._sortie.hw("INIT")
        self._sortie.charcode(papier.page)
        self._colonnes = int(self._sortie.profile.get_columns("a"))

    def finir(self) -> bytes:
        self._sortie.cut()
        return bytes(self._sortie.output)

    def ecrire(self, bloc: Bloc) -> None:
        match bloc:
            case Texte():
                self._texte(bloc)
            case Colonnes(gauche, droite):
                self._paire(self._lisible(gauche), self._lisible(droite))
            case Trait():
                self._sortie.textln("-" * self._colonnes)
            case Qr(contenu, taille):
                self._centrer(lambda: self._qr(contenu, taille))
            case Image(octets):
                self._centrer(lambda: self._image(octets))

    def _texte(self, bloc: Texte) -> None:
        largeur = self._colonnes // 2 if bloc.grand else self._colonnes
        style = {"bold": bloc.gras, "double_width": bloc.grand, "double_height": bloc.grand}
        self._sortie.set(align="center" if bloc.centre else "left", normal_textsize=not bloc.grand, **style)
        for ligne in textwrap.wrap(self._lisible(bloc.texte), largeur) or [""]:
            self._sortie.textln(ligne)
        self._sortie.set(align="left", bold=False, normal_textsize=True)

    def _paire(self, gauche: str, droite: str) -> None:
        reste = self._colonnes - len(gauche) - len(droite)
        if reste > 0:
            self._sortie.textln(gauche + " " * reste + droite)
            return
        for ligne in textwrap.wrap(gauche, self._colonnes):
            self._sortie.textln(ligne)
        for ligne in textwrap.wrap(droite, self._colonnes):
            self._sortie.textln(ligne.rjust(self._colonnes))

    def _centrer(self, ecrire: Any) -> None:
        self._sortie.set(align="center")
        ecrire()
        self._sortie.set(align="left")

    def _qr(self, contenu: str, taille: int) -> None:
        # Dessiné par l'imprimante quand elle sait : net à toute résolution, et deux cents fois moins d'octets.
        natif = bool(self._sortie.profile.supports("qrCode"))
        image = {} if natif else {"impl": self._impression_d_image()}
        self._sortie.qr(contenu, size=taille, native=natif, image_arguments=image)
        self._sortie.textln()

    def _image(self, octets: bytes) -> None:
        try:
            with Pillow.open(io.BytesIO(octets)) as image:
                largeur = self._sortie.profile.media["width"]["pixels"]
                if isinstance(largeur, int):
                    image.thumbnail((largeur, image.height))
                self._sortie.image(image, impl=self._impression_d_image())
        except (UnidentifiedImageError, OSError) as erreur:
            raise ValueError("image illisible") from erreur

    def _impression_d_image(self) -> str:
        """La façon d'imprimer une image que ce modèle connaît ; toutes savent les colonnes."""
        connues = ("bitImageRaster", "graphics", "bitImageColumn")
        return next((nom for nom in connues if self._sortie.profile.supports(nom)), connues[-1])

    def _lisible(self, texte: str) -> str:
        return "".join(self._proche(caractere) for caractere in unicodedata.normalize("NFC", texte))

    def _proche(self, caractere: str) -> str:
        """Ce caractère, sinon le plus proche que la page sache écrire ; une commande est une espace."""
        if unicodedata.category(caractere) == "Cc":
            return " "
        nu = unicodedata.normalize("NFKD", caractere)
        sans_accent = "".join(c for c in nu if not unicodedata.combining(c))
        for essai in (caractere, _PROCHES.get(caractere, ""), nu, sans_accent):
            if essai and self._ecrit(essai):
                return essai
        return "?"

    def _ecrit(self, texte: str) -> bool:
        try:
            texte.encode(self._codec)
        except UnicodeEncodeError:
            return False
        return True

"""Le seul module de style : couleurs par rôle, tailles tirées des millimètres, police, icônes et dessins.

Un écran ou un composant ne nomme jamais une couleur ni un nombre de pixels : il demande un rôle au `Theme`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPalette, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from borne.ui.affichage import PAYSAGE, Affichage

RESSOURCES: Final = Path(__file__).parent / "ressources"
FAMILLE: Final = "Atkinson Hyperlegible Next"
GRAISSES: Final = ("Regular", "SemiBold", "Bold")

TAILLE_CIBLE_MM: Final = 20.0
ECART_CIBLE_MM: Final = 3.0
AGRANDISSEMENT: Final = 1.2
"""Ce que gagne le grand texte choisi par le patient."""


@dataclass(frozen=True, slots=True)
class Couleurs:
    """Les couleurs par rôle, en hexadécimal (DESIGN.md)."""

    fond: str = "#FAF7F2"
    surface: str = "#FFFFFF"
    encre: str = "#1B2733"
    encre_douce: str = "#44525F"
    principal: str = "#0B5D5B"
    principal_presse: str = "#084644"
    sur_principal: str = "#FFFFFF"
    pale: str = "#DCEFEA"
    pale_presse: str = "#C5E3DB"
    sur_pale: str = "#0B4A48"
    bord_pale: str = "#DCEFEA"
    attention: str = "#7A3E00"
    attention_fond: str = "#FFF1DC"
    urgence: str = "#9B0F1A"
    urgence_presse: str = "#7A0B14"
    sur_urgence: str = "#FFFFFF"
    succes: str = "#1E5E34"
    succes_fond: str = "#FFFFFF"
    focus: str = "#1547A8"
    contour: str = "#0B5D5B"
    contour_touche: str = "#44525F"
    image_fond: str = "#1B2733"
    sur_image: str = "#FFFFFF"
    pointeur: str = "#FFD400"


CLAIR: Final = Couleurs()
CONTRASTE: Final = Couleurs(
    **{champ.name: "#000000" for champ in fields(Couleurs) if champ.name.startswith(("fond", "surface", "pale"))},
    encre="#FFFFFF",
    encre_douce="#FFFFFF",
    principal="#FFD400",
    principal_presse="#FFFFFF",
    sur_principal="#000000",
    sur_pale="#FFFFFF",
    bord_pale="#FFFFFF",
    attention="#FFD400",
    attention_fond="#000000",
    urgence="#FFFFFF",
    urgence_presse="#FFD400",
    sur_urgence="#000000",
    succes="#FFFFFF",
    succes_fond="#000000",
    focus="#FFFFFF",
    contour="#FFD400",
    contour_touche="#FFFFFF",
    image_fond="#000000",
    sur_image="#FFFFFF",
)

TEXTES_SUR_FONDS: Final = (
    ("encre", "fond"),
    ("encre", "surface"),
    ("encre_douce", "fond"),
    ("encre_douce", "surface"),
    ("principal", "surface"),
    ("sur_principal", "principal"),
    ("sur_principal", "principal_presse"),
    ("sur_pale", "pale"),
    ("sur_pale", "pale_presse"),
    ("attention", "attention_fond"),
    ("sur_urgence", "urgence"),
    ("sur_urgence", "urgence_presse"),
    ("succes", "succes_fond"),
    ("attention", "surface"),
    ("urgence", "surface"),
    ("sur_image", "image_fond"),
)
"""Les couples texte et fond employés, que l'audit mesure à 7:1 (A11Y-CONTRASTE)."""

CONTOURS_SUR_FONDS: Final = (("contour", "fond"), ("contour_touche", "fond"), ("focus", "fond"), ("focus", "surface"))
"""Les contours de commandes, que l'audit mesure à 4,5:1."""

TEINTES_CLAIR: Final = {
    "peau": "#E9B994",
    "peau_ombre": "#D69C74",
    "cheveux": "#4A3329",
    "gris": "#B9B4AC",
    "blouse": "#FFFFFF",
    "blouse_ombre": "#E3E8EA",
    "tenue": "#0B5D5B",
    "tenue_claire": "#3F8F86",
    "halo": "#BFE0D7",
    "halo_clair": "#CBE7DF",
    "trait": "#1B2733",
    "trait_doux": "#44525F",
    "chaud": "#F2A65A",
    "corail": "#E2725B",
    "rose": "#F0A08C",
    "creme": "#FFF6E6",
    "bois": "#C99A6B",
    "bleu": "#5B8DB8",
    "oeil": "#1B2733",
    "sur_tenue": "#FFFFFF",
    "alerte": "#9B0F1A",
    "succes": "#1E7A45",
    "inactif": "#FFFFFF",
    "actif": "#E2725B",
}
TEINTES_CONTRASTE: Final = TEINTES_CLAIR | {
    "cheveux": "#8A6A58",
    "tenue": "#FFD400",
    "tenue_claire": "#C9A700",
    "halo": "#262626",
    "halo_clair": "#1A1A1A",
    "trait": "#FFFFFF",
    "trait_doux": "#FFFFFF",
    "sur_tenue": "#000000",
    "alerte": "#FF6B6B",
    "actif": "#FFD400",
}
"""Les teintes des dessins ; chaque dessin les nomme par `$teinte`."""


class Role(Enum):
    """Les emplois du texte : (rapport au corps minimal, graisse, grandit avec le grand texte)."""

    CORPS = (1.0, 400, True)
    FORT = (1.0, 600, True)
    CHAPO = (1.2, 400, True)
    CHAPO_FORT = (1.2, 600, True)
    BOUTON = (1.2, 600, True)
    GRAND_BOUTON = (1.5, 600, True)
    COMMANDE = (1.0, 600, False)
    TOUCHE = (1.3, 600, False)
    SAISIE = (1.75, 600, False)
    QUESTION = (1.9, 700, True)
    BIENVENUE = (2.6, 700, True)
    CHIFFRE = (3.2, 700, False)
    VALEUR = (6.0, 700, False)


def charger_polices() -> None:
    """Déclarer les polices vendorées à Qt. Lève `FileNotFoundError` si Qt n'en charge pas une."""
    if FAMILLE in QFontDatabase.families():
        return
    for graisse in GRAISSES:
        chemin = RESSOURCES / "polices" / f"AtkinsonHyperlegibleNext-{graisse}.ttf"
        if QFontDatabase.addApplicationFont(str(chemin)) < 0:
            raise FileNotFoundError(f"police illisible : {chemin}")


@lru_cache(maxsize=128)
def _source_svg(dossier: str, nom: str) -> str:
    return (RESSOURCES / dossier / f"{nom}.svg").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Theme:
    """Un thème prêt à peindre, pour un affichage et des préférences."""

    affichage: Affichage = PAYSAGE
    contraste: bool = False
    grand_texte: bool = False

    @property
    def couleurs(self) -> Couleurs:
        """Les couleurs par rôle."""
        return CONTRASTE if self.contraste else CLAIR

    def couleur(self, role: str) -> QColor:
        """La couleur de ce rôle."""
        return QColor(str(getattr(self.couleurs, role)))

    def palette(self, texte: str, fond: str = "fond") -> QPalette:
        """Une palette pour un texte de ce rôle."""
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.WindowText, self.couleur(texte))
        palette.setColor(QPalette.ColorRole.Window, self.couleur(fond))
        return palette

    def px(self, mm: float) -> int:
        """Des millimètres en pixels."""
        return self.affichage.px(mm)

    # --- les mesures du cadre ---

    @property
    def cible(self) -> int:
        """Le plus petit côté d'une commande (A11Y-TAILLE)."""
        return self.px(TAILLE_CIBLE_MM)

    @property
    def ecart(self) -> int:
        """Le plus petit écart entre deux commandes (A11Y-TAILLE)."""
        return self.px(ECART_CIBLE_MM)

    @property
    def marge(self) -> int:
        """La marge de l'écran."""
        return self.px(13 if self.affichage.portrait else 15.5)

    @property
    def souffle(self) -> int:
        """L'espace entre deux blocs."""
        return self.px(8.5)

    @property
    def hauteur_commande(self) -> int:
        """La hauteur des commandes du haut."""
        return self.px(23)

    @property
    def hauteur_bouton(self) -> int:
        """La hauteur des boutons du bas."""
        return self.px(33)

    @property
    def rayon(self) -> int:
        """L'arrondi des boutons et champs."""
        return self.px(6.6)

    @property
    def rayon_panneau(self) -> int:
        """L'arrondi des panneaux."""
        return self.px(10)

    @property
    def bord(self) -> int:
        """L'épaisseur d'un contour."""
        return max(3, round(self.affichage.px_par_mm * (1.3 if self.contraste else 0.9)))

    # --- le texte ---

    def corps(self, role: Role) -> int:
        """Le corps de ce rôle, en pixels."""
        rapport, _, grandit = role.value
        if self.affichage.portrait and rapport > 1.5 and rapport < 3:
            rapport *= 0.88
        agrandi = AGRANDISSEMENT if self.grand_texte and grandit else 1.0
        if rapport > 1.5:
            agrandi = 1 + (agrandi - 1) / 2
        return round(self.affichage.corps_minimal_px() * rapport * agrandi)

    def police(self, role: Role) -> QFont:
        """La police de ce rôle."""
        police = QFont(FAMILLE)
        police.setPixelSize(self.corps(role))
        police.setWeight(QFont.Weight(role.value[1]))
        police.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return police

    # --- les images ---

    def icone(self, nom: str, role: str, taille: int) -> QPixmap:
        """Une icône vendorée, recolorée, dans un carré de `taille` pixels."""
        return _icone(nom, self.couleur(role).name(), taille)

    def dessin(self, nom: str, **teintes: str) -> QSvgRenderer:
        """Un de nos dessins, aux teintes du thème ; `teintes` nomme d'autres teintes (`mitral="actif"`)."""
        palette = TEINTES_CONTRASTE if self.contraste else TEINTES_CLAIR
        valeurs = palette | {nom: palette[teinte] for nom, teinte in teintes.items()}
        source = Template(_source_svg("dessins", nom)).substitute(valeurs)
        return QSvgRenderer(QByteArray(source.encode()))

    # --- les formes ---

    def peindre_panneau(
        self, peintre: QPainter, cadre: QRectF, fond: str, bord: str | None = None, rayon: int | None = None
    ) -> None:
        """Un rectangle arrondi, contour compris dans `cadre`."""
        arrondi = self.rayon if rayon is None else rayon
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setBrush(self.couleur(fond))
        if bord is None:
            peintre.setPen(Qt.PenStyle.NoPen)
        else:
            peintre.setPen(QPen(self.couleur(bord), self.bord))
            demi = self.bord / 2
            cadre = cadre.adjusted(demi, demi, -demi, -demi)
        peintre.drawRoundedRect(cadre, arrondi, arrondi)


@lru_cache(maxsize=512)
def _icone(nom: str, couleur: str, taille: int) -> QPixmap:
    source = _source_svg("icones", nom).replace("currentColor", couleur)
    image = QPixmap(taille, taille)
    image.fill(Qt.GlobalColor.transparent)
    peintre = QPainter(image)
    QSvgRenderer(QByteArray(source.encode())).render(peintre, QRectF(0, 0, taille, taille))
    peintre.end()
    return image

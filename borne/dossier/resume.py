"""Le résumé imprimé que le patient emporte : un PDF A4, grand, sobre, lisible en noir et blanc.

Tout le texte arrive déjà traduit et déjà mis en phrases : ce module ne fait que la page. Les mêmes données donnent
toujours les mêmes octets, pour qu'une reprise après coupure n'imprime pas autre chose.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont

Etat = Literal["", "fait", "repris", "echec"]

CORPS_PT = 14
TITRE_PT = 28
SECTION_PT = 18
VALEUR_PT = 16
RAPPEL_PT = 24
"""Tailles en points (1 pt = 0,353 mm) : rien sous 14 pt, pour qui lit mal (INSEE/UNAPEI, « FALC », règle 16)."""

MARGE_MM = 20.0
HAUT_MM = 16.0
INTERLIGNE_MM = 7.0
ENCRE = (27, 39, 51)
ENCRE_DOUCE = (68, 82, 95)
PRINCIPAL = (11, 93, 91)
FILET = (160, 172, 180)
FOND_RAPPEL = (220, 239, 234)
"""Rôles de DESIGN.md, en RVB."""

_LARGEUR_ETIQUETTE = 62.0
_LARGEUR_HEURE = 20.0
_LARGEUR_NUMERO = 68.0
_RETRAIT = 7.0

_REMPLACANTS = {
    "\u202f": "\u00a0",
    "\u00a0": " ",
    "\u2019": "'",
    "\u2018": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u0153": "oe",
    "\u0152": "Oe",
    "\u2026": "...",
    "\u2013": "-",
    "\u2014": "-",
    "\u2011": "-",
    "\u2022": "-",
    "\u2192": ":",
    "\u20ac": "EUR",
    "\u2044": "/",
    "\u2082": "2",
}
"""Ce qui remplace un signe absent de la police ; le remplaçant peut lui-même se remplacer."""


@dataclass(frozen=True, slots=True)
class Ligne:
    """Une ligne : `libelle` à gauche, `valeur` à droite (vide : le libellé prend toute la largeur).

    `heure` : déjà écrite (« 14 h 05 »). `etat` dessine un signe ; le mot qui le dit est dans `valeur` ou `precision`.
    """

    libelle: str
    valeur: str = ""
    heure: str = ""
    precision: str = ""
    etat: Etat = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Un titre et ses lignes."""

    titre: str
    lignes: tuple[Ligne, ...]


@dataclass(frozen=True, slots=True)
class Resume:
    """Ce que le patient emporte, déjà traduit.

    `titre`, `lieu`, `quand` : l'en-tête ; `sections` : identité déclarée, motifs, mesures, médecin, incidents ;
    `rappel` : (phrase, numéro) à encadrer ; `pied` : une phrase au bas de chaque page ; `langue` : BCP 47 ;
    `instant` : secondes Unix, la date du fichier.
    """

    titre: str
    lieu: str
    quand: str
    sections: tuple[Section, ...]
    rappel: tuple[str, str] | None = None
    pied: str = ""
    langue: str = "fr"
    instant: float = 0.0


@dataclass(frozen=True, slots=True)
class Polices:
    """Les fichiers TrueType de la police de la borne, maigre et grasse."""

    normale: Path
    grasse: Path


def composer(resume: Resume, polices: Polices | None = None) -> bytes:
    """Le PDF (A4, portrait) du résumé.

    Sans `polices` ou si un fichier manque : Helvetica, et les signes qu'elle n'a pas sont remplacés par de plus
    simples. Un signe qu'aucun remplaçant n'écrit devient « ? » : choisir une police qui couvre la langue.
    """
    page = _Page(resume, polices)
    page.en_tete()
    for section in resume.sections:
        page.section(section)
    if resume.rappel is not None:
        page.rappel(*resume.rappel)
    return bytes(page.output())


def adapter(texte: str, connus: Collection[int]) -> str:
    """`texte` écrit avec les seuls signes `connus` (codes Unicode)."""
    return "".join(_adapter_signe(signe, connus) for signe in unicodedata.normalize("NFC", texte))


def _adapter_signe(signe: str, connus: Collection[int]) -> str:
    if ord(signe) in connus or signe == "\n":
        return signe
    if signe in _REMPLACANTS:
        return adapter(_REMPLACANTS[signe], connus)
    base = "".join(s for s in unicodedata.normalize("NFKD", signe) if not unicodedata.combining(s))
    return adapter(base, connus) if base not in (signe, "") else "?"


class _Page(FPDF):
    """La mise en page ; fpdf2 appelle `footer` à chaque fin de page."""

    def __init__(self, resume: Resume, polices: Polices | None) -> None:
        super().__init__(format="A4")
        self._resume = resume
        self._charger(polices)
        self.set_margins(MARGE_MM, HAUT_MM)
        self.c_margin = 0.0
        self.set_auto_page_break(True, margin=HAUT_MM + 12)
        self.set_title(resume.titre)
        self.set_lang(resume.langue)
        self.set_creator("borne")
        self.set_creation_date(datetime.fromtimestamp(resume.instant, UTC))
        self.alias_nb_pages()
        self.add_page()

    def footer(self) -> None:
        """Le bas de page : la phrase de pied et le numéro de la page."""
        self.set_y(-HAUT_MM - 7)
        self._trait(FILET, 0.3)
        self.ln(2.5)
        self._encre(CORPS_PT, ENCRE_DOUCE)
        self._cellule(self.epw - 24, self._resume.pied, suite=True)
        # « {nb} » n'est remplacé qu'à la fin : on rend au bord droit la place qu'il prenait de trop.
        self.set_x(self.w - MARGE_MM - 24 + self.get_string_width("{nb}") - self.get_string_width("0"))
        self.cell(24, INTERLIGNE_MM, f"{self.page_no()} / {{nb}}", align="R")

    def en_tete(self) -> None:
        """Le titre, le lieu et la date, sous une barre de couleur."""
        self.set_fill_color(*PRINCIPAL)
        self.rect(MARGE_MM, HAUT_MM, 26, 2.4, style="F", round_corners=True, corner_radius=1.2)
        self.set_y(HAUT_MM + 6)
        self._encre(TITRE_PT, ENCRE, gras=True)
        self.multi_cell(self.epw, 12, self._dire(self._resume.titre), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(1)
        self._encre(VALEUR_PT, ENCRE_DOUCE)
        for texte in (self._resume.lieu, self._resume.quand):
            if texte:
                self._paragraphe(self.epw, texte)
        self.ln(2)

    def section(self, section: Section) -> None:
        """Un titre souligné d'un filet, jamais seul en bas de page, puis ses lignes."""
        premiere = self._hauteur_ligne(section.lignes[0]) if section.lignes else 0.0
        self._garder_ensemble(18 + premiere)
        self.ln(3)
        self._encre(SECTION_PT, PRINCIPAL, gras=True)
        self._paragraphe(self.epw, section.titre, hauteur=9)
        self._trait(PRINCIPAL, 0.5)
        self.ln(2.4)
        for ligne in section.lignes:
            self._ligne(ligne)

    def rappel(self, phrase: str, numero: str) -> None:
        """L'encadré du numéro à rappeler, le plus grand texte après le titre."""
        self._encre(VALEUR_PT, ENCRE)
        texte = self.epw - 2 * _RETRAIT - _LARGEUR_NUMERO
        hauteur = self._rangs(texte, phrase) * INTERLIGNE_MM + 10
        self._garder_ensemble(hauteur + 6)
        self.ln(6)
        haut = self.get_y()
        self.set_fill_color(*FOND_RAPPEL)
        self.set_draw_color(*PRINCIPAL)
        self.set_line_width(0.7)
        self.rect(MARGE_MM, haut, self.epw, hauteur, style="DF", round_corners=True, corner_radius=4)
        self._colonne(MARGE_MM + _RETRAIT, haut + 5, texte, phrase)
        self._encre(RAPPEL_PT, ENCRE, gras=True)
        self.set_xy(self.w - MARGE_MM - _RETRAIT - _LARGEUR_NUMERO, haut)
        self.cell(_LARGEUR_NUMERO, hauteur, self._dire(numero), align="R")
        self.set_xy(MARGE_MM, haut + hauteur)

    def _ligne(self, ligne: Ligne) -> None:
        """Heure, signe d'état, libellé, valeur ; la précision dessous, plus douce."""
        self._garder_ensemble(self._hauteur_ligne(ligne))
        haut = self.get_y()
        gauche = MARGE_MM
        if ligne.heure:
            self._encre(CORPS_PT, ENCRE_DOUCE)
            self.set_xy(gauche, haut)
            self._cellule(_LARGEUR_HEURE + 4, ligne.heure)
            gauche += _LARGEUR_HEURE + 6
        if ligne.etat:
            self._signe(ligne.etat, gauche, haut)
            gauche += 9
        droite = self.w - MARGE_MM
        coupe = min(gauche + _LARGEUR_ETIQUETTE, droite) if ligne.valeur else droite
        self._encre(CORPS_PT, ENCRE)
        bas = self._colonne(gauche, haut, coupe - gauche - 3, ligne.libelle)
        if ligne.valeur:
            self._encre(VALEUR_PT, ENCRE, gras=True)
            bas = max(bas, self._colonne(coupe, haut, droite - coupe, ligne.valeur))
        if ligne.precision:
            self._encre(CORPS_PT, ENCRE_DOUCE)
            bas = self._colonne(gauche, bas, droite - gauche, ligne.precision)
        self.set_xy(MARGE_MM, bas + 1.8)

    def _signe(self, etat: Etat, x: float, y: float) -> None:
        """Une coche, une boucle ou une croix, dessinées : aucune police ne les a toutes."""
        self.set_draw_color(*ENCRE)
        self.set_line_width(0.7)
        milieu = y + INTERLIGNE_MM / 2
        if etat == "fait":
            self.polyline([(x, milieu), (x + 1.9, milieu + 1.9), (x + 5.4, milieu - 2.2)])
        elif etat == "repris":
            self.arc(x + 0.5, milieu - 2.2, 4.4, 50, 360)
            self.polyline([(x + 3.5, milieu - 0.9), (x + 4.9, milieu + 0.4), (x + 6.1, milieu - 1.1)])
        else:
            self.line(x + 0.6, milieu - 2, x + 4.6, milieu + 2)
            self.line(x + 0.6, milieu + 2, x + 4.6, milieu - 2)

    def _colonne(self, x: float, y: float, largeur: float, texte: str) -> float:
        """Écrit `texte` dans une colonne et rend l'ordonnée de son bas, en millimètres."""
        self.set_xy(x, y)
        self._paragraphe(largeur, texte)
        return self.get_y()

    def _hauteur_ligne(self, ligne: Ligne) -> float:
        """Hauteur en millimètres, au plus, pour ne pas couper une ligne entre deux pages."""
        largeur = self.epw - (_LARGEUR_HEURE + 6 if ligne.heure else 0) - (9 if ligne.etat else 0)
        etiquette = _LARGEUR_ETIQUETTE - 3 if ligne.valeur else largeur
        self._encre(CORPS_PT, ENCRE)
        rangs = self._rangs(etiquette, ligne.libelle)
        apres = self._rangs(largeur, ligne.precision) if ligne.precision else 0
        if ligne.valeur:
            self._encre(VALEUR_PT, ENCRE, gras=True)
            rangs = max(rangs, self._rangs(largeur - _LARGEUR_ETIQUETTE, ligne.valeur))
        return (rangs + apres) * INTERLIGNE_MM + 1.8

    def _rangs(self, largeur: float, texte: str) -> int:
        hauteur = self.multi_cell(
            largeur, INTERLIGNE_MM, self._dire(texte), dry_run=True, output=MethodReturnValue.HEIGHT, align="L"
        )
        return max(1, round(float(hauteur) / INTERLIGNE_MM)) if isinstance(hauteur, float) else 1

    def _garder_ensemble(self, hauteur: float) -> None:
        if self.will_page_break(hauteur):
            self.add_page()

    def _paragraphe(self, largeur: float, texte: str, hauteur: float = INTERLIGNE_MM) -> None:
        self.multi_cell(largeur, hauteur, self._dire(texte), align="L", new_x="LMARGIN", new_y="NEXT")

    def _cellule(self, largeur: float, texte: str, *, suite: bool = False) -> None:
        self.cell(largeur, INTERLIGNE_MM, self._dire(texte), new_x="END" if suite else "RIGHT")

    def _trait(self, couleur: tuple[int, int, int], epaisseur: float) -> None:
        self.set_draw_color(*couleur)
        self.set_line_width(epaisseur)
        self.line(MARGE_MM, self.get_y(), self.w - MARGE_MM, self.get_y())

    def _encre(self, taille: int, couleur: tuple[int, int, int], *, gras: bool = False) -> None:
        self.set_text_color(*couleur)
        self.set_font(self._famille, "B" if gras else "", taille)

    def _charger(self, polices: Polices | None) -> None:
        self._famille = "helvetica"
        self._connus: Collection[int] = frozenset(range(32, 127)) | frozenset(range(160, 256))
        if polices is None or not (polices.normale.exists() and polices.grasse.exists()):
            return
        self._famille = "borne"
        self.add_font("borne", "", polices.normale)
        self.add_font("borne", "B", polices.grasse)
        chargees = [police for police in self.fonts.values() if isinstance(police, TTFFont)]
        self._connus = frozenset.intersection(*(frozenset(police.cmap) for police in chargees))

    def _dire(self, texte: str) -> str:
        return adapter(texte, self._connus)

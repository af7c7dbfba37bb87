"""Le rapport sur papier : une page A4 que le technicien garde ou affiche.

Ce qui ne va pas d'abord, avec quoi faire ; ce qui va bien, en deux colonnes. Une couleur ne va jamais seule : un
signe et un mot disent la même chose, et la page se lit en noir et blanc (A11Y-COULEUR).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont

from borne.autotest.profils import PROFILS, Aptitude
from borne.autotest.rapport import MOTS, Ligne, Rapport, empreinte, encoder, mot
from borne.dossier.resume import Polices, adapter

_MARGE: Final = 16.0
_PAS: Final = 4.8
_LATIN: Final = frozenset(range(32, 127)) | frozenset(range(160, 256))
_ENCRE: Final = (27, 39, 51)
_DOUCE: Final = (68, 82, 95)
_FILET: Final = (160, 172, 180)
_COULEURS: Final = {"vert": (30, 94, 52), "orange": (122, 62, 0), "rouge": (155, 15, 26), "gris": _DOUCE}
_FONDS: Final = {
    "vert": (226, 241, 231),
    "orange": (255, 241, 220),
    "rouge": (250, 225, 227),
    "gris": (238, 240, 242),
}
_APTITUDES: Final = {Aptitude.PRETE: "vert", Aptitude.RESERVES: "orange", Aptitude.PAS_PRETE: "rouge"}
_GRAVITE: Final = {"rouge": 0, "orange": 1, "gris": 2, "vert": 3}
_PHRASES: Final = {
    Aptitude.PRETE: "Tout ce qui a été contrôlé est bon : la borne peut accueillir.",
    Aptitude.RESERVES: "La borne peut accueillir. Ce qui suit est à réparer.",
    Aptitude.PAS_PRETE: "La borne n'accueille personne avant que ce qui suit soit réparé.",
}


def composer(rapport: Rapport, polices: Polices | None = None) -> bytes:
    """Le PDF de ce rapport. Sans `polices`, Helvetica. Une seconde page ne vient que si tout va mal."""
    page = _Page(rapport, polices)
    page.en_tete()
    page.decision()
    lignes = sorted((*rapport.lignes, *rapport.tendances), key=lambda ligne: _GRAVITE[ligne.couleur])
    for ligne in lignes:
        if ligne.couleur in ("rouge", "orange"):
            page.probleme(ligne)
    page.liste([ligne for ligne in lignes if ligne.couleur not in ("rouge", "orange")])
    return bytes(page.output())


class _Page(FPDF):
    """La mise en page ; fpdf2 appelle `footer` à chaque fin de page."""

    def __init__(self, rapport: Rapport, polices: Polices | None) -> None:
        super().__init__(format="A4")
        self._rapport = rapport
        self._quand = datetime.fromtimestamp(rapport.fin).astimezone()
        self._famille = "helvetica"
        self._connus: Collection[int] = _LATIN
        if polices is not None and polices.normale.exists() and polices.grasse.exists():
            self._charger(polices)
        self.set_margins(_MARGE, _MARGE)
        self.c_margin = 0.0
        self.set_auto_page_break(True, margin=_MARGE + 8)
        self.set_title("Autotest de la borne")
        self.set_lang("fr")
        self.set_creator("borne")
        self.set_creation_date(self._quand)
        self.add_page()

    def _charger(self, polices: Polices) -> None:
        self._famille = "borne"
        self.add_font("borne", "", polices.normale)
        self.add_font("borne", "B", polices.grasse)
        chargees = [police for police in self.fonts.values() if isinstance(police, TTFFont)]
        self._connus = frozenset.intersection(*(frozenset(police.cmap) for police in chargees))

    def footer(self) -> None:
        """De quoi retrouver ce rapport dans l'historique et sur le certificat."""
        self.set_y(-_MARGE)
        self._encre(8, _DOUCE)
        self.cell(self.epw, 4, self._dire(f"Empreinte du rapport (SHA-256) : {empreinte(encoder(self._rapport))}"))

    def en_tete(self) -> None:
        """Où et quand."""
        rapport = self._rapport
        self._encre(20, _ENCRE, gras=True)
        self.cell(self.epw, 9, self._dire("Autotest de la borne"), new_x="LMARGIN", new_y="NEXT")
        self._encre(10.5, _DOUCE)
        borne = rapport.borne or "pas enrôlée"
        lieu = f"{rapport.lieu}, borne {borne}. Profil : {PROFILS[rapport.profil].libelle}."
        duree = rapport.fin - rapport.debut
        quand = f"{self._quand:%d/%m/%Y à %H h %M}, en {duree:.0f} s, {len(rapport.lignes)} contrôles."
        for texte in (lieu, quand):
            self.multi_cell(self.epw, _PAS + 0.4, self._dire(texte), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def decision(self) -> None:
        """Le bandeau : signe, mots, phrase."""
        aptitude = Aptitude(self._rapport.aptitude)
        couleur, haut = _APTITUDES[aptitude], self.get_y()
        self.set_fill_color(*_FONDS[couleur])
        self.set_draw_color(*_COULEURS[couleur])
        self.set_line_width(0.6)
        self.rect(_MARGE, haut, self.epw, 18, style="DF", round_corners=True, corner_radius=3)
        self._signe(couleur, _MARGE + 6, haut + 9, 1.8)
        self.set_xy(_MARGE + 17, haut + 2.6)
        self._encre(17, _COULEURS[couleur], gras=True)
        self.cell(self.epw - 20, 7.5, self._dire(MOTS[aptitude]), new_x="LEFT", new_y="NEXT")
        self._encre(10.5, _ENCRE)
        self.cell(self.epw - 20, 5, self._dire(_PHRASES[aptitude]))
        self.set_xy(_MARGE, haut + 22)

    def probleme(self, ligne: Ligne) -> None:
        """Le nom et le mot, le constat, puis le remède en gras, jamais coupés par la fin de la page."""
        dedans = self.epw - 10
        hauteur = 5.2 + self._hauteur(dedans, ligne.constat) + self._hauteur(dedans, ligne.remede, gras=True) + 2.6
        if self.will_page_break(hauteur):
            self.add_page()
        haut = self.get_y()
        self._signe(ligne.couleur, _MARGE + 3, haut + 2.6, 1.0)
        self.set_xy(_MARGE + 10, haut)
        self._encre(10.5, _ENCRE, gras=True)
        self.cell(dedans - 32, 5.2, self._dire(ligne.libelle))
        self._encre(10.5, _COULEURS[ligne.couleur], gras=True)
        self.cell(32, 5.2, self._dire(mot(ligne.couleur, ligne.code)), align="R", new_x="LMARGIN", new_y="NEXT")
        self._paragraphe(ligne.constat)
        self._paragraphe(ligne.remede, gras=True)
        self.ln(0.9)
        self.set_draw_color(*_FILET)
        self.set_line_width(0.2)
        self.line(_MARGE, self.get_y(), self.w - _MARGE, self.get_y())
        self.ln(1.7)

    def liste(self, lignes: Sequence[Ligne]) -> None:
        """Ce qui va bien, ou n'est pas là, en deux colonnes lues de haut en bas."""
        moitie = (len(lignes) + 1) // 2
        if not lignes:
            return
        self.ln(1.5)
        large = self.epw / 2
        for rang in range(moitie):
            if self.will_page_break(_PAS + 1):
                self.add_page()
            haut = self.get_y()
            for colonne, ligne in enumerate(lignes[rang :: moitie or 1][:2]):
                self._court(ligne, _MARGE + colonne * large, haut, large)
            self.set_xy(_MARGE, haut + _PAS + 0.8)

    def _court(self, ligne: Ligne, x: float, y: float, large: float) -> None:
        self._signe(ligne.couleur, x + 2.2, y + 2.4, 0.75)
        self.set_xy(x + 7, y)
        self._encre(9.5, _ENCRE)
        dit = mot(ligne.couleur, ligne.code)
        self._encre(9.5, _COULEURS[ligne.couleur], gras=True)
        place = self.get_string_width(self._dire(dit)) + 3
        self._encre(9.5, _ENCRE)
        self.cell(large - 12 - place, _PAS, self._couper(ligne.libelle, large - 12 - place))
        self._encre(9.5, _COULEURS[ligne.couleur], gras=True)
        self.cell(place, _PAS, self._dire(dit), align="R")

    def _signe(self, couleur: str, x: float, y: float, taille: float) -> None:
        """Coche, triangle, croix ou tiret, dessinés autour de (x, y) : aucune police ne les a toutes."""
        self.set_draw_color(*_COULEURS[couleur])
        self.set_line_width(0.55 * taille)
        t = 2.0 * taille
        if couleur == "vert":
            self.polyline([(x - t, y), (x - t * 0.25, y + t * 0.75), (x + t, y - t * 0.75)])
        elif couleur == "rouge":
            self.line(x - t * 0.8, y - t * 0.8, x + t * 0.8, y + t * 0.8)
            self.line(x - t * 0.8, y + t * 0.8, x + t * 0.8, y - t * 0.8)
        elif couleur == "orange":
            self.polygon([(x, y - t), (x + t, y + t * 0.8), (x - t, y + t * 0.8)])
        else:
            self.line(x - t * 0.8, y, x + t * 0.8, y)

    def _couper(self, texte: str, large: float) -> str:
        """Un libellé trop long finit par des points : il ne passe jamais sous le mot de sa couleur."""
        texte = self._dire(texte)
        if self.get_string_width(texte) <= large:
            return texte
        while texte and self.get_string_width(texte + "...") > large:
            texte = texte[:-1]
        return texte.rstrip() + "..."

    def _paragraphe(self, texte: str, *, gras: bool = False) -> None:
        if texte:
            self.set_x(_MARGE + 10)
            self._encre(10, _ENCRE if gras else _DOUCE, gras=gras)
            self.multi_cell(self.epw - 10, _PAS, self._dire(texte), align="L", new_x="LMARGIN", new_y="NEXT")

    def _hauteur(self, large: float, texte: str, *, gras: bool = False) -> float:
        if not texte:
            return 0.0
        self._encre(10, _ENCRE, gras=gras)
        hauteur = self.multi_cell(
            large, _PAS, self._dire(texte), dry_run=True, output=MethodReturnValue.HEIGHT, align="L"
        )
        return float(hauteur) if isinstance(hauteur, float) else _PAS

    def _encre(self, taille: float, couleur: tuple[int, int, int], *, gras: bool = False) -> None:
        self.set_text_color(*couleur)
        self.set_font(self._famille, "B" if gras else "", taille)

    def _dire(self, texte: str) -> str:
        return adapter(texte, self._connus)

"""L'audit d'accessibilité : il mesure les écrans tels qu'ils sont placés, et les textes tels qu'ils sont écrits.

Chaque violation est une ligne lisible ; une liste vide est ce qu'on veut. Seuils : EXIGENCES.md (A11Y-*).
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication, QWidget

from borne.ui.affichage import ANGLE_LETTRE_DEG, PAYSAGE, PORTRAIT, RAPPORT_CAPITALE, Affichage
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.texte import Texte
from borne.ui.exemples import avec_preferences, exemples
from borne.ui.fenetre import Fenetre
from borne.ui.mots import mots_de_l_ecran
from borne.ui.textes import Textes
from borne.ui.theme import (
    CONTOURS_SUR_FONDS,
    ECART_CIBLE_MM,
    RESSOURCES,
    TAILLE_CIBLE_MM,
    TEXTES_SUR_FONDS,
    Role,
    Theme,
)

W = TypeVar("W", bound=QWidget)

MOTS_MAX: Final = 12
CONTRASTE_TEXTE: Final = 7.0
CONTRASTE_CONTOUR: Final = 4.5
TOLERANCE_MM: Final = 0.15
"""Un demi-pixel d'arrondi."""

ESSAIS: Final[dict[str, str | int]] = {
    "adresse": "1 place du Marché",
    "lieu": "Decize",
    "numero": "12",
    "medecin": "Docteur Claire Moreau",
    "texte": "Bonjour",
    "nom": "Toux",
    "systolique": 132,
    "diastolique": 84,
    "pouls": 72,
    "oxygene": 97,
    "rang": 3,
    "avant": 2,
    "minutes": 21,
    "volume": 2,
    "etape": 1,
    "total": 7,
    "finis": 3,
    "secondes": 20,
    "feuille": 1,
    "feuilles": 3,
}
"""Une valeur vraisemblable pour les paramètres des écrans."""


def ouvrir_application() -> QApplication:
    """L'application Qt, créée si l'appelant n'en a pas."""
    courante = QApplication.instance()
    return courante if isinstance(courante, QApplication) else QApplication([])


def audit(affichages: Sequence[Affichage] = (PAYSAGE, PORTRAIT), textes: Textes | None = None) -> dict[str, object]:
    """Le rapport, prêt pour JSON : violations par exigence, chiffres mesurés, et `conforme`."""
    # Les polices se lisent par Qt : sans application, le processus meurt. Le nom la tient en vie.
    application = ouvrir_application()
    textes = textes or Textes(Path("config/textes"))
    violations: dict[str, list[str]] = {
        "A11Y-TAILLE": [],
        "A11Y-TEXTE": [],
        "A11Y-CONTRASTE": _contrastes(),
        "A11Y-ARBRE": [],
        "A11Y-FALC": _phrases(textes),
        "A11Y-GLYPHES": _glyphes(textes),
        "A11Y-VOIX": [],
        "debordement": [],
    }
    ecrans = 0
    plus_petite = math.inf
    for affichage in affichages:
        violations["A11Y-TEXTE"] += _lettres(affichage)
        for nom, fenetre in parcourir(affichage, textes):
            ecrans += 1
            boutons = visibles(fenetre, Bouton)
            plus_petite = min(plus_petite, *(_cote_mm(b, affichage) for b in boutons), math.inf)
            cible = fenetre.ecran.cible_mm if fenetre.ecran is not None else TAILLE_CIBLE_MM
            violations["A11Y-TAILLE"] += _tailles(nom, boutons, affichage, cible)
            violations["A11Y-ARBRE"] += _noms(nom, boutons)
            violations["A11Y-VOIX"] += _paroles(nom, fenetre, textes)
            violations["debordement"] += _debordements(nom, fenetre, boutons)
    application.processEvents()
    return {
        "ecrans": ecrans,
        "plus_petite_cible_mm": round(plus_petite, 1),
        "plus_petit_texte_px": PAYSAGE.corps_minimal_px(),
        "violations": violations,
        "conforme": not any(violations.values()),
    }


def parcourir(affichage: Affichage, textes: Textes) -> Iterator[tuple[str, Fenetre]]:
    """Chaque écran d'exemple, montré, en clair, en contraste et en grand texte."""
    fenetre = Fenetre(affichage, textes, lambda evenement: None)
    fenetre.show()
    for variante in ({}, {"contraste": True}, {"grand_texte": True}):
        for nom, exemple in exemples().items():
            fenetre.montrer(*avec_preferences(exemple, **variante))
            QApplication.processEvents()
            suffixe = next(iter(variante), "clair")
            yield f"{nom} {affichage.largeur_px}x{affichage.hauteur_px} {suffixe}", fenetre
    fenetre.close()
    fenetre.deleteLater()


def visibles(fenetre: QWidget, classe: type[W]) -> list[W]:
    """Les composants visibles de cette classe."""
    return [w for w in fenetre.findChildren(classe) if w.isVisible()]


def cadre_de(objet: QWidget) -> QRect:
    """Le cadre d'un composant dans la fenêtre."""
    return QRect(objet.mapTo(objet.window(), QPoint(0, 0)), objet.size())


# --- les écrans ---


def _cote_mm(bouton: Bouton, affichage: Affichage) -> float:
    return affichage.mm(min(bouton.width(), bouton.height()))


def _tailles(nom: str, boutons: list[Bouton], affichage: Affichage, cible_mm: float) -> list[str]:
    """Côté d'au moins 20 mm (12 pour un technicien), écart d'au moins 3 mm, tout dans l'écran."""
    trouvees = [
        f"{nom} : « {b.accessibleName()} » fait {_cote_mm(b, affichage):.1f} mm"
        for b in boutons
        if _cote_mm(b, affichage) < cible_mm - TOLERANCE_MM
    ]
    ecran = QRect(0, 0, affichage.largeur_px, affichage.hauteur_px)
    trouvees += [
        f"{nom} : « {b.accessibleName()} » sort de l'écran" for b in boutons if not ecran.contains(cadre_de(b))
    ]
    for un, autre in itertools.combinations(boutons, 2):
        ecart = affichage.mm(_ecart(cadre_de(un), cadre_de(autre)))
        if ecart < ECART_CIBLE_MM - TOLERANCE_MM:
            trouvees.append(f"{nom} : {ecart:.1f} mm entre « {un.accessibleName()} » et « {autre.accessibleName()} »")
    return trouvees


def _ecart(un: QRect, autre: QRect) -> float:
    """L'écart entre deux cadres, en pixels ; 0 s'ils se touchent."""
    dx = max(autre.left() - un.right() - 1, un.left() - autre.right() - 1, 0)
    dy = max(autre.top() - un.bottom() - 1, un.top() - autre.bottom() - 1, 0)
    return math.hypot(dx, dy)


def _noms(nom: str, boutons: list[Bouton]) -> list[str]:
    """Un nom accessible, et un seul contrôle par nom."""
    noms = [b.accessibleName() for b in boutons]
    vides = [f"{nom} : un bouton sans nom" for n in noms if not n.strip()]
    return vides + [f"{nom} : deux boutons nommés « {n} »" for n in sorted(set(noms)) if noms.count(n) > 1]


def _paroles(nom: str, fenetre: Fenetre, textes: Textes) -> list[str]:
    """Ce que la voix dit est ce que l'écran montre."""
    montres = " ".join(montre(fenetre))
    dits = [textes.dire(cle) for cle in mots_de_l_ecran(fenetre.visite, fenetre.direct)]
    return [f"{nom} : dit mais pas montré : {dit}" for dit in dits if dit not in montres]


def montre(fenetre: QWidget) -> list[str]:
    """Les textes peints à l'écran : étiquettes, et mots posés sur une image."""
    etiquettes = [t.text() for t in visibles(fenetre, Texte)]
    images = [w.accessibleDescription() for w in visibles(fenetre, QWidget) if not isinstance(w, Bouton)]
    return etiquettes + [texte for texte in images if texte]


def _debordements(nom: str, fenetre: Fenetre, boutons: list[Bouton]) -> list[str]:
    """Aucun texte coupé, hors de son parent ou sous un bouton."""
    trouvees = [f"{nom} : le bouton « {b.accessibleName()} » déborde" for b in boutons if b.deborde()]
    cadres = [(b, cadre_de(b)) for b in boutons]
    for texte in visibles(fenetre, Texte):
        cadre = cadre_de(texte)
        if texte.deborde() or not _contenu(texte):
            trouvees.append(f"{nom} : « {texte.text()} » déborde")
        for bouton, place in cadres:
            if place.intersects(cadre):
                trouvees.append(f"{nom} : « {texte.text()} » sous « {bouton.accessibleName()} »")
    return trouvees


def _contenu(objet: QWidget) -> bool:
    """Vrai si tous les parents contiennent entièrement ce composant."""
    cadre = cadre_de(objet)
    parent = objet.parentWidget()
    while parent is not None:
        if not cadre_de(parent).contains(cadre):
            return False
        parent = parent.parentWidget()
    return True


def _lettres(affichage: Affichage) -> list[str]:
    """Un H sous 0,7 degré au moins, dans chaque rôle de texte."""
    theme = Theme(affichage)
    trouvees = []
    for role in Role:
        capitale = affichage.mm(theme.corps(role) * RAPPORT_CAPITALE)
        angle = math.degrees(2 * math.atan(capitale / 2 / affichage.distance_mm))
        if angle < ANGLE_LETTRE_DEG:
            trouvees.append(f"{role.name} : {angle:.2f} degré")
    return trouvees


# --- les couleurs ---


def _luminance(couleur: str) -> float:
    """La luminance relative (WCAG 2.2, « relative luminance »)."""
    canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    lineaires = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux]
    return 0.2126 * lineaires[0] + 0.7152 * lineaires[1] + 0.0722 * lineaires[2]


def contraste(un: str, autre: str) -> float:
    """Le rapport de contraste de deux couleurs hexadécimales (WCAG 2.2)."""
    clair, sombre = sorted((_luminance(un), _luminance(autre)), reverse=True)
    return (clair + 0.05) / (sombre + 0.05)


def _contrastes() -> list[str]:
    trouvees = []
    for theme in (Theme(), Theme(contraste=True)):
        couleurs = theme.couleurs
        couples = [(c, CONTRASTE_TEXTE) for c in TEXTES_SUR_FONDS] + [
            (c, CONTRASTE_CONTOUR) for c in CONTOURS_SUR_FONDS
        ]
        for (dessus, dessous), seuil in couples:
            rapport = contraste(getattr(couleurs, dessus), getattr(couleurs, dessous))
            if rapport < seuil:
                trouvees.append(f"{dessus} sur {dessous} : {rapport:.2f}")
    return trouvees


# --- les textes ---


def phrases(texte: str) -> list[str]:
    """Les phrases d'un texte."""
    return [p for p in re.split(r"[.!?](?:\s|$)", texte) if p.strip()]


def _tous(textes: Textes) -> Iterable[tuple[str, str]]:
    essais = dict.fromkeys(textes.parametres(), "exemple") | ESSAIS
    return ((cle, textes.dire(cle, **essais)) for cle in textes.cles())


def _phrases(textes: Textes) -> list[str]:
    trouvees = []
    for cle, texte in _tous(textes):
        for phrase in phrases(texte):
            nombre = len(re.findall(r"[\w’'-]*\w", phrase))
            if nombre > MOTS_MAX:
                trouvees.append(f"{cle} : {nombre} mots : {phrase.strip()}")
    return trouvees


def _glyphes(textes: Textes) -> list[str]:
    """Chaque caractère existe dans la police, et le clavier aussi."""
    police = QRawFont(str(RESSOURCES / "polices" / "AtkinsonHyperlegibleNext-Regular.ttf"), 40)
    return [
        f"{cle} : U+{ord(c):04X}"
        for cle, texte in _tous(textes)
        for c in sorted(set(texte))
        if not police.supportsCharacter(ord(c))
    ]

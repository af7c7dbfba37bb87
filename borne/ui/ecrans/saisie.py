"""Écrire : le prénom, le nom, un autre motif. Une question, un champ, un clavier.

L'écran montre ce que la visite a gardé ; les lettres tapées plus vite que la visite n'avance sont comptées à part
(`_envoye`), pour n'en perdre aucune sans jamais en montrer une qui ne soit pas gardée.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect

from borne.parcours.evenements import ReponseInconnue, SaisieModifiee
from borne.parcours.saisie import LONGUEUR_MAX
from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_rangee
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.champ import Champ
from borne.ui.composants.clavier import Clavier
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran, Paroles
from borne.ui.prenoms import suggestions
from borne.ui.theme import Role


class Saisie:
    """Le texte d'un champ tel que la dernière lettre envoyée le laisse."""

    def __init__(self, champ: str) -> None:
        self.champ = champ
        self._envoye = ""
        self._revision = -1
        self._en_vol: list[str] = []

    def suivre(self, visite: Visite) -> None:
        """La visite a avancé : oublier ce qui est arrivé, ou repartir d'elle si l'écran a changé."""
        garde = visite.champ(self.champ)
        if visite.revision != self._revision:
            self._revision, self._en_vol = visite.revision, []
        elif garde in self._en_vol:
            del self._en_vol[: self._en_vol.index(garde) + 1]
        if not self._en_vol:
            self._envoye = garde

    def ajouter(self, caractere: str) -> str:
        """Le texte avec ce caractère, ou tel quel s'il est plein."""
        return self._noter((self._envoye + caractere)[: LONGUEUR_MAX[self.champ]])

    def effacer(self) -> str:
        """Le texte sans son dernier caractère."""
        return self._noter(self._envoye[:-1])

    def remplacer(self, texte: str) -> str:
        """Ce texte à la place."""
        return self._noter(texte[: LONGUEUR_MAX[self.champ]])

    @property
    def texte(self) -> str:
        """Le texte tel que la dernière lettre envoyée le laisse."""
        return self._envoye

    def _noter(self, texte: str) -> str:
        if texte != self._envoye:
            self._en_vol.append(texte)
        self._envoye = texte
        return texte


class EcranSaisie(Ecran):
    """Un champ et un clavier. `phrase` : la casse d'une phrase au lieu des capitales d'un nom."""

    champ = ""
    phrase = False
    role_question = Role.QUESTION

    def construire(self) -> None:
        """La question, le champ, Effacer, le clavier."""
        theme, textes = self.theme, self.textes
        self.saisie = Saisie(self.champ)
        self.paroles = Paroles(theme, textes, self, role_question=self.role_question)
        self.ligne = Champ(theme, textes.dire("nom-champ"), self)
        repetition = self.contexte.repetition
        self.effacer = Bouton(theme, textes.dire("bouton-effacer"), self, icone="backspace", repetition=repetition)
        self.effacer.touche.connect(lambda: self._emettre(self.saisie.effacer()))
        self.construire_sous_champ()
        self.clavier = Clavier(theme, textes, repetition, self, signes=self.phrase)
        self.clavier.touche.connect(self._taper)

    def construire_sous_champ(self) -> None:
        """Créer ce qui vient entre le champ et le clavier."""

    def hauteur_sous_champ(self) -> int:
        """La hauteur que cela demande, 0 sans rien."""
        return 0

    def disposer_sous_champ(self, zone: QRect) -> None:
        """Le placer ; une zone vide quand la place manque."""

    def _taper(self, caractere: str) -> None:
        avant = self.saisie.texte
        if self.phrase and avant and not avant.rstrip().endswith((".", "?")):
            caractere = caractere.lower()
        self._emettre(self.saisie.ajouter(caractere))

    def _emettre(self, valeur: str) -> None:
        self.toucher(SaisieModifiee, champ=self.champ, valeur=valeur)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Le champ montre ce que la visite a gardé."""
        super().actualiser(visite, direct)
        self.saisie.suivre(visite)
        self.ligne.montrer(visite.champ(self.champ))
        if self.paroles.montrer(self.mots()):
            self.disposer(self.rect())
            self.paroles.disposer()

    def disposer(self, zone: QRect) -> None:
        """Question, champ et clavier, de haut en bas ; le clavier prend ce qui reste."""
        theme = self.theme
        paroles = self.paroles.hauteur_pour(zone.width())
        self.paroles.setGeometry(zone.x(), zone.y(), zone.width(), paroles)
        espace = theme.px(4.5)
        y = zone.y() + paroles + espace
        haut = self.ligne.hauteur_pour(zone.width())
        large = self.effacer.largeur_naturelle()
        self.ligne.setGeometry(zone.x(), y, zone.width() - large - espace, haut)
        self.effacer.setGeometry(zone.right() + 1 - large, y, large, haut)
        y += haut + espace
        sous = self.hauteur_sous_champ()
        if zone.bottom() + 1 - y - sous - espace < self.clavier.hauteur_minimale():
            sous = 0
        self.disposer_sous_champ(QRect(zone.x(), y, zone.width(), sous))
        y += sous + espace if sous else 0
        reste = zone.bottom() + 1 - y
        plus = theme.px(34) * self.clavier.lignes
        hauteur = min(reste, plus)
        self.clavier.setGeometry(zone.x(), zone.bottom() + 1 - hauteur, zone.width(), hauteur)


class Prenom(EcranSaisie):
    """Le prénom, et au plus trois façons de le finir d'un toucher."""

    champ = "prenom"
    PROPOSES = 3

    def construire_sous_champ(self) -> None:
        """Trois boutons, cachés tant qu'ils n'ont rien à proposer ; leur place est gardée, rien ne saute."""
        self.proposes: list[Bouton] = []
        self._tient, self._zone_proposes = True, QRect()
        for _ in range(self.PROPOSES):
            bouton = Bouton(self.theme, "", self, role=Role.COMMANDE, repetition=self.contexte.repetition)
            bouton.touche.connect(partial(self._completer, bouton))
            bouton.hide()
            self.proposes.append(bouton)

    def _completer(self, bouton: Bouton) -> None:
        self._emettre(self.saisie.remplacer(bouton.text().upper()))

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les propositions suivent ce que la visite a gardé."""
        super().actualiser(visite, direct)
        self._proposer()

    def _proposer(self) -> None:
        trouves = suggestions(self.visite.champ(self.champ), self.PROPOSES) if self._tient else []
        for rang, bouton in enumerate(self.proposes):
            if rang < len(trouves):
                bouton.changer(trouves[rang])
            bouton.setVisible(rang < len(trouves))
        en_rangee(self.proposes[: len(trouves)], self._zone_proposes, self.theme.px(5))

    def hauteur_sous_champ(self) -> int:
        """Une cible tactile."""
        return self.theme.cible

    def disposer_sous_champ(self, zone: QRect) -> None:
        """Une rangée, à gauche comme le champ."""
        self._tient, self._zone_proposes = zone.height() > 0, zone
        self._proposer()


class Nom(EcranSaisie):
    """Le nom de famille."""

    champ = "nom"


class MotifAutre(EcranSaisie):
    """Un motif en quelques mots."""

    champ = "motif-autre"
    phrase = True

    def reponses(self) -> Sequence[Action]:
        """Ne pas savoir est une réponse."""
        return (Action("bouton-ne-sais-pas", lambda: self.toucher(ReponseInconnue)), self.continuer())

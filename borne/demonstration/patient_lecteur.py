"""Un patient qui lit l'écran : il fait ce que l'écran lui demande, où qu'il en soit, visite après visite.

Le scénario ordinaire suppose que tout se suit. Celui-ci reprend après une coupure comme le ferait une personne : il
regarde ce qui est écrit, complète le prénom déjà commencé, referme ce qui est ouvert.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from PySide6.QtWidgets import QAbstractButton

from borne.demonstration.robot_patient import ENTRE_TOUCHERS_S, NOMS_TOUCHES, Patienter, Scenario, Toucher
from borne.demonstration.scenario import MESSAGE, NAISSANCE, NOM, PRENOM, TELEPHONE
from borne.demonstration.vue import Vue

PAUSE_S: Final = 0.03
"""Secondes après un toucher avant de relire l'écran."""
ATTENTE_S: Final = 0.1
"""Secondes entre deux lectures quand il n'y a rien à faire."""
REPOS_S: Final = 0.8
"""Secondes que l'accueil reste seul entre deux patients."""
PATIENCE_S: Final = 1.0
"""Secondes pour toucher un contrôle qui vient d'être vu ; ensuite l'écran a changé, et se relit."""


@dataclass
class Memoire:
    """Ce que le patient a déjà fait sur cet écran-ci, et quand il a touché chaque endroit (secondes monotones)."""

    faits: set[str] = field(default_factory=set)
    touchers: dict[str, float] = field(default_factory=dict)
    accueil_depuis: float | None = None

    def une_fois(self, nom: str) -> str | None:
        """`nom` tant qu'il n'a pas été touché, puis None."""
        return None if nom in self.faits else nom

    def retenir(self, nom: str) -> None:
        """Ce bouton est touché maintenant."""
        self.faits.add(nom)
        self.touchers[_endroit(nom)] = time.monotonic()

    def libre(self, nom: str) -> bool:
        """Vrai si un nouveau toucher comptera."""
        return time.monotonic() - self.touchers.get(_endroit(nom), 0.0) > ENTRE_TOUCHERS_S


def _endroit(nom: str) -> str:
    """Une touche est un endroit à elle ; un bouton prend souvent la place d'un autre."""
    return nom if len(nom) == 1 else ""


Choix: TypeAlias = Callable[[Vue, Memoire], str | None]
"""Le nom du bouton à toucher, ou None : attendre."""


def _toucher(nom: str) -> Choix:
    return lambda vue, memoire: nom


def _ecrire(texte: str, ensuite: str) -> Choix:
    """La lettre qui manque ; effacer celle qui est de trop ; à la fin, `ensuite`."""

    def choisir(vue: Vue, memoire: Memoire) -> str | None:
        ecrit = vue.reponse()
        if not texte.casefold().startswith(ecrit.casefold()):
            return "Effacer"
        if len(ecrit) == len(texte):
            return ensuite
        lettre = texte[len(ecrit)]
        return NOMS_TOUCHES.get(lettre, lettre.upper())

    return choisir


def _cocher(noms: tuple[str, ...], ensuite: str) -> Choix:
    def choisir(vue: Vue, memoire: Memoire) -> str | None:
        for nom in noms:
            carte = vue.controle(nom)
            if isinstance(carte, QAbstractButton) and not carte.isChecked():
                return nom
        return ensuite

    return choisir


def _urgence(vue: Vue, memoire: Memoire) -> str | None:
    """Essayer l'aide et le 15 en chemin, une fois chacun."""
    return memoire.une_fois("Aide") or memoire.une_fois("Appeler le 15") or "Non, aucun"


def _se_preparer(vue: Vue, memoire: Memoire) -> str | None:
    """Geste après geste ; le dernier a le bouton qui commence la mesure."""
    return "Mesurer" if vue.controle("Mesurer") is not None else "J'ai fini"


def _preparer(vue: Vue, memoire: Memoire) -> str | None:
    return memoire.une_fois("Oui, j'entends") or "Tout est prêt"


def _arriver(vue: Vue, memoire: Memoire) -> str | None:
    """Un nouveau patient, après un moment : rien n'est encore fait."""
    maintenant = time.monotonic()
    if memoire.accueil_depuis is None:
        memoire.accueil_depuis = maintenant
    if maintenant - memoire.accueil_depuis < REPOS_S:
        return None
    memoire.accueil_depuis = None
    memoire.faits.clear()
    return "Commencer"


REGLES: Final[tuple[tuple[str, Choix], ...]] = (
    ("Quelqu'un vient vous aider", _toucher("Fermer")),
    ("Appelez le 15 si c'est grave", _toucher("Fermer")),
    ("Êtes-vous toujours là", _toucher("Je suis là")),
    ("Écrivez au médecin", _ecrire(MESSAGE, "Envoyer")),
    ("Voulez-vous voir un médecin", _arriver),
    ("Quelle langue parlez-vous", _toucher("Français")),
    ("Êtes-vous d'accord", _toucher("Oui, je suis d'accord")),
    ("Quel est votre prénom", _ecrire(PRENOM, "Continuer")),
    ("Quel est votre nom", _ecrire(NOM, "Continuer")),
    ("Quand êtes-vous né", _ecrire(NAISSANCE, "Continuer")),
    ("numéro de téléphone", _ecrire(TELEPHONE, "Continuer")),
    ("Pourquoi venez-vous", _cocher(("Toux", "Fatigue"), "Continuer")),
    ("Avez-vous un de ces signes", _urgence),
    ("Mesurons votre", _se_preparer),
    ("La mesure est faite", _toucher("Continuer")),
    ("La mesure n'a pas marché", _toucher("Recommencer")),
    ("Nous passons cette mesure", _toucher("Continuer")),
    ("Installez-vous bien", _preparer),
    ("Prenez vos papiers", _toucher("Continuer")),
    ("Un papier n'est pas sorti", _toucher("Réessayer")),
    ("Au revoir", _toucher("J'ai fini")),
    ("Nettoyez avant", _cocher(("Brassard", "Stéthoscope", "Écran", "Siège"), "Tout est propre")),
)
"""Ce qui est écrit, et ce qu'on y fait ; la première règle dont les mots sont à l'écran l'emporte."""


def _choisir(vue: Vue, memoire: Memoire) -> str | None:
    for mots, choix in REGLES:
        if vue.lit(mots):
            return choix(vue, memoire)
    # La consultation n'a pas de mots fixes : son bouton « Écrire » la dit.
    return memoire.une_fois("Écrire") if vue.controle("Écrire") is not None else None


def patient_qui_lit(vue: Vue) -> Scenario:
    """Sans fin : le banc arrête la borne quand il en a assez vu."""
    memoire = Memoire()
    while True:
        choix = _choisir(vue, memoire)
        if choix is not None and memoire.libre(choix) and vue.controle(choix) is not None:
            memoire.retenir(choix)
            # Une lettre ne se nomme pas : mises bout à bout dans un journal, elles feraient un nom.
            yield (
                choix if len(choix) > 1 else "touche",
                [Toucher(choix, PATIENCE_S, facultatif=True), Patienter(PAUSE_S)],
            )
        else:
            yield "attendre", [Patienter(ATTENTE_S)]

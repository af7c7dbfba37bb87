"""La visite que joue le robot patient. Le patient inventé ici est celui que la recherche de restes poursuit."""

from __future__ import annotations

from typing import Final

from borne.demonstration.robot_patient import Patienter, Regarder, Scenario, Toucher, taper

PRENOM: Final = "Zoé-Ève"
NOM: Final = "D'Hôtellerie"
NAISSANCE: Final = "29021948"
TELEPHONE: Final = "0612097845"
MESSAGE: Final = "OUI MERCI"
TENSION: Final = (137, 83, 71)
"""Systolique, diastolique (mmHg) et pouls (par minute) que le brassard virtuel envoie."""
TENSION_DU_MEDECIN: Final = (142, 88, 68)
"""Ce qu'il envoie ensuite, à la demande du médecin : d'autres valeurs, pour ne pas prendre l'une pour l'autre."""


def visite_complete() -> Scenario:
    """De l'accueil à l'accueil, en touchant à l'aide et au 15 en chemin."""
    yield "accueil", [Regarder("Voulez-vous voir un médecin"), Toucher("Commencer")]
    yield "langue", [Regarder("Quelle langue parlez-vous"), Toucher("Français")]
    yield "consentement", [Regarder("Êtes-vous d'accord"), Toucher("Oui, je suis d'accord")]
    yield "prenom", [Regarder("Quel est votre prénom"), *taper(PRENOM), Toucher("Continuer")]
    yield "nom", [Regarder("Quel est votre nom"), *taper(NOM), Toucher("Continuer")]
    yield "naissance", [Regarder("Quand êtes-vous né"), *taper(NAISSANCE), Toucher("Continuer")]
    yield "telephone", [Regarder("numéro de téléphone"), *taper(TELEPHONE), Toucher("Continuer")]
    yield "motif", [Regarder("Pourquoi venez-vous"), Toucher("Toux"), Toucher("Fatigue"), Toucher("Continuer")]
    yield "aide", [Toucher("Aide"), Regarder("Quelqu'un vient vous aider"), Toucher("Fermer")]
    yield "quinze", [Toucher("Appeler le 15"), Regarder("Appelez le 15 si c'est grave"), Toucher("Fermer")]
    yield "urgence", [Regarder("Avez-vous un de ces signes"), Toucher("Non, aucun")]
    yield "tension", [Regarder("Mettez le brassard"), Toucher("J'ai fini")]
    yield "bras", [Regarder("Posez le bras"), Toucher("J'ai fini")]
    yield "posture", [Regarder("Gardez les pieds à plat"), Toucher("Mesurer")]
    yield "gonflage", [Regarder("Le brassard se gonfle", 40), Patienter(2.0)]
    yield "tension-faite", [Regarder("La mesure est faite", 60), Toucher("Continuer")]
    yield "attente", [Regarder("médecin")]
    yield (
        "preparation",
        [
            Regarder("Installez-vous bien", 90),
            Toucher("Oui, j'entends"),
            Toucher("Tout est prêt"),
        ],
    )
    yield "consultation", [Regarder("Image de votre médecin", 60)]
    yield "ecriture", [Toucher("Écrire"), Regarder("Écrivez au médecin"), *taper(MESSAGE), Toucher("Envoyer")]
    yield "auscultation", [Regarder("Posez le stéthoscope", 90)]
    yield "examen", [Regarder("Approchez la petite caméra", 90)]
    yield "photo", [Regarder("Le médecin prend une photo", 60)]
    yield "documents", [Regarder("Prenez vos papiers", 120), Toucher("Continuer")]
    yield "adieu", [Regarder("Au revoir"), Toucher("J'ai fini")]
    yield (
        "proprete",
        [
            Regarder("Nettoyez avant la prochaine personne"),
            *[Toucher(element) for element in ("Brassard", "Stéthoscope", "Écran", "Siège")],
            Toucher("Tout est propre"),
        ],
    )
    yield "retour-accueil", [Regarder("Voulez-vous voir un médecin"), Patienter(0.5)]

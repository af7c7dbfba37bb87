"""Les manies d'un modèle Bluetooth, celles que tout service peut avoir. Réglées dans `config/`, pas dans le code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profil:
    """Les champs sont ceux de `[appareil.reglages]` dans `config/peripheriques.toml` et de `config/modeles.toml`."""

    nom: str = "Appareil"
    noms_annonces: tuple[str, ...] = ()
    """Débuts de nom qui le désignent, quand il n'annonce pas son service."""
    adresse: str | None = None
    appairer: bool = True
    recherche_s: float = 30.0
    """Beaucoup n'annoncent qu'après la mesure : leur donner alors tout le délai."""
    dort: bool = False
    """Il n'annonce que quand on s'en sert : l'autotest, qui n'y touche pas, ne peut rien en dire."""
    pause_abonnement_s: float = 0.0
    """Beurer : 0.1."""
    attente_suite_s: float | None = None
    """Silence à attendre après un résultat, dont la mesure la plus neuve compte (ceux qui déversent leur mémoire).

    None : 2 s, sauf si la mesure a été vue naître, qui est rendue aussitôt."""
    silence_s: float = 0.0
    """Après une mesure rendue, l'appareil annonce encore sans rien avoir à dire : l'ignorer ce temps-là."""
    regler_heure: bool = True
    """Écrire l'heure de la borne avant de s'abonner (A&D l'exige)."""
    pas_date_s: float = 1.0
    """60 pour un appareil qui ne date qu'à la minute."""
    reprendre: bool = False
    """L'appareil raccroche et revient pendant qu'on s'en sert (glucomètres) : le rechercher de nouveau."""
    services: tuple[str, ...] = ()
    """Noms des services à essayer ; vide pour tous ceux du pilote."""

"""De ce qu'un contrôle a mesuré à ce qu'il rend : une faute nommée, ou un bon constat. Pur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from borne.autotest.contrat import Couleur, Resultat


@dataclass(frozen=True, slots=True)
class Faute:
    """Une panne que l'on sait nommer. `constat` et `remede` : une phrase française chacun."""

    code: str
    constat: str
    remede: str
    couleur: Couleur = Couleur.ROUGE

    def rendre(self, nom: str, valeurs: Mapping[str, float] | None = None) -> Resultat:
        """Le résultat du contrôle `nom`."""
        return Resultat(nom, self.couleur, self.constat, self.remede, self.code, _arrondies(valeurs))


def orange(code: str, constat: str, remede: str) -> Faute:
    """Une faute qui n'empêche pas de servir."""
    return Faute(code, constat, remede, Couleur.ORANGE)


def vert(nom: str, constat: str, valeurs: Mapping[str, float] | None = None) -> Resultat:
    """Tout va bien."""
    return Resultat(nom, Couleur.VERT, constat, valeurs=_arrondies(valeurs))


def gris(nom: str, constat: str) -> Resultat:
    """Cette borne n'en a pas, ou ce contrôle n'a pas lieu d'être."""
    return Resultat(nom, Couleur.GRIS, constat)


def premiere(*fautes: Faute | None) -> Faute | None:
    """La première vraie faute : de la cause à l'effet, pour qu'une panne ne porte qu'un nom."""
    return next((faute for faute in fautes if faute is not None), None)


def _arrondies(valeurs: Mapping[str, float] | None) -> dict[str, float]:
    """Cinq chiffres significatifs : l'historique n'a que faire du reste."""
    return {nom: float(f"{valeur:.5g}") for nom, valeur in (valeurs or {}).items()}

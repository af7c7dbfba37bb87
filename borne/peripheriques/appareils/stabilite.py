"""Une valeur vivante devient un résultat quand elle ne bouge plus. Pur (l'instant vient avec la valeur).

Un oxymètre donne des valeurs dès le premier battement ; elles glissent quelques secondes, et sautent quand le doigt
bouge. Le résultat est la médiane d'un palier où rien n'a manqué et où l'écart est resté petit ; sa durée et ses
écarts peuvent être dits avec lui.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palier:
    """Ce qu'il faut tenir : `duree_s` secondes, chaque valeur restant dans un écart de `ecarts` (même ordre).

    Un silence de plus de `trou_s` entre deux valeurs rompt le palier : ce qui s'y est passé n'est pas connu.
    """

    duree_s: float
    ecarts: tuple[float, ...]
    trou_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Tenue:
    """Un palier tenu : médianes, étendues (plus grand moins plus petit) de chaque valeur, et durée en secondes."""

    medianes: tuple[float, ...]
    etendues: tuple[float, ...]
    duree_s: float


@dataclass(slots=True)
class _Marche:
    """Les mêmes valeurs, d'un instant à un autre : à 60 trames par seconde, une marche par changement suffit."""

    debut_s: float
    fin_s: float
    valeurs: tuple[float, ...]


class Stabilite:
    """Les dernières valeurs d'un palier."""

    def __init__(self, palier: Palier) -> None:
        self._palier = palier
        self._marches: list[_Marche] = []
        self._depuis_s = 0.0

    def rompre(self) -> None:
        """Une valeur douteuse : tout est à refaire."""
        self._marches.clear()

    def ajouter(self, t_s: float, valeurs: tuple[float, ...]) -> bool:
        """Ajoute des valeurs à l'instant `t_s` (d'une horloge qui ne recule pas) ; vrai si le palier est tenu."""
        if self._marches and t_s - self._marches[-1].fin_s > self._palier.trou_s:
            self.rompre()
        if not self._marches:
            self._depuis_s = t_s
        else:
            self._marches[-1].fin_s = t_s
        if not self._marches or self._marches[-1].valeurs != valeurs:
            self._marches.append(_Marche(t_s, t_s, valeurs))
        while any(e > ecart for e, ecart in zip(self._etendues(), self._palier.ecarts, strict=True)):
            del self._marches[0]
        return t_s - self._marches[0].debut_s >= self._palier.duree_s

    @property
    def agitee(self) -> bool:
        """Vrai quand des valeurs viennent sans trou depuis plus d'un palier, mais ne tiennent pas."""
        if not self._marches:
            return False
        fin_s, duree_s = self._marches[-1].fin_s, self._palier.duree_s
        return fin_s - self._depuis_s >= duree_s > fin_s - self._marches[0].debut_s

    def tenue(self) -> Tenue:
        """Ce que vaut le palier qu'`ajouter` vient de dire tenu. Chaque valeur pèse ce qu'elle dure."""
        medianes = tuple(self._mediane(rang) for rang in range(len(self._palier.ecarts)))
        return Tenue(medianes, self._etendues(), self._marches[-1].fin_s - self._marches[0].debut_s)

    def _etendues(self) -> tuple[float, ...]:
        colonnes = zip(*(marche.valeurs for marche in self._marches), strict=True)
        return tuple(max(colonne) - min(colonne) for colonne in colonnes)

    def _mediane(self, rang: int) -> float:
        poids = sorted((marche.valeurs[rang], marche.fin_s - marche.debut_s) for marche in self._marches)
        reste_s = sum(duree for _, duree in poids) / 2
        for valeur, duree in poids:
            reste_s -= duree
            if reste_s <= 0:
                return valeur
        raise AssertionError("les durées se somment")

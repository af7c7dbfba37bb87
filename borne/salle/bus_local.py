"""Le bus d'une seule machine : des rappels dans la boucle asyncio du service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from borne.salle.stockage import Sorte


class BusLocal:
    """`stockage.Bus` dans un processus. N'est utilisé que depuis une boucle asyncio."""

    def __init__(self) -> None:
        self._abonnes: dict[str, list[Callable[[str], None]]] = defaultdict(list)
        self._presents: dict[tuple[Sorte, str], set[str]] = {}

    async def publier(self, canal: str, texte: str = "") -> None:
        """Appelle chaque abonné, sans céder la boucle : l'ordre des publications est celui des réceptions."""
        for rappel in tuple(self._abonnes.get(canal, ())):
            rappel(texte)

    def abonner(self, canal: str, rappel: Callable[[str], None]) -> Callable[[], None]:
        """Voir `stockage.Bus`."""
        self._abonnes[canal].append(rappel)

        def desabonner() -> None:
            self._abonnes[canal].remove(rappel)
            if not self._abonnes[canal]:
                del self._abonnes[canal]

        return desabonner

    async def annoncer(self, sorte: Sorte, identite: str, liaison: str) -> None:
        """Voir `stockage.Bus`."""
        self._presents.setdefault((sorte, identite), set()).add(liaison)

    async def retirer(self, sorte: Sorte, identite: str, liaison: str) -> bool:
        """Voir `stockage.Bus`."""
        liaisons = self._presents.get((sorte, identite), set())
        liaisons.discard(liaison)
        if liaisons:
            return False
        return self._presents.pop((sorte, identite), None) is not None

    async def presents(self, sorte: Sorte) -> frozenset[str]:
        """Voir `stockage.Bus`."""
        return frozenset(identite for laquelle, identite in self._presents if laquelle == sorte)

"""L'horloge : à l'heure de la salle, et tenue à l'heure par le réseau."""

from __future__ import annotations

from typing import Final

from borne.autotest import liaison
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, orange, vert
from borne.autotest.contrat import Resultat

ECART_GENANT_S: Final = 3.0
ECART_GRAVE_S: Final = 60.0
"""La salle date à la seconde près. À une minute, les secrets TURN et les dates des mesures ne valent plus."""
ANNEE_MIN_S: Final = 1_735_689_600.0
"""Le 1er janvier 2025 : avant, c'est une pile d'horloge morte."""
_REGLER: Final = "Vérifiez l'heure et le réglage automatique (timedatectl)."
NON_TENUE: Final = orange("horloge-non-synchronisee", "L'horloge n'est pas tenue par le réseau.", _REGLER)


class ControleHorloge:
    """L'heure de la borne."""

    nom, libelle = "horloge", "Horloge"
    groupe = ""
    delai_s = 10.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Compare à l'heure de la salle, puis à ce que dit le service de temps."""
        ecart = await self._ecart(banc)
        valeurs = {} if ecart is None else {"ecart_s": ecart}
        if banc.horloge() < ANNEE_MIN_S:
            faute = Faute("horloge-arretee", "La date de la borne est fausse.", "Changez la pile de l'horloge.")
            return faute.rendre(self.nom, valeurs)
        if ecart is not None and abs(ecart) > ECART_GENANT_S:
            sens = "en avance" if ecart > 0 else "en retard"
            faire = Faute if abs(ecart) > ECART_GRAVE_S else orange
            constat = f"L'horloge de la borne a {abs(ecart):.0f} secondes {sens.removeprefix('en ')}."
            return faire("horloge-decalee", constat, _REGLER).rendre(self.nom, valeurs)
        temps = banc.systeme("/run/systemd/timesync")
        # systemd-timesyncd(8) : ce fichier paraît quand l'heure a été reçue une fois.
        if temps.is_dir() and not (temps / "synchronized").exists():
            return NON_TENUE.rendre(self.nom, valeurs)
        return vert(self.nom, "À l'heure." if ecart is None else "À l'heure de la salle.", valeurs)

    async def _ecart(self, banc: Banc) -> float | None:
        """Secondes d'avance sur la salle, None si elle ne répond pas (c'est un autre contrôle qui le dira)."""
        if not banc.salle:
            return None
        try:
            return (await liaison.service(banc.salle, banc.horloge)).ecart_s
        except liaison.SalleEnPanne:
            return None

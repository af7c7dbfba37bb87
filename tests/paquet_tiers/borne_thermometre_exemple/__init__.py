"""Le thermomètre frontal Exemple IR-1 : un pilote qui s'ajoute à la borne sans toucher à son dépôt."""

from borne.peripheriques.registre import fabrique_bluetooth
from borne_thermometre_exemple.pilote import ThermometreExemple

fabriquer = fabrique_bluetooth(ThermometreExemple)
"""Ce que nomme l'entrée `borne.peripheriques` de pyproject.toml."""

"""Quand la borne se contrôle : à ses heures, et dès qu'elle peut pour une heure manquée. Pur, l'heure est donnée."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo


def derniere_heure(heures: Sequence[str], maintenant: float, fuseau: tzinfo | None = None) -> float | None:
    """La dernière heure prévue passée, en secondes Unix ; None sans heure prévue.

    `heures` : « HH:MM » locales. `fuseau` None : celui de la machine. Un jour de changement d'heure, une heure qui
    n'existe pas vaut celle d'après (PEP 495) : elle n'est ni oubliée ni doublée.
    """
    present = datetime.fromtimestamp(maintenant, fuseau)
    passees = [
        instant
        for jour in (present.date(), present.date() - timedelta(days=1))
        for heure in heures
        if (instant := _instant(jour.isoformat(), heure, fuseau)) <= maintenant
    ]
    return max(passees, default=None)


def est_du(heures: Sequence[str], dernier: float | None, maintenant: float, fuseau: tzinfo | None = None) -> bool:
    """Vrai si une heure prévue est passée depuis le dernier autotest (`dernier` None : il n'y en a jamais eu).

    Une borne éteinte la nuit se contrôle donc en se rallumant. Un dernier autotest daté du futur (horloge remise à
    l'heure) ne vaut rien.
    """
    prevue = derniere_heure(heures, maintenant, fuseau)
    return prevue is not None and (dernier is None or dernier < prevue or dernier > maintenant)


def _instant(jour: str, heure: str, fuseau: tzinfo | None) -> float:
    return datetime.fromisoformat(f"{jour}T{heure}").replace(tzinfo=fuseau).timestamp()

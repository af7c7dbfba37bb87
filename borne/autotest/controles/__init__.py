"""Les contrôles, un par fichier."""

from __future__ import annotations

from borne.autotest.banc import Banc
from borne.autotest.contrat import Controle


def tous(banc: Banc) -> tuple[Controle[Banc], ...]:
    """Les contrôles de cette borne, un requis avant ceux qui le requièrent."""
    return ()

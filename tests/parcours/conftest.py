"""Les étiquettes `@exigence:NOM` des scénarios deviennent des marques `exigence` de pytest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def pytest_bdd_apply_tag(tag: str, function: Callable[..., Any]) -> bool | None:
    """`@exigence:VISITE-15` vaut `@pytest.mark.exigence("VISITE-15")`."""
    genre, _, nom = tag.partition(":")
    if genre != "exigence":
        return None
    pytest.mark.exigence(nom)(function)
    return True

"""Une salle neuve par test, sur un port libre de la boucle locale."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.salle.outils import Banc, un_banc


@pytest.fixture
async def banc(tmp_path: Path) -> AsyncIterator[Banc]:
    async with un_banc(tmp_path) as banc:
        yield banc

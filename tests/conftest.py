"""Ce que tous les tests partagent : Qt sans écran."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

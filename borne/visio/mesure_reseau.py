"""Les chiffres d'un appel, relevés une fois par seconde sur les rapports RTCP (RFC 3550, 6.4)."""

from __future__ import annotations

import time

from aiortc import RTCPeerConnection
from aiortc.stats import (
    RTCInboundRtpStreamStats,
    RTCOutboundRtpStreamStats,
    RTCRemoteInboundRtpStreamStats,
)


class MesureReseau:
    """Débits, images par seconde et pertes, par différence d'un relevé au suivant."""

    def __init__(self) -> None:
        self._precedent: tuple[float, int, int, int] | None = None
        self._chiffres: dict[str, float] = {}

    async def relever(self, pair: RTCPeerConnection, images_emises: int, images_recues: int) -> None:
        """Fait un relevé ; `images_emises` et `images_recues` sont des comptes depuis le début."""
        rapport = await pair.getStats()
        octets = sum(s.bytesSent for s in rapport.values() if isinstance(s, RTCOutboundRtpStreamStats))
        releve = (time.monotonic(), octets, images_emises, images_recues)
        precedent, self._precedent = self._precedent, releve
        if precedent is None or releve[0] - precedent[0] <= 0:
            return
        duree = releve[0] - precedent[0]
        pertes = [
            s.fractionLost / 256
            for s in rapport.values()
            if isinstance(s, RTCRemoteInboundRtpStreamStats) and s.kind == "video"
        ]
        perdus = sum(s.packetsLost for s in rapport.values() if isinstance(s, RTCInboundRtpStreamStats))
        self._chiffres = {
            "debit_emis_bits_s": (releve[1] - precedent[1]) * 8 / duree,
            "images_emises_s": (releve[2] - precedent[2]) / duree,
            "images_recues_s": (releve[3] - precedent[3]) / duree,
            "pertes_emission": max(pertes, default=0.0),
            "paquets_perdus_reception": float(perdus),
        }

    def chiffres(self, aller_retour: float | None) -> dict[str, float]:
        """Les derniers chiffres : `debit_emis_bits_s`, `images_emises_s`, `images_recues_s`, `pertes_emission`
        (0 à 1), `paquets_perdus_reception` (compte) et `aller_retour_ms` s'il est connu."""
        if aller_retour is None:
            return dict(self._chiffres)
        return {**self._chiffres, "aller_retour_ms": aller_retour * 1000}

    def qualite(self, aller_retour: float | None) -> float:
        """De 0 à 1 : pleine sous 150 ms d'aller-retour et 1 % de pertes, nulle à 1 s ou 20 %."""
        retard = 0.0 if aller_retour is None else max(0.0, min(1.0, (aller_retour - 0.15) / 0.85))
        pertes = max(0.0, min(1.0, (self._chiffres.get("pertes_emission", 0.0) - 0.01) / 0.19))
        return round(1.0 - max(retard, pertes), 2)

"""Les figures du réseau qui change : goulot, coupure, appel long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.bancs._visio_banc import Banc, dire, moyenne
from tests.bancs._visio_camera import HD, PLEINE_HD
from tests.bancs._visio_emetteurs import borne
from tests.bancs._visio_prise import MesureImpossible, Mesures, Prise, appel, retour_de_l_image
from tests.bancs._visio_processus import memoire
from tests.bancs.relais import Regime

LARGE: Final = Regime(debit=4_000_000, file_octets=62_500, delai_ms=20)
ETROIT: Final = Regime(debit=1_000_000, file_octets=62_500, delai_ms=20)
"""La file tient une demi-seconde au débit étroit : un modem, pas un trou noir."""
CHUTE_S: Final = 4.0
REMONTEE_S: Final = 14.0
FIN_S: Final = 26.0
REPIT_S: Final = 2.0
PLEIN: Final = 0.85
"""Part du débit d'avant la chute à laquelle il est dit revenu."""


@dataclass
class Goulot:
    """Ce qu'un goulot 4 -> 1 -> 4 Mbit/s a coûté. `retour_s` : None si le plein débit n'est pas revenu."""

    age_max_ms: float
    retour_s: float | None
    cles: int
    mesures: Mesures

    def __str__(self) -> str:
        return (
            f"âge max {self.age_max_ms} ms, plein débit en {self.retour_s} s, {self.cles} clés sans demande ; "
            f"{self.mesures.resume()}"
        )


async def goulot(banc: Banc) -> None:
    """Un goulot qui tombe de 4 à 1 Mbit/s, dix secondes, puis revient ; 1080p30, aller-retour de 40 ms."""

    async def faire(prise: Prise) -> Goulot:
        prise.relais.programmer([(0, LARGE)], "vers_medecin")
        prise.relais.programmer([(0, Regime(delai_ms=20))], "vers_borne")
        await asyncio.sleep(banc.chauffe_s)
        depart = time.time() * 1000
        prise.relais.programmer([(0, LARGE), (CHUTE_S, ETROIT), (REMONTEE_S, LARGE)], "vers_medecin")
        return _juger_goulot(await prise.mesurer(FIN_S), depart)

    prises = await banc.alterner("goulot", faire, lambda: banc.emetteurs(PLEINE_HD, 4_000_000))
    ici, la = prises["borne"], prises.get("Chromium")
    age = moyenne(la, lambda g: g.age_max_ms)
    dire("goulot_age_max", moyenne(ici, lambda g: g.age_max_ms), "ms", 400, age, maximum=True)
    dire("goulot_plein_debit", _retours(ici), "s", 5, _retours(la), maximum=True)
    cles = moyenne(la, lambda g: g.cles)
    dire("goulot_images_cles", moyenne(ici, lambda g: g.cles), "sans demande du médecin", 0, cles, maximum=True)


def _tous(retours: Sequence[float | None] | None) -> float | None:
    """La moyenne des retours, None dès qu'un seul manque."""
    connus = [retour for retour in retours or () if retour is not None]
    return round(float(np.mean(connus)), 3) if connus and len(connus) == len(retours or ()) else None


def _retours(goulots: Sequence[Goulot] | None) -> float | None:
    return _tous([g.retour_s for g in goulots or ()])


def _juger_goulot(mesures: Mesures, depart_ms: float) -> Goulot:
    chute, remontee = depart_ms + CHUTE_S * 1000, depart_ms + REMONTEE_S * 1000
    rendues = mesures.rendues
    etroites = rendues[(rendues[:, 0] >= chute + REPIT_S * 1000) & (rendues[:, 0] < remontee), 1]
    if not len(etroites):
        raise MesureImpossible("aucune image pendant le goulot")
    instants, debits = mesures.debits()
    avant = float(np.median(debits[(instants > chute - 3000) & (instants <= chute)]))
    revenus = instants[(instants > remontee + 200) & (debits >= PLEIN * avant)]
    serie = mesures.serie[mesures.serie[:, 0] >= chute - 200]
    cles, demandes = serie[-1, 2] - serie[0, 2], serie[-1, 3] - serie[0, 3]
    return Goulot(
        age_max_ms=round(float(etroites.max()), 1),
        retour_s=round(float(revenus[0] - remontee) / 1000, 2) if len(revenus) else None,
        cles=int(max(0, cles - demandes)),
        mesures=mesures,
    )


COUPURE_S: Final = 4.0


async def coupure4(banc: Banc) -> None:
    """Tout coupé 4 s, séance seule : combien de temps après le retour du réseau l'image revient, chez Chromium aussi.

    Ce que la borne fait des coupures plus longues, avec sa salle et la page du médecin : `_visio_coupures`.
    """

    async def faire(prise: Prise) -> float | None:
        prise.relais.regler(Regime(delai_ms=20))
        await asyncio.sleep(banc.chauffe_s)
        prise.relais.couper(COUPURE_S)
        return await retour_de_l_image(prise.page, (time.time() + COUPURE_S) * 1000, attente_s=20)

    prises = await banc.alterner("coupure4", faire, lambda: banc.emetteurs(HD, 3_000_000))
    ici, la = (_tous(prises.get(emetteur)) for emetteur in ("borne", "Chromium"))
    dire("coupure4_retour", ici, "s", 0.3, la, maximum=True)


# --- appel long ---

TRANCHE_S: Final = 10.0


async def long(banc: Banc) -> None:
    """Un appel de `--long` minutes (720p30, 1 % de pertes) : délai, mémoire, écart du son à l'image.

    L'écart est celui du clic entendu à l'éclair du même instant, moins l'âge médian des images de la même tranche.
    """
    emetteur = borne(banc.dossier, banc.contenu(HD), 3_000_000)
    delais, memoires, ecarts = [], [], []
    async with appel(emetteur, banc.navigateurs, banc.medecin, banc.reglages.graine, avec_son=True) as prise:
        prise.relais.regler(Regime(perte=0.01, delai_ms=20))
        await asyncio.sleep(30)
        fin = time.monotonic() + banc.reglages.long_min * 60
        while time.monotonic() < fin:
            mesures = await prise.mesurer(TRANCHE_S)
            clics = (await prise.page.evaluate("t => releve(t)", mesures.debut_ms))["clics"]
            retards = [(clic + 1000) % 2000 - 1000 for clic in clics]
            delais.append(mesures.delai(50))
            memoires.append(memoire(emetteur.pids()[0]) / 1e6)
            if retards:
                ecarts.append(float(np.median(retards)) - mesures.delai(50))
            await prise.page.evaluate("t => oublier(t)", mesures.fin_ms)
    if not ecarts:
        raise MesureImpossible("aucun clic n'a été entendu chez le médecin")
    tiers = max(1, len(delais) // 4)
    dire("long_delai", _croissance(delais, tiers), "ms, de croissance", 5, None, maximum=True)
    dire("long_memoire", _croissance(memoires, tiers), "Mo, de croissance", 10, None, maximum=True)
    dire("long_son_image", round(max(map(abs, ecarts)), 1), "ms, au pire", 100, None, maximum=True)
    dire("long_derive", abs(_croissance(ecarts, max(1, len(ecarts) // 4))), "ms", 20, None, maximum=True)


def _croissance(valeurs: Sequence[float], combien: int) -> float:
    """La moyenne des dernières moins celle des premières."""
    return round(float(np.mean(valeurs[-combien:]) - np.mean(valeurs[:combien])), 2)

"""La commande du brassard virtuel : une prise TCP locale, une ligne JSON par ordre, une ligne par réponse.

Ordres : `{"ordre": "comportement", "valeur": "nan"}`, `{"ordre": "valeurs", "systolique": 128, "diastolique": 79,
"pouls": 66}`, `{"ordre": "presser"}`, `{"ordre": "memoriser", "age_s": 86400, "systolique": ...}`,
`{"ordre": "oublier_cles"}`, `{"ordre": "debrancher"}` (coupe la radio de la borne), `{"ordre": "etat"}`,
`{"ordre": "envois"}` (ce qui est réellement parti), `{"ordre": "fin"}`. Réponse : `{"ok": true, ...}` ou
`{"ok": false, "raison": "..."}`.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import click
import msgspec

from borne.demonstration.brassard import BrassardVirtuel
from borne.peripheriques.simulation.brassard import Comportement
from borne.peripheriques.simulation.tension import Tension

_CHAMPS: Final = ("systolique", "diastolique", "pouls")


class OrdreInvalide(ValueError):
    """Un ordre inconnu ou mal fait."""


class Commande:
    """La prise de commande d'un brassard. `fin` se lève sur l'ordre `fin`."""

    def __init__(self, brassard: BrassardVirtuel) -> None:
        self._brassard = brassard
        self._serveur: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self.fin = asyncio.Event()

    async def ouvrir(self, port: int = 0) -> int:
        """Écoute sur 127.0.0.1 ; rend le port."""
        self._serveur = await asyncio.start_server(self._servir, "127.0.0.1", port)
        return int(self._serveur.sockets[0].getsockname()[1])

    async def fermer(self) -> None:
        """Ferme la prise et ses clients."""
        if self._serveur is None:
            return
        self._serveur.close()
        for client in list(self._clients):
            client.close()
        await self._serveur.wait_closed()

    async def _servir(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        self._clients.add(ecrivain)
        try:
            while ligne := await lecteur.readline():
                ecrivain.write(msgspec.json.encode(await self._repondre(ligne)) + b"\n")
                await ecrivain.drain()
        except ConnectionError:
            return
        finally:
            self._clients.discard(ecrivain)
            ecrivain.close()

    async def _repondre(self, ligne: bytes) -> dict[str, Any]:
        try:
            ordre = msgspec.json.decode(ligne, type=dict[str, Any])
            return {"ok": True, **await self.executer(ordre)}
        except (OrdreInvalide, msgspec.DecodeError) as erreur:
            return {"ok": False, "raison": str(erreur)}

    async def executer(self, ordre: Mapping[str, Any]) -> dict[str, Any]:
        """Exécute un ordre ; rend les champs de la réponse. Lève `OrdreInvalide`."""
        brassard, etat = self._brassard, self._brassard.etat
        match ordre.get("ordre"):
            case "comportement":
                await brassard.conduire(_comportement(ordre.get("valeur")))
            case "valeurs":
                etat.tension = _tension(ordre, etat.tension)
            case "presser":
                brassard.presser()
            case "memoriser":
                etat.memoriser(_tension(ordre, etat.tension), float(ordre.get("age_s", 86400.0)))
            case "oublier_cles":
                await brassard.oublier_cles()
            case "debrancher":
                await brassard.monde.debrancher()
            case "envois":
                return {"envois": [asdict(envoi) for envoi in etat.envois]}
            case "etat":
                return {
                    "comportement": etat.comportement,
                    "relie": brassard.relie,
                    "en_cours": brassard.mesure_en_cours,
                    "commencees": etat.mesures_commencees,
                    "appairages": await brassard.nombre_appairages(),
                }
            case "fin":
                self.fin.set()
            case autre:
                raise OrdreInvalide(f"ordre inconnu : {autre!r}")
        return {}


def _comportement(valeur: object) -> Comportement:
    try:
        return Comportement(str(valeur))
    except ValueError:
        raise OrdreInvalide(f"comportement inconnu : {valeur!r} ({', '.join(Comportement)})") from None


def _tension(ordre: Mapping[str, Any], usuelle: Tension) -> Tension:
    valeurs = {champ: ordre.get(champ, getattr(usuelle, champ)) for champ in _CHAMPS}
    for champ, valeur in valeurs.items():
        if not isinstance(valeur, int) or not 0 < valeur < 300:
            raise OrdreInvalide(f"{champ} : entier de 1 à 299 attendu")
    return Tension(**valeurs)


async def servir(port_hci: int, port_commande: int, duree_s: float, cadence_hz: float) -> None:
    """Fait vivre le brassard jusqu'à SIGTERM, SIGINT ou l'ordre `fin` ; dit ses ports sur la sortie standard."""
    brassard = BrassardVirtuel(port_hci=port_hci, duree_s=duree_s, cadence_hz=cadence_hz)
    commande = Commande(brassard)
    boucle = asyncio.get_running_loop()
    for signe in (signal.SIGTERM, signal.SIGINT):
        boucle.add_signal_handler(signe, commande.fin.set)
    await brassard.demarrer()
    try:
        port = await commande.ouvrir(port_commande)
        ports = {"port_hci": brassard.port_hci, "port_commande": port}
        print(msgspec.json.encode(ports).decode(), flush=True)
        await commande.fin.wait()
    finally:
        await commande.fermer()
        await brassard.fermer()


@click.command()
@click.option("--port-hci", default=0, show_default=True, help="Port de la radio (0 : libre).")
@click.option("--port-commande", default=0, show_default=True, help="Port des ordres (0 : libre).")
@click.option("--duree-s", default=8.0, show_default=True, help="Durée d'une mesure, en secondes.")
@click.option("--cadence-hz", default=8.0, show_default=True, help="Pressions vivantes par seconde.")
def _ligne(port_hci: int, port_commande: int, duree_s: float, cadence_hz: float) -> None:
    """Le brassard virtuel, dans son propre processus."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s : %(message)s")
    # bumble raconte chaque paquet, trames comprises : seuls ses avertissements nous importent.
    logging.getLogger("bumble").setLevel(logging.WARNING)
    asyncio.run(servir(port_hci, port_commande, duree_s, cadence_hz))


def principal() -> None:
    """Point d'entrée de `python -m borne.demonstration.brassard`."""
    _ligne()

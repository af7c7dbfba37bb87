"""`python -m borne.demonstration.peripheriques COMMANDE...` : `borne peripheriques`, devant des appareils virtuels.

Tous les appareils Bluetooth virtuels vivent dans un fil à eux, configurés sous leur nom de `JUMEAUX` :

    python -m borne.demonstration.peripheriques lister
    python -m borne.demonstration.peripheriques voir saturation_continue --fois 1
    python -m borne.demonstration.peripheriques enregistrer tension seance.jsonl
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from borne.commandes.peripheriques import Atelier, peripheriques
from borne.configuration import Chemins, Configuration
from borne.demonstration.jumeaux import JUMEAUX, MondeBluetooth
from borne.demonstration.radio import backends
from borne.peripheriques.ble import Agent, Radio
from borne.peripheriques.espion import Espion

PILOTES: Final = MappingProxyType(
    {
        "tension": "tensiometre",
        "temperature": "thermometre",
        "saturation": "oxymetre",
        "saturation_continue": "oxymetre",
        "nonin": "oxymetre",
        "jumper": "oxymetre",
        "poids": "pese-personne",
        "poids_annonce": "balance-annonce",
        "glycemie": "glucometre",
        "frequence": "ceinture-cardiaque",
    }
)
"""Le pilote de chaque jumeau."""


def fiches() -> str:
    """Un `peripheriques.toml` où chaque jumeau est un appareil, reconnu à son adresse."""
    return "\n".join(
        f'[[appareil]]\nidentifiant = "{nom}"\npilote = "{PILOTES[nom]}"\nlibelle = "{classe.IDENTITE.modele}"\n'
        f'[appareil.reglages]\nadresse = "{classe.IDENTITE.adresse}"\n'
        + ("appairer = false\n" if nom == "jumper" else "")
        for nom, classe in JUMEAUX.items()
    )


@contextmanager
def monde_virtuel() -> Iterator[MondeBluetooth]:
    """Tous les jumeaux, vivants dans leur propre fil."""
    boucle = asyncio.new_event_loop()
    fil = threading.Thread(target=boucle.run_forever, name="monde-virtuel")
    fil.start()
    monde = asyncio.run_coroutine_threadsafe(_naitre(), boucle).result()
    try:
        yield monde
    finally:
        asyncio.run_coroutine_threadsafe(monde.fermer(), boucle).result()
        boucle.call_soon_threadsafe(boucle.stop)
        fil.join()
        boucle.close()


async def _naitre() -> MondeBluetooth:
    monde = MondeBluetooth()
    await monde.demarrer()
    return monde


def radio_vers(monde: MondeBluetooth, dossier: Path) -> Callable[[Espion, Agent | None], Radio]:
    """De quoi faire la radio de l'atelier ; ses appairages restent dans `dossier`."""
    balayeur, client = backends(monde.adresse_hci, dossier)
    return lambda espion, agent: Radio(backend_scanner=balayeur, backend_client=client, espion=espion, agent=agent)


def principal() -> None:
    """La commande."""
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="borne-peripheriques-") as temporaire, monde_virtuel() as monde:
        fichier = Path(temporaire) / "peripheriques.toml"
        fichier.write_text(fiches(), encoding="utf-8")
        configuration = Configuration(chemins=Chemins(peripheriques=str(fichier)))
        atelier = Atelier(configuration, radio_vers(monde, Path(temporaire)))
        peripheriques(sys.argv[1:], obj=atelier)


if __name__ == "__main__":
    principal()

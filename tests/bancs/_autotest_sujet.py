"""La borne de l'autotest, dans son processus : une ligne JSON demande, une ligne JSON répond.

Premier argument : un fichier JSON, les champs du banc. Demande : `{"controles": [...] ou null, "banc": {...}}`, où
`banc` remplace des champs ; `horloge_s` décale l'horloge. Réponse : `{"resultats": [...], "duree_s": ...}`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

from borne.autotest.banc import Banc, EcranVoulu
from borne.autotest.controles import avec_requis, tous
from borne.autotest.execution import executer
from borne.demonstration import radio as radio_virtuelle
from borne.peripheriques.ble import Radio
from borne.peripheriques.registre import Contexte, Registre
from borne.peripheriques.serie import Serie
from borne.visio.identite import IdentiteAbsente, IdentiteBorne, IdentiteIllisible, lire

RELECTURE_S = 6.0
CHEMINS = ("donnees", "cles", "racine", "serie")


def _identite(cles: Path) -> IdentiteBorne | None:
    try:
        return lire(cles)
    except (IdentiteAbsente, IdentiteIllisible, OSError):
        return None


def _banc(champs: dict[str, Any], radio: Radio, registre: Registre) -> Banc:
    decale = champs.pop("horloge_s", 0.0)
    for nom in CHEMINS:
        champs[nom] = Path(champs[nom])
    return Banc(
        radio,
        appareils=registre.tous(),
        identite=_identite(champs["cles"]),
        horloge=lambda: time.time() + decale,
        ecran=EcranVoulu(),
        **champs,
    )


async def servir(reglages: dict[str, Any]) -> None:
    """Répond aux demandes jusqu'à la fin de l'entrée."""
    scanner, client = radio_virtuelle.backends(reglages.pop("radio"), Path(reglages.pop("cles_radio")))
    radio = Radio(backend_scanner=scanner, backend_client=client)
    registre = Registre.charger(Path(reglages.pop("peripheriques")), Contexte(radio, Serie(Path(reglages["serie"]))))
    print(json.dumps({"pret": True}), flush=True)
    while ligne := await asyncio.to_thread(sys.stdin.readline):
        demande = json.loads(ligne)
        banc = _banc({**reglages, **demande.get("banc", {})}, radio, registre)
        controles: Any = tous(banc, relecture_s=RELECTURE_S)
        if demande.get("controles") is not None:
            controles = avec_requis(controles, demande["controles"])
        debut = time.monotonic()
        resultats = await executer(controles, banc)
        reponse = {"resultats": [dataclasses.asdict(r) for r in resultats], "duree_s": time.monotonic() - debut}
        print(json.dumps(reponse), flush=True)


if __name__ == "__main__":
    asyncio.run(servir(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))

"""La commande des appareils Bluetooth virtuels : une prise TCP locale, une ligne JSON par ordre, une par réponse.

`"appareil"` (« tension » par défaut) nomme celui à qui l'ordre s'adresse. Ordres :
`{"ordre": "comportement", "valeur": "nan"}`, `{"ordre": "faute", "valeur": "main-froide"}` (vide : aucune),
`{"ordre": "valeurs", "systolique": 128, "diastolique": 79, "pouls": 66}` (les champs de l'appareil), `{"ordre":
"presser"}`, `{"ordre": "differer"}` (dort jusqu'au bouton, mesure seul, puis annonce et rend),
`{"ordre": "memoriser", "age_s": 86400, "systolique": ...}`, `{"ordre": "batterie", "valeur": 8}`,
`{"ordre": "horloge", "ecart_s": -86400}`, `{"ordre": "oublier_cles"}`, `{"ordre": "appairer_ailleurs"}`, `{"ordre":
"mode_appairage", "valeur": true}`, `{"ordre": "arracher_piles"}`, `{"ordre": "debrancher"}` (coupe la radio de la
borne), `{"ordre": "retirer"}` et `{"ordre": "remettre"}` (l'adaptateur de la borne), `{"ordre": "etat"}`, `{"ordre":
"envois"}` (ce qui est réellement parti), `{"ordre": "appareils"}`, `{"ordre": "fin"}`. Réponse : `{"ok": true, ...}`
ou `{"ok": false, "raison": "..."}`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import click
import msgspec

from borne.demonstration.jumeau import Jumeau
from borne.demonstration.jumeaux import JUMEAUX, MondeBluetooth
from borne.demonstration.ordres import OrdreInvalide, ServeurOrdres
from borne.demonstration.seances import JumeauPonctuel
from borne.peripheriques.simulation.comportement import Comportement

_USUEL = "tension"


class Commande(ServeurOrdres):
    """La prise de commande d'un monde Bluetooth. `fin` se lève sur l'ordre `fin`."""

    def __init__(self, monde: MondeBluetooth) -> None:
        super().__init__()
        self._monde = monde

    async def executer(self, ordre: Mapping[str, Any]) -> dict[str, Any]:
        """Exécute un ordre ; rend les champs de la réponse. Lève `OrdreInvalide`."""
        lien = self._monde.lien
        match ordre.get("ordre"):
            case "debrancher":
                await lien.debrancher()
            case "retirer":
                await lien.retirer()
            case "remettre":
                lien.remettre()
            case "appareils":
                return {"appareils": sorted(self._monde.jumeaux)}
            case "fin":
                self.fin.set()
            case _:
                return await _executer(self._jumeau(ordre), ordre)
        return {}

    def _jumeau(self, ordre: Mapping[str, Any]) -> Jumeau[Any]:
        nom = str(ordre.get("appareil", _USUEL))
        if nom not in self._monde.jumeaux:
            raise OrdreInvalide(f"appareil inconnu : {nom!r} ({', '.join(sorted(self._monde.jumeaux))})")
        return self._monde.jumeaux[nom]


async def _executer(jumeau: Jumeau[Any], ordre: Mapping[str, Any]) -> dict[str, Any]:
    """Un ordre donné à un appareil."""
    etat = jumeau.etat
    match ordre.get("ordre"):
        case "comportement":
            await jumeau.conduire(_comportement(ordre.get("valeur")))
        case "faute":
            etat.faute = _faute(jumeau, str(ordre.get("valeur", "")))
        case "valeurs":
            etat.valeur = _valeurs(ordre, etat.valeur)
        case "presser":
            jumeau.presser()
        case "differer" if isinstance(jumeau, JumeauPonctuel):
            await jumeau.differer()
        case "memoriser":
            etat.memoriser(_valeurs(ordre, etat.valeur), float(ordre.get("age_s", 86400.0)))
        case "batterie":
            etat.batterie = _batterie(ordre.get("valeur"))
        case "horloge":
            etat.ecart_horloge_s = float(ordre.get("ecart_s", 0.0))
        case "oublier_cles":
            await jumeau.oublier_cles()
        case "appairer_ailleurs":
            await jumeau.appairer_ailleurs()
        case "mode_appairage":
            jumeau.mode_appairage = bool(ordre.get("valeur", True))
        case "arracher_piles":
            jumeau.arracher_piles()
        case "envois":
            return {"envois": [{**asdict(envoi), **envoi.valeurs} for envoi in etat.envois]}
        case "etat":
            return {
                "comportement": etat.comportement,
                "faute": etat.faute,
                "phase": jumeau.phase,
                "relie": jumeau.relie,
                "en_cours": jumeau.mesure_en_cours,
                "commencees": etat.mesures_commencees,
                "appairages": await jumeau.nombre_appairages(),
            }
        case autre:
            raise OrdreInvalide(f"ordre inconnu : {autre!r}")
    return {}


def _comportement(valeur: object) -> Comportement:
    try:
        return Comportement(str(valeur))
    except ValueError:
        raise OrdreInvalide(f"comportement inconnu : {valeur!r} ({', '.join(Comportement)})") from None


def _faute(jumeau: Jumeau[Any], valeur: str) -> str:
    if valeur and valeur not in jumeau.FAUTES:
        raise OrdreInvalide(f"faute inconnue : {valeur!r} ({', '.join(sorted(jumeau.FAUTES))})")
    return valeur


def _batterie(valeur: object) -> int:
    if not isinstance(valeur, int) or not 0 <= valeur <= 100:
        raise OrdreInvalide("batterie : entier de 0 à 100 attendu")
    return valeur


def _valeurs(ordre: Mapping[str, Any], usuelle: Any) -> Any:
    """Les valeurs usuelles, corrigées de celles que l'ordre donne, du même type."""
    donnees = {champ.name: ordre[champ.name] for champ in fields(usuelle) if champ.name in ordre}
    for champ, valeur in donnees.items():
        attendu = int if isinstance(getattr(usuelle, champ), int) else (int, float)
        if isinstance(valeur, bool) or not isinstance(valeur, attendu) or not 0 < valeur < 1000:
            raise OrdreInvalide(f"{champ} : nombre positif attendu, entier pour un entier")
    return replace(usuelle, **donnees)


async def servir(monde: MondeBluetooth, port_hci: int, port_commande: int) -> None:
    """Fait vivre les appareils jusqu'à SIGTERM, SIGINT ou l'ordre `fin` ; dit ses ports sur la sortie standard."""
    commande = Commande(monde)
    commande.finir_sur_signal()
    await monde.demarrer(port_hci)
    try:
        port = await commande.ouvrir(port_commande)
        ports = {"port_hci": monde.port_hci, "port_commande": port}
        print(msgspec.json.encode(ports).decode(), flush=True)
        await commande.fin.wait()
    finally:
        await commande.fermer()
        await monde.fermer()


@click.command()
@click.option("--port-hci", default=0, show_default=True, help="Port de la radio (0 : libre).")
@click.option("--port-commande", default=0, show_default=True, help="Port des ordres (0 : libre).")
@click.option("--duree-s", default=8.0, show_default=True, help="Durée d'une mesure, en secondes.")
@click.option("--cadence-hz", default=8.0, show_default=True, help="Valeurs vivantes par seconde.")
@click.option("--appareils", default=_USUEL, show_default=True, help=f"Parmi {', '.join(JUMEAUX)} ; ou « tous ».")
def _ligne(port_hci: int, port_commande: int, duree_s: float, cadence_hz: float, appareils: str) -> None:
    """Des appareils Bluetooth virtuels, dans leur propre processus."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s : %(message)s")
    # bumble raconte chaque paquet, trames comprises : seuls ses avertissements nous importent.
    logging.getLogger("bumble").setLevel(logging.WARNING)
    noms = tuple(JUMEAUX) if appareils == "tous" else tuple(appareils.split(","))
    if inconnus := set(noms) - set(JUMEAUX):
        raise click.BadParameter(f"appareil inconnu : {', '.join(sorted(inconnus))}", param_hint="--appareils")
    monde = MondeBluetooth(noms, duree_s=duree_s, cadence_hz=cadence_hz)
    asyncio.run(servir(monde, port_hci, port_commande))


def principal() -> None:
    """Point d'entrée de `python -m borne.demonstration.brassard` et de `python -m borne.demonstration.jumeaux`."""
    _ligne()

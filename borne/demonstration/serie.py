"""Les appareils à fil virtuels, dans leur propre processus : tuer la borne ne les débranche pas.

`python -m borne.demonstration.serie --racine DOSSIER oxymetre=cms50-v7 badge=lecteur tickets=imprimante` branche
chaque appareil sous son nom dans DOSSIER (ce que la borne lit : `appareils.serie`), écrit une ligne JSON
(`port_commande`), puis sert jusqu'à SIGTERM. Modèles : cms50-v4, cms50-v7, nonin-2, nonin-13, lecteur, imprimante.

Ordres (`"appareil"` : son nom) :
- tous : `brancher`, `debrancher`, `etat`, `ligne` (`bruit`, `perte`, `coupe` : voir `Parasites`), `fin` ;
- oxymètres : `conduite` (`valeur` : voir `ConduiteOxymetre`), `valeurs` (`spo2`, `pouls`, `perfusion`), `memoriser`
  (`spo2`, `pouls`, `age_s`) ;
- lecteur : `presenter` (`code`) ;
- imprimante : `papier` (`lignes`), `capot` (`ouvert`), `tickets`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click
import msgspec

from borne.demonstration.ordres import OrdreInvalide, ServeurOrdres
from borne.demonstration.prise import AppareilSerieVirtuel
from borne.peripheriques.simulation.imprimante_tickets import ImprimanteVirtuelleTickets
from borne.peripheriques.simulation.lecteur import LecteurVirtuel
from borne.peripheriques.simulation.ligne import ModeleSerie, Parasites
from borne.peripheriques.simulation.oxymetre_serie import MODELES as OXYMETRES
from borne.peripheriques.simulation.oxymetre_serie import ConduiteOxymetre, EtatOxymetre, OxymetreVirtuel

_AUTRES: Final[Mapping[str, Callable[[], ModeleSerie]]] = MappingProxyType(
    {"lecteur": LecteurVirtuel, "imprimante": ImprimanteVirtuelleTickets}
)
MODELES: Final = (*OXYMETRES, *_AUTRES)
"""Ce que l'on peut brancher."""


def modele_neuf(nom: str) -> ModeleSerie:
    """Un appareil tout neuf, d'un nom de `MODELES`."""
    return OXYMETRES[nom](EtatOxymetre()) if nom in OXYMETRES else _AUTRES[nom]()


class CommandeSerie(ServeurOrdres):
    """Les ordres donnés aux appareils, par leur nom de prise."""

    def __init__(self, appareils: Mapping[str, AppareilSerieVirtuel]) -> None:
        super().__init__()
        self._appareils = appareils

    async def executer(self, ordre: Mapping[str, Any]) -> dict[str, Any]:
        """Voir `ServeurOrdres`."""
        if ordre.get("ordre") == "fin":
            self.fin.set()
            return {}
        appareil = self._appareils.get(str(ordre.get("appareil")))
        if appareil is None:
            raise OrdreInvalide(f"appareil inconnu : {ordre.get('appareil')!r} ({', '.join(self._appareils)})")
        match ordre.get("ordre"):
            case "brancher":
                appareil.prise.brancher()
            case "debrancher":
                appareil.prise.debrancher()
            case "ligne":
                bruit, perte, coupe = (_nombre(ordre, nom, 0.0) for nom in ("bruit", "perte", "coupe"))
                appareil.parasites = Parasites(bruit, perte, coupe)
            case "etat":
                return {"branche": appareil.prise.branchee}
            case _:
                return _propre(appareil.modele, ordre)
        return {}


def _propre(modele: ModeleSerie, ordre: Mapping[str, Any]) -> dict[str, Any]:
    """Un ordre que seul ce genre d'appareil comprend."""
    if isinstance(modele, LecteurVirtuel) and ordre.get("ordre") == "presenter":
        modele.presenter(str(ordre.get("code", "")))
        return {}
    if isinstance(modele, ImprimanteVirtuelleTickets):
        return _imprimante(modele, ordre)
    if isinstance(modele, OxymetreVirtuel):
        return _oxymetre(modele.etat, ordre)
    raise OrdreInvalide(f"ordre inconnu de cet appareil : {ordre.get('ordre')!r}")


def _imprimante(modele: ImprimanteVirtuelleTickets, ordre: Mapping[str, Any]) -> dict[str, Any]:
    match ordre.get("ordre"):
        case "papier":
            modele.lignes_restantes = int(_nombre(ordre, "lignes", 1000))
        case "capot":
            modele.capot_ouvert = ordre.get("ouvert") is True
        case "tickets":
            return {"tickets": [ticket.texte for ticket in modele.tickets]}
        case autre:
            raise OrdreInvalide(f"ordre inconnu d'une imprimante : {autre!r}")
    return {}


def _oxymetre(etat: EtatOxymetre, ordre: Mapping[str, Any]) -> dict[str, Any]:
    match ordre.get("ordre"):
        case "conduite":
            try:
                etat.conduite = ConduiteOxymetre(str(ordre.get("valeur")))
            except ValueError:
                raise OrdreInvalide(f"conduite inconnue ({', '.join(ConduiteOxymetre)})") from None
        case "valeurs":
            etat.spo2, etat.pouls = int(_nombre(ordre, "spo2", etat.spo2)), int(_nombre(ordre, "pouls", etat.pouls))
            etat.perfusion = _nombre(ordre, "perfusion", etat.perfusion)
        case "memoriser":
            date = datetime.now() - timedelta(seconds=_nombre(ordre, "age_s", 86400.0))
            etat.memoire.append((int(_nombre(ordre, "spo2", 97)), int(_nombre(ordre, "pouls", 72)), date))
        case autre:
            raise OrdreInvalide(f"ordre inconnu d'un oxymètre : {autre!r}")
    return {}


def _nombre(ordre: Mapping[str, Any], nom: str, usuel: float) -> float:
    valeur = ordre.get(nom, usuel)
    if isinstance(valeur, bool) or not isinstance(valeur, int | float) or not 0 <= valeur < 1e9:
        raise OrdreInvalide(f"{nom} : nombre positif ou nul attendu")
    return valeur


async def servir(racine: Path, branches: Mapping[str, str], port_commande: int) -> None:
    """Fait vivre ces appareils (nom de prise : modèle) jusqu'à SIGTERM, SIGINT ou l'ordre `fin`."""
    async with AsyncExitStack() as pile:
        appareils = {
            nom: await pile.enter_async_context(AppareilSerieVirtuel(racine, nom, modele_neuf(modele)))
            for nom, modele in branches.items()
        }
        commande = CommandeSerie(appareils)
        commande.finir_sur_signal()
        port = await commande.ouvrir(port_commande)
        pile.push_async_callback(commande.fermer)
        print(msgspec.json.encode({"port_commande": port}).decode(), flush=True)
        await commande.fin.wait()


def _lire_branches(_contexte: click.Context, _option: click.Parameter, textes: Sequence[str]) -> dict[str, str]:
    branches = {}
    for texte in textes:
        nom, _, modele = texte.partition("=")
        if modele not in MODELES or not nom or "/" in nom:
            raise click.BadParameter(f"{texte} : attendu NOM=MODELE, modèle parmi {', '.join(MODELES)}")
        branches[nom] = modele
    return branches


@click.command()
@click.option("--racine", type=click.Path(path_type=Path), required=True, help="Dossier des noms stables.")
@click.option("--port-commande", default=0, show_default=True, help="Port des ordres (0 : libre).")
@click.argument("branches", nargs=-1, required=True, callback=_lire_branches)
def principal(racine: Path, port_commande: int, branches: dict[str, str]) -> None:
    """Des appareils à fil virtuels (NOM=MODELE), dans leur propre processus."""
    asyncio.run(servir(racine, branches, port_commande))


if __name__ == "__main__":
    principal()

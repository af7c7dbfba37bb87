"""Rouvrir une borne coupée, par sa vraie régie, et dire ce qu'elle montre et ce qu'elle a gardé."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from borne.demonstration.temoin import ecran, empreinte
from borne.dossier.archives import Archives
from borne.dossier.fil import ArchivesAsync
from borne.dossier.serialisation import depuis_json
from borne.parcours.avancer import avancer
from borne.parcours.visite import Visite
from borne.regie import Regie


@dataclass(frozen=True)
class Etat:
    """Un état rejoué : son empreinte, et ce qu'un écran en montre (voir `borne.demonstration.temoin`)."""

    empreinte: str
    ecran: dict[str, Any]


@dataclass
class Reprise:
    """Ce qu'une borne coupée rend.

    `etats` : par visite encore là, chaque état que ses événements rejouent, dans l'ordre. `ecartees` : les visites
    que la borne n'a pas su relire. `ecrans` : ce que la régie montre, du premier au dernier.
    """

    etats: dict[str, list[Etat]] = field(default_factory=dict)
    ecartees: list[str] = field(default_factory=list)
    ecrans: list[dict[str, Any]] = field(default_factory=list)


async def lire(archives: ArchivesAsync) -> Reprise:
    """Rejoue chaque visite encore là, sans rien changer d'autre que ce que l'ouverture a déjà fait."""
    reprise = Reprise(ecartees=await archives.ecartees())
    closes = [attente.visite for attente in await archives.a_transmettre()]
    for visite in [*await archives.visites_ouvertes(), *closes]:
        etat, etats = Visite(), []
        for brut in await (await archives.ouvrir(visite)).evenements():
            etat, _ = avancer(etat, depuis_json(brut.type, brut.version, brut.corps))
            etats.append(Etat(empreinte(etat), ecran(etat)))
        reprise.etats[visite] = etats
    return reprise


async def rouvrir(donnees: Path, cles: Path, *, acquitter: bool = False) -> Reprise:
    """Démarre une vraie régie sur ces dossiers, laisse passer son redémarrage, puis referme tout.

    `acquitter` : la salle accuse ensuite tout ce qui attend, comme elle le ferait. Erreurs : celles du dossier.
    """
    archives = await ArchivesAsync.demarrer(lambda: Archives(donnees, cles))
    try:
        reprise = await lire(archives)
        montrees: list[Visite] = []
        regie = Regie(archives, lambda *_: None, montrees.append, lambda _: None)
        await regie.demarrer()
        tache = asyncio.create_task(regie.tourner())
        await regie.vider()
        regie.arreter()
        tache.cancel()
        await asyncio.gather(tache, return_exceptions=True)
        for attente in await archives.a_transmettre() if acquitter else []:
            await archives.acquitter(attente.visite, await (await archives.ouvrir(attente.visite)).empreinte())
    finally:
        await archives.fermer()
    reprise.ecrans = [ecran(visite) for visite in montrees]
    return reprise


def manquants(montres: list[str], gardes: list[Etat]) -> int:
    """Combien d'états montrés (empreintes) ne sont pas, dans l'ordre, parmi ceux que rejoue le dossier."""
    empreintes = [etat.empreinte for etat in gardes]
    perdus, debut = 0, 0
    for montre in montres:
        try:
            debut = empreintes.index(montre, debut)
        except ValueError:
            perdus += 1
    return perdus


def perdus(lignes: list[dict[str, Any]], reprise: Reprise, acquittees: set[str] | None = None) -> int:
    """Les états montrés (lignes du témoin) qui manquent, visite par visite.

    Une visite dont la fin a été montrée a pu partir : transmise, si la salle l'a acquittée (`acquittees` ; None : on
    ne le sait pas), sinon aussitôt.
    """
    total = 0
    for visite in {ligne["visite"] for ligne in lignes} - {""}:
        siennes = [ligne for ligne in lignes if ligne["visite"] == visite]
        finie = lignes[-1]["visite"] != visite
        attend = siennes[-1]["ecran"]["etape"] == "adieu" and acquittees is not None and visite not in acquittees
        if finie and not attend and visite not in reprise.etats:
            continue
        total += manquants([ligne["empreinte"] for ligne in siennes], reprise.etats.get(visite, []))
    return total


def attendus(lignes: list[dict[str, Any]], reprise: Reprise) -> list[dict[str, Any]]:
    """Les écrans qu'un redémarrage peut rendre : le dernier montré, ou un état gardé sans avoir pu l'être."""
    montres = {ligne["empreinte"] for ligne in lignes}
    permis = [lignes[-1]["ecran"]]
    for etats in reprise.etats.values():
        rangs = [rang for rang, etat in enumerate(etats) if etat.empreinte in montres]
        permis += [etat.ecran for etat in etats[max(rangs, default=-1) + 1 :]]
    return permis

"""Le sujet des coupures de courant : la vraie régie joue deux visites entières sur de vraies archives, sans écran.

    python -m tests.bancs._sujet_coupure DOSSIER FULL|NORMAL

Sa sortie dit, ligne à ligne, chaque visite montrée (voir `borne.demonstration.temoin`), puis
`{"acquittement": visite}` avant que l'accusé de la salle ne soit traité et `{"purgee": visite}` après.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any, cast

from borne import mesures as m
from borne.demonstration.temoin import ligne
from borne.dossier.archives import Archives
from borne.dossier.chiffre import Synchrone
from borne.dossier.fil import ArchivesAsync
from borne.parcours import evenements as e
from borne.parcours.visite import A_NETTOYER, RESUME, Visite
from borne.regie import Regie

PRENOM, NOM, TELEPHONE, MESSAGE = "Zoé-Ève", "D'Hôtellerie", "0612097845", "J'ai mal depuis hier."
MOTIFS_CHERCHES = (PRENOM, NOM, TELEPHONE, MESSAGE)
"""Ce qui ne doit se trouver nulle part en clair, jamais, et plus du tout après la purge."""


def _dire(texte: str) -> None:
    """Une ligne d'un seul `write` : c'est son instant, vu de strace, qui dit ce qui était montré."""
    print(texte, flush=True)


class Sujet:
    """Une régie et un patient qui n'attend pas d'écran : un événement, un état montré."""

    def __init__(self, archives: ArchivesAsync) -> None:
        self._archives = archives
        self._regie = Regie(archives, lambda *_: None, lambda visite: _dire(ligne(visite)), lambda _: None)

    async def jouer(self) -> None:
        """La première visite est transmise et purgée pendant la deuxième, que le patient retire."""
        await self._regie.demarrer()
        tache = asyncio.create_task(self._regie.tourner())
        premiere = await self._jusqu_a_l_urgence()
        await self._mesurer()
        await self._consulter()
        await self._imprimer()
        await self._finir()
        await self._nettoyer()
        await self._jusqu_a_l_urgence(acquitter=premiere)
        await self._mesurer()
        for evenement in (e.RetraitDemande, e.ConsentementRetire, e.BoutonContinuer):
            await self._geste(evenement)
        await self._nettoyer()
        self._regie.arreter()
        tache.cancel()
        await asyncio.gather(tache, return_exceptions=True)

    async def _geste(self, classe: type[e.Evenement], **champs: Any) -> Visite:
        if issubclass(classe, e.Toucher):
            champs["revision"] = self._regie.visite.revision
        avant = self._regie.visite
        self._regie.emettre(classe(instant=time.time(), **champs))
        await self._regie.vider()
        if self._regie.visite is avant:
            raise RuntimeError(f"{classe.__name__} n'a rien changé à l'étape {avant.etape}")
        return self._regie.visite

    async def _taper(self, champ: str, texte: str) -> None:
        for fin in range(1, len(texte) + 1):
            await self._geste(e.SaisieModifiee, champ=champ, valeur=texte[:fin])

    async def _jusqu_a_l_urgence(self, acquitter: str = "") -> str:
        visite = await self._geste(e.VisiteCommencee, visite=secrets.token_hex(16))
        await self._geste(e.LangueChoisie, langue="fr")
        await self._geste(e.ConsentementDonne)
        for champ, texte in (("prenom", PRENOM), ("nom", NOM), ("naissance", "29021948"), ("telephone", TELEPHONE)):
            await self._taper(champ, texte)
            if acquitter and champ == "prenom":
                await self._acquitter(acquitter)
            await self._geste(e.BoutonContinuer)
        await self._geste(e.PreferenceChangee, nom="grand-texte", valeur=1)
        await self._geste(e.BoutonContinuer)  # sans motif : l'erreur se montre
        for motif in ("toux", "fatigue", "autre"):
            await self._geste(e.MotifBascule, motif=motif)
        await self._geste(e.BoutonContinuer)
        await self._taper("motif-autre", "Vertiges")
        await self._geste(e.BoutonContinuer)
        for evenement in (e.AideDemandee, e.SuperpositionFermee, e.QuinzeDemande, e.SuperpositionFermee):
            await self._geste(evenement)
        await self._geste(e.UrgenceRepondue, oui=False)
        return visite.id

    async def _mesurer(self) -> None:
        visite = await self._geste(e.MesureDemandee)
        await self._geste(
            e.MesureEchouee, nature="tension", essai=visite.releve().essai, raison="erreur-tension-perdu"
        )
        visite = await self._geste(e.MesureDemandee)
        valeurs = (
            (m.SYSTOLIQUE, 137.0, m.MMHG),
            (m.DIASTOLIQUE, 83.0, m.MMHG),
            (m.FREQUENCE_CARDIAQUE, 71.0, "/min"),
        )
        mesures = tuple(m.Mesure(code, valeur, unite, time.time(), "Brassard") for code, valeur, unite in valeurs)
        await self._geste(e.MesureRecue, nature="tension", essai=visite.releve().essai, mesures=mesures)

    async def _consulter(self) -> None:
        visite = await self._geste(e.BoutonContinuer)
        await self._geste(e.MinuterieEchue, nom="inactivite", essai=visite.minuterie)
        await self._geste(e.PresenceConfirmee)
        await self._geste(e.PriseEnChargeRecue, medecin="Dr Nadia Berthier")
        await self._geste(e.SonEssaye, entendu=True)
        await self._geste(e.AppelDemandeRecu)
        visite = await self._geste(e.BoutonContinuer)
        await self._geste(e.AppelEtabli, essai=visite.appel.essai)
        await self._geste(e.MessageRecu, texte="Respirez calmement.")
        await self._geste(e.EcritureOuverte)
        await self._taper("message", MESSAGE)
        await self._geste(e.MessageEcrit, texte=MESSAGE)
        await self._geste(e.EcouteDemandee, foyer="mitral")
        await self._geste(e.EcouteArretee)

    async def _imprimer(self) -> None:
        await self._document("ordonnance-1", "Ordonnance")
        await self._geste(e.ConsultationFinie)
        await self._document(RESUME, "Résumé de votre visite")

    async def _document(self, document: str, nom: str) -> None:
        contenu = b"%PDF-1.7 " + f"{PRENOM} {NOM}".encode() + secrets.token_bytes(30_000)
        visite = self._regie.visite
        empreinte = await (await self._archives.ouvrir(visite.id)).ajouter_document(document, nom, contenu)
        await self._geste(e.DocumentRecu, document=document, nom=nom, empreinte=empreinte, pages=1)
        await self._geste(e.ImpressionAcceptee, document=document, essai=1, travail=12)
        await self._geste(e.ImpressionFinie, document=document, essai=1)

    async def _finir(self) -> None:
        await self._geste(e.BoutonContinuer)
        await self._geste(e.BoutonContinuer)

    async def _nettoyer(self) -> None:
        for element in A_NETTOYER:
            await self._geste(e.ElementNettoye, element=element)
        await self._geste(e.PropreteConfirmee)

    async def _acquitter(self, visite: str) -> None:
        """Ce que fait l'expédition quand la salle a gardé le dossier."""
        empreinte = await (await self._archives.ouvrir(visite)).empreinte()
        _dire(json.dumps({"acquittement": visite}))
        await self._archives.acquitter(visite, empreinte)
        _dire(json.dumps({"purgee": visite}))


async def jouer(dossier: Path, synchrone: Synchrone) -> None:
    """Ouvre les archives dans `dossier` et joue ; les deux dossiers du banc y sont `donnees` et `cles`."""
    archives = await ArchivesAsync.demarrer(
        lambda: Archives(dossier / "donnees", dossier / "cles", synchrone=synchrone)
    )
    try:
        await Sujet(archives).jouer()
    finally:
        await archives.fermer()


if __name__ == "__main__":
    asyncio.run(jouer(Path(sys.argv[1]), cast(Synchrone, sys.argv[2])))

"""Le stéthoscope, posé sur son support : le calme, puis la réponse de 20 Hz à 1,5 kHz à un balayage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

import msgspec

from borne.autotest.acoustique import Balayage, Chemin, Son, ecouter_calme
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, premiere, vert
from borne.autotest.contrat import Resultat
from borne.autotest.controles.commun_son import (
    CALME_S,
    COUPURES,
    DISTORSION_FORTE,
    ECRETE,
    PENTE_DB,
    RELIEF_MIN_DB,
    deux_fois,
    faible,
    juger_calme,
    perte,
    regler,
    valeurs_calme,
)
from borne.autotest.ecoute import CHAUFFE_S, capter, entree
from borne.peripheriques.audio import SonPerdu
from borne.peripheriques.niveaux import NOM_CARNET, CarnetNiveaux, NiveauIncertain, apprendre

journal = logging.getLogger(__name__)

COEUR: Final = Balayage(20, 1500, 2.0)
"""Bruits du cœur (20 à 150 Hz) et du poumon (jusqu'à 1 kHz)."""
GAIN_APPRIS_MAX_DB: Final = 12.0


def juger_stethoscope(chemin: Chemin, appris: Mapping[str, float]) -> Faute | None:
    """Du haut-parleur au stéthoscope posé sur son support : ce qui manque à une auscultation.

    Une petite enceinte ne descend pas à 30 Hz : dès qu'un autotest bon a appris la réponse, c'est à elle qu'on
    compare.
    """
    if chemin.relief_db < RELIEF_MIN_DB:
        return Faute(
            "stethoscope-muet",
            "Le stéthoscope n'entend rien.",
            "Posez-le sur son support, vérifiez sa prise et sa pile.",
        )
    if chemin.trous:
        return Faute("stethoscope-hache", "Le son du stéthoscope est haché.", COUPURES)
    if chemin.ecrete > ECRETE:
        return Faute("stethoscope-sature", "Le stéthoscope sature.", "Baissez son volume, ou le niveau d'entrée.")
    milieu = chemin.moyenne_db(150, 450)
    graves, aigus = chemin.moyenne_db(25, 80) - milieu, chemin.moyenne_db(600, 1300) - milieu
    filtre = "Mettez le stéthoscope en mode large bande, et coupez tout traitement de la carte son."
    return premiere(
        Faute("stethoscope-graves-perdus", "Le stéthoscope n'entend plus les bruits graves du cœur.", filtre)
        if graves - appris.get("graves_db", 0.0) < -PENTE_DB
        else None,
        Faute("stethoscope-aigus-perdus", "Le stéthoscope n'entend plus les bruits du poumon.", filtre)
        if aigus - appris.get("aigus_db", 0.0) < -PENTE_DB
        else None,
        Faute("stethoscope-gresille", "Le son du stéthoscope est déformé.", "Changez la membrane ou le câble.")
        if chemin.distorsion > DISTORSION_FORTE
        else None,
        faible("stethoscope-faible", "Le stéthoscope entend mal.", "Montez son volume.", chemin, appris),
    )


def retenir_niveau(banc: Banc, capte: Son) -> None:
    """Garde le niveau auquel le stéthoscope entend le balayage, et le gain qui le remet à sa place.

    Borné à `GAIN_APPRIS_MAX_DB` : sur son support il entend le haut-parleur, pas un cœur ; c'est son volume, que
    quelqu'un a tourné, que l'on rattrape, non la distance. Un niveau incertain ne remplace pas celui d'avant.
    """
    try:
        niveau = apprendre(banc.stethoscope, capte, COEUR.frequence, banc.horloge())
        gain_db = min(GAIN_APPRIS_MAX_DB, max(-GAIN_APPRIS_MAX_DB, niveau.gain_db))
        CarnetNiveaux(banc.donnees / NOM_CARNET).garder(msgspec.structs.replace(niveau, gain_db=gain_db))
    except (NiveauIncertain, OSError) as erreur:
        journal.warning("niveau du stéthoscope pas retenu : %s", type(erreur).__name__)


class ControleStethoscope:
    """Le stéthoscope : le calme, puis la réponse de 20 Hz à 1,5 kHz."""

    nom, libelle = "stethoscope", "Stéthoscope"
    groupe = "son"
    delai_s = 25.0
    requiert: tuple[str, ...] = ("haut-parleur",)

    async def controler(self, banc: Banc) -> Resultat:
        """Écoute, puis joue le balayage du cœur."""
        if not banc.stethoscope:
            return gris(self.nom, "Stéthoscope : cette borne n'en a pas.")
        try:
            return await self._ecouter(banc)
        except SonPerdu as erreur:
            return perte("stethoscope", erreur).rendre(self.nom)

    async def _ecouter(self, banc: Banc) -> Resultat:
        faute = await asyncio.to_thread(regler, banc.stethoscope, "entree", "stethoscope")
        if faute is not None:
            return faute.rendre(self.nom)
        async with entree(banc.stethoscope, "Le stéthoscope") as micro:
            await capter(micro, CHAUFFE_S)
            son, _ = await capter(micro, CALME_S)
        calme = ecouter_calme(son)
        valeurs = valeurs_calme(calme)
        faute = juger_calme(calme, "stethoscope", piece=False)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        if not banc.bruit:
            return vert(self.nom, "Le stéthoscope est branché et vivant.", valeurs)
        appris = banc.precedentes.get(self.nom, {})
        faute, chemin, capte = await deux_fois(
            banc.stethoscope, "Le stéthoscope", banc, COEUR, lambda entendu: juger_stethoscope(entendu, appris)
        )
        valeurs |= _reponse_coeur(chemin)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        await asyncio.to_thread(retenir_niveau, banc, capte)
        return vert(self.nom, "Le stéthoscope entend de 20 Hz à 1,3 kHz.", valeurs)


def _reponse_coeur(chemin: Chemin) -> dict[str, float]:
    if chemin.relief_db < RELIEF_MIN_DB:
        return {}
    milieu = chemin.moyenne_db(150, 450)
    return {
        "gain_db": chemin.gain_db,
        "graves_db": chemin.moyenne_db(25, 80) - milieu,
        "aigus_db": chemin.moyenne_db(600, 1300) - milieu,
        "distorsion": chemin.distorsion,
    }

"""Le micro, le haut-parleur et le stéthoscope : ce qu'ils entendent dans le calme, puis d'un balayage joué.

Le haut-parleur se juge par le micro, et le stéthoscope, sur son support, par le haut-parleur. Une faute du son joué
doit se voir deux fois : une porte qui claque n'est pas une panne.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from borne.autotest.acoustique import Balayage, Calme, Chemin, ecouter_calme
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, premiere, vert
from borne.autotest.contrat import Resultat
from borne.autotest.ecoute import CHAUFFE_S, boucler, capter, entree, sortie
from borne.peripheriques.audio import SonPerdu

CALME_S: Final = 1.0
VOIX: Final = Balayage(150, 9000, 1.2)
"""La voix : 200 Hz à 8 kHz en tiers d'octave entiers."""
COEUR: Final = Balayage(20, 1500, 2.0)
"""Bruits du cœur (20 à 150 Hz) et du poumon (jusqu'à 1 kHz)."""
RELIEF_MIN_DB: Final = 26.0
"""Sous lui, le balayage n'a pas été entendu : du bruit seul donne 15 à 20 dB, un balayage entendu plus de 35."""
BRUIT_FORT_DB: Final = -30.0
BRUIT_GENANT_DB: Final = -42.0
"""Niveau de la pièce vide. Une voix proche arrive vers -25 dBFS : à -30, on ne s'entend plus."""
RONFLE_DB: Final = -55.0
EMERGENCE_DB: Final = 15.0
"""Le courant s'entend s'il dépasse à la fois ce niveau et ses voisines."""
CONTINU: Final = 0.05
FORT: Final = 0.001
ECRETE: Final = 0.01
"""Part d'échantillons dans un sommet plat : un balayage intact n'en a aucun."""
DISTORSION_FORTE: Final = 0.10
DISTORSION: Final = 0.05
"""Une enceinte saine fait moins de 3 % au-dessus de 200 Hz ; 10 % s'entend comme un grésillement."""
PENTE_DB: Final = 15.0
"""Une bande affaiblie d'autant devant le milieu est perdue : les consonnes (2 à 6 kHz), ou les graves du cœur."""
GAIN_FAIBLE_DB: Final = -45.0
BAISSE_DB: Final = 12.0
"""Baisse, depuis le dernier autotest bon, d'un niveau réglé alors."""
DELAI_LONG_S: Final = 0.35
"""Au-delà, l'annulation d'écho n'y suffit plus et l'on se coupe la parole (UIT-T G.114 : 400 ms bout en bout)."""

_COUPURES: Final = "Débranchez puis rebranchez la carte son, et redémarrez la borne."


def perte(qui: str, erreur: SonPerdu) -> Faute:
    """Pourquoi le son n'est pas venu. `qui` : `micro`, `haut-parleur`, `stethoscope`."""
    raison = str(erreur)
    if "serveur de son" in raison and "refusé" not in raison:
        return Faute("serveur-son-arrete", "Le serveur de son est arrêté.", "Redémarrez la borne.")
    if "branché" in raison:
        return Faute(f"{qui}-absent", raison, "Branchez-le, puis vérifiez son nom dans borne.toml.")
    return Faute(f"{qui}-sans-reponse", raison, _COUPURES)


def juger_calme(calme: Calme, qui: str, *, piece: bool) -> Faute | None:
    """Ce qui cloche dans une entrée sans rien de joué. `piece` : elle entend la pièce, dont le bruit se juge."""
    if calme.immobile:
        return Faute(
            f"{qui}-muet", "Aucun son n'arrive.", "Ôtez la sourdine, vérifiez la prise et le niveau d'entrée."
        )
    if calme.fort > FORT:
        return Faute(f"{qui}-sature", "Le son est saturé.", "Baissez le niveau d'entrée, vérifiez le câble.")
    if abs(calme.continu) > CONTINU:
        return orange(f"{qui}-decale", "Le son est décalé (tension continue).", "Changez la carte son ou son câble.")
    if calme.emergence_db > EMERGENCE_DB and calme.ronflement_db > RONFLE_DB:
        return Faute(
            f"{qui}-ronfle",
            "On entend le courant électrique (50 Hz).",
            "Éloignez les câbles du secteur, changez-les.",
        )
    if not piece:
        if calme.niveau_db > BRUIT_GENANT_DB:
            return Faute(f"{qui}-souffle", "Il y a trop de bruit.", "Vérifiez la capsule, le câble et le niveau.")
        return None
    if calme.niveau_db > BRUIT_FORT_DB:
        return Faute("piece-bruyante", "La pièce est trop bruyante.", "Cherchez et arrêtez la source du bruit.")
    if calme.niveau_db > BRUIT_GENANT_DB:
        return orange("piece-bruyante", "La pièce est bruyante.", "Cherchez la source du bruit, fermez la porte.")
    return None


def juger_voix(chemin: Chemin, appris: Mapping[str, float]) -> Faute | None:
    """Du haut-parleur au micro : ce qui manque à une conversation."""
    if chemin.relief_db < RELIEF_MIN_DB:
        return Faute(
            "haut-parleur-muet", "Le haut-parleur ne s'entend pas.", "Vérifiez sa prise, son volume, sa sourdine."
        )
    if chemin.trous:
        return Faute("son-hache", "Le son est haché.", _COUPURES)
    if chemin.ecrete > ECRETE:
        return Faute("micro-sature", "Le micro sature.", "Baissez le niveau du micro, ou le volume.")
    milieu = chemin.moyenne_db(600, 1700)
    aigus, graves = chemin.moyenne_db(2400, 6400) - milieu, chemin.moyenne_db(200, 400) - milieu
    changer = "Vérifiez que rien ne couvre le haut-parleur ni le micro, sinon changez-les."
    return premiere(
        Faute("aigus-perdus", "Le son est étouffé.", changer) if aigus < -PENTE_DB else None,
        Faute("graves-perdus", "Le son n'a plus de graves.", changer) if graves < -PENTE_DB else None,
        _distorsion(chemin.distorsion),
        _faible("haut-parleur-faible", "Le haut-parleur s'entend mal.", "Montez son volume.", chemin, appris),
        orange("echo-tardif", "Le son revient très tard.", "Changez la carte son, évitez le Bluetooth.")
        if chemin.delai_s > DELAI_LONG_S
        else None,
    )


def _distorsion(distorsion: float) -> Faute | None:
    grave = Faute("haut-parleur-gresille", "Le haut-parleur grésille.", "Baissez le volume, sinon changez-le.")
    if distorsion > DISTORSION_FORTE:
        return grave
    return orange(grave.code, grave.constat, grave.remede) if distorsion > DISTORSION else None


def _faible(code: str, constat: str, remede: str, chemin: Chemin, appris: Mapping[str, float]) -> Faute | None:
    baisse = "gain_db" in appris and chemin.gain_db < appris["gain_db"] - BAISSE_DB
    return orange(code, constat, remede) if baisse or chemin.gain_db < GAIN_FAIBLE_DB else None


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
        return Faute("stethoscope-hache", "Le son du stéthoscope est haché.", _COUPURES)
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
        _faible("stethoscope-faible", "Le stéthoscope entend mal.", "Montez son volume.", chemin, appris),
    )


def _valeurs_calme(calme: Calme) -> dict[str, float]:
    return {"bruit_db": calme.niveau_db, "courant_db": calme.ronflement_db}


class ControleMicrophone:
    """Le micro, dans le calme : il entend la pièce, et elle seule."""

    nom, libelle = "microphone", "Micro"
    groupe = "son"
    delai_s = 15.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Écoute une seconde."""
        try:
            async with entree(banc.microphone, "Le micro") as micro:
                await capter(micro, CHAUFFE_S)
                son, _ = await capter(micro, CALME_S)
        except SonPerdu as erreur:
            return perte("micro", erreur).rendre(self.nom)
        calme = ecouter_calme(son)
        faute = juger_calme(calme, "micro", piece=True)
        if faute is not None:
            return faute.rendre(self.nom, _valeurs_calme(calme))
        return vert(self.nom, f"Le micro entend la pièce, calme ({calme.niveau_db:.0f} dB).", _valeurs_calme(calme))


async def _deux_fois(
    source: str, nom: str, banc: Banc, balayage: Balayage, juger: Callable[[Chemin], Faute | None]
) -> tuple[Faute | None, Chemin]:
    """Un balayage ; un second si le premier montre une faute, qui ne compte alors que s'il la confirme."""
    async with entree(source, nom) as micro, sortie(banc.haut_parleur) as haut_parleur:
        await capter(micro, CHAUFFE_S)
        for reste in (1, 0):
            chemin = await boucler(micro, haut_parleur, balayage)
            faute = juger(chemin)
            if faute is None or not reste:
                break
            await asyncio.sleep(0.3)
    return faute, chemin


class ControleHautParleur:
    """Le haut-parleur, entendu par le micro."""

    nom, libelle = "haut-parleur", "Haut-parleur"
    groupe = "son"
    delai_s = 20.0
    requiert: tuple[str, ...] = ("microphone",)

    async def controler(self, banc: Banc) -> Resultat:
        """Joue le balayage de la voix et l'écoute."""
        if not banc.bruit:
            return gris(self.nom, "Haut-parleur : non contrôlé, la borne ne doit pas sonner à cette heure.")
        appris = banc.precedentes.get(self.nom, {})
        try:
            faute, chemin = await _deux_fois(
                banc.microphone, "Le micro", banc, VOIX, lambda entendu: juger_voix(entendu, appris)
            )
        except SonPerdu as erreur:
            return perte("haut-parleur", erreur).rendre(self.nom)
        valeurs = {"gain_db": chemin.gain_db, "delai_ms": 1000 * chemin.delai_s, "distorsion": chemin.distorsion}
        if chemin.relief_db >= RELIEF_MIN_DB:
            valeurs |= {f"reponse_{centre}_hz_db": gain for centre, gain in chemin.reponse_db.items()}
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        return vert(self.nom, f"Le micro entend le haut-parleur ({valeurs['delai_ms']:.0f} ms).", valeurs)


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
        async with entree(banc.stethoscope, "Le stéthoscope") as micro:
            await capter(micro, CHAUFFE_S)
            son, _ = await capter(micro, CALME_S)
        calme = ecouter_calme(son)
        valeurs = _valeurs_calme(calme)
        faute = juger_calme(calme, "stethoscope", piece=False)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        if not banc.bruit:
            return vert(self.nom, "Le stéthoscope est branché et vivant.", valeurs)
        appris = banc.precedentes.get(self.nom, {})
        faute, chemin = await _deux_fois(
            banc.stethoscope, "Le stéthoscope", banc, COEUR, lambda entendu: juger_stethoscope(entendu, appris)
        )
        valeurs |= _reponse_coeur(chemin)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
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

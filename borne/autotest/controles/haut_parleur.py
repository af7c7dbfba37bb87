"""Le haut-parleur, entendu par le micro : un balayage de la voix, sa réponse, son retard, sa propreté."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from borne.autotest.acoustique import Balayage, Chemin
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, premiere, vert
from borne.autotest.contrat import Resultat
from borne.autotest.controles.commun_son import (
    COUPURES,
    ECRETE,
    PENTE_DB,
    RELIEF_MIN_DB,
    deux_fois,
    faible,
    gresillement,
    perte,
    regler,
)
from borne.peripheriques.audio import SonPerdu

VOIX: Final = Balayage(150, 9000, 1.2)
"""La voix : 200 Hz à 8 kHz en tiers d'octave entiers."""
DELAI_LONG_S: Final = 0.35
"""Au-delà, l'annulation d'écho n'y suffit plus et l'on se coupe la parole (UIT-T G.114 : 400 ms bout en bout)."""


def juger_voix(chemin: Chemin, appris: Mapping[str, float]) -> Faute | None:
    """Du haut-parleur au micro : ce qui manque à une conversation."""
    if chemin.relief_db < RELIEF_MIN_DB:
        return Faute(
            "haut-parleur-muet", "Le haut-parleur ne s'entend pas.", "Vérifiez sa prise, son volume, sa sourdine."
        )
    if chemin.trous:
        return Faute("son-hache", "Le son est haché.", COUPURES)
    if chemin.ecrete > ECRETE:
        return Faute("micro-sature", "Le micro sature.", "Baissez le niveau du micro, ou le volume.")
    milieu = chemin.moyenne_db(600, 1700)
    aigus, graves = chemin.moyenne_db(2400, 6400) - milieu, chemin.moyenne_db(200, 400) - milieu
    changer = "Vérifiez que rien ne couvre le haut-parleur ni le micro, sinon changez-les."
    return premiere(
        Faute("aigus-perdus", "Le son est étouffé.", changer) if aigus < -PENTE_DB else None,
        Faute("graves-perdus", "Le son n'a plus de graves.", changer) if graves < -PENTE_DB else None,
        gresillement(chemin.distorsion),
        faible("haut-parleur-faible", "Le haut-parleur s'entend mal.", "Montez son volume.", chemin, appris),
        orange("echo-tardif", "Le son revient très tard.", "Changez la carte son, évitez le Bluetooth.")
        if chemin.delai_s > DELAI_LONG_S
        else None,
    )


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
        regle = await asyncio.to_thread(regler, banc.haut_parleur, "sortie", "haut-parleur")
        if regle is not None:
            return regle.rendre(self.nom)
        appris = banc.precedentes.get(self.nom, {})
        try:
            faute, chemin, _ = await deux_fois(
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

"""Le micro, dans le calme : il entend la pièce, et elle seule."""

from __future__ import annotations

import asyncio

from borne.autotest.acoustique import ecouter_calme
from borne.autotest.banc import Banc
from borne.autotest.constat import vert
from borne.autotest.contrat import Resultat
from borne.autotest.controles.commun_son import CALME_S, juger_calme, perte, regler, valeurs_calme
from borne.autotest.ecoute import CHAUFFE_S, capter, entree
from borne.peripheriques.audio import SonPerdu


class ControleMicrophone:
    """Le micro, dans le calme : il entend la pièce, et elle seule."""

    nom, libelle = "microphone", "Micro"
    groupe = "son"
    delai_s = 15.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Écoute une seconde."""
        faute = await asyncio.to_thread(regler, banc.microphone, "entree", "micro")
        if faute is not None:
            return faute.rendre(self.nom)
        try:
            async with entree(banc.microphone, "Le micro") as micro:
                await capter(micro, CHAUFFE_S)
                son, _ = await capter(micro, CALME_S)
        except SonPerdu as erreur:
            return perte("micro", erreur).rendre(self.nom)
        calme = ecouter_calme(son)
        faute = juger_calme(calme, "micro", piece=True)
        if faute is not None:
            return faute.rendre(self.nom, valeurs_calme(calme))
        return vert(self.nom, f"Le micro entend la pièce, calme ({calme.niveau_db:.0f} dB).", valeurs_calme(calme))

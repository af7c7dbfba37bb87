"""D'une suite de vues d'oxymètre à un résultat : confirmer, montrer, accuser les fautes, attendre que cela tienne.

Pur : les instants viennent avec les vues.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Final

from borne import mesures as m
from borne.mesures import Echantillon, Mesure
from borne.peripheriques.appareils.conduite import Dire
from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.appareils.guides import PLETH
from borne.peripheriques.appareils.langages_oxymetre import Langage, Vue
from borne.peripheriques.appareils.stabilite import Stabilite, Tenue
from borne.peripheriques.erreurs import (
    DelaiDepasse,
    ErreurPeripherique,
    HorlogeDecalee,
    MesureAncienne,
    MesureImpossible,
)
from borne.peripheriques.formats import Lecture
from borne.peripheriques.fraicheur import debut_armement, est_fraiche

journal = logging.getLogger(__name__)

RAPPEL_S: Final = 1.0
"""Une valeur qui ne change pas est redite après ce temps : l'écran sait ainsi qu'elle vit."""
ECART_PERFUSION: Final = 1.0
"""Écart d'indice de perfusion (%) entre deux trames qui se confirment : lui seul change sans cesse."""
_SANS_PERFUSION: Final = -1.0
DOUTEUSE: Final = 0.5
"""Qualité d'une mesure prise avec un signal faible ou une main froide."""
_CONSEILS: Final = {
    "doigt-retire": "Glissez le doigt au fond de la pince, puis recommencez.",
    "doigt-bouge": "Posez la main et ne bougez plus, puis recommencez.",
    "main-froide": "Réchauffez la main, puis recommencez.",
    "signal-faible": "Changez de doigt, ôtez le vernis, puis recommencez.",
    "capteur-en-panne": "Appelez la personne qui vous accompagne.",
}


@dataclass(slots=True)
class Suivi:
    """Une séance. `nom` : celui de l'appareil ; `arme_s` : secondes Unix de l'armement ; `arme_t` : le même, d'une
    horloge qui ne recule pas."""

    dire: Dire
    stabilite: Stabilite
    nom: str
    arme_s: float
    arme_t: float
    langage: Langage
    en_memoire: list[Lecture] = field(default_factory=list)
    faute: str = ""
    _en_mesure: bool = False
    _vu: bool = False
    _datee_d_avant: bool = False
    _derniere: Vue | None = None
    _repetitions: int = 0
    _montrees: dict[str, tuple[float, float]] = field(default_factory=dict)

    def voir(self, vue: Vue, instant_s: float, heure_s: float) -> Lecture | None:
        """Une vue de plus ; rend le résultat dès qu'il est acquis.

        `instant_s` : horloge qui ne recule pas ; `heure_s` : secondes Unix. Lève `MesureImpossible` quand l'appareil
        conclut lui-même sans valeur.
        """
        if vue.ponctuelle is not None:
            arme_s = debut_armement(self.arme_s, recu_s=heure_s, ecoule_s=instant_s - self.arme_t)
            return self._ponctuelle(vue, vue.ponctuelle, arme_s, heure_s)
        self._repetitions = self._repetitions + 1 if self._confirme(vue) else 1
        self._derniere = vue
        if self._repetitions < self.langage.confirmations:
            return None
        self._montrer(vue, heure_s)
        if vue.bloque or vue.spo2 is None or vue.pouls is None:
            self.stabilite.rompre()
            self._accuser(vue.faute)
            return None
        self._vu = True
        # Une perfusion qui varie n'empêche rien, mais sa médiane se prend sur le même palier.
        perfusion = _SANS_PERFUSION if vue.perfusion is None else vue.perfusion
        tenu = self.stabilite.ajouter(instant_s, (vue.spo2, vue.pouls, perfusion))
        self._accuser(vue.faute or ("doigt-bouge" if self.stabilite.agitee else ""))
        return self._resultat(vue, self.stabilite.tenue(), heure_s) if tenu else None

    def echec(self) -> ErreurPeripherique:
        """Pourquoi le délai s'est passé sans résultat."""
        if self._datee_d_avant:
            return HorlogeDecalee()
        if self.en_memoire:
            return MesureAncienne()
        conseil = _CONSEILS.get(self.faute)
        if self._vu:
            phrase = "La valeur n'est pas assez stable pour être retenue."
            return MesureImpossible(phrase, conseil=conseil or _CONSEILS["doigt-bouge"], faute=self.faute)
        return DelaiDepasse(conseil=conseil, faute=self.faute)

    def _confirme(self, vue: Vue) -> bool:
        """Vrai si cette vue dit la même chose que la précédente, à la tolérance près."""
        avant = self._derniere
        if avant is None or (avant.faute, avant.bloque) != (vue.faute, vue.bloque):
            return False
        ecart_spo2, ecart_pouls = self.langage.tolerance
        return (
            _proches(avant.spo2, vue.spo2, ecart_spo2)
            and _proches(avant.pouls, vue.pouls, ecart_pouls)
            and _proches(avant.perfusion, vue.perfusion, ECART_PERFUSION)
        )

    def _resultat(self, vue: Vue, tenue: Tenue, heure_s: float) -> Lecture:
        qualite = DOUTEUSE if vue.douteuse else 1.0
        spo2, pouls, perfusion = tenue.medianes
        mesures = [
            Mesure(m.SPO2, spo2, m.POURCENT, heure_s, self.nom, qualite),
            Mesure(m.FREQUENCE_CARDIAQUE, pouls, m.BATTEMENTS_MINUTE, heure_s, self.nom, qualite),
        ]
        if perfusion != _SANS_PERFUSION:
            mesures.append(Mesure(m.INDICE_PERFUSION, perfusion, m.POURCENT, heure_s, self.nom, qualite))
        details = {
            "stable_s": round(tenue.duree_s, 1),
            "spread_spo2": tenue.etendues[0],
            "spread_pulse": tenue.etendues[1],
        }
        return Lecture(tuple(mesures), details=details)

    def _ponctuelle(self, vue: Vue, brute: Lecture, arme_s: float, heure_s: float) -> Lecture | None:
        lecture = brute.estampillee(heure_s, self.nom)
        if vue.en_memoire or not est_fraiche(lecture.instant, arme_s=arme_s, recu_s=heure_s):
            self.en_memoire.append(lecture)
            self._datee_d_avant = not vue.en_memoire
            journal.info("mesure en mémoire de l'appareil : non attribuée")
            return None
        if lecture.valeur(m.SPO2) is None or lecture.valeur(m.FREQUENCE_CARDIAQUE) is None:
            raise MesureImpossible(detail="sans valeur")
        self._etape_mesure()
        for mesure in lecture.mesures:
            if mesure.valeur is not None:
                self.dire.echantillon(Echantillon(mesure.code, mesure.valeur, mesure.unite, heure_s))
        return replace(lecture, details={**lecture.details, "stable_s": None})

    def _montrer(self, vue: Vue, heure_s: float) -> None:
        if vue.spo2 is not None and not vue.bloque:
            self._etape_mesure()
        for point in vue.pleth:
            self.dire.echantillon(Echantillon(PLETH, point, "1", heure_s))
        valeurs = (
            (m.SPO2, vue.spo2, m.POURCENT),
            (m.FREQUENCE_CARDIAQUE, vue.pouls, m.BATTEMENTS_MINUTE),
            (m.INDICE_PERFUSION, vue.perfusion, m.POURCENT),
        )
        for code, valeur, unite in valeurs:
            if valeur is None or vue.bloque:
                self._montrees.pop(code, None)
                continue
            avant = self._montrees.get(code)
            if avant is None or avant[0] != valeur or heure_s - avant[1] >= RAPPEL_S:
                self._montrees[code] = (valeur, heure_s)
                self.dire.echantillon(Echantillon(code, valeur, unite, heure_s))

    def _etape_mesure(self) -> None:
        if not self._en_mesure:
            self._en_mesure = True
            self.dire.etat(Etape.MESURE)

    def _accuser(self, faute: str) -> None:
        if faute != self.faute:
            self.faute = faute
            self.dire.faute(faute)


def _proches(avant: float | None, apres: float | None, ecart: float) -> bool:
    return avant == apres if avant is None or apres is None else abs(avant - apres) <= ecart

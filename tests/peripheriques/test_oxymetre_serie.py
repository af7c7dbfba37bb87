"""L'oxymètre à fil de bout en bout : vrai pilote, vrai pyserial, vrais terminaux ; chaque faute, chaque arrachement.

Les appareils virtuels vivent douze fois plus vite que les vrais, et les délais du profil sont courts d'autant.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from borne import mesures as m
from borne.demonstration.prise import AppareilSerieVirtuel
from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Appareil, Etape
from borne.peripheriques.appareils.guides import PLETH
from borne.peripheriques.appareils.oxymetre_serie import OxymetreSerie, ProfilOxymetreSerie
from borne.peripheriques.branchements import Branchements
from borne.peripheriques.erreurs import (
    AppareilAbsent,
    AppareilPerdu,
    DelaiDepasse,
    HorlogeDecalee,
    MesureAncienne,
    MesureArretee,
    MesureDejaEnCours,
    MesureImpossible,
    PortAbsent,
)
from borne.peripheriques.formats import Lecture
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.oxymetre_serie import (
    MODELES,
    Cms50V7,
    ConduiteOxymetre,
    EtatOxymetre,
    NoninDf13,
)

NOM = "usb-Silicon_Labs_CP2102_0001-if00-port0"
CONTINUS = ["cms50-v4", "cms50-v7", "nonin-2"]
VITE = ProfilOxymetreSerie(port=NOM, recherche_s=20, ecoute_s=0.5, stabilite_s=0.15, maintien_s=0.1)


@dataclass
class Temoin:
    """Ce que le pilote dit pendant une mesure ; `venir` attend qu'il le dise."""

    etapes: list[Etape] = field(default_factory=list)
    fautes: list[str] = field(default_factory=list)
    echantillons: list[Echantillon] = field(default_factory=list)
    _du_nouveau: asyncio.Event = field(default_factory=asyncio.Event)

    def mesurer(self, oxymetre: OxymetreSerie, delai_s: float = 30.0) -> Awaitable[Lecture]:
        return oxymetre.mesurer(
            sur_echantillon=self._noter(self.echantillons),
            sur_etat=self._noter(self.etapes),
            sur_faute=self._noter(self.fautes),
            delai_s=delai_s,
        )

    def _noter(self, liste: list) -> Callable[[object], None]:  # type: ignore[type-arg]
        def noter(dit: object) -> None:
            liste.append(dit)
            self._du_nouveau.set()

        return noter

    async def venir(self, condition: Callable[[Temoin], object]) -> None:
        async with asyncio.timeout(20):
            while not condition(self):
                self._du_nouveau.clear()
                await self._du_nouveau.wait()

    def natures(self) -> set[str]:
        return {echantillon.nature for echantillon in self.echantillons}


@pytest.fixture
def serie(tmp_path: Path) -> Serie:
    return Serie(tmp_path, Branchements(lambda: None, periode_s=0.01))


@pytest.fixture
def etat() -> EtatOxymetre:
    return EtatOxymetre(spo2=96, pouls=71, perfusion=2.5)


def virtuel(serie: Serie, langage: str, etat: EtatOxymetre) -> AppareilSerieVirtuel:
    return AppareilSerieVirtuel(serie.racine, NOM, MODELES[langage](etat), vitesse=12)


def pilote(serie: Serie, langage: str = "cms50", **autres: object) -> OxymetreSerie:
    return OxymetreSerie(serie, replace(VITE, langage=langage, **autres))  # type: ignore[arg-type]


@pytest.mark.parametrize("langage", CONTINUS)
async def test_mesure_complete(serie: Serie, etat: EtatOxymetre, langage: str) -> None:
    temoin = Temoin()
    async with virtuel(serie, langage, etat):
        oxymetre = pilote(serie, langage)
        assert isinstance(oxymetre, Appareil)
        lecture = await temoin.mesurer(oxymetre)
    assert (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (96.0, 71.0)
    assert lecture.valeur(m.INDICE_PERFUSION) == (2.5 if langage == "cms50-v7" else None)
    assert {mesure.appareil for mesure in lecture.mesures} == {"Oxymètre"}
    assert {mesure.qualite for mesure in lecture.mesures} == {1.0}
    assert lecture.details["stable_s"] > 0.1  # type: ignore[operator]
    assert (lecture.details["spread_spo2"], lecture.details["spread_pulse"]) == (0.0, 0.0)
    assert temoin.etapes == [Etape.RECHERCHE, Etape.TROUVE, Etape.ATTENTE, Etape.MESURE]
    assert temoin.fautes == []
    assert temoin.natures() == set(oxymetre.guide.vivantes)
    pleth = [e.valeur for e in temoin.echantillons if e.nature == PLETH]
    assert len(pleth) >= 15
    assert 0.0 <= min(pleth) < max(pleth) <= 1.0


@pytest.mark.parametrize("langage", ["cms50-v4", "cms50-v7"])
async def test_la_version_du_cms50_est_reconnue(serie: Serie, etat: EtatOxymetre, langage: str) -> None:
    async with virtuel(serie, langage, etat):
        oxymetre = pilote(serie)
        assert (await oxymetre.sonder()).version == langage
        assert (await Temoin().mesurer(oxymetre)).valeur(m.SPO2) == 96.0


async def test_le_v7_est_maintenu_puis_arrete(serie: Serie, etat: EtatOxymetre) -> None:
    """Huit fois plus vite, il se tairait au bout de 0,6 s : la mesure en dure 1,2."""
    modele = Cms50V7(etat)
    async with AppareilSerieVirtuel(serie.racine, NOM, modele, vitesse=8):
        oxymetre = pilote(serie, "cms50-v7", maintien_s=0.15, stabilite_s=1.2)
        assert (await Temoin().mesurer(oxymetre)).valeur(m.SPO2) == 96.0
        assert modele.marches == 1
        await attendre(lambda: not modele.en_marche)


async def test_sans_maintien_le_v7_se_tait(serie: Serie, etat: EtatOxymetre) -> None:
    async with AppareilSerieVirtuel(serie.racine, NOM, Cms50V7(etat), vitesse=8):
        oxymetre = pilote(serie, "cms50-v7", maintien_s=60, stabilite_s=10, silence_s=0.3)
        with pytest.raises(AppareilPerdu):
            await Temoin().mesurer(oxymetre)


ACCUSEES = [
    ("cms50-v4", ConduiteOxymetre.DOIGT_RETIRE, "doigt-retire"),
    ("cms50-v7", ConduiteOxymetre.DOIGT_RETIRE, "doigt-retire"),
    ("nonin-2", ConduiteOxymetre.DOIGT_RETIRE, "doigt-retire"),
    ("nonin-2", ConduiteOxymetre.BOUGE, "doigt-bouge"),
    ("cms50-v4", ConduiteOxymetre.CAPTEUR, "capteur-en-panne"),
    ("nonin-2", ConduiteOxymetre.CAPTEUR, "capteur-en-panne"),
]


@pytest.mark.parametrize(("langage", "conduite", "faute"), ACCUSEES)
async def test_une_faute_se_voit_puis_cesse(
    serie: Serie, etat: EtatOxymetre, langage: str, conduite: ConduiteOxymetre, faute: str
) -> None:
    temoin = Temoin()
    async with virtuel(serie, langage, etat):
        oxymetre = pilote(serie, langage, stabilite_s=0.25)
        mesure = asyncio.ensure_future(temoin.mesurer(oxymetre))
        await temoin.venir(lambda t: m.SPO2 in t.natures())
        etat.conduite = conduite
        await temoin.venir(lambda t: faute in t.fautes)
        assert not mesure.done()
        etat.conduite = ConduiteOxymetre.NORMAL
        assert (await mesure).valeur(m.SPO2) == 96.0
    assert temoin.fautes == [faute, ""]
    assert faute in oxymetre.guide.fautes


@pytest.mark.parametrize(
    ("langage", "conduite", "faute"),
    [
        ("cms50-v7", ConduiteOxymetre.MAIN_FROIDE, "main-froide"),
        ("nonin-2", ConduiteOxymetre.MAIN_FROIDE, "main-froide"),
        ("cms50-v4", ConduiteOxymetre.SIGNAL_FAIBLE, "signal-faible"),
        ("nonin-2", ConduiteOxymetre.SIGNAL_FAIBLE, "signal-faible"),
    ],
)
async def test_une_mesure_douteuse_est_dite_douteuse(
    serie: Serie, etat: EtatOxymetre, langage: str, conduite: ConduiteOxymetre, faute: str
) -> None:
    temoin = Temoin()
    etat.conduite = conduite
    async with virtuel(serie, langage, etat):
        lecture = await temoin.mesurer(pilote(serie, langage))
    assert temoin.fautes == [faute]
    assert {mesure.qualite for mesure in lecture.mesures} == {0.5}


async def test_instable_n_est_pas_un_resultat(serie: Serie, etat: EtatOxymetre) -> None:
    temoin = Temoin()
    etat.conduite = ConduiteOxymetre.BOUGE
    async with virtuel(serie, "cms50-v4", etat):
        with pytest.raises(MesureImpossible, match="stable") as echec:
            await temoin.mesurer(pilote(serie, "cms50-v4"), delai_s=0.6)
    assert echec.value.faute == "doigt-bouge" in temoin.fautes


async def test_sans_doigt_le_delai_le_dit(serie: Serie, etat: EtatOxymetre) -> None:
    etat.conduite = ConduiteOxymetre.DOIGT_RETIRE
    async with virtuel(serie, "cms50-v4", etat):
        with pytest.raises(DelaiDepasse) as echec:
            await Temoin().mesurer(pilote(serie, "cms50-v4"), delai_s=0.4)
    assert echec.value.faute == "doigt-retire"
    assert "doigt" in echec.value.conseil


async def test_ligne_bruyante(serie: Serie, etat: EtatOxymetre) -> None:
    """Un octet sur cent ajouté, un sur cent perdu : plus lent, jamais faux."""
    temoin = Temoin()
    async with virtuel(serie, "cms50-v4", etat) as appareil:
        appareil.parasites.bruit = appareil.parasites.perte = 0.01
        lecture = await temoin.mesurer(pilote(serie, "cms50-v4"))
    assert lecture.valeur(m.SPO2) == 96.0
    montrees = {(e.nature, e.valeur) for e in temoin.echantillons if e.nature != PLETH}
    assert montrees == {(m.SPO2, 96.0), (m.FREQUENCE_CARDIAQUE, 71.0)}


async def test_eteint_puis_allume_pendant_la_recherche(serie: Serie, etat: EtatOxymetre) -> None:
    etat.conduite = ConduiteOxymetre.ETEINT
    async with virtuel(serie, "cms50-v7", etat):
        oxymetre = pilote(serie, "cms50-v7", ecoute_s=0.1, recherche_s=0.3)
        with pytest.raises(AppareilAbsent, match="n'envoie rien"):
            await Temoin().mesurer(oxymetre)
        oxymetre = pilote(serie, "cms50-v7", ecoute_s=0.3)
        temoin = Temoin()
        mesure = asyncio.ensure_future(temoin.mesurer(oxymetre))
        await temoin.venir(lambda t: t.etapes)
        etat.conduite = ConduiteOxymetre.NORMAL
        assert (await mesure).valeur(m.SPO2) == 96.0


async def test_eteint_en_mesurant(serie: Serie, etat: EtatOxymetre) -> None:
    temoin = Temoin()
    async with virtuel(serie, "cms50-v4", etat):
        oxymetre = pilote(serie, "cms50-v4", stabilite_s=20, silence_s=0.2)
        mesure = asyncio.ensure_future(temoin.mesurer(oxymetre))
        await temoin.venir(lambda t: Etape.MESURE in t.etapes)
        etat.conduite = ConduiteOxymetre.ETEINT
        with pytest.raises(AppareilPerdu):
            await mesure


ETATS: dict[str, Callable[[Temoin], object]] = {
    "recherche": lambda t: t.etapes == [Etape.RECHERCHE],
    "attente": lambda t: Etape.ATTENTE in t.etapes,
    "mesure": lambda t: Etape.MESURE in t.etapes,
    "faute": lambda t: "doigt-retire" in t.fautes,
}
ARRACHEMENTS = [(langage, quand) for langage in CONTINUS for quand in ETATS]
"""Un appareil ponctuel ne dit rien avant son résultat : il n'a que les deux premiers états."""
ARRACHEMENTS += [("nonin-13", "recherche"), ("nonin-13", "attente")]


@pytest.mark.parametrize(("langage", "quand"), ARRACHEMENTS)
async def test_arrache_et_rebranche_dans_chaque_etat(
    serie: Serie, etat: EtatOxymetre, langage: str, quand: str
) -> None:
    """Pendant la recherche il est attendu ; ensuite la séance finit, et la suivante repart sous le même nom."""
    temoin = Temoin()
    avant = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
    async with virtuel(serie, langage, etat) as appareil:
        if quand == "faute":
            etat.conduite = ConduiteOxymetre.DOIGT_RETIRE
        oxymetre = pilote(serie, langage, stabilite_s=30)
        mesure = asyncio.ensure_future(temoin.mesurer(oxymetre))
        await temoin.venir(ETATS[quand])
        appareil.prise.debrancher()
        if quand == "recherche":
            await asyncio.sleep(0.05)
            assert not mesure.done()
            await oxymetre.arreter()
            with pytest.raises(MesureArretee):
                await mesure
        else:
            with pytest.raises(AppareilPerdu):
                await mesure
        etat.conduite = ConduiteOxymetre.NORMAL
        suivante = asyncio.ensure_future(Temoin().mesurer(pilote(serie, langage, stabilite_s=0.1)))
        await asyncio.sleep(0)
        appareil.prise.brancher()
        assert (await suivante).valeur(m.SPO2) == 96.0
    assert (len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())) == avant


async def test_debranche_puis_revenu_pendant_la_recherche(serie: Serie, etat: EtatOxymetre) -> None:
    async with virtuel(serie, "cms50-v4", etat) as appareil:
        appareil.prise.debrancher()
        with pytest.raises(PortAbsent):
            await Temoin().mesurer(pilote(serie, "cms50-v4", recherche_s=0.05))
        mesure = asyncio.ensure_future(Temoin().mesurer(pilote(serie, "cms50-v4")))
        await asyncio.sleep(0.05)
        appareil.prise.brancher()
        assert (await mesure).valeur(m.SPO2) == 96.0


async def test_arret_occupation_et_annulation(serie: Serie, etat: EtatOxymetre) -> None:
    temoin = Temoin()
    async with virtuel(serie, "cms50-v4", etat):
        oxymetre = pilote(serie, "cms50-v4", stabilite_s=30)
        mesure = asyncio.ensure_future(temoin.mesurer(oxymetre))
        await temoin.venir(lambda t: Etape.MESURE in t.etapes)
        with pytest.raises(MesureDejaEnCours):
            await temoin.mesurer(oxymetre)
        assert (await oxymetre.sonder()).faute == "occupe"
        await oxymetre.arreter()
        with pytest.raises(MesureArretee):
            await mesure
        assert (await oxymetre.sonder()).repond


async def test_sonder_un_oxymetre_qui_s_eteint_seul(serie: Serie, etat: EtatOxymetre) -> None:
    """Sans doigt un CMS50 s'éteint : son câble suffit à l'autotest de la nuit ; le câble débranché, non."""
    etat.conduite = ConduiteOxymetre.ETEINT
    async with virtuel(serie, "cms50-v4", etat) as appareil:
        assert (await pilote(serie, ecoute_s=0.05).sonder(delai_s=0.3)).faute == "absent"
        oxymetre = pilote(serie, ecoute_s=0.05, eteint_au_repos=True)
        sondage = await oxymetre.sonder()
        assert (sondage.repond, sondage.version) == (True, "")
        assert "éteint" in sondage.detail
        appareil.prise.debrancher()
        assert (await oxymetre.sonder(delai_s=0.3)).faute == "port"


async def test_sonder_un_absent(serie: Serie) -> None:
    sondage = await pilote(serie).sonder(delai_s=0.05)
    assert (sondage.repond, sondage.faute) == (False, "port")


# --- Nonin, format 13 : une prise datée, et une mémoire ---


def ponctuel(serie: Serie, etat: EtatOxymetre, **autres: object) -> AppareilSerieVirtuel:
    return AppareilSerieVirtuel(serie.racine, NOM, NoninDf13(etat, 0.1, **autres))  # type: ignore[arg-type]


async def test_la_memoire_n_est_jamais_rattachee(serie: Serie, etat: EtatOxymetre) -> None:
    hier = datetime.now() - timedelta(days=1)
    # La seconde est de l'instant même : le drapeau de l'appareil suffit à l'écarter.
    etat.memoire = [(81, 140, hier), (82, 141, datetime.now())]
    temoin = Temoin()
    async with ponctuel(serie, etat):
        oxymetre = pilote(serie, "nonin-13")
        lecture = await temoin.mesurer(oxymetre)
    assert (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (96.0, 71.0)
    assert [ancienne.valeur(m.SPO2) for ancienne in oxymetre.en_memoire] == [81.0, 82.0]
    assert {e.valeur for e in temoin.echantillons} == {96.0, 71.0}
    assert etat.memoire == []


async def test_memoire_seule(serie: Serie, etat: EtatOxymetre) -> None:
    etat.memoire = [(81, 140, datetime.now() - timedelta(days=1))]
    etat.conduite = ConduiteOxymetre.DOIGT_RETIRE
    async with ponctuel(serie, etat):
        oxymetre = pilote(serie, "nonin-13")
        with pytest.raises(MesureAncienne):
            await Temoin().mesurer(oxymetre, delai_s=0.5)
    assert len(oxymetre.en_memoire) == 1


async def test_horloge_en_retard(serie: Serie, etat: EtatOxymetre) -> None:
    async with ponctuel(serie, etat, horloge=lambda: datetime.now() - timedelta(days=1)):
        oxymetre = pilote(serie, "nonin-13")
        with pytest.raises(HorlogeDecalee):
            await Temoin().mesurer(oxymetre, delai_s=0.5)
    assert len(oxymetre.en_memoire) == 1


async def test_conclu_sans_valeur(serie: Serie, etat: EtatOxymetre) -> None:
    etat.conduite = ConduiteOxymetre.CHERCHE
    async with ponctuel(serie, etat):
        with pytest.raises(MesureImpossible):
            await Temoin().mesurer(pilote(serie, "nonin-13"))


async def attendre(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (l'appareil virtuel n'a pas d'événement à offrir)
            await asyncio.sleep(0.005)

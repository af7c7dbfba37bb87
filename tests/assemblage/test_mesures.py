"""Un appareil de tiers (groupe `borne.peripheriques`) peut tout faire : la borne n'y perd ni essai ni patient."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from borne import mesures as m
from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.assemblage.mesures import ConduiteMesures
from borne.mesures import NATURES, Echantillon, Mesure
from borne.parcours.evenements import Evenement, MesureEchouee, MesureRecue
from borne.peripheriques.appareils.contrat import Appareil, Etape, Guide, Nature, Sondage
from borne.peripheriques.appareils.guides import GUIDES, PLETH, SITES_TEMPERATURE
from borne.peripheriques.erreurs import ErreurPeripherique, MesureArretee, MesureImpossible
from borne.peripheriques.formats.lecture import Lecture
from borne.ui.direct import EtatDirect
from borne.ui.textes import Textes

TEXTES = Textes(Path("config/textes"))


async def jusqu_a(condition: Callable[[], bool]) -> None:
    """Laisse vivre la boucle jusqu'à ce que cela soit vrai."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - l'appareil n'a pas d'événement à attendre
            await asyncio.sleep(0)


@dataclass
class AppareilDeTiers:
    """Compte les liaisons ouvertes ensemble ; `faute` : ce que `mesurer` lève ; sa liaison se ferme lentement."""

    faute: Exception | None = None
    nature: Nature = Nature.TENSION
    guide: Guide = field(default_factory=lambda: Guide(preparation=("brassard", "geste-que-nul-texte-ne-dit")))
    en_memoire: tuple[Lecture, ...] = ()
    vivre: Callable[..., None] | None = None
    mesures: tuple[Mesure, ...] = ()
    ouvertes: int = 0
    plus_haut: int = 0
    essais: int = 0
    arret: asyncio.Event = field(default_factory=asyncio.Event)
    fermee: asyncio.Event = field(default_factory=asyncio.Event)

    async def mesurer(self, **rappels: Any) -> Lecture:
        self.essais += 1
        if self.vivre is not None:
            self.vivre(**rappels)
        if self.faute is not None:
            raise self.faute
        if self.mesures:
            return Lecture(self.mesures)
        self.arret, self.fermee = asyncio.Event(), asyncio.Event()
        self.ouvertes += 1
        self.plus_haut = max(self.plus_haut, self.ouvertes)
        try:
            await self.arret.wait()
            raise MesureArretee
        finally:
            await asyncio.sleep(0.05)
            self.ouvertes -= 1
            self.fermee.set()

    async def arreter(self) -> None:
        """Comme le vrai : attend que la liaison soit fermée."""
        self.arret.set()
        await self.fermee.wait()

    async def sonder(self, *, delai_s: float = 20.0) -> Sondage:
        return Sondage(repond=True)


@dataclass
class Banc:
    """La conduite d'un appareil, et tout ce qu'elle émet."""

    appareil: Appareil
    evenements: list[Evenement] = field(default_factory=list)
    etats: list[EtatDirect] = field(default_factory=list)
    messages: list[p.Canal] = field(default_factory=list)
    dits: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conduite = ConduiteMesures(
            {self.appareil.nature.value: self.appareil},
            self.evenements.append,
            Direct(EtatDirect(), self.etats.append),
            self.messages.append,
            existe=TEXTES.existe,
            dire=self.dits.append,
            phrase=TEXTES.dire,
        )

    async def mesurer(self) -> Evenement:
        """Un essai de bout en bout."""
        self.conduite.demander(self.appareil.nature.value, 3)
        await jusqu_a(lambda: bool(self.evenements))
        return self.evenements[-1]


@pytest.mark.parametrize(
    ("faute", "raison"),
    [
        (KeyError("brassard"), "erreur-tension-interrompue"),
        (MesureImpossible(faute="brassard-lache"), "mesure-tension-faute-brassard-lache"),
        (MesureImpossible(faute="inconnue-des-textes"), "erreur-tension-valeur"),
        (ErreurPeripherique(), "erreur-tension-peripherique"),
    ],
)
async def test_un_echec_a_toujours_une_raison_que_l_ecran_sait_dire(faute: Exception, raison: str) -> None:
    echec = await Banc(AppareilDeTiers(faute=faute)).mesurer()
    assert isinstance(echec, MesureEchouee)
    assert (echec.nature, echec.essai, echec.raison) == ("tension", 3, raison)
    assert TEXTES.existe(echec.raison)


async def test_une_nature_sans_appareil_echoue_en_le_disant() -> None:
    banc = Banc(AppareilDeTiers())
    banc.conduite.demander("poids", 1)
    await jusqu_a(lambda: bool(banc.evenements))
    (echec,) = banc.evenements
    assert isinstance(echec, MesureEchouee)
    assert echec.raison == "erreur-poids-absent"


async def test_un_essai_demande_pendant_un_arret_attend_que_la_radio_soit_libre() -> None:
    appareil = AppareilDeTiers()
    conduite = Banc(appareil).conduite
    conduite.demander("tension", 1)
    await jusqu_a(lambda: bool(appareil.ouvertes))
    arret = asyncio.create_task(conduite.arreter())
    await asyncio.sleep(0)
    conduite.demander("tension", 2)
    await arret
    await jusqu_a(lambda: appareil.essais == 2)
    assert (appareil.plus_haut, appareil.ouvertes) == (1, 1)
    await conduite.arreter()
    assert appareil.ouvertes == 0


def _doigt_qui_bouge(
    *,
    sur_echantillon: Callable[[Echantillon], None],
    sur_etat: Callable[[Etape], None],
    sur_faute: Callable[[str], None],
) -> None:
    sur_etat(Etape.MESURE)
    sur_echantillon(Echantillon(m.SPO2, 96.0, "%", 1.0))
    for rang in range(30):
        sur_echantillon(Echantillon(PLETH, rang % 2, "1", 1.0 + rang / 60))
    for faute in ("doigt-retire", "", "doigt-retire", "inconnue-des-textes", ""):
        sur_faute(faute)


async def test_ce_qui_vit_se_montre_et_ne_se_garde_pas() -> None:
    """La courbe part par paquets ; une maladresse se montre, se dit une fois, et rien n'en reste."""
    lue = Mesure(m.SPO2, 97.0, "%", 2.0, "oxymètre")
    appareil = AppareilDeTiers(nature=Nature.SATURATION, vivre=_doigt_qui_bouge, mesures=(lue,))
    banc = Banc(appareil)
    recue = await banc.mesurer()
    assert isinstance(recue, MesureRecue)
    assert recue.mesures == (lue,)
    faute = "mesure-saturation-faute-doigt-retire"
    montres = [etat.faute for etat in banc.etats]
    assert [cle for rang, cle in enumerate(montres) if rang == 0 or cle != montres[rang - 1]] == [
        "",
        faute,
        "",
        faute,
        "",
    ]
    assert banc.dits == [(faute, "mesure-saturation-remede-doigt-retire")]
    assert max(len(etat.pleth) for etat in banc.etats) > 6
    courbes = [message for message in banc.messages if isinstance(message, p.CourbeTransmise)]
    assert 2 <= len(courbes) <= 6
    assert sum(len(courbe.valeurs) for courbe in courbes) <= 30
    dernier = banc.etats[-1]
    assert (dernier.vivantes, dernier.pleth, dernier.faute, dernier.etape_mesure) == ({}, (), "", "")


async def test_un_geste_sans_texte_n_est_pas_montre() -> None:
    assert Banc(AppareilDeTiers()).conduite.preparations() == {"tension": ("mesure-tension-preparation-brassard",)}


def test_les_natures_sont_celles_du_contrat() -> None:
    assert tuple(nature.value for nature in Nature) == NATURES


def _codes() -> set[str]:
    classes = [ErreurPeripherique]
    for classe in classes:
        classes += classe.__subclasses__()
    # Les autres modules (carte, imprimante) ont leurs propres mots.
    ici = [classe for classe in classes if classe.__module__ == ErreurPeripherique.__module__]
    # « endormi » ne se dit qu'au technicien, d'un appareil que l'on sonde ; « configuration », au démarrage.
    return {classe.code for classe in ici} - {"configuration", "endormi"} | {"interrompue"}


@pytest.mark.exigence("A11Y-FALC")
@pytest.mark.parametrize("nature", list(Nature), ids=lambda nature: nature.value)
def test_chaque_cle_de_chaque_guide_a_ses_mots(nature: Nature) -> None:
    """Gestes, maladresses, remèdes et pannes : aucun appareil de la borne ne laisse l'écran sans mots."""
    guide, debut = GUIDES[nature], f"mesure-{nature.value}"
    gestes = [*guide.preparation, *(f"sonde-{site}" for site in SITES_TEMPERATURE if nature is Nature.TEMPERATURE)]
    cles = [f"{debut}-preparation-{geste}" for geste in gestes]
    cles += [f"{debut}-{genre}-{faute}" for faute in guide.fautes for genre in ("faute", "remede")]
    cles += [f"erreur-{nature.value}-{code}" for code in _codes()]
    cles += [f"{debut}-{etape.value}-{part}" for etape in Etape for part in ("question", "phrase")]
    cles += [f"{debut}-question", f"{debut}-retirer", f"resume-{nature.value}"]
    for cle in cles:
        assert len(TEXTES.dire(cle)) <= 72, cle

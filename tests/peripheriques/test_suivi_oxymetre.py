"""Le suivi d'un oxymètre et son palier, temps simulé : quoi qu'il arrive à la ligne, jamais une valeur fausse."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.conduite import Dire, rien
from borne.peripheriques.appareils.guides import PLETH
from borne.peripheriques.appareils.langages_oxymetre import MODELES
from borne.peripheriques.appareils.stabilite import Palier, Stabilite
from borne.peripheriques.appareils.suivi_oxymetre import Suivi
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats import Lecture
from borne.peripheriques.simulation.cms50 import coder_v4
from borne.peripheriques.simulation.ligne import Parasites
from borne.peripheriques.simulation.nonin import coder_format_13
from borne.peripheriques.simulation.oxymetre_serie import MODELES as VIRTUELS
from borne.peripheriques.simulation.oxymetre_serie import ConduiteOxymetre, EtatOxymetre

CONTINUS = ["cms50-v4", "cms50-v7", "nonin-2"]
DEPART_S = 1_000_000.0


class Seance:
    """Un appareil virtuel, une ligne, un suivi : le temps avance d'un soixantième à chaque pas."""

    def __init__(self, nom: str, etat: EtatOxymetre, parasites: Parasites) -> None:
        (self.langage,) = MODELES[nom]
        self.modele, self.parasites = VIRTUELS[nom](etat), parasites
        self.montrees: list[Echantillon] = []
        self.fautes: list[str] = []
        dire = Dire(self.montrees.append, rien, self.fautes.append)
        palier = Palier(8.0, (2.0, 10.0, float("inf")), 2.0)
        self.suivi = Suivi(dire, Stabilite(palier), "Essai", DEPART_S, 0.0, self.langage)
        self.decoupeur = self.langage.decoupeur()
        self.t_s = 0.0
        self.modele.recevoir(self.langage.marche, 0.0)

    def pas(self, autres: bytes = b"") -> Lecture | None:
        self.t_s += 1 / 60
        if self.langage.maintien:
            self.modele.recevoir(self.langage.maintien, self.t_s)
        octets = self.parasites.passer(self.modele.avancer(self.t_s)) + autres
        for trame in self.decoupeur.pousser(octets):
            try:
                vue = self.langage.lire(trame)
            except TrameInvalide:
                continue
            lecture = self.suivi.voir(vue, self.t_s, DEPART_S + self.t_s) if vue is not None else None
            if lecture is not None:
                return lecture
        return None

    def jusqu_au_resultat(self, limite_s: float = 60.0) -> Lecture:
        while self.t_s < limite_s:
            if lecture := self.pas():
                return lecture
        raise AssertionError("pas de résultat")


@pytest.mark.parametrize("langage", CONTINUS)
def test_huit_secondes_de_calme(langage: str) -> None:
    seance = Seance(langage, EtatOxymetre(96, 71), Parasites())
    lecture = seance.jusqu_au_resultat()
    assert 8.0 <= seance.t_s < 9.5
    assert (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (96.0, 71.0)


@pytest.mark.parametrize("langage", CONTINUS)
@settings(max_examples=12, deadline=None)
@given(
    dechets=st.lists(st.tuples(st.integers(0, 500), st.binary(min_size=1, max_size=30)), max_size=8),
    bruit=st.sampled_from([0.0, 0.005]),
    perte=st.sampled_from([0.0, 0.005]),
)
def test_quoi_qu_il_arrive_a_la_ligne(
    langage: str, dechets: list[tuple[int, bytes]], bruit: float, perte: float
) -> None:
    """Des déchets, des octets ajoutés ou perdus, n'importe quand : une valeur montrée ou rendue est vraie."""
    seance = Seance(langage, EtatOxymetre(96, 71, 2.5), Parasites(bruit, perte))
    rendues = [seance.pas(b"".join(d for quand, d in dechets if quand == rang)) for rang in range(600)]
    vraies = {(m.SPO2, 96.0), (m.FREQUENCE_CARDIAQUE, 71.0), (m.INDICE_PERFUSION, 2.5)}
    assert {(e.nature, e.valeur) for e in seance.montrees if e.nature != PLETH} <= vraies
    for lecture in filter(None, rendues):
        assert {(mesure.code, mesure.valeur) for mesure in lecture.mesures} <= vraies
    assert set(seance.fautes) <= {""}


def test_une_valeur_qui_glisse_attend_d_etre_posee() -> None:
    etat = EtatOxymetre(90, 80)
    seance = Seance("cms50-v4", etat, Parasites())
    for seconde in range(6):
        etat.spo2 = 90 + seconde
        for _ in range(60):
            assert seance.pas() is None
    lecture = seance.jusqu_au_resultat()
    assert seance.t_s > 10.0
    assert lecture.valeur(m.SPO2) == 95.0
    assert lecture.details["spread_spo2"] == 2.0


def test_une_perfusion_qui_manque_n_est_pas_zero() -> None:
    etat = EtatOxymetre(96, 71, perfusion=655.35)
    lecture = Seance("cms50-v7", etat, Parasites()).jusqu_au_resultat()
    assert lecture.valeur(m.INDICE_PERFUSION) is None
    assert len(lecture.mesures) == 2


def test_les_valeurs_restees_pendant_la_recherche_ne_comptent_pas() -> None:
    langage = Seance("cms50-v4", EtatOxymetre(), Parasites()).langage
    for cherche in (False, True):
        vue = langage.lire(coder_v4(96, 71, 64, cherche=cherche))
        assert vue is not None
        assert vue.bloque is cherche


def test_un_mouvement_refait_tout() -> None:
    etat = EtatOxymetre(96, 71)
    seance = Seance("cms50-v4", etat, Parasites())
    while seance.t_s < 7.5:
        assert seance.pas() is None
    etat.conduite = ConduiteOxymetre.DOIGT_RETIRE
    for _ in range(10):
        seance.pas()
    etat.conduite = ConduiteOxymetre.NORMAL
    assert seance.fautes == ["doigt-retire"]
    seance.jusqu_au_resultat()
    assert seance.t_s > 15.5
    assert seance.fautes == ["doigt-retire", ""]


VALEURS = st.lists(st.tuples(st.floats(0.01, 2), st.integers(90, 100), st.integers(60, 80)), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(VALEURS)
def test_le_palier(suite: list[tuple[float, int, int]]) -> None:
    """Tenu veut dire : ni trou ni écart pendant toute la durée ; et la médiane est une valeur vue sur le palier."""
    stabilite, t_s, vues = Stabilite(Palier(3.0, (2.0, 6.0), 1.5)), 0.0, []
    for pas, spo2, pouls in suite:
        t_s += pas
        vues.append((t_s, spo2, pouls))
        tenu = stabilite.ajouter(t_s, (spo2, pouls))
        fenetre = [v for v in vues if v[0] >= t_s - 3.0]
        if tenu:
            avant = [v for v in vues if v[0] < t_s - 3.0][-1:]
            assert all(b[0] - a[0] <= 1.5 for a, b in zip(avant + fenetre, fenetre, strict=False))
            for rang, ecart in ((1, 2), (2, 6)):
                valeurs = [v[rang] for v in fenetre]
                assert max(valeurs) - min(valeurs) <= ecart
            assert stabilite.tenue().duree_s >= 3.0
            assert stabilite.tenue().medianes[0] in {v[1] for v in vues}
        assert not (tenu and stabilite.agitee)


def test_borne_remise_a_l_heure_entre_l_armement_et_la_prise() -> None:
    """La prise d'un autre, il y a une demi-heure, n'entre pas dans un armement qu'un saut d'horloge élargit."""
    seance = Seance("nonin-13", EtatOxymetre(), Parasites())
    avant = datetime.fromtimestamp(DEPART_S + 1800)
    vue = seance.langage.lire(coder_format_13(81, 120, avant))
    assert vue is not None
    assert seance.suivi.voir(vue, 20.0, DEPART_S + 3620) is None
    assert [ancienne.valeur(m.SPO2) for ancienne in seance.suivi.en_memoire] == [81.0]

"""Ce que chaque service apprend d'une suite de trames : pur, sans radio, trames faites par les encodeurs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from borne import mesures as m
from borne.peripheriques.appareils.cardiofrequencemetre import InterpreteFrequence, ProfilFrequence
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.glucometre import InterpreteGlycemie, ProfilGlucometre
from borne.peripheriques.appareils.guides import GUIDES, RR
from borne.peripheriques.appareils.microlife import InterpreteMicrolife
from borne.peripheriques.appareils.oxymetre import JUMPER, NONIN, ProfilOxymetre
from borne.peripheriques.appareils.pese_personne import InterpretePoids
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.saturation import InterpreteSaturation
from borne.peripheriques.appareils.service import Interprete, Trame, Vu
from borne.peripheriques.appareils.tensiometre import InterpreteTension
from borne.peripheriques.appareils.thermometre import InterpreteTemperature
from borne.peripheriques.appareils.viatom import InterpreteViatom
from borne.peripheriques.erreurs import MesureImpossible, TrameInvalide
from borne.peripheriques.simulation.frequence import coder_frequence
from borne.peripheriques.simulation.glycemie import coder_glycemie, coder_reponse
from borne.peripheriques.simulation.nonin import coder_3230
from borne.peripheriques.simulation.oxymetres import coder_demande_viatom, coder_jumper, coder_viatom
from borne.peripheriques.simulation.poids import coder_poids
from borne.peripheriques.simulation.saturation import coder_continue, coder_ponctuelle
from borne.peripheriques.simulation.temperature import coder_temperature
from borne.peripheriques.simulation.tension import Tension, coder_mesure, coder_pression
from borne.peripheriques.simulation.tensions_propres import (
    coder_heure_microlife,
    coder_memoire_microlife,
    coder_microlife,
)

MAINTENANT = datetime(2026, 11, 22, 10, 0)


def lire(interprete: Interprete, uuid: str, octets: bytes, t_s: float = 0.0) -> Vu:
    return interprete.recevoir(Trame(uuid, octets, 1e9 + t_s, t_s))


def suite(interprete: Interprete, uuid: str, trames: Iterable[bytes], pas_s: float = 1.0) -> list[Vu]:
    return [lire(interprete, uuid, octets, rang * pas_s) for rang, octets in enumerate(trames)]


# --- tension ---


def test_tension_bits_d_etat_deviennent_des_fautes() -> None:
    interprete = InterpreteTension()
    assert lire(interprete, "2A36", coder_pression(12)).en_cours is False
    assert lire(interprete, "2A36", coder_pression(80)).en_cours is True
    for etat, faute in (
        (0x01, "mouvement"),
        (0x02, "brassard-lache"),
        (0x04, "pouls-irregulier"),
        (0x20, "position"),
    ):
        (lecture,) = lire(interprete, "2A35", coder_mesure(None, None, etat=etat)).resultats
        with pytest.raises(MesureImpossible) as echec:
            interprete.verifier(lecture)
        assert echec.value.faute == faute
        assert faute in GUIDES[Nature.TENSION].fautes
    (bonne,) = lire(interprete, "2A35", coder_mesure(Tension(140, 90, 80), None, etat=0x04)).resultats
    assert interprete.verifier(bonne).valeur(m.SYSTOLIQUE) == 140.0


# --- température ---


def test_temperature_d_une_tasse_et_sonde_retiree() -> None:
    interprete = InterpreteTemperature()
    vues = suite(interprete, "2A1E", (coder_temperature(t) for t in (35.0, 36.4, 36.6, 34.9)))
    assert [vu.faute for vu in vues] == ["", "", "", "sonde-retiree"]
    assert all(vu.en_cours for vu in vues)
    for valeur in (None, 21.5, 55.0):
        (lecture,) = lire(interprete, "2A1C", coder_temperature(valeur)).resultats
        with pytest.raises(MesureImpossible) as echec:
            interprete.verifier(lecture)
        assert echec.value.faute == "sonde-mal-placee"
    (fievre,) = lire(interprete, "2A1C", coder_temperature(101.3, fahrenheit=True)).resultats
    assert interprete.verifier(fievre).mesures[0].unite == m.FAHRENHEIT


# --- saturation ---


def oxymetre(**reglages: float) -> InterpreteSaturation:
    return InterpreteSaturation(ProfilOxymetre(stabilite_s=4.0, **reglages))


def test_ponctuelle_rendue_a_la_qualite_voulue() -> None:
    bonne, provisoire, doutee, memoire = 1 << 8, 1 << 5, 1 << 14, 1 << 9
    vu = lire(oxymetre(), "2A5E", coder_ponctuelle(97, 71, etat=bonne))
    assert [lecture.valeur(m.SPO2) for lecture in vu.resultats] == [97.0]
    assert vu.rejet == ""
    assert not lire(oxymetre(), "2A5E", coder_ponctuelle(97, 71, etat=provisoire)).resultats
    assert lire(oxymetre(), "2A5E", coder_ponctuelle(97, 71, etat=provisoire | bonne)).resultats
    assert lire(oxymetre(), "2A5E", coder_ponctuelle(97, 71, etat=doutee)).rejet == "doigt-bouge"
    assert lire(oxymetre(), "2A5E", coder_ponctuelle(None, None)).rejet == "signal-faible"
    assert lire(oxymetre(), "2A5E", coder_ponctuelle(97, 71, etat=memoire)).en_memoire
    assert lire(oxymetre(), "2A5E", coder_ponctuelle(97, 71)).resultats


def test_ponctuelle_date_sans_valeur_quand_l_horloge_n_est_pas_reglee() -> None:
    for non_reglee, instant in ((True, None), (False, "2026-11-22T10:00:00")):
        octets = coder_ponctuelle(97, 71, MAINTENANT, horloge_non_reglee=non_reglee)
        (lecture,) = lire(oxymetre(), "2A5E", octets).resultats
        assert (None if lecture.instant is None else str(lecture.instant)) == instant


def test_continue_rendue_une_fois_a_son_palier() -> None:
    vues = suite(oxymetre(), "2A5F", (coder_continue(s, 70) for s in (90, 93, 96, 97, 97, 98, 97, 97, 97)))
    assert [len(vu.resultats) for vu in vues] == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert {e.nature for e in vues[-1].echantillons} == {m.SPO2, m.FREQUENCE_CARDIAQUE}


def test_continue_un_silence_rompt_le_palier() -> None:
    interprete = oxymetre()
    for t_s in (0.0, 1.0, 2.0):
        lire(interprete, "2A5F", coder_continue(97, 70), t_s)
    assert not lire(interprete, "2A5F", coder_continue(97, 70), 30.0).resultats


@pytest.mark.parametrize(
    ("bit", "faute"),
    [
        (11, "doigt-retire"),
        (13, "doigt-retire"),
        (6, "doigt-bouge"),
        (5, "main-froide"),
        (10, "lumiere"),
        (4, "signal-faible"),
        (14, "capteur-en-panne"),
    ],
)
def test_continue_etats_du_capteur(bit: int, faute: str) -> None:
    vues = suite(oxymetre(), "2A5F", [coder_continue(97, 70, capteur=1 << bit)] * 8)
    assert {vu.faute for vu in vues} == {faute}
    # Une main froide gêne la mesure, elle ne la rend pas fausse.
    assert bool([vu for vu in vues if vu.resultats]) is (faute == "main-froide")


def test_nonin_3230_et_jumper() -> None:
    (nonin,) = (flux.uuid for flux in NONIN.flux)
    (jumper,) = (flux.uuid for flux in JUMPER.flux)
    assert lire(oxymetre(), nonin, coder_3230(97, 70, etat=0x04)).resultats
    assert not lire(oxymetre(), nonin, coder_3230(97, 70)).resultats
    assert lire(oxymetre(), nonin, coder_3230(97, 70, etat=0x10)).faute == "doigt-retire"
    assert not lire(oxymetre(), nonin, coder_3230(None, None)).echantillons
    vues = suite(oxymetre(), jumper, [coder_jumper(None, None)] * 5 + [coder_jumper(98, 64, 4.2)] * 6)
    assert [vu.faute for vu in vues] == [""] * 4 + ["doigt-retire"] + [""] * 6
    assert [len(vu.resultats) for vu in vues] == [0] * 9 + [1, 0]
    with pytest.raises(TrameInvalide):
        lire(oxymetre(), jumper, bytes([0x80, 1, 2, 3]))


def test_continue_agitee_est_une_faute() -> None:
    vues = suite(oxymetre(), "2A5F", (coder_continue(s, 70) for s in (90, 96, 90, 96, 90, 96, 90)))
    assert [vu.faute for vu in vues][-2:] == ["doigt-bouge"] * 2
    assert not any(vu.resultats for vu in vues)


def test_continue_le_resultat_est_la_mediane_de_son_palier() -> None:
    vues = suite(oxymetre(), "2A5F", (coder_continue(s, 70) for s in (97, 97, 97, 97, 98)))
    (lecture,) = vues[-1].resultats
    assert lecture.valeur(m.SPO2) == 97.0
    assert (lecture.details["stable_s"], lecture.details["spread_spo2"]) == (4.0, 1.0)


def test_viatom_demande_recompose_et_redemande() -> None:
    interprete = InterpreteViatom(ProfilOxymetre(stabilite_s=4.0))
    demande = interprete.debut(0.0)
    assert demande.octets == coder_demande_viatom() == bytes.fromhex("aa17e8000000001b")
    assert demande.puis is not None
    vues = []
    for t_s in range(6):
        reponse = coder_viatom(97, 70)
        assert lire(interprete, "viatom", reponse[:9], t_s) == Vu()
        vues.append(lire(interprete, "viatom", reponse[9:], t_s))
    assert [len(vu.resultats) for vu in vues] == [0, 0, 0, 0, 1, 0]
    assert all(vu.demande is not None and vu.demande.apres_s == 1.0 for vu in vues)
    with pytest.raises(TrameInvalide):
        lire(interprete, "viatom", coder_viatom(97, 70)[:-1] + b"\xff")
    with pytest.raises(TrameInvalide):
        lire(interprete, "viatom", b"\x55" * 8)
    with pytest.raises(MesureImpossible):
        interprete.refus(0x03)


# --- poids ---


def test_poids_manque_n_est_jamais_zero() -> None:
    interprete = InterpretePoids()
    for valeur in (None, 0.0):
        (lecture,) = lire(interprete, "2A9D", coder_poids(valeur)).resultats
        with pytest.raises(MesureImpossible) as echec:
            interprete.verifier(lecture)
        assert echec.value.faute == "pesee-manquee"
    (bonne,) = lire(interprete, "2A9D", coder_poids(71.5, imc=0.0, taille=0.0)).resultats
    assert [mesure.code for mesure in interprete.verifier(bonne).mesures] == [m.POIDS]


# --- glycémie ---


def glucometre() -> InterpreteGlycemie:
    interprete = InterpreteGlycemie(ProfilGlucometre(relance_s=2.0))
    assert interprete.debut(0.0).octets == bytes.fromhex("0106")
    return interprete


def test_glycemie_dernier_puis_depuis_la_sequence() -> None:
    interprete = glucometre()
    vu = lire(interprete, "2A18", coder_glycemie(41, MAINTENANT, 95e-5))
    assert len(vu.resultats) == 1
    vu = lire(interprete, "2A52", coder_reponse(1))
    assert vu.complet
    assert vu.demande is not None
    assert (vu.demande.octets, vu.demande.apres_s) == (bytes.fromhex("0103012a00"), 2.0)
    # « depuis » n'est pas pris : on s'en tient au dernier, qui déjà vu n'apprend rien.
    suivante = lire(interprete, "2A52", coder_reponse(1, 4)).demande
    assert suivante is not None
    assert suivante.octets == bytes.fromhex("0106")
    assert lire(interprete, "2A18", coder_glycemie(41, MAINTENANT, 95e-5)) == Vu()
    tous = lire(interprete, "2A52", coder_reponse(1, 4)).demande
    assert tous is not None
    assert tous.octets == bytes.fromhex("0101")


def test_glycemie_memoire_vide_et_sequence_qui_reboucle() -> None:
    for trames in ((), (coder_glycemie(0xFFFF, MAINTENANT, 95e-5),)):
        interprete = glucometre()
        for octets in trames:
            lire(interprete, "2A18", octets)
        demande = lire(interprete, "2A52", coder_reponse(1, 6)).demande
        assert demande is not None
        assert demande.octets == bytes.fromhex("0106")


def test_glycemie_solution_de_controle_jetee() -> None:
    interprete = glucometre()
    assert lire(interprete, "2A18", coder_glycemie(1, MAINTENANT, 95e-5, type=10)).rejet == "solution-de-controle"
    assert lire(interprete, "2A18", coder_glycemie(2, MAINTENANT, 95e-5, endroit=4)).rejet == "solution-de-controle"


@pytest.mark.parametrize(
    ("bit", "faute"),
    [
        (2, "goutte-insuffisante"),
        (3, "bandelette-mal-mise"),
        (4, "bandelette-inconnue"),
        (9, "bandelette-retiree"),
        (5, "trop-haute"),
        (6, "trop-basse"),
        (7, "trop-chaud"),
        (8, "trop-froid"),
        (1, "lecteur-en-panne"),
    ],
)
def test_glycemie_fautes(bit: int, faute: str) -> None:
    interprete = glucometre()
    (lecture,) = lire(interprete, "2A18", coder_glycemie(1, MAINTENANT, None, etat=1 << bit)).resultats
    with pytest.raises(MesureImpossible) as echec:
        interprete.verifier(lecture)
    assert echec.value.faute == faute


def test_glycemie_refus_du_lecteur() -> None:
    interprete = glucometre()
    assert interprete.refus(0xFD).reabonner
    assert interprete.refus(0xFE).octets == bytes.fromhex("0300")
    reprise = lire(interprete, "2A52", coder_reponse(3)).demande
    assert reprise is not None
    assert reprise.octets == bytes.fromhex("0106")
    with pytest.raises(MesureImpossible):
        interprete.refus(0x0E)
    obstine = glucometre()
    for _ in range(5):
        obstine.refus(0xFE)
    with pytest.raises(MesureImpossible):
        obstine.refus(0xFE)


# --- fréquence ---


def test_frequence_mediane_d_un_contact_sans_interruption() -> None:
    interprete = InterpreteFrequence(ProfilFrequence(duree_s=4.0))
    trames = [coder_frequence(60, contact=True)] * 3 + [coder_frequence(60, contact=False)]
    trames += [coder_frequence(f, contact=True, rr_ms=(800.0,)) for f in (70, 71, 90, 72, 71)]
    vues = suite(interprete, "2A37", trames)
    assert vues[3].faute == "contact-perdu"
    assert [len(vu.resultats) for vu in vues] == [0] * 8 + [1]
    (lecture,) = vues[-1].resultats
    assert lecture.valeur(m.FREQUENCE_CARDIAQUE) == 71.0
    assert lecture.details["rr_ms"] == (799,) * 5 or lecture.details["rr_ms"] == (800,) * 5
    assert [e.nature for e in vues[-1].echantillons] == [m.FREQUENCE_CARDIAQUE, RR]
    assert lire(interprete, "2A37", coder_frequence(0)).faute == "contact-perdu"


# --- Microlife ---


def test_microlife_a_l_heure_puis_toute_la_memoire() -> None:
    interprete = InterpreteMicrolife(Profil())
    demande = interprete.debut(MAINTENANT.timestamp())
    assert demande.octets == coder_heure_microlife(MAINTENANT)
    assert demande.puis is not None
    assert demande.puis.octets.hex() == "4dff000900000000000000fd52"
    suivante = lire(interprete, "fff1", coder_microlife(b"\x81")).demande
    assert suivante is not None
    assert (suivante.octets, suivante.apres_s) == (demande.puis.octets, 0.0)
    mesures = [(Tension(120, 80, 60), MAINTENANT - timedelta(days=1)), (Tension(131, 84, 66), MAINTENANT)]
    reponse = coder_microlife(coder_memoire_microlife(mesures))
    morceaux = [reponse[debut : debut + 20] for debut in range(0, len(reponse), 20)]
    vues = suite(interprete, "fff1", morceaux)
    assert [vu.complet for vu in vues] == [False] * (len(morceaux) - 1) + [True]
    assert [lecture.valeur(m.SYSTOLIQUE) for lecture in vues[-1].resultats] == [120.0, 131.0]
    assert interprete.fin().octets.hex() == "4dff00020452"
    for bruit in (b"\x4d\x3a\xff\xff\x00", coder_microlife(b"\x81")[:-1] + b"\x00"):
        with pytest.raises(TrameInvalide):
            lire(InterpreteMicrolife(Profil()), "fff1", bruit)


def test_saturation_au_dela_de_cent_n_est_pas_rendue() -> None:
    interprete = oxymetre()
    (lecture,) = lire(interprete, "2A5E", coder_ponctuelle(127, 71)).resultats
    with pytest.raises(MesureImpossible):
        interprete.verifier(lecture)


def test_glycemie_une_demande_ratee_n_a_pas_lu_la_memoire() -> None:
    """Après un « non fait », le dernier enregistrement est encore de la mémoire : on ne l'a pas vu naître."""
    interprete = InterpreteGlycemie(ProfilGlucometre())
    assert lire(interprete, "2A52", coder_reponse(1, code=8)).complet
    assert not lire(interprete, "2A18", coder_glycemie(41, MAINTENANT, 95e-5)).en_cours
    lire(interprete, "2A52", coder_reponse(1))
    assert lire(interprete, "2A18", coder_glycemie(42, MAINTENANT, 95e-5)).en_cours

"""Du constat au nom : imprimante, appareils, réseau, fuseau, écran."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from borne.autotest.constat import Faute
from borne.autotest.contrat import Couleur
from borne.autotest.controles import appareils, fuseau, imprimante, qualite, turn
from borne.autotest.controles.commun_son import perte
from borne.autotest.controles.ecran import matrice_droite
from borne.peripheriques.appareils.contrat import Sondage
from borne.peripheriques.audio import SonPerdu
from borne.peripheriques.impression import EtatImprimante
from borne.visio.sonde_turn import Facon, Qualite


def _nom(faute: Faute | None) -> tuple[str, str]:
    return (faute.code, faute.couleur.value) if faute else ("", "")


@pytest.mark.parametrize(
    ("sondage", "attendu"),
    [
        (Sondage(True, batterie=87, appaire=True, ecart_horloge_s=2.0), ("", "")),
        (Sondage(True), ("", "")),
        (Sondage(False, faute="absent"), ("appareil-absent", "rouge")),
        (Sondage(False), ("appareil-absent", "rouge")),
        (Sondage(False, faute="endormi"), ("appareil-endormi", "orange")),
        (Sondage(False, faute="bluetooth"), ("bluetooth-absent", "rouge")),
        (Sondage(False, faute="port"), ("appareil-debranche", "rouge")),
        (Sondage(False, appaire=False, faute="appairage"), ("appairage-perdu", "rouge")),
        (Sondage(False, faute="occupe"), ("appareil-occupe", "orange")),
        (Sondage(True, faute="trame"), ("appareil-illisible", "rouge")),
        (Sondage(False, faute="delai"), ("appareil-muet", "rouge")),
        (Sondage(True, batterie=10), ("batterie-vide", "rouge")),
        (Sondage(True, batterie=0), ("batterie-vide", "rouge")),
        (Sondage(True, batterie=25), ("batterie-basse", "orange")),
        (Sondage(True, batterie=26), ("", "")),
        (Sondage(True, ecart_horloge_s=-86400.0), ("appareil-pas-a-l-heure", "rouge")),
        (Sondage(True, ecart_horloge_s=90.0), ("appareil-pas-a-l-heure", "orange")),
        (Sondage(True, ecart_horloge_s=3600.0), ("appareil-pas-a-l-heure", "orange")),
    ],
)
def test_un_appareil(sondage: Sondage, attendu: tuple[str, str]) -> None:
    assert _nom(appareils.juger(sondage)) == attendu


@pytest.mark.parametrize(
    ("raisons", "prete", "papier", "attendu"),
    [
        (("none",), True, True, ("", "")),
        (("media-jam-error", "cover-open-error"), False, True, ("papier-coince", "rouge")),
        (("cover-open",), False, True, ("capot-ouvert", "rouge")),
        (("door-open-report",), True, True, ("capot-ouvert", "rouge")),
        (("toner-empty-error", "toner-low-warning"), False, True, ("encre-vide", "rouge")),
        (("marker-supply-low-report",), True, True, ("encre-basse", "orange")),
        (("media-empty-warning",), True, True, ("", "")),
        (("media-empty-error",), False, False, ("papier-manquant", "rouge")),
        (("media-low-report",), True, True, ("papier-bas", "orange")),
        ((), False, True, ("imprimante-arretee", "rouge")),
    ],
)
def test_une_imprimante(raisons: tuple[str, ...], prete: bool, papier: bool, attendu: tuple[str, str]) -> None:
    assert _nom(imprimante.juger_etat(EtatImprimante(prete, papier, raisons))) == attendu


@pytest.mark.parametrize(
    ("facons", "attendu"),
    [
        ((Facon("udp"), Facon("tcp"), Facon("tls")), ("", "")),
        ((Facon("udp", "injoignable"), Facon("tcp"), Facon("tls")), ("turn-udp-bloque", "orange")),
        ((Facon("udp"), Facon("tcp"), Facon("tls", "certificat")), ("turn-certificat", "orange")),
        ((Facon("udp", "refus"), Facon("tcp", "injoignable")), ("turn-refuse", "rouge")),
        ((Facon("udp", "injoignable"), Facon("tls", "injoignable")), ("turn-injoignable", "rouge")),
    ],
)
def test_un_relais(facons: tuple[Facon, ...], attendu: tuple[str, str]) -> None:
    assert _nom(turn.juger(facons)) == attendu


@pytest.mark.parametrize(
    ("qualite_vue", "attendu"),
    [
        (Qualite(0.0, 5.0, 40.0, 5e6), ("", "")),
        (Qualite(0.15, 5.0, 40.0, 5e6), ("pertes-reseau", "rouge")),
        (Qualite(0.04, 5.0, 40.0, 5e6), ("pertes-reseau", "orange")),
        (Qualite(0.0, 100.0, 400.0, 5e6), ("gigue-reseau", "rouge")),
        (Qualite(0.0, 5.0, 900.0, 5e6), ("reseau-lent", "rouge")),
        (Qualite(0.0, 5.0, 40.0, 3e5), ("debit-faible", "rouge")),
        (Qualite(0.0, 40.0, 40.0, 5e6), ("gigue-reseau", "orange")),
    ],
)
def test_un_reseau(qualite_vue: Qualite, attendu: tuple[str, str]) -> None:
    assert _nom(qualite.juger(qualite_vue)) == attendu


@pytest.mark.parametrize(
    ("local", "code"),
    [("Europe/Paris", ""), ("Europe/Berlin", ""), ("UTC", "fuseau-faux"), ("Etc/GMT-1", "heure-ete-absente")],
)
def test_un_fuseau(local: str, code: str) -> None:
    """Berlin vit à la même heure que Paris, hiver comme été."""
    assert _nom(fuseau.juger(ZoneInfo(local), ZoneInfo("Europe/Paris"), 2026))[0] == code


def test_un_fuseau_d_outre_mer_sans_heure_d_ete() -> None:
    assert fuseau.juger(ZoneInfo("Indian/Reunion"), ZoneInfo("Indian/Reunion"), 2026) is None
    assert _nom(fuseau.juger(UTC, ZoneInfo("Indian/Reunion"), 2026))[0] == "fuseau-faux"


@pytest.mark.parametrize(
    ("matrice", "droite"),
    [
        ("1 0 0 0 1 0", True),
        ("0 -1 1 1 0 0", True),
        ("-1 0 1 0 -1 1", True),
        ("1.04 0 -0.02 0 0.97 0.01", True),
        ("0.7 0 0.2 0 1 0", False),
        ("0 0 0 0 0 0", False),
        ("un deux", False),
    ],
)
def test_une_matrice_de_toucher(matrice: str, droite: bool) -> None:
    assert matrice_droite(matrice) is droite


@pytest.mark.parametrize(
    ("raison", "code"),
    [
        ("Le micro n'est pas branché.", "micro-absent"),
        ("Le micro n'est plus branché.", "micro-absent"),
        ("Le micro ne répond pas : le serveur de son est arrêté.", "serveur-son-arrete"),
        ("Le micro a été refusé par le serveur de son.", "micro-sans-reponse"),
        ("Le micro n'envoie rien.", "micro-sans-reponse"),
    ],
)
def test_un_son_perdu(raison: str, code: str) -> None:
    assert perte("micro", SonPerdu(raison)).code == code


def test_une_faute_garde_sa_couleur_et_arrondit() -> None:
    rendu = Faute("x", "Un constat.", "Un remède.", Couleur.ORANGE).rendre("nom", {"a": 1.23456789})
    assert (rendu.controle, rendu.couleur, rendu.valeurs) == ("nom", Couleur.ORANGE, {"a": 1.2346})

"""L'identité lue : de vrais datamatrix, lus dans de vraies images, et chaque faute nommée.

Les identités sont celles des exemples publics de l'ANS, de l'Insee et de l'OACI : elles ne désignent personne.
"""

import contextlib
import datetime as dt
import logging

import numpy as np
import pytest
import zxingcpp

from borne.peripheriques.identite import (
    CarteNonPriseEnCharge,
    CodeIllisible,
    IdentiteInvalide,
    LecteurAbsent,
    LecteurCarte,
    lire_codes,
    lire_identite,
    lire_ins,
    lire_titre,
    lire_zone,
)
from borne.peripheriques.identite.nir import cle, verifier_matricule
from borne.peripheriques.identite.titre import chiffre_de_controle
from borne.peripheriques.opencv import cv2
from tests.bancs._documents_photos import fabriquer

GS = "\x1d"
ENTETE = "IS01" + "0" * 22
CHAMPS = {
    "S1": "277010115400329",
    "S2": "1.2.250.1.213.1.4.8" + GS,
    "S3": "SARAH-LOU ANNA" + GS,
    "S4": "GARCIA-HAMMADI" + GS,
    "S5": "F",
    "S6": "21-01-1977",
    "S7": "01154",
}
ZONE = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
"""Doc 9303 partie 5, appendice B."""
TITRE = f"DC04FR0000011E581E580701FR62MARTIN{GS}60MAELIS/GAELLE{GS}68F691307199067FR6O01012031\x1fSIGNATURE"


def ins(**autres: str) -> str:
    """Un code INS, où quelques champs changent (vide : le champ manque)."""
    return ENTETE + "".join(nom + valeur for nom, valeur in (CHAMPS | autres).items() if valeur)


def datamatrix(texte: str, echelle: int = 6) -> np.ndarray:
    """Son image BGR, avec sa marge blanche."""
    code = zxingcpp.create_barcode(texte, zxingcpp.BarcodeFormat.DataMatrix)
    gris = np.array(code.to_image(scale=echelle))
    return cv2.cvtColor(cv2.copyMakeBorder(gris, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=255), cv2.COLOR_GRAY2BGR)


def test_un_code_ins_rend_l_identite():
    identite = lire_ins(ins())
    assert (identite.matricule, identite.nom, identite.prenoms) == (
        "277010115400329",
        "GARCIA-HAMMADI",
        "SARAH-LOU ANNA",
    )
    assert (identite.sexe, identite.naissance, identite.lieu) == ("F", dt.date(1977, 1, 21), "01154")
    assert identite.reelle
    assert identite.reserves == ()
    # L'ordre des champs est libre, et le lieu facultatif.
    autre_ordre = ENTETE + "".join(nom + CHAMPS[nom] for nom in ("S1", "S2", "S3", "S5", "S6", "S4"))
    assert lire_ins(autre_ordre).nom == "GARCIA-HAMMADI"
    assert lire_ins(autre_ordre.rstrip(GS)).lieu == ""


@pytest.mark.parametrize(
    ("texte", "faute"),
    [
        ("https://exemple.fr", "nature"),
        ("IS01", "coupe"),
        ("IS02" + ins()[4:], "version"),
        (ins(S1="277010115400328"), "cle"),
        (ins(S1="977010115400329"), "matricule-forme"),
        (ins(S1="277450115400329"), "matricule-forme"),
        (ins(S1="27701011540032S"), "matricule-forme"),
        (ins(S1=""), "incomplet"),
        (ins(S6="21-01-1977", S4=""), "incomplet"),
        (ins(S4=GS), "incomplet"),
        (ins(S2="1.2.250.1.213.1.4.7" + GS), "autorite"),
        (ins(S3="SARAH123" + GS), "etat-civil"),
        (ins(S5="X"), "sexe"),
        (ins(S6="31-02-1977"), "naissance"),
        (ins(S6="1977-01-21"), "naissance"),
        (ins(S7="ABCDE"), "lieu"),
        (ins(S7="011"), "coupe"),
        (ins()[:50], "incomplet"),
        (ins() + "S1277010115400329", "champ"),
        (ins() + "Z9TOTO", "champ"),
    ],
)
def test_chaque_faute_est_nommee_sans_l_identite(texte, faute):
    with pytest.raises(IdentiteInvalide) as levee:
        lire_ins(texte)
    assert levee.value.faute == faute
    assert levee.value.message.endswith(".")
    for secret in ("27701", "GARCIA", "SARAH", "1977"):
        assert secret not in str(levee.value)


def test_n_importe_quel_bout_de_code_est_lu_ou_refuse():
    """Aucune coupure, aucun octet changé ne fait autre chose que rendre une identité ou la refuser."""
    hasard = np.random.default_rng(4)
    for _ in range(2000):
        lettres = list(ins())
        for rang in hasard.integers(0, len(lettres), int(hasard.integers(0, 3))):
            lettres[rang] = chr(int(hasard.integers(0, 256)))
        texte = "".join(lettres[: int(hasard.integers(0, len(lettres) + 1))])
        with contextlib.suppress(IdentiteInvalide):
            assert lire_ins(texte).matricule


def test_ce_qui_etonne_se_dit_sans_etre_refuse():
    assert "démonstration" in lire_ins(ins(S2="1.2.250.1.213.1.4.11" + GS)).reserves[0]
    assert not lire_ins(ins(S2="1.2.250.1.213.1.4.10")).reelle
    assert "sexe" in lire_ins(ins(S5="M")).reserves[0]
    assert "date" in lire_ins(ins(S6="21-02-1977")).reserves[0]
    # L'OID de 20 caractères n'a pas de séparateur.
    assert lire_ins(ins(S2="1.2.250.1.213.1.4.10")).nom == "GARCIA-HAMMADI"


def test_la_cle_du_matricule_et_la_corse():
    assert cle("2550814168025") == 38
    for departement, nombre in (("2A", "19"), ("2B", "18")):
        attendue = 97 - int(f"19005{nombre}001002") % 97
        assert cle(f"19005{departement}001002") == attendue
        matricule = f"1 90 05 {departement.lower()} 001 002 {attendue:02d}"
        assert verifier_matricule(matricule) == f"19005{departement}001002{attendue:02d}"
    with pytest.raises(IdentiteInvalide, match="14"):
        verifier_matricule("12345678901234")


def test_rien_de_l_identite_dans_sa_representation(caplog):
    identites = [lire_ins(ins()), lire_titre(TITRE), lire_zone(ZONE)]
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("essai").info("lue : %s %r", *identites[:2])
    for secret in ("27701", "GARCIA", "SARAH", "1977", "MARTIN", "MAELIS", "ERIKSSON", "1990"):
        assert secret not in caplog.text + repr(identites)


def test_un_code_se_lit_de_travers_petit_et_dans_une_page():
    code = datamatrix(ins())
    assert lire_identite(code).nom == "GARCIA-HAMMADI"
    page = np.full((1188, 840, 3), 250, np.uint8)
    h, w = code.shape[:2]
    petit = cv2.resize(code, (int(w * 0.8), int(h * 0.8)), interpolation=cv2.INTER_AREA)
    page[100 : 100 + petit.shape[0], 80 : 80 + petit.shape[1]] = petit
    photo = fabriquer("simple", 2, document=page)
    assert lire_identite(photo.bgr).matricule == CHAMPS["S1"]


def test_sans_code_ou_avec_un_autre_la_phrase_est_claire():
    with pytest.raises(CodeIllisible, match="Aucun code"):
        lire_identite(np.full((480, 640, 3), 200, np.uint8))
    with pytest.raises(IdentiteInvalide, match="ni un code INS"):
        lire_identite(datamatrix("0103400930000120"))
    assert lire_codes(datamatrix("bonjour")) == ("bonjour",)


def test_le_cachet_d_un_titre_d_identite():
    identite = lire_titre(TITRE)
    assert (identite.nom, identite.prenoms, identite.sexe) == ("MARTIN", "MAELIS GAELLE", "F")
    assert (identite.naissance, identite.expiration) == (dt.date(1990, 7, 13), dt.date(2031, 1, 1))
    assert "signature" in identite.reserves[0]
    assert lire_identite(datamatrix(TITRE)) == identite


@pytest.mark.parametrize(
    ("texte", "faute"),
    [
        ("DC99", "nature"),
        (TITRE.partition("\x1f")[0], "coupe"),
        (TITRE.replace("69130719", "69320719"), "naissance"),
        (TITRE.replace("68F", "68Q"), "sexe"),
        (TITRE.replace("62MARTIN" + GS, ""), "nature"),
        ("DC04FR0000011E581E580101FR10FACTURE\x1fS", "nature"),
        (TITRE[:26] + f"6F{ZONE[:89]}{GS}\x1fS", "zone"),
    ],
)
def test_chaque_faute_d_un_titre_est_nommee(texte, faute):
    with pytest.raises(IdentiteInvalide) as levee:
        lire_titre(texte)
    assert levee.value.faute == faute


def test_la_zone_de_lecture_automatique_et_ses_chiffres_de_controle():
    assert chiffre_de_controle("D23145890") == 7
    identite = lire_titre(TITRE[:26] + f"6F{ZONE}\x1fS")
    assert (identite.nom, identite.prenoms, identite.sexe) == ("ERIKSSON", "ANNA MARIA", "F")
    assert (identite.naissance, identite.expiration) == (dt.date(1974, 8, 12), dt.date(2012, 4, 15))
    for rang in (5, 14, 30, 36, 38, 44, 59):
        autre = "1" if ZONE[rang] != "1" else "2"
        with pytest.raises(IdentiteInvalide) as levee:
            lire_zone(ZONE[:rang] + autre + ZONE[rang + 1 :])
        assert levee.value.faute == "cle"


def zone_nee(aammjj: str) -> str:
    """La zone d'une personne née ce jour, chiffres de contrôle refaits."""
    un, deux, trois = ZONE[:30], ZONE[30:60], ZONE[60:]
    deux = aammjj + str(chiffre_de_controle(aammjj)) + deux[7:29]
    ensemble = chiffre_de_controle(un[5:30] + deux[:7] + deux[8:15] + deux[18:29])
    return un + deux + str(ensemble) + trois


@pytest.mark.parametrize(
    ("aammjj", "naissance"),
    [
        ("291231", dt.date(1929, 12, 31)),
        ("261123", dt.date(1926, 11, 23)),
        ("261122", dt.date(2026, 11, 22)),
        ("250101", dt.date(2025, 1, 1)),
    ],
)
def test_un_patient_tres_age_n_est_pas_ne_demain(aammjj, naissance):
    assert lire_zone(zone_nee(aammjj), dt.date(2026, 11, 22)).naissance == naissance


def test_un_exposant_n_est_pas_un_chiffre_de_controle():
    with pytest.raises(IdentiteInvalide):
        lire_zone(ZONE[:14] + "²" + ZONE[15:])


@pytest.mark.parametrize(("nature", "mot"), [("vitale", "carte Vitale"), ("cps", "professionnel")])
async def test_les_cartes_a_puce_sont_dites_non_prises_en_charge(nature, mot):
    lecteur = LecteurAbsent(nature)
    assert isinstance(lecteur, LecteurCarte)
    assert not lecteur.pris_en_charge
    with pytest.raises(CarteNonPriseEnCharge, match=mot) as levee:
        await lecteur.lire()
    assert levee.value.code == "carte-non-prise-en-charge"

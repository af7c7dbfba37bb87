"""La numérisation, sur des photographies fabriquées dont on sait les coins et le contenu."""

import io

import numpy as np
import pytest
from pypdf import PdfReader

from borne.peripheriques.numerisation import (
    DocumentTropGros,
    PageIntrouvable,
    PageNumerisee,
    composer_pdf,
    eclaircir,
    numeriser,
    trouver_page,
)
from borne.peripheriques.numerisation.jugement import nettete
from borne.peripheriques.numerisation.recherche import ordonner
from borne.peripheriques.numerisation.redressement import reconnaitre
from borne.peripheriques.opencv import cv2
from borne.peripheriques.pdf import verifier_pdf
from tests.bancs._documents_photos import fabriquer
from tests.bancs.documents import ECART_MAX, ecart

PETITE = (800, 600)
CAS = ("simple", "ombre", "bruit", "bord", "deux_feuilles", "doigt", "penchee", "petite", "courbe")


@pytest.mark.parametrize(("rang", "cas"), list(enumerate(CAS)))
def test_la_page_est_trouvee(rang, cas):
    photo = fabriquer(cas, 3, autre=bool(rang % 2), taille=PETITE)
    assert ecart(trouver_page(photo.bgr).coins, photo) < ECART_MAX


@pytest.mark.parametrize("image", [np.zeros((480, 640, 3), np.uint8), np.full((480, 640, 3), 255, np.uint8)])
def test_sans_page_une_phrase_le_dit(image):
    with pytest.raises(PageIntrouvable, match="page"):
        trouver_page(image)


def test_une_image_qui_n_en_est_pas_une_est_refusee():
    for image in (np.zeros((0, 0, 3), np.uint8), np.zeros((480, 640), np.uint8), np.zeros((10, 640, 3), np.uint8)):
        with pytest.raises(PageIntrouvable, match="image"):
            trouver_page(image)


@pytest.mark.parametrize("graine", range(6))
def test_les_proportions_reviennent_de_la_perspective(graine):
    photo = fabriquer("penchee", graine, taille=(400, 300))
    assert reconnaitre(ordonner(photo.coins), (400, 300))[1].nom == "A4"
    carte = fabriquer("petite", graine, taille=(400, 300))
    assert reconnaitre(ordonner(carte.coins), (400, 300))[1].nom == "carte"


def test_a_plat_le_document_est_celui_d_origine():
    """Les traits de la page numérisée tombent sur ceux de la page dessinée."""
    photo = fabriquer("ombre", 2, taille=(1600, 1200))
    plate = cv2.cvtColor(numeriser(photo.bgr).bgr, cv2.COLOR_BGR2GRAY)
    attendue = cv2.cvtColor(photo.page, cv2.COLOR_BGR2GRAY)
    accords = []
    for tours in range(4):
        tournee = np.ascontiguousarray(np.rot90(attendue, tours))
        posee = cv2.resize(tournee, plate.shape[::-1], interpolation=cv2.INTER_AREA)
        accords.append(np.corrcoef(cv2.GaussianBlur(posee, (5, 5), 0).ravel(), plate.ravel())[0, 1])
    assert max(accords) > 0.8


def page_eclairee() -> tuple[np.ndarray, np.ndarray]:
    """(page nue, la même sous une ombre de moitié et une lampe jaune) : papier, encre noire, tampon rouge."""
    page = np.full((900, 640, 3), 245, np.uint8)
    for rang in range(20):
        cv2.putText(page, "amoxicilline matin et soir", (40, 60 + 36 * rang), 0, 0.8, (30, 30, 30), 2, cv2.LINE_AA)
    cv2.rectangle(page, (400, 800), (560, 880), (40, 40, 200), -1)
    lumiere = np.linspace(1.0, 0.4, 640)[None, :, None] * np.array([0.7, 0.9, 1.0])
    return page, (page * lumiere).astype(np.uint8)


def test_l_eclairage_devient_egal_le_texte_noir_et_les_couleurs_restent():
    _, prise = page_eclairee()
    rendue = eclaircir(prise)
    papier = rendue[10:30, 20:620].reshape(-1, 3)
    assert papier.min() > 225
    assert np.ptp(papier.mean(axis=0)) < 6
    assert np.quantile(rendue[40:780, 40:600].min(axis=2), 0.02) < 60
    bleu, vert, rouge = rendue[820:860, 430:530].reshape(-1, 3).mean(axis=0)
    assert rouge > 170
    assert max(bleu, vert) < 90


def test_le_flou_se_mesure_et_se_dit():
    page, _ = page_eclairee()
    nettetes = []
    for sigma in (0.6, 1.5, 3.0, 5.0):
        nettetes.append(nettete(cv2.cvtColor(cv2.GaussianBlur(page, (0, 0), sigma), cv2.COLOR_BGR2GRAY)))
    assert nettetes == sorted(nettetes, reverse=True)
    assert nettete(np.full((900, 640), 240, np.uint8)) is None
    photo = fabriquer("simple", 1, taille=(1200, 900)).bgr
    assert "numerisation-floue" not in numeriser(photo).jugement.conseils
    assert "numerisation-floue" in numeriser(cv2.GaussianBlur(photo, (0, 0), 4)).jugement.conseils


def test_un_coin_hors_de_l_image_un_reflet_et_une_page_sombre_se_disent():
    photo = fabriquer("simple", 0, taille=PETITE)
    coin = photo.coins.min(axis=0).astype(int)
    rognee = photo.bgr[:, coin[0] + 40 :]
    assert "numerisation-coin-coupe" in numeriser(rognee).jugement.conseils
    assert "numerisation-coin-coupe" not in numeriser(photo.bgr).jugement.conseils
    brillante = np.minimum(photo.bgr, 200)
    centre = tuple(map(int, photo.coins.mean(axis=0)))
    cv2.ellipse(brillante, centre, (60, 30), 20, 0, 360, (255, 255, 255), -1)
    assert "numerisation-reflet" in numeriser(brillante).jugement.conseils
    assert "numerisation-sombre" in numeriser((photo.bgr * 0.22).astype(np.uint8)).jugement.conseils


def test_plusieurs_pages_un_seul_pdf_a_la_taille_du_papier():
    pages = [numeriser(fabriquer(cas, 0, taille=PETITE).bgr) for cas in ("simple", "petite", "ombre")]
    octets = composer_pdf(pages)
    assert verifier_pdf(octets) == 3
    assert len(octets) < 3 * 400 * 1024
    tailles = [
        sorted((float(p.mediabox.width), float(p.mediabox.height))) for p in PdfReader(io.BytesIO(octets)).pages
    ]
    a4, carte = [595.3, 841.9], [153.0, 242.6]
    for taille, voulue in zip(tailles, (a4, carte, a4), strict=True):
        assert taille == pytest.approx(voulue, abs=0.5)


def test_un_document_sans_page_ou_trop_long_est_refuse():
    with pytest.raises(ValueError, match="page"):
        composer_pdf([])
    page = numeriser(fabriquer("simple", 1, taille=PETITE).bgr)
    with pytest.raises(DocumentTropGros, match="21"):
        composer_pdf([page] * 21)


def test_un_document_trop_lourd_baisse_la_qualite_plutot_que_la_definition():
    hasard = np.random.default_rng(1)
    page = numeriser(fabriquer("simple", 1, taille=PETITE).bgr)
    bruit = hasard.integers(0, 255, (750, 530, 3), dtype=np.uint8)
    lourde = PageNumerisee(bruit, page.format, page.page, page.jugement)
    octets = composer_pdf([lourde] * 20)
    assert len(octets) < 8 * 1024 * 1024
    image = PdfReader(io.BytesIO(octets)).pages[0].images[0].image
    assert image.size == (530, 750)

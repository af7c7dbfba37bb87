"""Examiner à l'image : caméras, zoom, pointeur, photo vérifiée, coupure, effacement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from borne import protocole as p
from tests.salle_pages.borne_factice import PHOTO, BorneFactice
from tests.salle_pages.conftest import Capturer, Ouvrir, Salle
from tests.salle_pages.outils import en_consultation, image_recue


def recus(borne: BorneFactice, genre: type[p.Message]) -> list[p.Message]:
    return [message for message in borne.recus if isinstance(message, genre)]


def lire(chemin: Path) -> bytes:
    return chemin.read_bytes()


async def milieu(page: Page, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    boite = await page.locator("#surface").bounding_box()
    assert boite is not None
    return boite["x"] + x * boite["width"], boite["y"] + y * boite["height"]


async def test_chaque_raccourci_n_a_qu_un_controle(salle: Salle, poste: Ouvrir) -> None:
    medecin = await poste()
    await medecin.page.goto(medecin.url)
    script = (
        "() => [...document.querySelectorAll('[aria-keyshortcuts]')].map((e) => e.getAttribute('aria-keyshortcuts'))"
    )
    touches = await medecin.page.evaluate(script)
    assert sorted(touches) == sorted(set(touches))


async def test_choisir_une_camera(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    groupe = page.get_by_role("radiogroup", name="Caméra de la borne")
    await expect(groupe.get_by_role("radio")).to_have_count(3)
    await page.keyboard.press("Alt+Digit2")
    await borne.attendre(lambda: p.ChoixCamera("examen") in borne.recus)
    await expect(groupe.get_by_role("radio", name="Examen")).to_be_checked()
    borne.dire(p.EtatImage("examen", 1280, 720, ("floue", "sombre")))
    await expect(page.locator("#conseils li")).to_have_count(2)
    await capturer(page, "20-examen-conseils")
    borne.dire(p.EtatCameras("principale", ("principale",), "La petite caméra ne répond pas."))
    await expect(groupe.get_by_role("radio")).to_have_count(1)
    await expect(groupe.get_by_role("radio", name="Visage")).to_be_checked()
    await expect(page.locator("#examen-etat")).to_have_text("La petite caméra ne répond pas.")
    await expect(page.locator("#conseils li")).to_have_count(0)
    medecin.sans_ennui("401")


async def test_zoomer_se_deplacer_montrer(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.mouse.move(*await milieu(page, 0.25, 0.25))
    for _ in range(4):
        await page.mouse.wheel(0, -100)
    await borne.attendre(lambda: any(m.zoom > 2.4 for m in recus(borne, p.Cadrage)))  # type: ignore[attr-defined]
    await expect(page.locator("#zoom-valeur")).to_have_text("2,4×")
    vise = recus(borne, p.Cadrage)[-1]
    assert isinstance(vise, p.Cadrage)
    # Ce qui était sous la souris y est resté.
    assert vise.x + (0.25 - 0.5) / vise.zoom == pytest.approx(0.25, abs=0.01)
    avant = len(recus(borne, p.Cadrage))
    await page.mouse.down()
    await page.mouse.move(*await milieu(page, 0.15, 0.25), steps=4)
    await page.mouse.up()
    await borne.attendre(lambda: len(recus(borne, p.Cadrage)) > avant)
    await page.wait_for_timeout(300)
    glisse = recus(borne, p.Cadrage)[-1]
    assert isinstance(glisse, p.Cadrage)
    assert glisse.x == pytest.approx(vise.x + 0.1 / vise.zoom, abs=0.01)
    assert not recus(borne, p.Pointeur), "glisser n'est pas montrer"
    await page.mouse.click(*await milieu(page, 0.5, 0.4))
    await borne.attendre(lambda: bool(recus(borne, p.Pointeur)))
    doigt = recus(borne, p.Pointeur)[-1]
    assert isinstance(doigt, p.Pointeur)
    assert doigt.x == pytest.approx(glisse.x, abs=0.01)
    assert doigt.y == pytest.approx(glisse.y - 0.1 / glisse.zoom, abs=0.01)
    await expect(page.locator("#pointeur")).to_be_visible()
    await capturer(page, "21-examen-zoom-pointeur")
    await page.locator("#surface").focus()
    await page.keyboard.press("Escape")
    await borne.attendre(lambda: recus(borne, p.Pointeur)[-1] == p.Pointeur())
    await expect(page.locator("#pointeur")).to_be_hidden()
    await page.keyboard.press("0")
    await borne.attendre(lambda: recus(borne, p.Cadrage)[-1] == p.Cadrage(0.5, 0.5, 1))
    medecin.sans_ennui("401")


async def test_photo_verifiee_puis_montree(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, _ = await en_consultation(salle, poste)
    page = medecin.page
    for _ in range(2):
        await page.get_by_role("button", name="Photo d’examen", exact=True).click()
        await expect(page.locator("#photo-etat")).to_have_text("Photo reçue.")
    await expect(page.locator(".vignette")).to_have_count(2)
    await capturer(page, "22-examen-vignettes")
    await page.locator(".vignette").first.click()
    vue = page.get_by_role("dialog", name=re.compile("Photo 2 sur 2"))
    await expect(vue.locator("#vue-details")).to_contain_text("512 × 512")
    await expect(vue.locator("#vue-details")).to_contain_text("empreinte vérifiée")
    assert await page.evaluate("document.getElementById('visionneuse-image').naturalWidth") == 512
    await capturer(page, "23-visionneuse")
    await page.keyboard.press("+")
    await page.keyboard.press("+")
    large = await page.evaluate("document.getElementById('visionneuse-image').getBoundingClientRect().height")
    assert large > await page.evaluate("document.getElementById('visionneuse-place').clientHeight")
    await capturer(page, "24-visionneuse-zoom")
    async with page.expect_download() as telechargement:
        await vue.get_by_role("button", name="Enregistrer sur cet ordinateur").click()
    fichier = await telechargement.value
    assert lire(Path(await fichier.path())) == lire(PHOTO)
    assert re.fullmatch(r"photo-examen-\d\dh\d\d-2\.jpg", fichier.suggested_filename)
    await vue.get_by_role("button", name="Fermer").click()
    await expect(vue).to_be_hidden()
    medecin.sans_ennui("401")


async def test_numeriser_des_pages_puis_les_recevoir_en_pdf(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    numeriser = page.get_by_role("button", name="Numériser la page")
    await expect(numeriser).to_be_hidden()
    await page.keyboard.press("Alt+Digit3")
    await numeriser.click()
    await expect(page.locator("#photo-etat")).to_have_text("Page numérisée. Un coin de la page est hors de l'image.")
    await numeriser.click()
    relier = page.get_by_role("button", name="PDF (2 pages)")
    await capturer(page, "25-numerisation")
    await relier.click()
    await expect(page.locator("#photo-etat")).to_have_text("PDF reçu.")
    await expect(relier).to_be_hidden()
    async with page.expect_download() as telechargement:
        await page.get_by_role("link", name="PDF 1").click()
    fichier = await telechargement.value
    assert lire(Path(await fichier.path())).startswith(b"%PDF")
    assert re.fullmatch(r"document-\d\dh\d\d-1\.pdf", fichier.suggested_filename)
    assert [d.forme for d in recus(borne, p.DemandePhoto)] == ["page", "page", "pdf"]  # type: ignore[attr-defined]
    medecin.sans_ennui("401")


async def test_photo_d_une_fausse_empreinte_refusee(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.photographier = False
    await page.get_by_role("button", name="Photo d’examen", exact=True).click()
    await borne.attendre(lambda: borne.recu(p.DemandePhoto))
    demande = recus(borne, p.DemandePhoto)[-1]
    assert isinstance(demande, p.DemandePhoto)
    borne.envoyer_photo("une autre", fausse=True)
    borne.envoyer_photo(demande.photo, fausse=True)
    await expect(page.locator("#photo-etat")).to_contain_text("Photo refusée")
    await expect(page.locator(".vignette")).to_have_count(0)
    await expect(page.get_by_role("button", name="Photo d’examen", exact=True)).to_be_enabled()
    medecin.sans_ennui("401")


async def test_photo_que_la_borne_ne_peut_pas_prendre_ou_qu_on_annule(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.photographier = False
    bouton = page.locator("#photo")
    await bouton.click()
    await borne.attendre(lambda: borne.recu(p.DemandePhoto))
    demande = recus(borne, p.DemandePhoto)[-1]
    assert isinstance(demande, p.DemandePhoto)
    borne.dire(p.PhotoEchouee(demande.photo, "La caméra n'envoie pas d'image."))
    await expect(page.locator("#photo-etat")).to_have_text("La caméra n'envoie pas d'image.")
    await bouton.click()
    await expect(bouton).to_contain_text("Annuler")
    await borne.attendre(lambda: len(recus(borne, p.DemandePhoto)) == 2)
    borne.envoyer_photo(recus(borne, p.DemandePhoto)[-1].photo, morceaux=1)  # type: ignore[attr-defined]
    await expect(bouton).to_contain_text(re.compile(r"Annuler · [1-9]"))
    await bouton.click()
    await borne.attendre(lambda: borne.recu(p.ArretPhoto))
    await expect(bouton).to_have_text("Photo d’examen")
    medecin.sans_ennui("401")


@pytest.mark.exigence("VISITE-COUPURE")
async def test_photo_coupee_puis_reprise(salle: Salle, poste: Ouvrir) -> None:
    """Le réseau tombe en plein envoi ; la borne rappelle et la photo repart de son début."""
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.photographier = False
    await page.locator("#photo").click()
    await borne.attendre(lambda: borne.recu(p.DemandePhoto))
    demande = recus(borne, p.DemandePhoto)[-1]
    assert isinstance(demande, p.DemandePhoto)
    borne.envoyer_photo(demande.photo, morceaux=1)
    await expect(page.locator("#photo")).to_contain_text(re.compile(r"Annuler · [1-9]"))
    await borne.couper()
    await expect(page.locator("#photo-etat")).to_contain_text("la photo reprendra")
    await borne.retablir()
    await image_recue(page)
    await expect(page.locator("#photo-etat")).to_contain_text("la photo reprendra")
    await borne.attendre(lambda: borne.canal is not None and borne.canal.readyState == "open")
    await expect(page.locator("#voile-titre")).to_have_text("")
    borne.envoyer_photo(demande.photo)
    await expect(page.locator("#photo-etat")).to_have_text("Photo reçue.")
    await expect(page.locator(".vignette")).to_have_count(1)
    medecin.sans_ennui("401")


@pytest.mark.exigence("DONNEES-PURGE")
async def test_rien_ne_reste_apres_la_visite(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.locator("#photo").click()
    await expect(page.locator(".vignette")).to_have_count(1)
    adresse = await page.locator(".vignette img").get_attribute("src")
    await page.locator(".vignette").click()
    await borne.dire_salle(p.PatientParti(borne.visite, "patient"))
    await page.get_by_role("button", name="Revenir à la salle d’attente").click()
    await expect(page.locator("#visionneuse")).to_be_hidden()
    assert await page.locator(".vignette").count() == 0
    assert await page.evaluate("document.getElementById('visionneuse-image').getAttribute('src')") is None
    script = "(a) => fetch(a).then(() => 'lisible', () => 'oubliée')"
    assert await page.evaluate(script, adresse) == "oubliée"
    medecin.sans_ennui("401", "blob:", "Refused", "violates")

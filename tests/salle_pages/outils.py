"""Ce que les essais de la page partagent."""

from __future__ import annotations

import re
from pathlib import Path

from fpdf import FPDF
from playwright.async_api import Page, expect

from tests.salle_pages.borne_factice import BorneFactice
from tests.salle_pages.conftest import Ouvrir, Poste, Salle, patient


def ordonnance(dossier: Path) -> Path:
    """Un vrai PDF d'une page."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=16)
    pdf.cell(text="Ordonnance")
    chemin = dossier / "ordonnance Moreau.pdf"
    pdf.output(str(chemin))
    return chemin


async def image_recue(page: Page) -> None:
    """L'image du patient est décodée et la liaison chiffrée."""
    await expect(page.locator("#liaison-chiffres")).to_have_text(re.compile(r"\d+p · [1-9]"))


async def en_consultation(salle: Salle, poste: Ouvrir, **options: object) -> tuple[Poste, BorneFactice]:
    """Un médecin connecté, un patient pris, l'image reçue."""
    medecin = await poste(**options)
    await medecin.connecter("claire", salle.mots_de_passe["claire"])
    borne = await salle.borne()
    await borne.attendre_patient(patient())
    await medecin.page.get_by_role("button", name="Prendre Jeanne Moreau-Lefèvre").click()
    await image_recue(medecin.page)
    return medecin, borne


async def joindre(page: Page, chemin: Path) -> None:
    """Choisit un fichier par le bouton, comme le médecin."""
    async with page.expect_file_chooser() as choix:
        await page.get_by_role("button", name="Envoyer une ordonnance (PDF)").click()
    await (await choix.value).set_files(chemin)

"""Toute nature de mesure, demandée par le médecin : avant l'appel par la salle, pendant l'appel par le canal."""

from __future__ import annotations

from playwright.async_api import expect

from borne import protocole as p
from tests.salle_pages.conftest import Capturer, Ouvrir, Salle, patient
from tests.salle_pages.outils import image_recue

NATURES = ("tension", "temperature", "saturation", "poids", "glycemie", "frequence")


async def test_la_saturation_se_demande_avant_puis_pendant_l_appel(
    salle: Salle, poste: Ouvrir, capturer: Capturer
) -> None:
    medecin = await poste()
    page = medecin.page
    await medecin.connecter("claire", salle.mots_de_passe["claire"])
    borne = await salle.borne()
    borne.offrir_seule, borne.natures = False, NATURES
    await borne.attendre_patient(patient(natures=NATURES))
    await page.get_by_role("button", name="Prendre Jeanne Moreau-Lefèvre").click()

    await page.get_by_label("Mesure à demander").select_option("saturation")
    demander = page.get_by_role("button", name="Prendre la SpO₂")
    await demander.click()
    await borne.attendre(lambda: p.MesureSouhaitee("v-essai-1", "saturation") in borne.salle)
    await expect(page.locator("#mesure-etat")).to_have_text("Patient prévenu")

    await borne.offrir()
    await image_recue(page)
    await demander.click()
    await borne.attendre(lambda: p.DemandeMesure("saturation") in borne.recus)
    await expect(page.get_by_role("alert").filter(has_text="Le doigt est sorti de la pince.")).to_be_visible()
    await expect(page.locator("#vivante")).to_have_text("91 % · 88 /min")
    await expect(page.locator("#mesure-erreur")).to_be_hidden()
    await capturer(page, "mesures-saturation")
    borne.laisser_finir.set()
    table = page.get_by_role("table", name="Mesures du patient")
    await expect(table.get_by_role("row", name="SpO₂")).to_contain_text("alerte")
    await expect(page.locator("#mesure-etat")).to_have_text("Mesure finie")

    await page.get_by_label("Mesure à demander").select_option("tension")
    await expect(page.get_by_role("button", name="Prendre la tension")).to_be_visible()

"""Le parcours complet du médecin, de la connexion à la fin, contre la vraie salle et une borne factice."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from borne import protocole as p
from tests.salle_pages.conftest import Capturer, Ouvrir, Salle, patient
from tests.salle_pages.outils import image_recue, joindre, ordonnance


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_parcours_complet(salle: Salle, poste: Ouvrir, capturer: Capturer, tmp_path: Path, theme: str) -> None:
    medecin = await poste(theme)
    page = medecin.page
    await page.goto(medecin.url)
    await page.get_by_role("heading", name="Bonjour, docteur.").wait_for()
    await capturer(page, f"1-connexion-{theme}")
    await medecin.connecter("claire", salle.mots_de_passe["claire"])
    await page.get_by_role("heading", name="Personne n’attend.").wait_for()
    await capturer(page, f"2-vide-{theme}")

    borne = await salle.borne()
    await borne.attendre_patient(patient())
    carte = page.get_by_role("listitem").filter(has_text="Jeanne Moreau-Lefèvre")
    await expect(carte).to_contain_text("162 / 96 mmHg")
    await expect(carte).to_contain_text("06 12 34 56 78")
    await capturer(page, f"3-attente-{theme}")

    await carte.get_by_role("button", name="Prendre").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Jeanne Moreau-Lefèvre")
    await expect(page.get_by_role("link", name="06 12 34 56 78")).to_be_visible()
    await image_recue(page)
    await borne.attendre(lambda: borne.images_recues > 0)

    await page.get_by_role("button", name="Prendre la tension").click()
    await expect(page.locator("#vivante")).to_contain_text("mmHg")
    await expect(page.get_by_role("table", name="Mesures du patient")).to_contain_text("158 / 94", timeout=20_000)
    await expect(page.locator("#mesure-etat")).to_have_text("Mesure finie")

    await page.get_by_role("radio", name="Aortique").click()
    await page.get_by_role("button", name="Écouter le cœur").click()
    await expect(page.locator("#ecoute-etat")).to_have_text("En écoute · aortique")
    await page.get_by_role("radio", name="Mitral").click()
    await expect(page.locator("#ecoute-etat")).to_have_text("En écoute · mitral")
    await expect(page.locator("#voie")).to_contain_text("Son exact")
    await page.get_by_label("Couper la voix du patient pendant l’écoute").check()
    assert await page.evaluate("document.getElementById('son-voix').muted")

    await page.get_by_role("textbox", name="Écrire au patient").fill("Est-ce que vous m’entendez bien ?")
    await page.get_by_role("button", name="Envoyer", exact=True).click()
    borne.dire(p.Texte("Oui, très bien.", 1_800_000_000.0))
    await expect(page.get_by_role("log")).to_contain_text("Oui, très bien.")

    chemin = ordonnance(tmp_path)
    await joindre(page, chemin)
    await expect(page.get_by_role("list", name="Documents envoyés")).to_contain_text("Imprimé")
    assert [d.contenu for d in borne.documents] == [chemin.read_bytes()]

    await page.get_by_role("textbox", name="Notes de consultation").fill(
        "Toux sèche, auscultation claire. TA à recontrôler."
    )
    await expect(page.locator("#notes-etat")).to_contain_text("Gardées")
    await page.wait_for_timeout(5000)
    await capturer(page, f"4-consultation-{theme}")
    await tient_sans_defiler(page)

    await page.get_by_role("button", name="Arrêter l’écoute").click()
    await expect(page.locator("#voie")).to_be_empty()
    await page.get_by_role("button", name="Terminer").click()
    await capturer(page, f"5-terminer-{theme}")
    await page.get_by_role("button", name="Oui, terminer").click()
    await page.get_by_role("heading", name="Personne n’attend.").wait_for()
    assert any(isinstance(m, p.ConsultationTerminee) for m in borne.salle)
    assert await page.evaluate("sessionStorage.length") == 0
    assert "Jeanne" not in await page.content()
    medecin.sans_ennui("401")


async def tient_sans_defiler(page: Page) -> None:
    """Tout contrôle de la consultation est entièrement dans la fenêtre, et rien ne dépasse de son cadre."""
    dehors = await page.evaluate(
        """() => [...document.querySelectorAll('#ecran-consultation button, #ecran-consultation input, textarea, a')]
          .filter((e) => e.checkVisibility())
          .map((e) => [e.id || e.textContent.trim(), e.getBoundingClientRect()])
          .filter(([, r]) => r.top < 0 || r.left < 0 || r.bottom > innerHeight || r.right > innerWidth)
          .map(([nom]) => nom)"""
    )
    assert dehors == []
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")

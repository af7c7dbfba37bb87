"""Ce qui se voit : contraste 7:1 dans les deux thèmes, noms accessibles, fenêtres d'autres tailles."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from borne import protocole as p
from tests.salle_pages.conftest import Capturer, Ouvrir, Salle
from tests.salle_pages.outils import en_consultation

CONTRASTES = """() => {
  const lire = (texte) => (texte.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const poser = ([r, v, b, a = 1], [R, V, B]) => [r * a + R * (1 - a), v * a + V * (1 - a), b * a + B * (1 - a)];
  const clarte = (c) => c.map((x) => x / 255).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
    .reduce((t, x, i) => t + x * [0.2126, 0.7152, 0.0722][i], 0);
  const fond = (e) => {
    if (!e) return [255, 255, 255];
    const c = lire(getComputedStyle(e).backgroundColor);
    return c[3] === 0 ? fond(e.parentElement) : poser(c, c.length === 4 ? fond(e.parentElement) : c);
  };
  const trop_faibles = [];
  const marcheur = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (marcheur.nextNode()) {
    const e = marcheur.currentNode.parentElement;
    const texte = marcheur.currentNode.textContent.trim();
    if (!texte || !e.checkVisibility() || e.closest('.cache, svg, option')) continue;
    const f = fond(e);
    const [a, b] = [clarte(f), clarte(poser(lire(getComputedStyle(e).color), f))].sort((x, y) => y - x);
    const rapport = (a + 0.05) / (b + 0.05);
    if (rapport < 7) trop_faibles.push(`${texte} : ${rapport.toFixed(2)}`);
  }
  return trop_faibles;
}"""

SANS_NOM = """() => [...document.querySelectorAll('button, input, textarea, a[href], [role=radio]')]
  .filter((e) => e.checkVisibility() && e.type !== 'file')
  .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length || e.getAttribute('aria-labelledby')))
  .map((e) => e.outerHTML)"""


async def verifier(page: Page) -> None:
    assert await page.evaluate(CONTRASTES) == []
    assert await page.evaluate(SANS_NOM) == []


@pytest.mark.exigence("A11Y-CONTRASTE")
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_contraste_et_noms(salle: Salle, poste: Ouvrir, theme: str) -> None:
    visiteur = await poste(theme)
    await visiteur.page.goto(visiteur.url)
    await visiteur.page.get_by_role("button", name="Se connecter").click()
    await verifier(visiteur.page)
    medecin, borne = await en_consultation(salle, poste, theme=theme)
    page = medecin.page
    await borne.dire_salle(p.Alerte("v-essai-1", "aide", 1_800_000_000.0))
    await page.get_by_role("button", name="J’ai vu").wait_for()
    borne.dire(p.EtatMesure("tensiometre", "echouee", "Le brassard ne répond pas."))
    borne.dire(p.EtatEcoute(False, None, "Le stéthoscope est débranché."))
    await expect(page.locator("#ecoute-etat")).to_have_text("Le stéthoscope est débranché.")
    await verifier(page)
    await borne.dire_salle(p.Alerte("v-essai-1", "aide", 1_800_000_000.0, active=False))
    await borne.dire_salle(p.Alerte("v-essai-1", "quinze", 1_800_000_001.0))
    await page.get_by_role("alert").filter(has_text="15 demandé").wait_for()
    await page.get_by_role("button", name="Passer au thème").click()
    await page.wait_for_timeout(300)
    await verifier(page)
    medecin.sans_ennui("401")


@pytest.mark.parametrize(("largeur", "hauteur"), [(1920, 1080), (1280, 720), (900, 1200)])
async def test_autres_fenetres(salle: Salle, poste: Ouvrir, capturer: Capturer, largeur: int, hauteur: int) -> None:
    """Rien ne dépasse en largeur, et ce qui ne tient pas en hauteur s'atteint en défilant."""
    medecin, _ = await en_consultation(salle, poste, largeur=largeur, hauteur=hauteur)
    page = medecin.page
    await capturer(page, f"11-consultation-{largeur}x{hauteur}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for nom in ("Envoyer une ordonnance (PDF)", "Écouter le cœur", "Terminer", "Envoyer"):
        bouton = page.get_by_role("button", name=nom, exact=True)
        await bouton.scroll_into_view_if_needed()
        await bouton.click(trial=True)
    medecin.sans_ennui("401")

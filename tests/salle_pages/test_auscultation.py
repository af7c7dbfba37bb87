"""Le panneau d'auscultation : son exact joué, vu, gardé, relu, emporté ; contre une borne factice et un vrai cœur."""

from __future__ import annotations

import io
import wave

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page, expect

from borne import protocole as p
from tests.salle_pages.borne_factice import BorneFactice
from tests.salle_pages.conftest import Capturer, Ouvrir, Salle
from tests.salle_pages.outils import en_consultation
from tests.salle_pages.test_parcours import tient_sans_defiler


async def ecouter(page: Page, borne: BorneFactice, bouton: str = "Écouter le cœur") -> None:
    await page.get_by_role("button", name=bouton).click()
    await expect(page.locator("#voie")).to_contain_text("Son exact")
    assert borne.recu(p.DemandeEcoute)


async def emporter(page: Page) -> tuple[NDArray[np.int16], int, str]:
    """Le WAV téléchargé : échantillons, fréquence, nom du fichier."""
    async with page.expect_download() as attente:
        await page.get_by_role("button", name="WAV exact").click()
    fichier = await attente.value
    chemin = await fichier.path()
    with wave.open(io.BytesIO(chemin.read_bytes())) as son:
        assert (son.getnchannels(), son.getsampwidth()) == (1, 2)
        octets = son.readframes(son.getnframes())
        return np.frombuffer(octets, dtype="<i2"), son.getframerate(), fichier.suggested_filename


def position(tout: NDArray[np.int16], extrait: NDArray[np.int16], bloc: int) -> int:
    """Où commence l'extrait, à un bloc près et à l'octet près ; -1 s'il n'y est pas."""
    for debut in range(0, len(tout) - len(extrait) + 1, bloc):
        if np.array_equal(tout[debut : debut + len(extrait)], extrait):
            return debut
    return -1


async def test_le_wav_est_le_son_exact_octet_pour_octet(salle: Salle, poste: Ouvrir) -> None:
    """Une trame sur sept se perd, et cinq d'affilée : la redondance puis les rappels rendent tout."""
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.perdre_trame = lambda numero: numero % 7 == 3 or 60 <= numero < 66
    await ecouter(page, borne)
    await borne.attendre(lambda: len(borne.son_exact) > 120)
    await page.get_by_role("button", name="Arrêter l’écoute").click()
    await borne.attendre(lambda: borne.recu(p.ArretEcoute))
    son, frequence, nom = await emporter(page)
    assert frequence == 4000
    assert nom.startswith("auscultation-mitral-")
    assert "Moreau" not in nom
    assert len(son) > 100 * 80
    assert position(np.concatenate(borne.son_exact), son, 80) >= 0
    assert borne.recu(p.BlocsManquants)
    await expect(page.locator("#emporter-etat")).to_contain_text("exactes")
    medecin.sans_ennui("401")


async def test_un_trou_qui_reste_est_dit(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.rendre_blocs = False
    borne.perdre_trame = lambda numero: 40 <= numero < 53
    await ecouter(page, borne)
    await borne.attendre(lambda: len(borne.son_exact) > 100)
    await expect(page.locator("#voie")).not_to_have_text("Son exact · 100 %")
    son, _, _ = await emporter(page)
    await expect(page.locator("#emporter-etat")).to_contain_text("dont 0,2 s de silence")
    assert not son[40 * 80 : 50 * 80].any()
    medecin.sans_ennui("401")


async def test_poumons_filtres_relecture_et_oubli(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.get_by_role("radio", name="Poumons").click()
    await page.get_by_role("radio", name="Dos, bas, à droite").click()
    await ecouter(page, borne, "Écouter les poumons")
    await expect(page.locator("#ecoute-etat")).to_have_text("En écoute · dos, bas, à droite")
    await expect(page.get_by_role("radio", name="Poumon", exact=True)).to_be_checked()
    borne.dire(p.AnalyseEcoute(None, 0.2, "Appuyez un peu plus sur le stéthoscope."))
    await expect(page.locator("#qualite-ecoute")).to_contain_text("Appuyez un peu plus")
    await page.wait_for_timeout(2500)
    await capturer(page, "6-poumons")
    await tient_sans_defiler(page)
    await page.get_by_role("radio", name="Cœur").click()
    await expect(page.locator("#ecoute-etat")).to_have_text("En écoute · mitral")
    borne.dire(p.AnalyseEcoute(72.4, 0.9, ""))
    await expect(page.locator("#bpm")).to_have_text("72 /min")
    await expect(page.locator("#qualite-ecoute")).to_have_text("Son net")
    await page.locator(".thorax circle[data-foyer=aortique]").click()
    await expect(page.locator("#ecoute-etat")).to_have_text("En écoute · aortique")
    await page.get_by_role("radio", name="Cloche").click()
    await borne.attendre(lambda: len(borne.son_exact) > 300)
    await page.wait_for_timeout(3000)
    await capturer(page, "6-coeur")
    await page.get_by_role("button", name="À demi-vitesse").click()
    await expect(page.get_by_role("button", name="Arrêter", exact=True).last).to_be_visible()
    await page.get_by_role("button", name="Terminer").click()
    await page.get_by_role("button", name="Oui, terminer").click()
    await page.get_by_role("heading", name="Personne n’attend.").wait_for()
    assert await page.evaluate("document.getElementById('emporter').getAttribute('aria-disabled')") == "true"
    medecin.sans_ennui("401")


async def test_le_secours_prend_et_rend_la_parole(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.perdre_trame = lambda numero: 50 <= numero < 200
    await ecouter(page, borne)
    await expect(page.locator("#voie")).to_have_text("Son compressé, en secours")
    await expect(page.locator("#voie")).to_contain_text("Son exact")
    medecin.sans_ennui("401")

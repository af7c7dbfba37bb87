"""Qui s'interpose est refusé : la page vérifie la clé de la borne, et montre le même code qu'elle."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from tests.salle_pages.borne_factice import BorneFactice
from tests.salle_pages.conftest import Ouvrir, Poste, Salle, patient
from tests.salle_pages.outils import image_recue

FAUSSE = ":".join(["5A"] * 32)


Preparer = Callable[[BorneFactice], None]


async def prendre(salle: Salle, poste: Ouvrir, preparer: Preparer) -> tuple[Poste, BorneFactice]:
    medecin = await poste()
    await medecin.connecter("claire", salle.mots_de_passe["claire"])
    borne = await salle.borne()
    preparer(borne)
    await borne.attendre_patient(patient())
    await medecin.page.get_by_role("button", name="Prendre").click()
    return medecin, borne


async def refuse(page: Page, borne: BorneFactice, mots: str) -> None:
    """L'appel est refusé en le disant : ni réponse, ni image."""
    await expect(page.locator('[data-sujet="refus"]')).to_contain_text(mots)
    await page.wait_for_timeout(1500)
    assert borne.images_recues == 0
    assert await page.locator("#code").text_content() == "–"


async def test_les_deux_cotes_montrent_le_meme_code(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await prendre(salle, poste, lambda borne: None)
    await image_recue(medecin.page)
    await expect(medecin.page.locator("#code")).to_have_text(re.compile(r"^\d{4}$"))
    assert await medecin.page.locator("#code").text_content() == borne.code
    medecin.sans_ennui("401")


@pytest.mark.parametrize(
    "mal",
    [
        lambda sdp: re.sub(r"(?<=a=fingerprint:sha-256 )[0-9A-F:]+", FAUSSE, sdp),
        lambda sdp: sdp.replace("a=setup:", f"a=fingerprint:sha-256 {FAUSSE}\r\na=setup:", 1),
    ],
    ids=["empreinte changée", "empreinte ajoutée"],
)
async def test_une_empreinte_changee_en_chemin_est_refusee(
    salle: Salle, poste: Ouvrir, mal: Callable[[str], str]
) -> None:
    def preparer(borne: BorneFactice) -> None:
        borne.en_chemin = mal

    medecin, borne = await prendre(salle, poste, preparer)
    await refuse(medecin.page, borne, "refusé")
    assert borne.code == ""


async def test_un_alea_qui_n_est_pas_celui_de_l_engagement_ferme_l_appel(salle: Salle, poste: Ouvrir) -> None:
    def preparer(borne: BorneFactice) -> None:
        borne.faux_alea = True

    medecin, _borne = await prendre(salle, poste, preparer)
    await expect(medecin.page.locator('[data-sujet="refus"]')).to_contain_text("code de sécurité")
    assert await medecin.page.locator("#code").text_content() == "–"


async def test_une_cle_changee_depuis_la_derniere_fois_se_voit(salle: Salle, poste: Ouvrir) -> None:
    medecin = await poste()
    await medecin.connecter("claire", salle.mots_de_passe["claire"])
    borne = await salle.borne()
    await medecin.page.evaluate("(borne) => localStorage.setItem(`cle-borne-${borne}`, 'une autre')", borne.identite)
    await borne.attendre_patient(patient())
    await medecin.page.get_by_role("button", name="Prendre").click()
    await expect(medecin.page.locator('[data-sujet="cle"]')).to_contain_text("nouvelle clé")

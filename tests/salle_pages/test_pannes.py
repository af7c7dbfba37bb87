"""Ce qui tourne mal, et ce que le médecin en voit : chaque panne est dite, et la page en revient seule."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from borne import protocole as p
from tests.salle_pages.conftest import Capturer, Ouvrir, Salle, patient
from tests.salle_pages.outils import en_consultation, image_recue, joindre, ordonnance


async def test_mot_de_passe_faux_puis_attente_imposee(salle: Salle, poste: Ouvrir) -> None:
    medecin = await poste()
    page = medecin.page
    await page.goto(medecin.url)
    await page.get_by_role("button", name="Se connecter").click()
    await expect(page.get_by_role("alert").filter(has_text="identifiant")).to_be_visible()
    await page.get_by_label("Identifiant").fill("claire")
    connecter = page.get_by_role("button", name="Se connecter")
    attendre = page.get_by_role("button", name="Réessayer dans")
    for _ in range(10):
        await page.get_by_label("Mot de passe", exact=True).fill("certainement pas")
        await connecter.click()
        await expect(connecter.or_(attendre)).to_be_visible()
        await expect(page.locator("#refus-texte")).to_have_text(re.compile("incorrect|Trop d’essais"))
        if await attendre.is_visible():
            break
    await expect(attendre).to_be_disabled()
    medecin.sans_ennui("401", "429")


@pytest.mark.exigence("VISITE-15")
async def test_alerte_quinze_sonne_chez_tous_et_s_eteint(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    await salle.medecin("paul", "Dr Paul Marchand")
    claire, paul = await poste(), await poste()
    await claire.connecter("claire", salle.mots_de_passe["claire"])
    await paul.connecter("paul", salle.mots_de_passe["paul"])
    borne = await salle.borne("Mairie de Decize")
    await borne.attendre_patient(patient())
    autre = await salle.borne("Pharmacie de l’Horloge, Nevers")
    await autre.attendre_patient(
        patient(
            "v-essai-2",
            prenom="Ahmed",
            nom="Belkacem",
            naissance="1962-11-02",
            motifs=("douleur",),
            motif_libre="",
            mesures=(),
        ),
        pret=False,
    )
    await claire.page.get_by_role("button", name="Prendre Jeanne Moreau-Lefèvre").click()
    carte = paul.page.get_by_role("listitem").filter(has_text="Jeanne Moreau-Lefèvre")
    await expect(carte).to_contain_text("Suivi par Dr Claire Vasseur")
    await expect(carte.get_by_role("button")).to_have_count(0)

    await autre.dire_salle(p.Alerte("v-essai-2", "quinze", 1_800_000_000.0))
    for page in (claire.page, paul.page):
        await expect(page.get_by_role("alert").filter(has_text="15 demandé")).to_contain_text(
            "Pharmacie de l’Horloge"
        )
    await capturer(paul.page, "6-alerte")
    await expect(paul.page).to_have_title("ALERTE · Salle d’attente")
    await paul.page.get_by_role("button", name="J’ai vu").click()
    for page in (claire.page, paul.page):
        await expect(page.get_by_role("alert").filter(has_text="15 demandé")).to_have_count(0)
    paul.sans_ennui("401")


async def test_camera_et_micro_refuses_la_consultation_continue(
    salle: Salle, poste: Ouvrir, capturer: Capturer
) -> None:
    medecin, borne = await en_consultation(salle, poste, camera=False)
    page = medecin.page
    await expect(page.locator("#media-etat")).to_contain_text("Vous voyez et entendez toujours le patient.")
    await expect(page.get_by_role("button", name="Réessayer caméra et micro")).to_be_visible()
    await page.get_by_role("button", name="Écouter le cœur").click()
    await borne.attendre(lambda: borne.recu(p.DemandeEcoute))
    await capturer(page, "7-camera-refusee")
    medecin.sans_ennui("401")


@pytest.mark.exigence("VISITE-COUPURE")
async def test_appel_coupe_dit_puis_repris_sans_recharger(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.evaluate("window.temoin = 1")
    await page.get_by_role("button", name="Écouter le cœur").click()
    await expect(page.locator("#ecoute-etat")).to_have_text("En écoute · mitral")
    await borne.couper()
    await expect(page.get_by_text("L’appel est coupé", exact=True)).to_be_visible()
    await expect(page.locator("#voile-texte")).to_contain_text("06 12 34 56 78")
    await expect(page.locator("#liaison-mot")).to_have_text("Liaison perdue")
    await expect(page.get_by_role("button", name="Prendre la tension")).to_have_attribute("aria-disabled", "true")
    await page.get_by_role("textbox", name="Écrire au patient").fill("Je reviens.")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("pas encore parti")
    await capturer(page, "8-appel-coupe")

    borne.recus.clear()
    await borne.retablir()
    await image_recue(page)
    await expect(page.get_by_text("L’appel est coupé", exact=True)).to_be_hidden()
    await borne.attendre(lambda: borne.recu(p.Texte) and borne.recu(p.DemandeEcoute))
    assert await page.evaluate("window.temoin") == 1
    medecin.sans_ennui("401")


async def test_nouvel_appel_remplace_l_ancien_qui_vit_encore(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.evaluate(
        """() => {
          window.noir = 0;
          const video = document.getElementById('image-patient');
          const voile = document.getElementById('voile');
          setInterval(() => { window.noir += voile.checkVisibility() || !video.videoWidth; }, 30);
        }"""
    )
    premier = borne.canal
    await borne.offrir()
    await borne.attendre(lambda: borne.canal is not premier)
    await page.get_by_role("textbox", name="Écrire au patient").fill("Toujours là ?")
    await page.wait_for_timeout(2500)
    await page.keyboard.press("Enter")
    await borne.attendre(lambda: borne.recu(p.Texte))
    assert await page.evaluate("window.noir") == 0, "l'image ou le voile a cligné pendant la bascule"
    medecin.sans_ennui("401")


async def test_salle_perdue_l_appel_continue_et_les_notes_suivent(salle: Salle, poste: Ouvrir) -> None:
    medecin, _ = await en_consultation(salle, poste)
    page = medecin.page
    await medecin.contexte.set_offline(True)
    await expect(page.get_by_role("status").filter(has_text="Liaison avec la salle perdue")).to_be_visible()
    await page.get_by_role("textbox", name="Notes de consultation").fill("Écrit hors ligne.")
    await expect(page.locator("#notes-etat")).to_contain_text("Pas encore gardées")
    await expect(page.locator("#liaison-mot")).not_to_have_text("Liaison perdue")
    await medecin.contexte.set_offline(False)
    await expect(page.locator("#notes-etat")).to_contain_text("Gardées")
    assert await salle.service.stockage.notes("v-essai-1") == "Écrit hors ligne."
    await expect(page.get_by_role("status").filter(has_text="Liaison avec la salle perdue")).to_have_count(0)
    await image_recue(page)
    medecin.sans_ennui("401", "ERR_INTERNET_DISCONNECTED")


async def test_page_rechargee_la_consultation_reprend(salle: Salle, poste: Ouvrir) -> None:
    medecin, _ = await en_consultation(salle, poste)
    page = medecin.page
    await page.get_by_role("textbox", name="Notes de consultation").fill("Avant le rechargement.")
    await expect(page.locator("#notes-etat")).to_contain_text("Gardées")
    await page.reload()
    await image_recue(page)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Jeanne Moreau-Lefèvre")
    await expect(page.get_by_role("textbox", name="Notes de consultation")).to_have_value("Avant le rechargement.")
    medecin.sans_ennui("401")


@pytest.mark.exigence("VISITE-CONSENT")
async def test_borne_absente_puis_patient_parti(salle: Salle, poste: Ouvrir, capturer: Capturer) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await borne.delier()
    absente = page.get_by_role("status").filter(has_text="La borne n’est plus reliée à la salle")
    await expect(absente).to_be_visible()
    await borne.relier()
    await expect(absente).to_have_count(0)
    await borne.dire_salle(p.PatientParti("v-essai-1", "consentement"))
    dialogue = page.get_by_role("dialog", name="Le patient est parti")
    await expect(dialogue).to_contain_text("a retiré son consentement")
    await expect(dialogue).to_contain_text("06 12 34 56 78")
    fermee = "['image-patient', 'son-voix', 'retour-camera'].every((id) => !document.getElementById(id).srcObject)"
    assert await page.evaluate(fermee), "plus rien ne passe une fois le consentement retiré"
    await capturer(page, "9-patient-parti")
    await dialogue.get_by_role("button", name="Revenir à la salle d’attente").click()
    await expect(page.get_by_role("heading", name="Personne n’attend.")).to_be_visible()
    medecin.sans_ennui("401")


async def test_refus_dits_tension_et_documents(
    salle: Salle, poste: Ouvrir, tmp_path: Path, capturer: Capturer
) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    borne.brassard_en_panne = "Le brassard ne répond pas. Vérifiez qu’il est allumé."
    await page.get_by_role("button", name="Prendre la tension").click()
    await expect(page.get_by_role("alert").filter(has_text="Tension")).to_contain_text("Le brassard ne répond pas.")
    borne.brassard_en_panne = ""
    await page.get_by_role("button", name="Prendre la tension").click()
    await page.get_by_role("button", name="Arrêter", exact=True).click()
    await expect(page.locator("#mesure-etat")).to_have_text("Mesure arrêtée")

    faux = tmp_path / "notes.pdf"
    faux.write_text("pas un PDF")
    await joindre(page, faux)
    await expect(page.get_by_role("alert").filter(has_text="n’est pas un PDF")).to_be_visible()
    tronque = tmp_path / "tronqué.pdf"
    tronque.write_bytes(ordonnance(tmp_path).read_bytes()[:300])
    await joindre(page, tronque)
    documents = page.get_by_role("list", name="Documents envoyés")
    await expect(documents).to_contain_text("Ce PDF est incomplet")
    borne.refuser_document = "L’imprimante n’a plus de papier."
    await joindre(page, ordonnance(tmp_path))
    await expect(documents).to_contain_text("L’imprimante n’a plus de papier.")
    await capturer(page, "10-refus")
    medecin.sans_ennui("401", "400")


async def test_repris_par_le_meme_medecin_dans_une_autre_fenetre(salle: Salle, poste: Ouvrir) -> None:
    medecin, _ = await en_consultation(salle, poste)
    seconde = await medecin.contexte.new_page()
    await seconde.goto(medecin.url)
    await seconde.get_by_role("button", name="Reprendre Jeanne Moreau-Lefèvre").click()
    await image_recue(seconde)
    await expect(medecin.page.get_by_text("dans une autre fenêtre")).to_be_visible()
    await expect(medecin.page.get_by_role("dialog")).to_have_count(0)
    medecin.sans_ennui("401")


async def test_deux_medecins_un_seul_l_obtient(salle: Salle, poste: Ouvrir) -> None:
    await salle.medecin("paul", "Dr Paul Marchand")
    postes = [await poste(), await poste()]
    for ouvert, identifiant in zip(postes, ("claire", "paul"), strict=True):
        await ouvert.connecter(identifiant, salle.mots_de_passe[identifiant])
    borne = await salle.borne()
    await borne.attendre_patient(patient(), pret=False)
    boutons = [ouvert.page.get_by_role("button", name="Prendre Jeanne Moreau-Lefèvre") for ouvert in postes]
    for bouton in boutons:
        await bouton.wait_for()
    await asyncio.gather(*(bouton.dispatch_event("click") for bouton in boutons))
    await borne.attendre(lambda: any(isinstance(m, p.PriseEnCharge) for m in borne.salle))
    pris = next(m for m in borne.salle if isinstance(m, p.PriseEnCharge))
    gagnant, perdant = postes if pris.medecin == "Dr Claire Vasseur" else reversed(postes)
    await expect(gagnant.page.get_by_text("Le patient s’installe", exact=True)).to_be_visible()
    await expect(perdant.page.get_by_text(f"Suivi par {pris.medecin}", exact=True)).to_be_visible()
    await borne.dire_salle(p.PatientPret("v-essai-1"))
    await image_recue(gagnant.page)
    gagnant.sans_ennui("401")
    perdant.sans_ennui("401")


async def test_clavier_seul(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.keyboard.press("Alt+t")
    await borne.attendre(lambda: borne.recu(p.DemandeTension))
    await page.get_by_role("radio", name="Mitral").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="Aortique")).to_be_checked()
    await page.keyboard.press("Alt+c")
    await borne.attendre(lambda: p.DemandeEcoute("aortique") in borne.recus)
    await page.keyboard.press("Alt+n")
    await page.keyboard.type("RAS")
    await expect(page.get_by_role("textbox", name="Notes de consultation")).to_have_value("RAS")
    infobulle = await page.get_by_role("button", name="Prendre la tension").get_attribute("title")
    assert infobulle == "Prendre la tension (Alt + T)"
    await page.keyboard.press("Alt+q")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Personne n’attend.")).to_be_visible()
    medecin.sans_ennui("401")


@pytest.mark.exigence("A11Y-SOURDS")
async def test_le_texte_arrive_lettre_par_lettre_dans_les_deux_sens(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    page = medecin.page
    await page.get_by_role("textbox", name="Écrire au patient").press_sequentially("Bonjour", delay=150)
    await borne.attendre(lambda: p.TexteEnCours("Bonjour") in borne.recus)
    lignes = [m.texte for m in borne.recus if isinstance(m, p.TexteEnCours)]
    assert len(lignes) > 2
    assert all("Bonjour".startswith(ligne) for ligne in lignes)
    fil = page.get_by_role("log")
    for ligne in ("J", "J'ai", "J'ai mal"):
        borne.dire(p.TexteEnCours(ligne))
        await expect(fil.locator(".en-cours")).to_contain_text(ligne)
    borne.dire(p.Texte("J'ai mal", 1_800_000_000.0))
    await expect(fil.locator(".patient-dit")).to_have_count(1)
    await expect(fil.locator(".en-cours")).to_have_count(0)


async def test_la_borne_apprend_que_le_micro_est_coupe(salle: Salle, poste: Ouvrir) -> None:
    medecin, borne = await en_consultation(salle, poste)
    await borne.attendre(lambda: p.MicroMedecin(coupe=False) in borne.recus)
    await medecin.page.get_by_role("button", name="Couper le micro").click()
    await borne.attendre(lambda: p.MicroMedecin(coupe=True) in borne.recus)
    borne.recus.clear()
    await medecin.page.get_by_role("button", name="Rétablir le micro").click()
    await borne.attendre(lambda: p.MicroMedecin(coupe=False) in borne.recus)

"""Dossiers, documents et alertes : rien n'est dit reçu avant de l'être, rien ne se perd en chemin."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
from typing import Any

import aiohttp
import pytest

from borne.protocole import (
    TAILLE_MAX_DOCUMENT,
    AccuseDossier,
    Alerte,
    AlerteBorne,
    AlerteVue,
    ConsultationTerminee,
    DepotDossier,
    Document,
    DossierRefuse,
    EtatDocument,
    ListeAttente,
    PatientParti,
    Prendre,
    Prise,
    PriseEnCharge,
    Terminer,
    VisiteFinie,
)
from borne.salle.stockage_sqlite import StockageSqlite
from tests.salle.outils import Banc, Correspondant, IdentiteBorne, depot, patient, un_pdf

NOM = "ordonnance d’Éloïse.pdf"


async def consultation(banc: Banc) -> tuple[IdentiteBorne, Correspondant, str, Correspondant]:
    identite, jeton = await banc.enroler(), await banc.medecin()
    borne, page = await banc.borne(identite), await banc.page(jeton)
    await borne.dire(patient())
    while not (await page.attendre(ListeAttente)).lignes:
        pass
    await page.dire(Prendre("v-1"))
    await page.attendre(Prise)
    await borne.attendre(PriseEnCharge)
    return identite, borne, jeton, page


async def envoyer(banc: Banc, jeton: str, contenu: bytes, nom: str = "ordonnance.pdf") -> tuple[int, dict[str, Any]]:
    corps = aiohttp.FormData(quote_fields=False)  # comme un navigateur : le nom en UTF-8 brut
    corps.add_field("fichier", io.BytesIO(contenu), filename=nom, content_type="application/pdf")
    adresse = f"{banc.url}/api/visites/v-1/documents"
    async with banc.session.post(adresse, data=corps, headers=banc.entetes(jeton)) as reponse:
        return reponse.status, await reponse.json()


# --- dossiers ---


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_le_dossier_accuse_est_conserve_et_le_redepot_aussi(banc: Banc) -> None:
    borne = await banc.borne(await banc.enroler())
    message = depot("v-1", b"dossier" * 1000)
    for _ in range(2):
        await borne.dire(message)
        assert (await borne.attendre(AccuseDossier)).empreinte == message.empreinte
    assert await banc.stockage.dossiers("v-1") == (message.contenu,)
    await borne.dire(depot("v-1", b"version suivante"))
    await borne.attendre(AccuseDossier)
    assert await banc.stockage.dossiers("v-1") == (message.contenu, b"version suivante")


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_aucun_accuse_tant_que_l_ecriture_n_est_pas_durable(banc: Banc) -> None:
    """Un autre programme tient la base : le dépôt attend, et l'accusé avec lui."""
    borne = await banc.borne(await banc.enroler())
    ailleurs = StockageSqlite(banc.donnees, banc.cles)
    await ailleurs.ouvrir()
    await ailleurs.executer(lambda: ailleurs.bd.execute("BEGIN IMMEDIATE"))
    await borne.dire(depot("v-1", b"dossier"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(borne.ws.receive(), 0.5)
    assert await ailleurs.dossiers("v-1") == ()
    await ailleurs.executer(ailleurs.bd.rollback)
    await borne.attendre(AccuseDossier)
    assert await ailleurs.dossiers("v-1") == (b"dossier",)
    await ailleurs.fermer()


async def test_disque_plein_dossier_refuse_puis_accepte(banc: Banc) -> None:
    borne = await banc.borne(identite := await banc.enroler())
    stockage = banc.stockage
    assert isinstance(stockage, StockageSqlite)
    pages = await stockage.executer(lambda: stockage.bd.execute("PRAGMA page_count").fetchone()[0])
    await stockage.executer(lambda: stockage.bd.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    gros = depot("v-1", bytes(200_000))
    await borne.dire(gros)
    assert "conserver" in (await borne.attendre(DossierRefuse)).raison
    assert await stockage.dossiers("v-1") == ()
    with contextlib.suppress(ConnectionError):  # la salle ferme dès que la base est pleine
        for numero in range(200):
            await borne.dire(patient(f"plein-{numero}", "É" * 100))
    assert await borne.fermeture() == 1011
    await stockage.executer(lambda: stockage.bd.execute("PRAGMA max_page_count = 1000000").fetchone())
    borne = await banc.borne(identite)
    await borne.dire(gros)
    await borne.attendre(AccuseDossier)


async def test_empreinte_fausse_et_visite_d_une_autre_borne(banc: Banc) -> None:
    une, autre = await banc.borne(await banc.enroler("A")), await banc.borne(await banc.enroler("B"))
    await une.dire(DepotDossier("v-1", hashlib.sha256(b"autre chose").hexdigest(), b"dossier"))
    assert "empreinte" in (await une.attendre(DossierRefuse)).raison
    assert await banc.stockage.dossiers("v-1") == ()
    await une.dire(depot("v-1", b"dossier"))
    await une.attendre(AccuseDossier)
    await autre.dire(depot("v-1", b"faux"))
    assert "autre borne" in (await autre.attendre(DossierRefuse)).raison
    assert await banc.stockage.dossiers("v-1") == (b"dossier",)


async def test_un_grand_dossier_passe(banc: Banc) -> None:
    borne = await banc.borne(await banc.enroler())
    grand = depot("v-1", bytes(range(256)) * 40_000)
    await borne.dire(grand)
    await borne.attendre(AccuseDossier)


async def test_le_dossier_clot_une_visite_dont_le_depart_s_est_perdu(banc: Banc) -> None:
    _, borne, _, page = await consultation(banc)
    await borne.dire(depot("v-1", b"dossier"))
    await borne.attendre(AccuseDossier)
    await page.attendre(VisiteFinie, visite="v-1")


# --- documents ---


@pytest.mark.exigence("ORDONNANCE")
async def test_le_pdf_arrive_intact_et_son_etat_revient(banc: Banc) -> None:
    _, borne, jeton, page = await consultation(banc)
    contenu = un_pdf()
    statut, reponse = await envoyer(banc, jeton, contenu, "../../ordonnance d’Éloïse\u202e.pdf")
    assert (statut, reponse["empreinte"]) == (201, hashlib.sha256(contenu).hexdigest())
    document = await borne.attendre(Document)
    assert (document.contenu, document.document, document.nom) == (contenu, reponse["document"], NOM)
    for etat in ("recu", "imprime"):
        await borne.dire(EtatDocument("v-1", document.document, etat))
        assert (await page.attendre(EtatDocument)).etat == etat
    await page.dire(Terminer("v-1"))
    await borne.attendre(ConsultationTerminee)


async def test_le_document_non_accuse_revient_a_la_reconnexion_et_pas_apres(banc: Banc) -> None:
    identite, borne, jeton, page = await consultation(banc)
    await borne.ws.close()
    statut, reponse = await envoyer(banc, jeton, un_pdf())
    assert statut == 201
    await page.dire(Terminer("v-1"))
    await page.attendre(VisiteFinie)
    for _ in range(2):
        borne = await banc.borne(identite)
        document = await borne.attendre(Document)
        await borne.dire(EtatDocument("v-1", document.document, "echec", "Plus de papier"))
        assert (await page.attendre(EtatDocument)).raison == "Plus de papier"
        await borne.ws.close()
    borne = await banc.borne(identite)
    await borne.attendre(Document, document=reponse["document"])
    await borne.dire(EtatDocument("v-1", reponse["document"], "recu"))
    await page.attendre(EtatDocument)
    borne = await banc.borne(identite)
    await borne.dire(patient())
    await borne.attendre(ConsultationTerminee)
    assert not borne.a_recu(Document)


async def test_un_document_en_attente_s_efface_avec_le_depart_du_patient(banc: Banc) -> None:
    identite, borne, jeton, page = await consultation(banc)
    await envoyer(banc, jeton, un_pdf())
    await borne.attendre(Document)
    await borne.dire(PatientParti("v-1", "abandon"))
    await page.attendre(VisiteFinie)
    assert await banc.stockage.documents_en_attente(identite.id) == ()


@pytest.mark.parametrize(
    ("contenu", "mot"),
    [
        (b"", "vide"),
        (b"GIF89a", "pas un PDF"),
        (b"%PDF-1.7\n" + b"x" * 5000, "incomplet"),
        (un_pdf()[:-60], "incomplet"),
        (b"%PDF-1.7\nstartxref\n999999\n%%EOF", "abîmé"),
        (un_pdf(secret="x"), "protégé"),
        (b"%PDF-1.7\n" + bytes(TAILLE_MAX_DOCUMENT), "Mo"),
    ],
    ids=["vide", "image", "sans fin", "coupe", "renvoi faux", "chiffré", "trop gros"],
)
async def test_ce_qui_n_est_pas_un_pdf_est_refuse(banc: Banc, contenu: bytes, mot: str) -> None:
    _, borne, jeton, _ = await consultation(banc)
    statut, reponse = await envoyer(banc, jeton, contenu)
    assert statut == 400
    assert mot in reponse["raison"]
    await borne.dire(patient())
    assert not borne.a_recu(Document)


async def test_envoi_sans_fichier(banc: Banc) -> None:
    _, _, jeton, _ = await consultation(banc)
    adresse = f"{banc.url}/api/visites/v-1/documents"
    for corps in ({"autre": "x"}, b"brut"):
        async with banc.session.post(adresse, data=corps, headers=banc.entetes(jeton)) as reponse:
            assert reponse.status == 400
            assert "fichier" in (await reponse.json())["raison"]


async def test_seul_le_medecin_de_la_visite_envoie_et_seulement_pendant(banc: Banc) -> None:
    _, borne, jeton, page = await consultation(banc)
    assert (await envoyer(banc, await banc.medecin("Dr Autre", "autre"), un_pdf()))[0] == 403
    assert (await envoyer(banc, "jeton-inconnu", un_pdf()))[0] == 401
    await page.dire(Terminer("v-1"))
    await page.attendre(VisiteFinie)
    assert (await envoyer(banc, jeton, un_pdf()))[0] == 409
    assert not borne.a_recu(Document)


async def test_etat_d_un_document_d_une_autre_borne_ignore(banc: Banc) -> None:
    _, borne, jeton, page = await consultation(banc)
    _, reponse = await envoyer(banc, jeton, un_pdf())
    intruse = await banc.borne(await banc.enroler("Ailleurs"))
    await intruse.dire(EtatDocument("v-1", reponse["document"], "imprime"), depot("v-9", b"repere"))
    await intruse.attendre(AccuseDossier)
    await borne.dire(EtatDocument("v-1", reponse["document"], "recu"))
    assert (await page.attendre(EtatDocument)).etat == "recu"


# --- alertes ---


@pytest.mark.exigence("VISITE-15")
async def test_l_alerte_sonne_partout_jusqu_a_ce_qu_on_la_voie(banc: Banc) -> None:
    borne = await banc.borne(identite := await banc.enroler("Gymnase"))
    un = await banc.page(await banc.medecin("Dr Un", "un"))
    await borne.dire(Alerte("", "quinze", 12.5))
    assert await un.attendre(AlerteBorne) == AlerteBorne(identite.id, "Gymnase", "", "quinze", 12.5, True)
    deux = await banc.page(await banc.medecin("Dr Deux", "deux"))
    assert (await deux.attendre(AlerteBorne)).active
    await borne.ws.close()
    await un.dire(AlerteVue(identite.id))
    assert not (await deux.attendre(AlerteBorne)).active
    # La borne, revenue d'une coupure, redit son alerte : vue, elle ne resonne pas ; une nouvelle sonne.
    borne = await banc.borne(identite)
    await borne.dire(Alerte("", "quinze", 12.5), Alerte("", "aide", 13.0))
    assert (await deux.attendre(AlerteBorne)).raison == "aide"
    await un.dire(AlerteVue(identite.id))
    assert not (await deux.attendre(AlerteBorne)).active
    await borne.dire(Alerte("", "quinze", 12.5, active=False), Alerte("", "quinze", 14.0))
    assert (await deux.attendre(AlerteBorne)).instant == 14.0
    await un.dire(AlerteVue(identite.id))
    assert not (await deux.attendre(AlerteBorne)).active
    trois = await banc.page(await banc.medecin("Dr Trois", "trois"))
    await trois.attendre(ListeAttente)
    assert not trois.a_recu(AlerteBorne)


async def test_la_borne_eteint_sa_propre_alerte_et_elle_seule(banc: Banc) -> None:
    borne, autre = await banc.borne(await banc.enroler("A")), await banc.borne(await banc.enroler("B"))
    page = await banc.page(await banc.medecin())
    await borne.dire(Alerte("", "aide", 1.0), Alerte("", "quinze", 2.0))
    await autre.dire(Alerte("", "aide", 3.0))
    for _ in range(3):
        assert (await page.attendre(AlerteBorne)).active
    await borne.dire(Alerte("", "aide", 4.0, active=False))
    eteinte = await page.attendre(AlerteBorne)
    assert (eteinte.raison, eteinte.lieu, eteinte.active) == ("aide", "A", False)
    restantes = await banc.stockage.alertes()
    assert [(alerte.lieu, alerte.raison) for alerte in restantes] == [("A", "quinze"), ("B", "aide")]


async def test_l_alerte_qui_nomme_la_visite_d_une_autre_sonne_sans_elle(banc: Banc) -> None:
    _, _, _, page = await consultation(banc)
    intruse = await banc.borne(await banc.enroler("Ailleurs"))
    await intruse.dire(Alerte("v-1", "quinze", 1.0))
    assert (await page.attendre(AlerteBorne)).visite == ""


@pytest.mark.exigence("DONNEES-CHIFFRE")
async def test_rien_de_lisible_dans_le_dossier_de_donnees(banc: Banc) -> None:
    _, borne, jeton, _ = await consultation(banc)
    contenu = un_pdf("Paracetamol")
    await envoyer(banc, jeton, contenu)
    await borne.dire(depot("v-1", b"DOSSIER-EN-CLAIR"))
    await borne.attendre(AccuseDossier)
    fichiers = [fichier for fichier in banc.donnees.rglob("*") if fichier.is_file()]
    assert any(fichier.name.endswith("-wal") and fichier.stat().st_size for fichier in fichiers)
    for fichier in fichiers:
        octets = fichier.read_bytes()
        for clair in ("Ndiaye", "Éloïse", "0612345678", "DOSSIER-EN-CLAIR", "Claire Martin", "SQLite format"):
            assert clair.encode() not in octets, (fichier, clair)
        assert contenu[:200] not in octets
    (cle,) = banc.cles.iterdir()
    assert cle.stat().st_mode & 0o777 == 0o600
    assert len(cle.read_bytes()) == 32

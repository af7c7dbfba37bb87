"""Une consultation vue de la salle : file, prise, signalisation, coupures, fin."""

from __future__ import annotations

import asyncio

import pytest

from borne.mesures import MMHG, SYSTOLIQUE, Mesure
from borne.protocole import (
    AppelDemande,
    Attente,
    BorneAbsente,
    Candidat,
    ConsultationTerminee,
    Erreur,
    ListeAttente,
    MedecinAbsent,
    Notes,
    Offre,
    Patient,
    PatientEnAttente,
    PatientParti,
    PatientPret,
    Prendre,
    PretARecevoir,
    Prise,
    PriseEnCharge,
    Refusee,
    Reponse,
    Terminer,
    VisiteFinie,
)
from borne.salle import administration
from borne.salle.stockage_sqlite import ouvrir
from tests.salle.outils import Banc, Correspondant, IdentiteBorne, patient, repondre


async def liste_de(page: Correspondant, nombre: int) -> ListeAttente:
    """La prochaine liste qui a ce nombre de lignes."""
    while len((liste := await page.attendre(ListeAttente)).lignes) != nombre:
        pass
    return liste


async def prise(banc: Banc) -> tuple[IdentiteBorne, Correspondant, str, Correspondant]:
    """Une borne, un médecin, et la visite v-1 prise."""
    identite, jeton = await banc.enroler(), await banc.medecin()
    borne, page = await banc.borne(identite), await banc.page(jeton)
    await borne.dire(patient())
    await liste_de(page, 1)
    await page.dire(Prendre("v-1"))
    assert (await page.attendre(Prise)).acceptee
    await borne.attendre(PriseEnCharge)
    return identite, borne, jeton, page


async def test_la_file_est_vivante(banc: Banc) -> None:
    page = await banc.page(await banc.medecin())
    assert (await page.attendre(ListeAttente)).lignes == ()
    borne = await banc.borne(await banc.enroler("Pharmacie du Pont"))
    mesure = Mesure(SYSTOLIQUE, 128.0, MMHG, 1.0, "Tensiomètre")
    await borne.dire(patient())
    ligne = (await liste_de(page, 1)).lignes[0]
    assert (ligne.patient.prenom, ligne.lieu, ligne.prise_par) == ("Éloïse", "Pharmacie du Pont", None)
    assert ligne.patient.depuis == banc.horloge()
    assert not ligne.pret
    assert ligne.connectee
    complet = Patient("v-1", "Éloïse", "Le Goff-Ndiaye", "1942-03-07", "06", mesures=(mesure,))
    await borne.dire(PatientEnAttente(complet), PatientPret("v-1"))
    while not (liste := await page.attendre(ListeAttente)).lignes[0].pret:
        pass
    assert liste.lignes[0].patient.mesures == (mesure,)
    await borne.dire(PatientParti("v-1", "abandon"))
    await liste_de(page, 0)


async def test_signalisation_dans_les_deux_sens_jusqu_a_la_fin(banc: Banc) -> None:
    _, borne, _, page = await prise(banc)
    await page.dire(PretARecevoir("v-1"), Notes("v-1", "toux"))
    await borne.dire(PatientPret("v-1"))
    await borne.attendre(AppelDemande, visite="v-1")
    await borne.dire(Offre("v-1", "a1", "v=0"), Candidat("v-1", "a1", "candidate:1", "0", 0))
    assert await page.attendre(Offre) == Offre("v-1", "a1", "v=0")
    assert (await page.attendre(Candidat)).candidat == "candidate:1"
    await page.dire(Reponse("v-1", "a1", "v=0"), Candidat("v-1", "a1", ""))
    assert await borne.attendre(Reponse) == Reponse("v-1", "a1", "v=0")
    assert (await borne.attendre(Candidat)).candidat == ""
    await page.dire(Terminer("v-1"))
    assert await page.attendre(VisiteFinie) == VisiteFinie("v-1", "medecin")
    await borne.attendre(ConsultationTerminee)
    await liste_de(page, 0)
    visite = await banc.stockage.visite("v-1")
    assert visite is not None
    assert visite.patient is None


async def test_l_appel_n_est_demande_qu_une_fois_le_patient_et_la_page_prets(banc: Banc) -> None:
    _, borne, _, page = await prise(banc)
    await page.dire(PretARecevoir("v-1"), Reponse("v-1", "repere", ""))
    await borne.attendre(Reponse)
    assert not borne.a_recu(AppelDemande)
    await borne.dire(PatientPret("v-1"))
    await borne.attendre(AppelDemande)


async def test_deux_medecins_un_seul_prend(banc: Banc) -> None:
    borne = await banc.borne(await banc.enroler())
    await borne.dire(patient())
    un = await banc.page(await banc.medecin("Dr Un", "un"))
    deux = await banc.page(await banc.medecin("Dr Deux", "deux"))
    await liste_de(un, 1)
    await asyncio.gather(un.dire(Prendre("v-1")), deux.dire(Prendre("v-1")))
    reponses = [await un.attendre(Prise), await deux.attendre(Prise)]
    assert sorted(reponse.acceptee for reponse in reponses) == [False, True]
    gagnant = "Dr Un" if reponses[0].acceptee else "Dr Deux"
    assert {reponse.medecin for reponse in reponses} == {gagnant}
    assert (await borne.attendre(PriseEnCharge)).medecin == gagnant
    while (liste := await liste_de(deux, 1)).lignes[0].prise_par is None:
        pass
    assert liste.lignes[0].prise_par == gagnant


async def test_un_medecin_ne_peut_rien_sur_le_patient_d_un_autre(banc: Banc) -> None:
    _, borne, _, page = await prise(banc)
    intrus = await banc.page(await banc.medecin("Dr Autre", "autre"))
    messages = (PretARecevoir("v-1"), Reponse("v-1", "a", "x"), Candidat("v-1", "a", "x"), Notes("v-1", "x"))
    for message in (*messages, Terminer("v-1")):
        await intrus.dire(message)
        await intrus.attendre(Erreur)
    await page.dire(Reponse("v-1", "vraie", ""))
    assert (await borne.attendre(Reponse)).appel == "vraie"
    assert not borne.a_recu(Candidat)
    assert not borne.a_recu(ConsultationTerminee)
    assert await banc.stockage.notes("v-1") == ""


@pytest.mark.exigence("VISITE-COUPURE")
async def test_la_page_fermee_le_dit_et_le_medecin_revient_avec_ses_notes(banc: Banc) -> None:
    _, borne, jeton, page = await prise(banc)
    await borne.dire(PatientPret("v-1"))
    await page.dire(Notes("v-1", "Douleur depuis mardi"), PretARecevoir("v-1"))
    await borne.attendre(AppelDemande)
    await page.ws.close()
    await borne.attendre(MedecinAbsent)
    autre = await banc.page(await banc.medecin("Dr Autre", "autre"))
    await autre.dire(Prendre("v-1"))
    assert not (await autre.attendre(Prise)).acceptee
    retour = await banc.page(jeton)
    await retour.dire(Prendre("v-1"))
    assert (await retour.attendre(Prise)).notes == "Douleur depuis mardi"
    await retour.dire(PretARecevoir("v-1"))
    await borne.attendre(AppelDemande)


@pytest.mark.exigence("VISITE-COUPURE")
async def test_la_borne_perdue_le_dit_et_reprend_sa_place(banc: Banc) -> None:
    identite, borne, _, page = await prise(banc)
    await borne.dire(PatientPret("v-1"))
    await page.dire(PretARecevoir("v-1"))
    await borne.attendre(AppelDemande)
    await borne.ws.close()
    assert (await page.attendre(BorneAbsente)).absente
    while (await liste_de(page, 1)).lignes[0].connectee:
        pass
    revenue = await banc.borne(identite)
    assert not (await page.attendre(BorneAbsente)).absente
    await revenue.dire(patient())
    await revenue.attendre(PriseEnCharge)
    await revenue.attendre(AppelDemande)


async def test_prendre_une_visite_dont_la_borne_est_absente(banc: Banc) -> None:
    borne = await banc.borne(await banc.enroler())
    await borne.dire(patient())
    await borne.attendre(Attente)
    await borne.ws.close()
    page = await banc.page(await banc.medecin())
    await liste_de(page, 1)
    await page.dire(Prendre("v-1"))
    assert (await page.attendre(Prise)).acceptee
    assert (await page.attendre(BorneAbsente)).absente


async def test_borne_revenue_pendant_l_absence_du_medecin(banc: Banc) -> None:
    identite, borne, _, page = await prise(banc)
    await page.ws.close()
    await borne.attendre(MedecinAbsent)
    await borne.ws.close()
    revenue = await banc.borne(identite)
    await revenue.dire(patient())
    await revenue.attendre(PriseEnCharge)
    await revenue.attendre(MedecinAbsent)


async def test_fin_manquee_par_la_borne_redite_a_son_retour(banc: Banc) -> None:
    identite, borne, _, page = await prise(banc)
    await borne.ws.close()
    await page.attendre(BorneAbsente)
    await page.dire(Terminer("v-1"))
    await page.attendre(VisiteFinie)
    revenue = await banc.borne(identite)
    await revenue.dire(patient())
    await revenue.attendre(ConsultationTerminee)


async def test_le_patient_part_pendant_la_consultation_puis_revient_dans_la_file(banc: Banc) -> None:
    _, borne, _, page = await prise(banc)
    await borne.dire(PatientParti("v-1", "consentement"))
    assert await page.attendre(VisiteFinie) == VisiteFinie("v-1", "consentement")
    await page.dire(Prendre("v-1"))
    assert (await page.attendre(VisiteFinie)).raison == "consentement"
    await borne.dire(patient())
    await borne.attendre(Attente, visite="v-1", rang=1)
    while (await liste_de(page, 1)).lignes[0].prise_par is not None:
        pass


async def test_une_seule_page_suit_la_visite(banc: Banc) -> None:
    _, borne, jeton, premiere = await prise(banc)
    seconde = await banc.page(jeton)
    await seconde.dire(Prendre("v-1"))
    assert (await seconde.attendre(Prise)).acceptee
    assert "fenêtre" in (await premiere.attendre(VisiteFinie)).raison
    await premiere.dire(Terminer("v-1"))
    await premiere.attendre(Erreur)
    await premiere.ws.close()
    await seconde.dire(Reponse("v-1", "ici", ""))
    assert (await borne.attendre(Reponse)).appel == "ici"
    assert not borne.a_recu(MedecinAbsent)


async def test_prendre_un_inconnu(banc: Banc) -> None:
    page = await banc.page(await banc.medecin())
    await page.dire(Prendre("v-inconnue"))
    assert "file" in (await page.attendre(Erreur)).raison


async def test_une_borne_n_agit_que_sur_ses_visites(banc: Banc) -> None:
    _, borne, _, page = await prise(banc)
    intruse = await banc.enroler("Ailleurs")
    for message in (PatientParti("v-1", "x"), Offre("v-1", "a", "x"), PatientPret("v-1"), patient("v-1", "Faux")):
        voleuse = await banc.borne(intruse)
        await voleuse.dire(message)
        assert await voleuse.fermeture() == 1008
    await borne.dire(Offre("v-1", "vraie", ""))
    assert (await page.attendre(Offre)).appel == "vraie"
    assert not page.a_recu(VisiteFinie)
    visite = await banc.stockage.visite("v-1")
    assert visite is not None
    assert visite.patient is not None
    assert visite.patient.prenom == "Éloïse"


async def test_attente_honnete(banc: Banc) -> None:
    une, deux = await banc.borne(await banc.enroler("A")), await banc.borne(await banc.enroler("B"))
    await une.dire(patient("v-1"))
    premiere = await une.attendre(Attente)
    assert (premiere.rang, premiere.minutes, premiere.medecins_presents) == (1, None, 0)
    page = await banc.page(await banc.medecin())
    assert (await une.attendre(Attente, medecins_presents=1)).minutes is None
    await page.dire(Prendre("v-1"))
    await une.attendre(PriseEnCharge)
    banc.horloge.maintenant += 600
    await page.dire(Terminer("v-1"))
    await une.attendre(ConsultationTerminee)
    await une.dire(patient("v-2"))
    assert (await une.attendre(Attente, visite="v-2")).minutes == 0
    banc.horloge.maintenant += 1
    await deux.dire(patient("v-3"))
    seconde = await deux.attendre(Attente, visite="v-3")
    assert (seconde.rang, seconde.minutes) == (2, 10)
    await page.dire(Prendre("v-2"))
    assert (await deux.attendre(Attente, rang=1)).minutes == 10
    await page.ws.close()
    assert (await deux.attendre(Attente, medecins_presents=0)).minutes is None


async def test_signature_fausse_borne_inconnue_et_autre_version(banc: Banc) -> None:
    identite, autre = await banc.enroler(), await banc.enroler("Ailleurs")
    for menteuse, version, mot in (
        (IdentiteBorne(identite.id, autre.cle), 1, "signature"),
        (IdentiteBorne("b-inconnue", autre.cle), 1, "enrôlée"),
        (identite, 2, "version"),
    ):
        borne, defi = await banc.defiee()
        await borne.dire(repondre(menteuse, defi, version))
        assert mot in (await borne.attendre(Refusee)).raison
        assert await borne.fermeture() == 1008


async def test_une_reponse_ne_sert_qu_a_son_defi(banc: Banc) -> None:
    identite = await banc.enroler()
    _, ancien = await banc.defiee()
    borne, _ = await banc.defiee()
    await borne.dire(repondre(identite, ancien))
    await borne.attendre(Refusee)


async def test_borne_revoquee_en_cours_de_liaison(banc: Banc) -> None:
    identite = await banc.enroler()
    borne = await banc.borne(identite)
    # Par un autre accès à la base, comme le fait la commande d'administration.
    ailleurs = await ouvrir(banc.donnees, banc.cles)
    await administration.revoquer_borne(ailleurs, identite.id)
    await ailleurs.fermer()
    assert "révoquée" in (await borne.attendre(Refusee)).raison
    assert await borne.fermeture() == 1008
    retour, defi = await banc.defiee()
    await retour.dire(repondre(identite, defi))
    assert "révoquée" in (await retour.attendre(Refusee)).raison


async def test_la_liaison_la_plus_recente_d_une_borne_gagne(banc: Banc) -> None:
    identite, ancienne, _, page = await prise(banc)
    nouvelle = await banc.borne(identite)
    assert await ancienne.fermeture() == 4409
    await page.dire(Reponse("v-1", "a", ""))
    await nouvelle.attendre(Reponse)
    await page.dire(Prendre("v-1"))
    await page.attendre(Prise)
    assert not any(isinstance(m, BorneAbsente) and m.absente for m in page.recus)


@pytest.mark.exigence("VISITE-COUPURE")
async def test_la_file_les_prises_et_les_notes_survivent_au_redemarrage(banc: Banc) -> None:
    identite, borne, jeton, page = await prise(banc)
    await page.dire(Notes("v-1", "à garder"), Reponse("v-1", "repere", ""))
    await borne.attendre(Reponse)
    attente = await banc.borne(seconde := await banc.enroler("Seconde"))
    await attente.dire(patient("v-2", "Ali"))
    await attente.attendre(Attente, visite="v-2")
    fermetures = asyncio.gather(borne.fermeture(), attente.fermeture(), page.fermeture())
    await banc.redemarrer()
    assert await fermetures == [1001, 1001, 1001]
    page = await banc.page(jeton)
    lignes = (await liste_de(page, 2)).lignes
    assert [(ligne.patient.visite, ligne.prise_par) for ligne in lignes] == [
        ("v-1", "Dr Claire Martin"),
        ("v-2", None),
    ]
    assert not lignes[0].connectee
    borne = await banc.borne(identite)
    await borne.dire(patient())
    await borne.attendre(MedecinAbsent)
    await page.dire(Prendre("v-1"))
    assert (await page.attendre(Prise)).notes == "à garder"
    attente = await banc.borne(seconde)
    await attente.dire(patient("v-2", "Ali"))
    assert (await attente.attendre(Attente, visite="v-2")).rang == 1


@pytest.mark.exigence("VISITE-COUPURE")
async def test_une_page_qui_ne_lit_plus_ne_retient_ni_la_salle_ni_la_borne(banc: Banc) -> None:
    _, borne, jeton, _page = await prise(banc)
    longue = "v" * 500_000
    for numero in range(300):
        await borne.dire(Offre("v-1", f"a{numero}", longue))
    await borne.attendre(MedecinAbsent)
    retour = await banc.page(jeton)
    await retour.dire(Prendre("v-1"))
    assert (await retour.attendre(Prise)).acceptee


@pytest.mark.exigence("DONNEES-PURGE")
async def test_une_borne_n_a_qu_un_patient(banc: Banc) -> None:
    """Le départ du premier s'est perdu (borne coupée, puis purgée) : le suivant le chasse de la file."""
    page = await banc.page(await banc.medecin())
    identite, voisine = await banc.enroler(), await banc.enroler("Pharmacie")
    autre = await banc.borne(voisine)
    await autre.dire(patient("v-9", prenom="Paul"))
    premiere = await banc.borne(identite)
    await premiere.dire(patient("v-1"))
    await premiere.ws.close()
    seconde = await banc.borne(identite)
    await seconde.dire(patient("v-2", prenom="Ali"))
    while {ligne.patient.visite for ligne in (await page.attendre(ListeAttente)).lignes} != {"v-9", "v-2"}:
        continue

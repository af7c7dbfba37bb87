"""Tous les chemins de la table des étapes, sans Qt : chaque écran x chaque événement, puis l'exploration entière.

L'exploration part de l'accueil et applique à chaque état atteint tous les événements d'un alphabet borné. Deux
états qui ne diffèrent que par un numéro, une date ou un texte n'en font qu'un.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from borne.parcours import evenements as e
from borne.parcours.avancer import avancer, rejouer
from borne.parcours.effets import Cloturer, DemanderMesure, QuitterSalle, Sonner
from borne.parcours.etapes import ESSAIS, FINS, TABLE, delai
from borne.parcours.saisie import erreur
from borne.parcours.visite import A_NETTOYER, Etape, PhaseMesure, Superposition, Visite
from tests.parcours.conduite import DEBUT, REPONSES, Conduite, en_place, sans_patient, tension

ARGUMENTS: dict[str, Any] = {
    "langue": "fr",
    "champ": "prenom",
    "valeur": "Zoé",
    "motif": "toux",
    "oui": True,
    "entendu": True,
    "texte": "Bonjour",
    "element": "brassard",
    "code": "incident-salle-injoignable",
    "raison": "erreur-tension-absent",
    "medecin": "Docteure Martin",
    "foyer": "mitral",
    "camera": "examen",
    "document": "ordonnance",
    "empreinte": "0" * 64,
    "pages": 1,
    "travail": 7,
    "nature": "tension",
    "natures": ("tension",),
    "touches": ("tension",),
    "mesures": tension(120.0, 80.0),
    "nom": "inactivite",
    "niveau": "telephone",
    "visite": "autre-visite",
}


def _composer(classe: type[e.Evenement], visite: Visite, **champs: Any) -> e.Evenement:
    """Cet événement, à jour pour cette visite : bonne révision, bon essai, champ de l'écran."""
    valeurs: dict[str, Any] = {**ARGUMENTS, "revision": visite.revision, "essai": _essai(classe, visite)}
    if classe is e.SaisieModifiee:
        ecrit = visite.superposition is Superposition.ECRIRE
        valeurs["champ"] = "message" if ecrit else TABLE[visite.etape].champ
        valeurs["valeur"] = REPONSES.get(visite.etape, "Bonjour")
    if classe is e.PreferenceChangee:
        valeurs |= {"nom": "volume", "valeur": 3}
    valeurs |= champs
    retenus = {nom: valeurs[nom] for nom in classe.__dataclass_fields__ if nom != "instant"}
    return classe(instant=DEBUT, **retenus)


def _essai(classe: type[e.Evenement], visite: Visite) -> int:
    if classe in (e.AppelEtabli, e.AppelPerdu, e.LienChange):
        return visite.appel.essai
    if classe is e.MinuterieEchue:
        return visite.minuterie
    return visite.releve().essai if classe in (e.MesureRecue, e.MesureEchouee) else 1


# --- chaque écran x chaque événement ---


def _tension_en_cours(c: Conduite) -> None:
    c.toucher(e.MesureDemandee)


def _tension_finie(c: Conduite) -> None:
    c.toucher(e.MesureDemandee)
    c.mesure_recue()


def _tension_passee(c: Conduite) -> None:
    for _ in range(ESSAIS):
        c.toucher(e.MesureDemandee)
        c.rater("erreur-tension-absent")


def _presence(c: Conduite) -> None:
    c.echoir("inactivite")


def _presence_sur_aide(c: Conduite) -> None:
    c.toucher(e.AideDemandee)
    c.echoir("inactivite")


def _touche(classe: type[e.Toucher]) -> Callable[[Conduite], None]:
    return lambda c: c.toucher(classe) and None


def _en_consultation(c: Conduite) -> None:
    c.etablir()
    c.arriver(e.EcouteDemandee, foyer="mitral")
    c.arriver(e.CameraChoisie, camera="examen")
    c.arriver(e.MesureDemandeeParMedecin, nature="tension")
    c.document("ordonnance")


def _appel_perdu(c: Conduite) -> None:
    c.etablir()
    c.arriver(e.AppelPerdu, essai=c.visite.appel.essai)


def _papier_en_cours(c: Conduite) -> None:
    c.document("arret")


def _papier_echoue(c: Conduite) -> None:
    c.document("arret")
    c.arriver(e.ImpressionEchouee, document="arret", essai=1, raison="erreur-imprimante-papier")


VARIANTES: dict[str, tuple[tuple[Etape, ...], Callable[[Conduite], None]]] = {
    "nu": (tuple(Etape), lambda c: None),
    "aide": (tuple(Etape), _touche(e.AideDemandee)),
    "quinze": (tuple(Etape), _touche(e.QuinzeDemande)),
    "retrait": (tuple(etape for etape in Etape if etape not in FINS[1:]), _touche(e.RetraitDemande)),
    "presence": (tuple(x for x in Etape if TABLE[x].inactivite_s is not None and x not in FINS), _presence),
    "presence-sur-aide": ((Etape.MESURE, Etape.CONSULTATION), _presence_sur_aide),
    "tension-en-cours": ((Etape.MESURE,), _tension_en_cours),
    "tension-finie": ((Etape.MESURE,), _tension_finie),
    "tension-passee": ((Etape.MESURE,), _tension_passee),
    "dernier-geste": ((Etape.MESURE,), _touche(e.GesteFait)),
    "etablie": ((Etape.CONSULTATION,), _en_consultation),
    "perdue": ((Etape.CONSULTATION,), _appel_perdu),
    "fin": ((Etape.CONSULTATION,), _touche(e.FinDemandee)),
    "ecrire": ((Etape.CONSULTATION,), _touche(e.EcritureOuverte)),
    "papier-en-cours": ((Etape.CONSULTATION, Etape.DOCUMENTS, Etape.ADIEU), _papier_en_cours),
    "papier-echoue": ((Etape.CONSULTATION, Etape.DOCUMENTS, Etape.ADIEU), _papier_echoue),
}

ECRANS = [(variante, etape) for variante, (etapes, _) in VARIANTES.items() for etape in etapes]


def _amener(variante: str, etape: Etape) -> Conduite:
    conduite = en_place(etape)
    VARIANTES[variante][1](conduite)
    return conduite


@pytest.mark.parametrize("classe", e.PAR_NOM.values(), ids=lambda classe: classe.__name__)
def test_chaque_evenement_sur_chaque_ecran(classe: type[e.Evenement]) -> None:
    """Rien ne lève, tout ce qui marche suit l'écran (`Conduite`), et le dossier se rejoue."""
    for variante, etape in ECRANS:
        conduite = _amener(variante, etape)
        avant = conduite.visite
        effets = conduite.appliquer(_composer(classe, avant))
        if conduite.visite.id == avant.id and avant.id:
            assert rejouer(conduite.dossier) == conduite.visite
        if any(isinstance(effet, Cloturer) for effet in effets):
            assert sans_patient(conduite.visite)


GESTES = [classe for classe in e.PAR_NOM.values() if issubclass(classe, e.Toucher)]


@pytest.mark.parametrize("classe", GESTES, ids=lambda classe: classe.__name__)
def test_un_toucher_perime_ne_change_rien_nulle_part(classe: type[e.Toucher]) -> None:
    """Un toucher fait sur l'écran d'avant, ou sur un écran qui n'existe pas encore."""
    for variante, etape in ECRANS:
        visite = _amener(variante, etape).visite
        for decalage in (-1, 1):
            perime = _composer(classe, visite, revision=visite.revision + decalage)
            assert avancer(visite, perime) == (visite, ())


PERIMES = (
    (e.MesureRecue, {}),
    (e.MesureEchouee, {}),
    (e.AppelEtabli, {}),
    (e.AppelPerdu, {}),
    (e.LienChange, {}),
    (e.MinuterieEchue, {}),
    (e.MinuterieEchue, {"nom": "rappel", "essai": 41}),
    (e.MinuterieEchue, {"nom": "telephone", "essai": 41}),
    (e.MinuterieEchue, {"nom": "inconnue"}),
    (e.ImpressionAcceptee, {}),
    (e.ImpressionFinie, {}),
    (e.ImpressionEchouee, {}),
)


@pytest.mark.parametrize(("classe", "champs"), PERIMES)
def test_un_essai_perime_ne_change_rien_nulle_part(classe: type[e.Evenement], champs: dict[str, Any]) -> None:
    """Une réponse d'un essai remplacé n'est jamais appliquée."""
    for variante, etape in ECRANS:
        visite = _amener(variante, etape).visite
        perime = _composer(classe, visite, **{"essai": 40, **champs})
        assert avancer(visite, perime) == (visite, ())


@pytest.mark.exigence("DONNEES-DURABLE")
@pytest.mark.parametrize(("variante", "etape"), ECRANS)
def test_la_coupure_ramene_le_meme_ecran(variante: str, etape: Etape) -> None:
    """Rejouer le dossier puis se relever montre le même écran, avec les mêmes réponses et les mêmes mesures."""
    conduite = _amener(variante, etape)
    avant = conduite.visite
    if not avant.id:
        return
    conduite.redemarrer()
    apres = conduite.visite
    for champ in ("etape", "superposition", "revision", "champs", "motifs", "mesures", "documents", "messages"):
        assert getattr(apres, champ) == getattr(avant, champ)
    assert {n: r.phase for n, r in apres.releves.items()} == {n: r.phase for n, r in avant.releves.items()}


@pytest.mark.exigence("VISITE-CONSENT")
@pytest.mark.parametrize(("variante", "etape"), ECRANS)
def test_le_retrait_arrete_et_efface_tout_de_partout(variante: str, etape: Etape) -> None:
    """De chaque écran qui a l'accord : deux gestes, et tout s'arrête, la salle oublie, le dossier est détruit."""
    conduite = _amener(variante, etape)
    if conduite.visite.consentement is None:
        return
    connue = conduite.visite.en_salle
    conduite.toucher(e.RetraitDemande)
    effets = conduite.toucher(e.ConsentementRetire)
    assert conduite.visite.etape is Etape.RETRAIT
    assert any(isinstance(effet, QuitterSalle) for effet in effets) == connue
    fin = conduite.toucher(e.BoutonContinuer)
    assert [effet.transmettre for effet in fin if isinstance(effet, Cloturer)] == [False]


@pytest.mark.exigence("VISITE-HYGIENE")
@pytest.mark.parametrize(("variante", "etape"), [x for x in ECRANS if x[1] is not Etape.PROPRETE])
def test_un_appareil_qui_a_touche_le_patient_est_toujours_nettoye(variante: str, etape: Etape) -> None:
    """Par le retrait comme par l'inactivité : jamais d'accueil avant la propreté confirmée."""
    conduite = _amener(variante, etape)
    touche = conduite.visite.a_nettoyer
    while conduite.visite.etape not in (Etape.ACCUEIL, Etape.PROPRETE):
        if delai(conduite.visite) is None:
            conduite.arriver(e.AppelPerdu, essai=conduite.visite.appel.essai)
        conduite.echoir("inactivite")
        touche = touche or conduite.visite.a_nettoyer
    assert (conduite.visite.etape is Etape.PROPRETE) == touche
    assert touche or not any(isinstance(effet, DemanderMesure) for effet in conduite.tous)


# --- tous les états, et le retour à l'accueil ---

Cle = tuple[Any, ...]


def _alphabet(visite: Visite) -> Iterator[e.Evenement]:
    """Les événements utiles depuis cet état, une valeur bonne et une mauvaise là où cela compte."""
    for classe in GESTES:
        if classe not in (e.PreferenceChangee, e.RepetitionDemandee, e.SonEssaye, e.QuinzeDemande, e.ElementNettoye):
            yield _composer(classe, visite)
    yield _composer(e.UrgenceRepondue, visite, oui=False)
    yield _composer(e.MotifBascule, visite, motif="autre")
    reste = next((x for x in A_NETTOYER if x not in visite.nettoyes), A_NETTOYER[0])
    yield _composer(e.ElementNettoye, visite, element=reste)
    for classe in ARRIVEES:
        if not _redondant(classe, visite):
            yield _composer(classe, visite)
    yield _composer(e.MinuterieEchue, visite, nom="rappel", essai=visite.appel.essai)
    yield _composer(e.MinuterieEchue, visite, nom="telephone", essai=visite.appel.pertes)
    for classe in (e.ImpressionFinie, e.ImpressionEchouee):
        for document in visite.documents:
            yield _composer(classe, visite, document=document.document, essai=document.essai)


ARRIVEES = (
    e.VisiteCommencee,
    e.MinuterieEchue,
    e.MesureRecue,
    e.MesureEchouee,
    e.PriseEnChargeRecue,
    e.AppelDemandeRecu,
    e.MedecinAbsente,
    e.AppelEtabli,
    e.AppelPerdu,
    e.MesureDemandeeParMedecin,
    e.DocumentRecu,
    e.ConsultationFinie,
    e.BorneRedemarree,
)


def _redondant(classe: type[e.Evenement], visite: Visite) -> bool:
    """Ce qui multiplierait les états sans rien montrer de neuf (`test_chaque_evenement...` le couvre)."""
    if classe is e.DocumentRecu:
        return visite.etape not in (Etape.CONSULTATION, Etape.DOCUMENTS, Etape.ADIEU)
    posee = visite.superposition not in (Superposition.AUCUNE, Superposition.PRESENCE)
    return classe is e.MinuterieEchue and posee and visite.etape is not Etape.NOM


def _cle(v: Visite) -> Cle:
    """Ce qui distingue deux états pour la suite ; ni numéro, ni date, ni texte."""
    champ = TABLE[v.etape].champ
    bon = bool(champ) and not erreur(champ, v.champ(champ), DEBUT)
    ecran = (bool(v.id), v.etape, v.superposition, v.recouverte, v.relances, v.consentement is None)
    salle = (v.en_salle, v.medecin, v.pret, v.depart, v.finie_par, v.debut_consultation is None)
    appareils = (
        v.releve().phase,
        min(v.releve().geste, 1),
        v.appel.etat,
        v.appel.demande,
        v.appel.medecin_absent,
        v.foyer,
        v.a_nettoyer,
    )
    documents = tuple((d.document, d.etat) for d in v.documents)
    return (*ecran, *salle, *appareils, bon, bool(v.motifs), "autre" in v.motifs, documents, v.nettoyes)


def _suivant(visite: Visite, evenement: e.Evenement) -> Visite:
    """L'état d'après, la propreté due ouverte comme le fait la régie."""
    apres, _ = avancer(visite, evenement)
    if apres.etape is Etape.PROPRETE and not apres.id:
        apres, _ = avancer(apres, e.PropreteDue(instant=DEBUT, visite="proprete", touches=apres.touches))
    return apres


@cache
def _explorer() -> tuple[dict[Cle, Visite], dict[Cle, set[Cle]]]:
    """Tous les états atteints, et pour chacun ceux d'où un geste y mène."""
    depart = Visite()
    etats, par_geste = {_cle(depart): depart}, {_cle(depart): set[Cle]()}
    file = deque([_cle(depart)])
    while file:
        cle = file.popleft()
        for evenement in _alphabet(etats[cle]):
            apres = _suivant(etats[cle], evenement)
            suivante = _cle(apres)
            if suivante not in etats:
                etats[suivante], par_geste[suivante] = apres, set()
                file.append(suivante)
            if isinstance(evenement, e.Toucher):
                par_geste[suivante].add(cle)
    return etats, par_geste


def test_tous_les_ecrans_sont_atteints() -> None:
    """La table n'a pas d'écran mort."""
    etats, _ = _explorer()
    assert {visite.etape for visite in etats.values()} == set(Etape)
    assert {visite.superposition for visite in etats.values()} == set(Superposition)
    assert {visite.releve().phase for visite in etats.values()} == set(PhaseMesure) - {PhaseMesure.PASSEE}


def test_de_tout_etat_des_gestes_ramenent_a_l_accueil() -> None:
    """Aucun cul-de-sac : sans médecin, sans appareil, sans minuterie, le patient ou le médiateur s'en sort."""
    etats, par_geste = _explorer()
    accueil = {cle for cle, visite in etats.items() if visite.etape is Etape.ACCUEIL and not visite.superposition}
    revenus, file = set(accueil), deque(accueil)
    while file:
        for cle in par_geste[file.popleft()] - revenus:
            revenus.add(cle)
            file.append(cle)
    perdus = [etats[cle] for cle in etats.keys() - revenus]
    assert not perdus, perdus[:3]


@pytest.mark.exigence("DONNEES-PURGE")
def test_rien_du_patient_ne_reste_apres_la_fermeture() -> None:
    """Tout passage à l'accueil ou à la propreté rend une visite vierge."""
    etats, _ = _explorer()
    for visite in etats.values():
        if visite.etape in (Etape.ACCUEIL, Etape.PROPRETE):
            assert sans_patient(visite)


@pytest.mark.exigence("VISITE-15")
def test_l_aide_et_le_quinze_repondent_sur_chaque_ecran() -> None:
    """De tout état, « 15 » montre l'écran du 15 et sonne."""
    etats, _ = _explorer()
    for visite in etats.values():
        apres, effets = avancer(visite, e.QuinzeDemande(instant=DEBUT, revision=visite.revision))
        assert apres.superposition is Superposition.QUINZE
        assert Sonner("quinze", True) in effets
        assert apres.mesures == visite.mesures
        assert apres.etape is visite.etape

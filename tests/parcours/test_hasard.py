"""Des suites d'événements quelconques : jamais d'exception, le rejeu rend la même visite, rien ne fuit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne.parcours import evenements as e
from borne.parcours.avancer import avancer, rejouer
from borne.parcours.effets import Cloturer
from borne.parcours.visite import A_NETTOYER, MOTIFS, Etape
from tests.parcours.conduite import REPONSES, Conduite, en_place, sans_patient, tension

CHAMPS = st.sampled_from(["prenom", "nom", "naissance", "telephone", "motif-autre", "message", "inconnu"])
SAISIES = st.one_of(st.sampled_from([*REPONSES.values(), "", "31022000", "01012999"]), st.text(max_size=12))
RAISONS = st.sampled_from(["", "erreur-tension-absent", "erreur-imprimante-papier"])
VALEURS = st.one_of(st.none(), st.floats(0, 300))

ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "langue": st.sampled_from(["fr", "en"]),
    "champ": CHAMPS,
    "valeur": SAISIES,
    "motif": st.sampled_from([*MOTIFS, "inconnu"]),
    "oui": st.booleans(),
    "entendu": st.booleans(),
    "texte": st.text(max_size=20),
    "element": st.sampled_from([*A_NETTOYER, "inconnu"]),
    "code": st.just("incident-salle-injoignable"),
    "nom": st.just("un nom"),
    "niveau": st.sampled_from(["plein", "reduit", "son-seul", "telephone"]),
    "raison": RAISONS,
    "medecin": st.sampled_from(["Docteure Martin", "Docteur Petit"]),
    "foyer": st.sampled_from(["aortique", "mitral"]),
    "camera": st.sampled_from(["principale", "examen", "document"]),
    "document": st.sampled_from(["ordonnance", "arret", "resume"]),
    "empreinte": st.just("0" * 64),
    "pages": st.integers(1, 3),
    "travail": st.integers(1, 99),
    "nature": st.sampled_from(["tension", "saturation"]),
    "mesures": st.lists(st.builds(tension, VALEURS, VALEURS), max_size=2).map(lambda x: sum(x, ())),
    "decalage": st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1]),
}

PREFERENCE = st.tuples(st.sampled_from(["volume", "grand-texte", "contraste", "inconnue"]), st.integers(-9, 9))

ARRIVEES_SANS_GESTE = tuple(
    classe
    for classe in e.PAR_NOM.values()
    if not issubclass(classe, e.Toucher)
    and classe not in (e.VisiteCommencee, e.PropreteDue, e.BorneRedemarree, e.MinuterieEchue)
)
GESTES = tuple(classe for classe in e.PAR_NOM.values() if issubclass(classe, e.Toucher))
COURANTS = (
    e.BoutonContinuer,
    e.GesteFait,
    e.UrgenceRepondue,
    e.MesureDemandee,
    e.RetraitDemande,
    e.ConsentementRetire,
)

Pas = tuple[str, type[e.Evenement] | None, dict[str, Any]]


def _arguments(classe: type[e.Evenement]) -> st.SearchStrategy[dict[str, Any]]:
    noms = [nom for nom in classe.__dataclass_fields__ if nom not in ("instant", "revision", "essai")]
    if classe is e.PreferenceChangee:
        return st.builds(lambda x, d: {"nom": x[0], "valeur": x[1], "decalage": d}, PREFERENCE, ARGUMENTS["decalage"])
    return st.fixed_dictionaries({nom: ARGUMENTS[nom] for nom in (*noms, "decalage")})


def _pas(genre: str, classes: tuple[type[e.Evenement], ...]) -> st.SearchStrategy[Pas]:
    return st.sampled_from(classes).flatmap(lambda c: _arguments(c).map(lambda a: (genre, c, a)))


PAS: st.SearchStrategy[Pas] = st.one_of(
    _pas("geste", GESTES),
    _pas("geste", COURANTS),
    _pas("arrivee", ARRIVEES_SANS_GESTE),
    st.sampled_from(
        [
            ("minuterie", None, {}),
            ("rappel", None, {}),
            ("telephone", None, {}),
            ("coupure", None, {}),
            ("accueil", None, {}),
            ("suite", None, {}),
        ]
    ),
)


def _jouer(conduite: Conduite, pas: Pas) -> None:
    genre, classe, arguments = pas
    arguments = dict(arguments)
    decalage = arguments.pop("decalage", 0)
    if genre == "accueil":
        conduite.commencer()
    elif genre == "coupure":
        conduite.redemarrer()
    elif genre == "suite":
        _ordinaire(conduite)
    elif genre in ("minuterie", "rappel", "telephone"):
        _echoir(conduite, "inactivite" if genre == "minuterie" else genre)
    elif genre == "geste":
        assert classe is not None
        _toucher(conduite, classe, conduite.visite.revision + decalage, arguments)
    else:
        assert classe is not None
        if "essai" in classe.__dataclass_fields__:
            arguments["essai"] = _essai(conduite, classe, arguments) + decalage
        conduite.arriver(classe, **arguments)


def _ordinaire(conduite: Conduite) -> None:
    """Un geste qui avance, pour que le hasard visite aussi les écrans lointains."""
    gestes: dict[Etape, tuple[type[e.Toucher], dict[str, Any]]] = {
        Etape.LANGUE: (e.LangueChoisie, {"langue": "fr"}),
        Etape.CONSENTEMENT: (e.ConsentementDonne, {}),
        Etape.URGENCE: (e.UrgenceRepondue, {"oui": False}),
    }
    etape = conduite.visite.etape
    if etape in REPONSES:
        conduite.repondre(REPONSES[etape])
    elif etape is Etape.ATTENTE:
        conduite.arriver(e.PriseEnChargeRecue, medecin="Docteure Martin")
    elif etape is Etape.CONSULTATION:
        conduite.etablir()
    else:
        classe, champs = gestes.get(etape, (e.BoutonContinuer, {}))
        conduite.toucher(classe, **champs)


def _echoir(conduite: Conduite, nom: str) -> None:
    armee = conduite.minuteries.get(nom)
    if armee is not None and armee.delai_s is not None:
        conduite.echoir(nom)


def _toucher(conduite: Conduite, classe: type[e.Evenement], revision: int, arguments: dict[str, Any]) -> None:
    avant = conduite.visite
    assert issubclass(classe, e.Toucher)
    effets = conduite.toucher(classe, revision=revision, **arguments)
    if revision != avant.revision:
        assert conduite.visite is avant, "un toucher périmé a changé la visite"
        assert effets == ()


def _essai(conduite: Conduite, classe: type[e.Evenement], arguments: dict[str, Any]) -> int:
    visite = conduite.visite
    if classe in (e.AppelEtabli, e.AppelPerdu):
        return visite.appel.essai
    connus = {d.document: d.essai for d in visite.documents}
    return connus.get(arguments.get("document", ""), visite.releve(arguments.get("nature", "")).essai)


@pytest.mark.exigence("DONNEES-DURABLE")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(Etape)), st.lists(PAS, max_size=40))
def test_une_suite_quelconque_ne_leve_rien_et_se_rejoue(depart: Etape, suite: list[Pas]) -> None:
    """`Conduite` vérifie après chaque événement ; ici, le dossier seul rend la visite."""
    conduite = en_place(depart)
    for pas in suite:
        fermee = _jouer_et_dire_si_fermee(conduite, pas)
        if conduite.visite.id and not fermee:
            assert rejouer(conduite.dossier) == conduite.visite


def _jouer_et_dire_si_fermee(conduite: Conduite, pas: Pas) -> bool:
    avant, debut = conduite.visite.id, len(conduite.tous)
    _jouer(conduite, pas)
    clotures = [effet for effet in conduite.tous[debut:] if isinstance(effet, Cloturer)]
    assert [c.visite for c in clotures] == ([avant] if clotures else []), "on ferme le dossier d'une autre visite"
    if clotures:
        assert sans_patient(conduite.visite)
    return bool(clotures)


@settings(max_examples=60, deadline=None)
@given(st.lists(PAS, max_size=30))
def test_avancer_est_pure(suite: list[Pas]) -> None:
    """Le même événement sur la même visite donne deux fois la même suite, et ne change pas la visite donnée."""
    conduite = en_place(Etape.MESURE)
    for pas in suite:
        _jouer(conduite, pas)
    for evenement in conduite.dossier:
        avant = repr(conduite.visite)
        assert avancer(conduite.visite, evenement) == avancer(conduite.visite, evenement)
        assert repr(conduite.visite) == avant

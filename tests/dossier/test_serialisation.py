"""Le format des événements : aller-retour de toutes les classes, refus typés, et un dossier figé qui se rejoue."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.dossier import serialisation
from borne.dossier.erreurs import ErreurDossier
from borne.dossier.serialisation import Corps, EvenementIllisible, depuis_json, vers_json
from borne.mesures import SYSTOLIQUE, Mesure
from borne.parcours import evenements as e
from borne.parcours.avancer import rejouer
from borne.parcours.visite import Etape, EtatImpression

VISITE_V1 = Path(__file__).parents[1] / "donnees" / "visite_v1.jsonl"

NOMBRES = st.floats(allow_nan=False, allow_infinity=False)
TEXTES = st.text(st.characters(exclude_categories=("Cs",)))
MESURES = st.builds(Mesure, TEXTES, st.none() | NOMBRES, TEXTES, NOMBRES, TEXTES, NOMBRES)
PAR_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "float": NOMBRES,
    "int": st.integers(-(2**63), 2**63 - 1),
    "str": TEXTES,
    "bool": st.booleans(),
    "tuple[Mesure, ...]": st.lists(MESURES, max_size=4).map(tuple),
    "tuple[str, ...]": st.lists(TEXTES, max_size=4).map(tuple),
}


def _quelconque(classe: type[e.Evenement]) -> st.SearchStrategy[e.Evenement]:
    champs = {nom: PAR_TYPE[str(champ.type)] for nom, champ in classe.__dataclass_fields__.items()}
    return st.builds(classe, **champs)


@given(st.data())
@pytest.mark.exigence("DONNEES-DURABLE")
@pytest.mark.parametrize("classe", e.PAR_NOM.values(), ids=lambda classe: classe.__name__)
def test_tout_evenement_se_relit_tel_quel(classe: type[e.Evenement], data: st.DataObject) -> None:
    evenement = data.draw(_quelconque(classe))
    relu = depuis_json(classe.__name__, e.VERSION, vers_json(evenement))
    assert relu == evenement
    assert type(relu) is classe


@given(st.binary() | TEXTES.map(str.encode), st.sampled_from([*e.PAR_NOM, "Inconnu"]), st.integers(-1, 3))
def test_des_octets_quelconques_ne_levent_que_l_erreur_typee(corps: bytes, nom: str, version: int) -> None:
    with pytest.raises(EvenementIllisible):
        depuis_json(nom, version, corps)


@pytest.mark.parametrize(
    ("nom", "version", "corps"),
    [
        ("Inconnu", 1, b'{"instant": 1.0}'),
        ("Evenement", 1, b'{"instant": 1.0}'),
        ("Toucher", 1, b'{"instant": 1.0, "revision": 1}'),
        ("BorneRedemarree", 0, b'{"instant": 1.0}'),
        ("BorneRedemarree", e.VERSION + 1, b'{"instant": 1.0}'),
        ("BorneRedemarree", 1, b"{}"),
        ("BorneRedemarree", 1, b"[1.0]"),
        ("BorneRedemarree", 1, b'{"instant": "hier"}'),
        ("BorneRedemarree", 1, b'{"instant": 1.0'),
        ("BorneRedemarree", 1, b"\xff"),
        ("MesureRecue", 1, b'{"instant": 1.0, "essai": 1, "mesures": [{"code": "Martin"}]}'),
    ],
)
def test_ce_qui_est_abime_est_dit_sans_valeur(nom: str, version: int, corps: bytes) -> None:
    with pytest.raises(EvenementIllisible) as leve:
        depuis_json(nom, version, corps)
    assert isinstance(leve.value, ErreurDossier)
    assert "Martin" not in str(leve.value)
    assert nom in str(leve.value)


@pytest.mark.parametrize(
    "evenement",
    [
        e.BorneRedemarree(instant=math.nan),
        e.BorneRedemarree(instant=math.inf),
        e.VisiteCommencee(instant=1.0, visite="\ud800"),
        e.MesureRecue(
            instant=1.0,
            nature="tension",
            essai=1,
            mesures=(Mesure(SYSTOLIQUE, math.nan, "mm[Hg]", 1.0, "brassard"),),
        ),
        e.LangueChoisie(instant=1.0, revision=1, langue=object()),  # type: ignore[arg-type]
        e.LangueChoisie(instant=1.0, revision=1, langue=3),  # type: ignore[arg-type]
        e.Toucher(instant=1.0, revision=1),
    ],
)
def test_ce_qui_ne_se_relirait_pas_ne_s_ecrit_pas(evenement: e.Evenement) -> None:
    with pytest.raises(EvenementIllisible):
        vers_json(evenement)


def test_un_entier_pour_un_instant_est_le_meme_instant() -> None:
    assert vers_json(e.BorneRedemarree(instant=1)) == b'{"instant":1}'


def _langue_v1(corps: Corps) -> tuple[str, Corps]:
    return "LangueDite", {"instant": corps["instant"], "mots": corps["langue"]}


def _langue_v2(corps: Corps) -> tuple[str, Corps]:
    return "IncidentSurvenu", {"instant": corps["instant"], "code": corps["mots"]}


def test_une_ancienne_version_se_relit_pas_a_pas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque migration mène à la version suivante, le nom peut changer ; le reste n'a pas changé."""
    monkeypatch.setattr(serialisation, "VERSION", 3)
    migrations = {("LangueChoisie", 1): _langue_v1, ("LangueDite", 2): _langue_v2}
    relu = depuis_json("LangueChoisie", 1, b'{"instant": 1.0, "revision": 2, "langue": "fr"}', migrations)
    assert relu == e.IncidentSurvenu(instant=1.0, code="fr")
    assert depuis_json("BorneRedemarree", 1, b'{"instant": 1.0}', migrations) == e.BorneRedemarree(instant=1.0)


def test_une_migration_qui_ne_trouve_pas_son_champ_est_une_erreur_typee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serialisation, "VERSION", 2)
    with pytest.raises(EvenementIllisible):
        depuis_json("LangueChoisie", 1, b"{}", {("LangueChoisie", 1): _langue_v1})


def _relire_v1() -> list[e.Evenement]:
    lignes = [json.loads(ligne) for ligne in VISITE_V1.read_text(encoding="utf-8").splitlines()]
    return [depuis_json(x["nom"], x["version"], msgspec.json.encode(x["corps"])) for x in lignes]


@pytest.mark.exigence("DONNEES-DURABLE")
def test_la_visite_de_la_version_1_se_rejoue() -> None:
    """Un dossier figé : s'il ne se rejoue plus, c'est le format ou les règles qui ont changé, pas lui."""
    visite = rejouer(_relire_v1())
    assert visite.etape is Etape.ADIEU
    assert visite.champ("nom") == "L’Hôte-Nguyễn"
    assert visite.champ("telephone") == "0612345678"
    assert visite.motifs == ("fievre", "autre")
    assert [mesure.valeur for mesure in visite.mesures] == [142.0, 88.0, 64.0]
    assert [acte.raison for acte in visite.actes] == [
        "erreur-tension-absent",
        "erreur-tension-arretee",
        "erreur-tension-interrompue",
        "",
        "erreur-tension-arretee",
    ]
    assert [message.texte for message in visite.messages] == ["Respirez « bien » 🙂", "Oui"]
    assert [(d.document, d.etat) for d in visite.documents] == [
        ("ordonnance", EtatImpression.IMPRIME),
        ("resume", EtatImpression.IMPRIME),
    ]
    assert visite.finie_par == "patient"
    assert len(visite.incidents) == 5
    assert (visite.natures, {acte.nature for acte in visite.actes}) == (("tension",), {"tension"})


def test_la_version_1_n_avait_que_la_tension() -> None:
    """Ce qu'elle demandait sous un autre nom, ou sans nature, se relit comme aujourd'hui."""
    relus = [
        depuis_json("TensionDemandeeParMedecin", 1, b'{"instant": 1.0}'),
        depuis_json("ArretTensionDemande", 1, b'{"instant": 2.0}'),
        depuis_json("MesureEchouee", 1, b'{"instant": 3.0, "essai": 2, "raison": "erreur-tension-perdu"}'),
        depuis_json("MesureRecue", 1, b'{"instant": 4.0, "essai": 3, "mesures": []}'),
    ]
    assert relus == [
        e.MesureDemandeeParMedecin(instant=1.0, nature="tension"),
        e.ArretMesureDemande(instant=2.0),
        e.MesureEchouee(instant=3.0, nature="tension", essai=2, raison="erreur-tension-perdu"),
        e.MesureRecue(instant=4.0, nature="tension", essai=3, mesures=()),
    ]

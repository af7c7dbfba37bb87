"""La page du protocole pour les tiers (`borne protocole`, PROTOCOLE.md), tirée de `borne/protocole.py`.

Une autre plateforme de médecin, ou une autre borne, se branche à partir de cette seule page : les champs, types et
valeurs ordinaires viennent des classes elles-mêmes, le sens de leurs docstrings.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable
from typing import Any, Final, get_args

import msgspec
from msgspec import inspect as types

from borne import mesures
from borne import protocole as p
from borne.salle.comptes import COOKIE
from borne.salle.description_texte import APPEL, BINAIRE, MEDECIN, OUVERTURE

LIAISONS: Final = (
    ("Borne vers salle", "`/ws/borne`", p.BorneVersSalle),
    ("Salle vers borne", "`/ws/borne`", p.SalleVersBorne),
    ("Médecin vers salle", "`/ws/medecin`", p.MedecinVersSalle),
    ("Salle vers médecin", "`/ws/medecin`", p.SalleVersMedecin),
    ("Canal `donnees`", "les deux sens", p.Canal),
)


def page() -> str:
    """La page entière, en Markdown."""
    morceaux = [
        OUVERTURE.format(
            version=p.VERSION,
            taille_mo=p.TAILLE_MAX_MESSAGE // 1024 // 1024,
            contexte_defi=p.CONTEXTE_DEFI.decode(),
            contexte_certificat=p.CONTEXTE_CERTIFICAT.decode(),
        ),
        MEDECIN.format(cookie=COOKIE, document_mo=p.TAILLE_MAX_DOCUMENT // 1024 // 1024),
        APPEL.format(
            sections=_sections(),
            contexte_offre=p.CONTEXTE_OFFRE.decode(),
            contexte_code=p.CONTEXTE_CODE.decode(),
            donnees=p.NOM_CANAL,
            auscultation=p.NOM_CANAL_AUSCULTATION,
            examen=p.NOM_CANAL_EXAMEN,
        ),
        BINAIRE.format(son=_doc(p.TrameSon), morceau=_doc(p.MorceauPhoto), manque=p.REDONDANCE),
        _constantes(),
        *(_liaison(nom, chemin, union) for nom, chemin, union in LIAISONS),
        "## Objets communs\n\n" + "\n\n".join(_message(objet) for objet in _communs()),
    ]
    return "\n\n".join(morceau.strip() for morceau in morceaux) + "\n"


def _sections() -> str:
    lignes = [f"| {mid} | {nature} | {contenu} | {sens} |" for mid, nature, contenu, sens in p.SECTIONS]
    return "\n".join(["| mid | nature | contenu | sens |", "|---|---|---|---|", *lignes])


def _constantes() -> str:
    """Les codes LOINC des mesures, avec leur nom."""
    codes = [(nom, valeur) for nom, valeur in vars(mesures).items() if isinstance(valeur, str) and _loinc(valeur)]
    lignes = [f"| {valeur} | {nom.lower().replace('_', ' ')} |" for nom, valeur in codes]
    return "\n".join(["## Codes LOINC des mesures", "", "| code | grandeur |", "|---|---|", *lignes])


def _loinc(valeur: str) -> bool:
    numero, _, cle = valeur.partition("-")
    return numero.isdigit() and len(cle) == 1 and cle.isdigit()


def _liaison(nom: str, chemin: str, union: Any) -> str:
    return f"## {nom} ({chemin})\n\n" + "\n\n".join(_message(genre) for genre in get_args(union))


def _communs() -> Iterable[type]:
    return (p.ServeurGlace, p.Patient, p.LigneAttente, mesures.Mesure)


def _message(genre: type) -> str:
    """Le nom, le sens, et une ligne par champ."""
    info = types.type_info(genre)
    if not isinstance(info, types.StructType | types.DataclassType):
        raise TypeError(f"{genre.__name__} n'est pas un message")
    lignes = [f"| `{champ.encode_name}` | {_type(champ.type)} | {_defaut(champ)} |" for champ in info.fields]
    table = ["", "| champ | type | valeur ordinaire |", "|---|---|---|", *lignes] if lignes else []
    return "\n".join([f"### {genre.__name__}", "", _doc(genre), *table])


def _doc(genre: type) -> str:
    return textwrap.dedent("    " + (inspect.getdoc(genre) or "")).strip()


def _defaut(champ: types.Field) -> str:
    if champ.required:
        return "obligatoire"
    valeur = champ.default if champ.default is not msgspec.NODEFAULT else champ.default_factory()
    return f"`{msgspec.json.encode(valeur).decode()}`"


_SIMPLES: Final = {
    types.StrType: "texte",
    types.IntType: "entier",
    types.FloatType: "nombre",
    types.BoolType: "booléen",
    types.BytesType: "base64",
    types.NoneType: "null",
}


def _type(genre: types.Type) -> str:
    """Le type d'un champ, en français."""
    match genre:
        case types.UnionType():
            return " ou ".join(_type(choix) for choix in genre.types)
        case types.LiteralType():
            return ", ".join(f'`"{valeur}"`' for valeur in genre.values)
        case types.ListType() | types.VarTupleType():
            return f"liste de {_type(genre.item_type)}"
        case types.StructType() | types.DataclassType():
            return genre.cls.__name__
    return _SIMPLES[type(genre)]

"""L'identité présentée à la borne : datamatrix INS, cachet d'un titre d'identité, cartes à puce."""

from borne.peripheriques.identite.cartes import CarteLue, LecteurAbsent, LecteurCarte
from borne.peripheriques.identite.erreurs import CarteNonPriseEnCharge, CodeIllisible, IdentiteInvalide
from borne.peripheriques.identite.ins import IdentiteINS, lire_ins
from borne.peripheriques.identite.lecture import lire_codes, lire_identite
from borne.peripheriques.identite.titre import IdentiteTitre, lire_titre, lire_zone

__all__ = [
    "CarteLue",
    "CarteNonPriseEnCharge",
    "CodeIllisible",
    "IdentiteINS",
    "IdentiteInvalide",
    "IdentiteTitre",
    "LecteurAbsent",
    "LecteurCarte",
    "lire_codes",
    "lire_identite",
    "lire_ins",
    "lire_titre",
    "lire_zone",
]

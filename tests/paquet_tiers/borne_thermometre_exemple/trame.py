"""Les trames du thermomètre Exemple IR-1 : du texte, « T+036.85C » puis un retour à la ligne. Pur."""

import re

from borne import mesures as m
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats import Lecture
from borne.peripheriques.formats.lecture import mesure

_TRAME = re.compile(rb"T([+-]\d{3}\.\d\d|-{7})([CF])\r\n")
_UNITES = {b"C": m.CELSIUS, b"F": m.FAHRENHEIT}


def decoder(octets: bytes) -> Lecture:
    """La température, dans l'unité de l'appareil ; sept tirets disent qu'il n'a rien trouvé.

    Lève `TrameInvalide`, et rien d'autre : une trame abîmée ne doit pas arrêter la borne.
    """
    lue = _TRAME.fullmatch(octets)
    if lue is None:
        raise TrameInvalide(detail="trame du thermomètre Exemple")
    valeur = None if lue[1] == b"-------" else float(lue[1])
    return Lecture((mesure(m.TEMPERATURE, valeur, _UNITES[lue[2]]),))

"""Ce que `test_hasard.py` fait tourner à part : atheris, guidé par la couverture, cherche la trame qui casse.

    python -m tests.peripheriques.formats.hasard [options de libFuzzer] [corpus]

Le premier octet choisit le format, les autres sont la trame. Toute exception autre que `TrameInvalide`, toute
`Lecture` mal faite, arrête la recherche et laisse la trame coupable dans le dossier courant.
"""

from __future__ import annotations

import math
import sys

import atheris

with atheris.instrument_imports(include=["borne.peripheriques.formats"]):
    from borne.peripheriques.formats import FORMATS, Lecture, TrameInvalide, decoder

NOMS = sorted(FORMATS)


def verifier(lecture: object) -> None:
    """Affirme qu'une lecture est bien faite : des mesures finies ou sans valeur, des unités, des qualités."""
    assert isinstance(lecture, Lecture)
    for mesure in lecture.mesures:
        assert mesure.valeur is None or math.isfinite(mesure.valeur)
        assert mesure.code
        assert mesure.unite
        assert 0.0 <= mesure.qualite <= 1.0
    if lecture.instant is not None:
        str(lecture.instant)
        lecture.instant.en_datetime()


def essayer(octets: bytes) -> None:
    """Une trame du hasard."""
    if not octets:
        return
    try:
        lecture = decoder(NOMS[octets[0] % len(NOMS)], octets[1:])
    except TrameInvalide:
        return
    verifier(lecture)


if __name__ == "__main__":
    atheris.Setup(sys.argv, essayer)
    atheris.Fuzz()

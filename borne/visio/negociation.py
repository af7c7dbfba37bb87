"""La réparation FlexFEC-03 dans le SDP, qu'aiortc ignore : ajoutée au texte de l'offre, cherchée dans la réponse.

draft-ietf-payload-flexible-fec-scheme-03 (section 5.1) pour le format, RFC 5956 (section 4.3) pour `FEC-FR`.
"""

from __future__ import annotations

import re
from typing import Final

from borne.visio.flexfec import NOM

FENETRE: Final = 10_000_000
"""`repair-window`, en microsecondes : exigé, et ignoré par libwebrtc."""
_RETOUR: Final = re.compile(r"(?m)^a=(rtcp-fb:\S+ transport-cc|extmap:\d+ \S*transport-wide-cc\S*)\s*\r?\n")
_CHARGES: Final = range(127, 95, -1)
"""Charges RTP libres d'usage (RFC 3551, section 6), de la moins employée à la plus employée."""


def offrir(sdp: str, mid: str, ssrc: int) -> str:
    """L'offre, où la section `mid` propose en plus un flux de réparation `ssrc` ; inchangée sans source à réparer."""
    prises = {
        int(charge) for ligne in re.findall(r"^m=[av]\S+ \d+ \S+ ([\d ]+)", sdp, re.M) for charge in ligne.split()
    }
    charge = next((charge for charge in _CHARGES if charge not in prises), None)
    debut, *sections = re.split(r"(?m)^(?=m=)", sdp)
    for rang, section in enumerate(sections):
        source = re.search(r"^a=ssrc:(\d+) cname:(\S+)", section, re.M)
        if charge is not None and source is not None and _a_mid(section, mid):
            sections[rang] = _avec_reparation(section, charge, source[1], ssrc, source[2])
    return debut + "".join(sections)


def sans_retour(sdp: str, mids: tuple[str, ...]) -> str:
    """L'offre, où ces sections n'ont plus de numéros de transport : ce que le médecin y émet se règle par REMB."""
    debut, *sections = re.split(r"(?m)^(?=m=)", sdp)
    for rang, section in enumerate(sections):
        if any(_a_mid(section, mid) for mid in mids):
            sections[rang] = _RETOUR.sub("", section)
    return debut + "".join(sections)


def _avec_reparation(section: str, charge: int, media: str, ssrc: int, cname: str) -> str:
    entete, reste = section.split("\r\n", 1)
    lignes = (
        f"a=rtpmap:{charge} {NOM}/90000",
        f"a=fmtp:{charge} repair-window={FENETRE}",
        f"a=ssrc-group:FEC-FR {media} {ssrc}",
        f"a=ssrc:{ssrc} cname:{cname}",
    )
    return f"{entete} {charge}\r\n{reste}" + "".join(f"{ligne}\r\n" for ligne in lignes)


def acceptee(sdp: str, mid: str) -> int | None:
    """La charge RTP de la réparation que la réponse accepte pour cette section ; None si elle n'en veut pas."""
    for section in re.split(r"(?m)^(?=m=)", sdp)[1:]:
        trouvee = re.search(rf"^a=rtpmap:(\d+) {re.escape(NOM)}/90000\s*$", section, re.M | re.I)
        if trouvee is not None and _a_mid(section, mid) and int(trouvee[1]) < 128:
            return int(trouvee[1])
    return None


def _a_mid(section: str, mid: str) -> bool:
    return re.search(rf"^a=mid:{re.escape(mid)}\s*$", section, re.M) is not None

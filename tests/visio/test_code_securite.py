"""Le code de sécurité et la signature de l'offre."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.visio import code_securite as c
from borne.visio.identite import IdentiteBorne

SIENNE = "sha-256 " + ":".join(["AB"] * 32)
AUTRE = "sha-256 " + ":".join(["CD"] * 32)
ALEA_BORNE, ALEA_MEDECIN = "00" * 16, "ff" * 16


def sdp(*empreintes: str) -> str:
    return "v=0\r\n" + "".join(f"a=fingerprint:{e}\r\nm=audio 9\r\n" for e in empreintes)


def test_le_code_suit_chacun_de_ses_quatre_morceaux() -> None:
    entrees = [SIENNE, AUTRE, ALEA_BORNE, ALEA_MEDECIN]
    codes = {c.code(*entrees)}
    for rang, autre in enumerate((AUTRE, SIENNE, "11" * 16, "22" * 16)):
        codes.add(c.code(*[autre if i == rang else x for i, x in enumerate(entrees)]))
    assert len(codes) == 5
    assert all(len(x) == 4 and x.isdigit() for x in codes)


def test_l_engagement_ne_convient_qu_a_son_alea() -> None:
    alea = c.tirer_alea()
    assert c.alea_valide(alea)
    assert c.engager(alea) != c.engager(c.tirer_alea())
    assert not any(c.alea_valide(x) for x in ("", alea[:-1], alea.upper().replace("0", "G"), alea + "00"))


@pytest.mark.parametrize(
    "mauvais",
    [
        sdp(),
        sdp(SIENNE, AUTRE),
        sdp(SIENNE, "sha-512 " + ":".join(["AB"] * 64)),
        sdp("sha-1 " + ":".join(["AB"] * 20)),
        sdp(SIENNE) + "a=fingerprint: sans algorithme connu!\r\n",
    ],
)
def test_une_seconde_empreinte_est_refusee(mauvais: str) -> None:
    with pytest.raises(c.EmpreinteInvalide):
        c.empreinte(mauvais)


def test_l_empreinte_se_lit_quelle_que_soit_la_casse_et_sans_les_autres_algorithmes() -> None:
    brut = sdp(SIENNE.lower(), SIENNE) + "a=fingerprint:sha-512 " + ":".join(["AB"] * 64) + "\r\n"
    assert c.empreinte(c.garder_sha256(brut)) == SIENNE


def test_la_signature_tient_a_la_visite_a_l_appel_a_l_empreinte_et_a_l_engagement() -> None:
    cle = Ed25519PrivateKey.generate()
    signer = IdentiteBorne("b", "Mairie", cle).signer_offre
    signature = base64.b64decode(signer(c.octets_a_signer("v", "1-a", SIENNE, "e")))
    cle.public_key().verify(signature, c.octets_a_signer("v", "1-a", SIENNE, "e"))
    for champs in (
        ("w", "1-a", SIENNE, "e"),
        ("v", "2", SIENNE, "e"),
        ("v", "1-a", AUTRE, "e"),
        ("v", "1-a", SIENNE, "f"),
    ):
        with pytest.raises(InvalidSignature):
            cle.public_key().verify(signature, c.octets_a_signer(*champs))
    with pytest.raises(ValueError, match="offre"):
        signer(b"autre chose")

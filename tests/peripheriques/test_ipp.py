"""Les octets d'IPP : ce que l'encodeur écrit, ce que le décodeur accepte, et rien d'autre que ses erreurs."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from borne.peripheriques.ipp import Attribut, Groupe, IppInvalide, Operation, Syntaxe, decoder, encoder

# L'exemple de réponse de la RFC 8010, annexe A.2 (Print-Job réussi).
REPONSE = (
    bytes.fromhex("0101 0000 00000001 01")
    + b"\x47\x00\x12attributes-charset\x00\x05utf-8"
    + b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
    + b"\x41\x00\x0estatus-message\x00\x0dsuccessful-ok"
    + b"\x02"
    + b"\x21\x00\x06job-id\x00\x04\x00\x00\x00\x93"
    + b"\x45\x00\x07job-uri\x00\x21ipp://printer.example.com/ipp/147"
    + b"\x23\x00\x09job-state\x00\x04\x00\x00\x00\x03"
    + b"\x03"
)


def test_la_reponse_de_la_rfc():
    reponse = decoder(REPONSE)
    assert (reponse.statut, reponse.numero) == (0, 1)
    assert reponse.premier(Groupe.OPERATION)["status-message"] == ("successful-ok",)
    assert reponse.premier(Groupe.TRAVAIL)["job-id"] == (147,)
    assert reponse.premier(Groupe.TRAVAIL)["job-state"] == (3,)
    assert reponse.premier(Groupe.IMPRIMANTE) == {}


def test_la_demande_de_la_rfc():
    """RFC 8010, annexe A.1, sans ses attributs facultatifs."""
    attributs = (
        Attribut("attributes-charset", Syntaxe.JEU, ("utf-8",)),
        Attribut("job-name", Syntaxe.NOM, ("foobar",)),
        Attribut("ipp-attribute-fidelity", Syntaxe.BOOLEEN, (True,)),
        Attribut("copies", Syntaxe.ENTIER, (20,)),
        Attribut("sides", Syntaxe.MOT_CLE, ("one-sided", "two-sided")),
    )
    assert encoder(Operation.IMPRIMER, 1, attributs, (1, 1), b"%!PDF") == (
        bytes.fromhex("0101 0002 00000001 01")
        + b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        + b"\x42\x00\x08job-name\x00\x06foobar"
        + b"\x22\x00\x16ipp-attribute-fidelity\x00\x01\x01"
        + b"\x21\x00\x06copies\x00\x04\x00\x00\x00\x14"
        + b"\x44\x00\x05sides\x00\x09one-sided\x44\x00\x00\x00\x09two-sided"
        + b"\x03%!PDF"
    )


def test_plusieurs_travaux_et_valeurs_de_toutes_sortes():
    octets = (
        bytes.fromhex("0200 0000 00000007")
        + b"\x02\x36\x00\x08job-name\x00\x0a\x00\x02fr\x00\x04nom1"
        + b"\x02\x42\x00\x08job-name\x00\x04nom2\x22\x00\x01b\x00\x01\x00\x30\x00\x01o\x00\x02\xff\x00"
        + b"\x13\x00\x05media\x00\x00\x44\x00\x01r\x00\x01a\x44\x00\x00\x00\x01b\x03reste"
    )
    travaux = decoder(octets).tous(Groupe.TRAVAIL)
    assert travaux == (
        {"job-name": ("nom1",)},
        {"job-name": ("nom2",), "b": (False,), "o": (b"\xff\x00",), "r": ("a", "b")},
    )


@pytest.mark.parametrize("longueur", range(len(REPONSE)))
def test_une_reponse_tronquee_est_invalide(longueur):
    with pytest.raises(IppInvalide):
        decoder(REPONSE[:longueur])


def test_une_valeur_hors_d_un_attribut_est_invalide():
    entete = bytes.fromhex("0200 0000 00000007")
    for reste in (b"\x21\x00\x01a\x00\x04\x00\x00\x00\x01\x03", b"\x01\x21\x00\x00\x00\x04\x00\x00\x00\x01\x03"):
        with pytest.raises(IppInvalide, match="hors d'un attribut"):
            decoder(entete + reste)


@given(st.binary(max_size=400))
@example(struct.pack(">HHI", 0x0200, 0, 1) + b"\x01\x21\x00\x01a\x00\x02\x00\x00\x03")
def test_des_octets_quelconques_ne_levent_rien_d_autre(octets):
    try:
        decoder(octets)
    except IppInvalide:
        return


@given(st.data())
def test_une_reponse_abimee_ne_leve_rien_d_autre(data):
    octets = bytearray(REPONSE)
    for place in data.draw(st.lists(st.integers(0, len(octets) - 1), max_size=6)):
        octets[place] = data.draw(st.integers(0, 255))
    try:
        decoder(bytes(octets))
    except IppInvalide:
        return

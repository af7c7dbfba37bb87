"""Les trames binaires du protocole : aller-retour, et `MessageInvalide` sur des octets quelconques."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.protocole import MessageInvalide, MorceauPhoto, TrameSon, frequence_exacte


@st.composite
def trames(tirer: st.DrawFn) -> TrameSon:
    khz = tirer(st.sampled_from([4, 8]))
    numero = tirer(st.integers(0, 2**32 - 1))
    blocs = tirer(st.lists(st.binary(min_size=40 * khz, max_size=40 * khz), min_size=1, max_size=min(4, numero + 1)))
    return TrameSon(khz * 1000, tirer(st.integers(0, 65535)), numero, tirer(st.integers(0, 2**64 - 1)), tuple(blocs))


@given(trames())
def test_une_trame_de_son_revient_telle_quelle(trame: TrameSon) -> None:
    assert TrameSon.decoder(trame.encoder()) == trame


@given(st.binary(max_size=700))
def test_des_octets_quelconques_ne_font_qu_une_trame_ou_un_refus(octets: bytes) -> None:
    for nature in (TrameSon, MorceauPhoto):
        try:
            lue = nature.decoder(octets)
        except MessageInvalide:
            continue
        assert lue.encoder() == octets


def test_un_bloc_d_avant_le_debut_de_l_ecoute_est_refuse() -> None:
    with pytest.raises(MessageInvalide):
        TrameSon.decoder(TrameSon(4000, 1, 0, 0, (bytes(160), bytes(160))).encoder())


def test_le_poumon_demande_le_double_du_coeur() -> None:
    assert (frequence_exacte("mitral"), frequence_exacte("poumon-dos-bas-droit")) == (4000, 8000)

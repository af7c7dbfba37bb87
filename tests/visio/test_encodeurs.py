"""Les encodeurs : débit changé en place, niveau annoncé, et un son de cœur qui passe entier."""

from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from borne.visio.encodeurs import EncodeurH264, EncodeurOpus
from borne.visio.reception import en_rgb
from tests.visio.outils import BLOC, FREQUENCE, coeur_synthetique, ton


def _bruit(graine: int) -> NDArray[np.uint8]:
    tirage = np.random.default_rng(graine)
    grossier = tirage.integers(0, 255, (90, 160, 3), dtype=np.uint8)
    return np.repeat(np.repeat(grossier, 8, axis=0), 8, axis=1)


def test_debit_change_sans_image_cle() -> None:
    encodeur = EncodeurH264()
    tailles, cles = [], []
    for rang in range(150):
        debit = 4_000_000 if rang < 75 else 1_000_000
        paquet = encodeur.encoder(_bruit(rang % 5), rang * 3000, debit, image_cle=rang == 0)
        assert paquet is not None
        tailles.append(paquet.size)
        cles += [rang] if paquet.is_keyframe else []
    avant, apres = sum(tailles[30:75]) / 45, sum(tailles[105:]) / 45
    assert cles == [0]
    assert apres * 30 * 8 < 1_300_000
    assert avant > 2 * apres


def test_chaque_changement_de_debit_est_suivi() -> None:
    """Le premier débit n'est pas le plus haut : x264 ouvert à un autre débit que maxrate n'en changerait plus."""
    encodeur = EncodeurH264()
    paliers = (2_000_000, 800_000, 3_000_000, 500_000)
    mesures: list[float] = []
    for palier in paliers:
        tailles = []
        for _ in range(60):
            rang = len(mesures) * 60 + len(tailles)
            paquet = encodeur.encoder(_bruit(rang % 5), rang * 3000, palier, image_cle=False)
            assert paquet is not None
            assert paquet.is_keyframe == (rang == 0)
            tailles.append(paquet.size)
        mesures.append(sum(tailles[15:]) / 45 * 30 * 8)
    assert mesures == pytest.approx(paliers, rel=0.3)


def test_image_cle_sur_demande_avec_ses_parametres() -> None:
    encodeur = EncodeurH264()
    paquets = [encodeur.encoder(_bruit(0), rang * 3000, 2_000_000, image_cle=rang == 5) for rang in range(8)]
    assert [rang for rang, paquet in enumerate(paquets) if paquet and paquet.is_keyframe] == [0, 5]
    octets = bytes(paquets[5])
    debut = octets.index(b"\x00\x00\x01\x67") + 4
    # profile_idc 66 avec constraint_set1 : « constrained baseline » ; niveau 40 (H.264, 7.4.2.1.1 et A.2.1).
    assert (octets[debut], octets[debut + 1] & 0x40, octets[debut + 2]) == (66, 0x40, 40)


def test_couleurs_gardees() -> None:
    encodeur, decodeur = EncodeurH264(), av.CodecContext.create("h264", "r")
    bgr = np.zeros((720, 1280, 3), dtype=np.uint8)
    bgr[:, :] = (40, 90, 200)
    for rang in range(2):
        paquet = encodeur.encoder(bgr, rang * 3000, 3_000_000, image_cle=False)
        images = decodeur.decode(paquet)
    rgb = en_rgb((images or decodeur.decode(None))[0])
    assert np.abs(rgb[360, 640].astype(int) - (200, 90, 40)).max() <= 4


def test_taille_changee_et_dimensions_impaires() -> None:
    encodeur = EncodeurH264()
    assert encodeur.encoder(np.zeros((481, 641, 3), np.uint8), 0, 1_000_000, image_cle=False) is not None
    paquet = encodeur.encoder(np.zeros((720, 1280, 3), np.uint8), 3000, 1_000_000, image_cle=False)
    assert paquet is not None
    assert paquet.is_keyframe


def _aller_retour(son: NDArray[np.int16], usage: str) -> NDArray[np.float64]:
    encodeur, decodeur = EncodeurOpus(usage, 96_000), av.CodecContext.create("libopus", "r")
    decodeur.format, decodeur.layout, decodeur.sample_rate = "s16", "mono", FREQUENCE
    sortie = []
    for rang, bloc in enumerate(son[: len(son) // BLOC * BLOC].reshape(-1, BLOC)):
        paquet = encodeur.encoder(bloc, rang * BLOC)
        sortie += [trame.to_ndarray()[0] for trame in decodeur.decode(av.Packet(bytes(paquet)))]
    return np.concatenate(sortie).astype(float)


@pytest.mark.parametrize("frequence", [30, 40, 60, 150])
def test_lowdelay_ne_coupe_pas_les_graves(frequence: float) -> None:
    entree = ton(frequence)
    sortie = _aller_retour(entree, "lowdelay")[FREQUENCE // 2 : FREQUENCE]
    attenuation = 20 * np.log10(entree[FREQUENCE // 2 : FREQUENCE].std() / sortie.std())
    assert abs(attenuation) < 1


def test_voip_les_couperait() -> None:
    """Pourquoi le stéthoscope n'emploie pas le réglage d'origine d'aiortc."""
    entree = ton(30)
    sortie = _aller_retour(entree, "voip")[FREQUENCE // 2 : FREQUENCE]
    assert 20 * np.log10(entree.std() / sortie.std()) > 10


def test_son_de_coeur_fidele() -> None:
    entree = coeur_synthetique(5).astype(float)
    sortie = _aller_retour(entree.astype(np.int16), "lowdelay")
    retards = range(0, 1000)
    correlations = [np.corrcoef(entree[: len(sortie) - r], sortie[r:])[0, 1] for r in retards]
    meilleur = int(np.argmax(correlations))
    bruit = sortie[meilleur:] - entree[: len(sortie) - meilleur]
    assert max(correlations) > 0.99
    # Sans le redressement, la phase du passe-haut de libopus plafonne ce rapport à 19 dB.
    assert 10 * np.log10(entree.var() / bruit.var()) > 23.5


def test_bloc_de_mauvaise_taille_refuse() -> None:
    with pytest.raises(ValueError, match="960"):
        EncodeurOpus("voip", 32_000).encoder(np.zeros(100, dtype=np.int16), 0)

"""Le banc de l'appel mesure ce qu'il dit : tampons, fidélité, temps figé, goulot."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from borne.demonstration import horodatage
from tests.bancs._visio_banc import dire
from tests.bancs._visio_camera import BLOCS_NUMERO, HD, IMAGES_CONTENU, Contenu, Marqueur, rang_de
from tests.bancs._visio_emetteurs import _avec_depart
from tests.bancs._visio_figures import psnr_luma
from tests.bancs._visio_navigateur import Photo
from tests.bancs._visio_prise import Mesures
from tests.bancs._visio_processus import descendance, temps_processeur
from tests.bancs._visio_variations import CHUTE_S, FIN_S, REMONTEE_S, _juger_goulot


@pytest.fixture(scope="module")
def contenu(tmp_path_factory: pytest.TempPathFactory) -> Contenu:
    return Contenu(tmp_path_factory.mktemp("contenu"), HD)


def _mesures(instants: NDArray[np.float64], ages: NDArray[np.float64], serie: NDArray[np.float64]) -> Mesures:
    colonnes = [instants, ages, np.arange(len(instants)), np.arange(len(instants)), np.full(len(instants), 720)]
    fin = float(serie[-1, 0])
    return Mesures(float(serie[0, 0]), fin, np.column_stack(colonnes), {}, {}, 0.0, serie, 0.0)


def _serie(debits: NDArray[np.float64], cles: int = 0, demandes: int = 0) -> NDArray[np.float64]:
    """Un point toutes les 200 ms à ces débits (bits/s) ; les clés et les demandes arrivent au milieu."""
    instants = 200.0 * np.arange(len(debits) + 1)
    octets = np.concatenate([[0], np.cumsum(debits * 0.2 / 8)])
    apres = instants > instants[-1] / 2
    return np.column_stack([instants, octets, cles * apres, demandes * apres])


def test_les_images_vont_et_viennent_sans_saut() -> None:
    rangs = [rang_de(numero) for numero in range(4 * IMAGES_CONTENU)]
    assert set(rangs) == set(range(IMAGES_CONTENU))
    assert {abs(apres - avant) for avant, apres in itertools.pairwise(rangs)} == {1}


@pytest.mark.parametrize("format_image", ["bgr", "i420"])
def test_l_instant_et_le_numero_se_relisent(contenu: Contenu, format_image: str) -> None:
    image = contenu.images[format_image][3].copy()  # type: ignore[index]
    Marqueur(HD).marquer(image, 1_700_000_000.25, 4321)
    vue = image if format_image == "bgr" else image[: HD.hauteur]
    bloc = HD.largeur // horodatage.BLOCS_PAR_LARGEUR
    assert horodatage.lire(vue) == 1_700_000_000_250 % horodatage.MODULO
    assert horodatage.lire(vue[BLOCS_NUMERO * bloc :]) == 4321


def test_la_fidelite_compare_a_l_image_du_meme_numero(contenu: Contenu) -> None:
    luma = contenu.images["i420"][7, : HD.hauteur]
    alteree = np.clip(luma.astype(np.int16) + np.where(np.indices(luma.shape).sum(0) % 2, 2, -2), 0, 255)
    exacte, proche, autre = (
        psnr_luma(contenu, Photo(numero, image.astype(np.uint8)))
        for numero, image in ((7, luma), (7, alteree), (30, luma))
    )
    assert exacte > 60
    # Une erreur de 2 partout : 10 log10(255^2 / 4).
    assert proche == pytest.approx(42.1, abs=0.1)
    assert autre < 35


def test_le_temps_fige_compte_les_longs_trous_en_entier() -> None:
    instants = np.array([33.0, 66, 99, 399, 432, 465, 905, 1000])
    mesures = _mesures(instants, np.full(8, 40.0), _serie(np.full(5, 1e6)))
    assert mesures.fige_s == pytest.approx(0.74)
    assert mesures.images_s == pytest.approx(8.0)
    assert mesures.delai(95) == 40


def test_le_goulot_voit_l_age_le_retour_et_les_cles() -> None:
    pas = np.arange(int(FIN_S * 5)) / 5
    debits = np.where((pas >= CHUTE_S) & (pas < REMONTEE_S + 3), 0.8e6, 3.6e6)
    instants = np.arange(0, FIN_S * 1000, 33.0)
    ages = np.where((instants > CHUTE_S * 1000) & (instants < (CHUTE_S + 1) * 1000), 900.0, 60.0)
    ages[instants.searchsorted((CHUTE_S + 5) * 1000)] = 350
    jugement = _juger_goulot(_mesures(instants, ages, _serie(debits, cles=3, demandes=1)), 0.0)
    assert jugement.age_max_ms == 350
    assert jugement.retour_s == pytest.approx(3.9, abs=0.3)
    assert jugement.cles == 2


def test_un_debit_qui_ne_revient_pas_se_dit() -> None:
    pas = np.arange(int(FIN_S * 5)) / 5
    debits = np.where(pas < CHUTE_S, 3.6e6, 1e6)
    instants = np.arange(0, FIN_S * 1000, 33.0)
    assert _juger_goulot(_mesures(instants, np.full(len(instants), 60.0), _serie(debits)), 0.0).retour_s is None


@pytest.mark.parametrize(
    ("valeur", "but", "maximum", "tenu"),
    [
        (1, 2, True, "true"),
        (3, 2, True, "false"),
        (3, 2, False, "true"),
        (None, 2, True, "false"),
        (1, None, True, "false"),
    ],
)
def test_une_ligne_dit_si_le_but_est_tenu(
    capsys: pytest.CaptureFixture[str], valeur: float | None, but: float | None, maximum: bool, tenu: str
) -> None:
    dire("figure", valeur, "ms", but, None, maximum=maximum)
    assert f'"tenu": {tenu}' in capsys.readouterr().out


def test_le_depart_va_au_premier_codec_d_image() -> None:
    sdp = "m=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 X 96 97\r\na=rtpmap:96 VP8/90000\r\na=mid:0\r\n"
    assert "VP8/90000\r\na=fmtp:96 x-google-start-bitrate=" in _avec_depart(sdp)


def test_la_famille_d_un_processus_et_ce_qu_elle_consomme() -> None:
    travail = "import time\nwhile time.process_time() < 0.6: pass\ninput()"
    enfant = subprocess.Popen([sys.executable, "-c", travail], stdin=subprocess.PIPE, text=True)
    try:
        while temps_processeur([enfant.pid]) < 0.3:
            assert enfant.poll() is None
        assert enfant.pid in descendance(os.getpid())
        assert os.getpid() not in descendance(enfant.pid)
    finally:
        enfant.communicate("fin\n")

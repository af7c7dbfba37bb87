"""Le passage unique des paquets : ordre, numéros, cadence, attente avant l'encodeur."""

from __future__ import annotations

import asyncio

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket

from borne.visio.adaptation_aiortc import HEURE_ABSOLUE, NUMERO_TRANSPORT
from borne.visio.emission import Emission, Envoi, Nature, poser_extension
from borne.visio.flexfec import Generateur

SON, IMAGE, RTX, REPARATION = 1, 2, 3, 4


def _carte() -> HeaderExtensionsMap:
    carte = HeaderExtensionsMap()
    carte.configure(
        RTCRtpParameters(
            headerExtensions=[
                RTCRtpHeaderExtensionParameters(id=5, uri=NUMERO_TRANSPORT),
                RTCRtpHeaderExtensionParameters(id=3, uri=HEURE_ABSOLUE),
            ]
        )
    )
    return carte


CARTE = _carte()


def paquet(ssrc: int, numero: int = 0, taille: int = 100, marque: bool = False) -> bytes:
    rtp = RtpPacket(ssrc=ssrc, sequence_number=numero, payload=bytes(taille), marker=int(marque))
    rtp.extensions = HeaderExtensions(abs_send_time=0, transport_sequence_number=0)
    return rtp.serialize(CARTE)


class Lien:
    """Note les paquets partis ; peut se rompre."""

    def __init__(self) -> None:
        self.partis: list[RtpPacket] = []
        self.envois: list[Envoi] = []
        self.rompu = False

    async def envoyer(self, octets: bytes) -> None:
        if self.rompu:
            raise ConnectionError
        self.partis.append(RtpPacket.parse(octets, CARTE))

    @property
    def ssrc(self) -> list[int]:
        return [parti.ssrc for parti in self.partis]


@pytest.fixture
async def lien():
    return Lien()


@pytest.fixture
async def emission(lien):
    emission = Emission(lien.envoyer)
    emission.negocier(5, 3)
    emission.declarer(IMAGE, Nature.IMAGE)
    emission.declarer(RTX, Nature.RETRANSMISSION)
    emission.sur_envoi = lien.envois.append
    yield emission
    emission.fermer()


async def test_numeros_continus_et_heure_posee_a_l_envoi(emission, lien) -> None:
    for rang in range(5):
        await emission.emettre(paquet(SON if rang % 2 else IMAGE))
    assert [parti.extensions.transport_sequence_number for parti in lien.partis] == [0, 1, 2, 3, 4]
    assert all(parti.extensions.abs_send_time for parti in lien.partis)
    assert [envoi.numero for envoi in lien.envois] == [0, 1, 2, 3, 4]
    assert {envoi.nature for envoi in lien.envois} == {Nature.SON, Nature.IMAGE}


async def test_le_numero_fait_le_tour(emission, lien) -> None:
    emission._numero = 0xFFFF
    await emission.emettre(paquet(SON))
    await emission.emettre(paquet(SON))
    assert [parti.extensions.transport_sequence_number for parti in lien.partis] == [0xFFFF, 0]
    assert [envoi.numero for envoi in lien.envois] == [0xFFFF, 0x10000]


async def test_le_son_puis_les_retransmissions_passent_devant(emission, lien) -> None:
    emission.cadencer(100_000, libre=False)
    for numero in range(6):
        await emission.emettre(paquet(IMAGE, numero, 1000))
    await emission.emettre(paquet(RTX, 9, 1000))
    await emission.emettre(paquet(SON))
    avant = len(lien.partis)
    assert lien.ssrc[-1] == SON
    assert avant < 6
    emission.cadencer(50_000_000, libre=True)
    async with asyncio.timeout(5):
        while len(lien.partis) < 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert lien.ssrc[avant] == RTX
    assert [parti.sequence_number for parti in lien.partis if parti.ssrc == IMAGE] == list(range(6))


async def test_reparation_apres_son_image(emission, lien) -> None:
    images: list[list[bytes]] = []

    def reparer(image: list[bytes]) -> list[bytes]:
        images.append(image)
        generateur = Generateur(ssrc=REPARATION, charge=127, premier_numero=77)
        return generateur.reparer(image, pertes=0.01)

    emission.reparer = reparer
    for numero in range(3):
        await emission.emettre(paquet(IMAGE, numero, marque=numero == 2))
    await asyncio.sleep(0.05)
    assert len(images) == 1
    # Ce que protège la réparation : numéro de transport et heure à zéro, comme le récepteur les remet.
    assert images[0] == [paquet(IMAGE, numero, marque=numero == 2) for numero in range(3)]
    assert lien.ssrc == [IMAGE, IMAGE, IMAGE, REPARATION]
    assert lien.partis[-1].sequence_number == 77
    assert lien.partis[-1].extensions.transport_sequence_number == 3


async def test_la_camera_attend_que_la_file_se_vide(emission, lien) -> None:
    await asyncio.wait_for(emission.attendre_place(), 1)
    emission.cadencer(400_000, libre=False)
    for numero in range(10):
        await emission.emettre(paquet(IMAGE, numero, 1000))
    attente = asyncio.create_task(emission.attendre_place())
    await asyncio.sleep(0)
    assert not attente.done()
    await asyncio.wait_for(attente, 5)
    assert len(lien.partis) >= 9


async def test_plafond_d_octets_non_accuses(emission, lien) -> None:
    emission.cadencer(10_000_000, libre=True, plafond=2500)
    emission.accuser(0)
    for numero in range(6):
        await emission.emettre(paquet(IMAGE, numero, 1000))
    await emission.emettre(paquet(SON))
    await asyncio.sleep(0.05)
    assert lien.ssrc.count(IMAGE) == 3
    assert lien.ssrc[-1] == SON
    emission.accuser(sum(envoi.taille for envoi in lien.envois))
    await asyncio.sleep(0.05)
    assert lien.ssrc.count(IMAGE) == 6


async def test_une_sonde_n_est_pas_une_retransmission(emission, lien) -> None:
    with emission.en_sonde(12, 5_000_000):
        for numero in range(4):
            await emission.emettre(paquet(RTX, numero, 1000))
    await asyncio.sleep(0.1)
    assert [(envoi.nature, envoi.sonde) for envoi in lien.envois] == [(Nature.BOURRAGE, 12)] * 4


async def test_transport_rompu(emission, lien) -> None:
    lien.rompu = True
    emission.cadencer(100_000, libre=False)
    with pytest.raises(ConnectionError):
        await emission.emettre(paquet(IMAGE, 0, 1000))
    lien.rompu = False
    await emission.emettre(paquet(IMAGE, 1, 1000))
    await emission.emettre(paquet(IMAGE, 2, 1000))
    lien.rompu = True
    await asyncio.wait_for(emission.attendre_place(), 5)
    with pytest.raises(ConnectionError):
        await emission.emettre(paquet(IMAGE, 3))


def test_extension_absente_ou_malformee() -> None:
    nu = bytearray(RtpPacket(ssrc=1, payload=b"x" * 20).serialize())
    assert not poser_extension(nu, 5, b"ab")
    avec = bytearray(paquet(1))
    assert not poser_extension(avec, 9, b"ab")
    assert not poser_extension(avec, 5, b"abc")
    assert poser_extension(avec, 5, b"ab")

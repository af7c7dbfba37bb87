"""Le tampon de la voix, seul, avec le vrai Opus et un temps simulé : rien ne manque, et le délai ne croît jamais."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from borne.visio import etirement
from borne.visio.encodeurs import EncodeurOpus
from borne.visio.opus import DecodeurOpus, PaquetOpusInvalide, duree
from borne.visio.redondance import Emballage, deballer
from borne.visio.tampon_voix import CIBLE_DEPART, CIBLE_MAX, FREQUENCE, RUPTURE, SAUT, TamponVoix

TRAME = 960
MORCEAU = 480


def parole(secondes: float) -> NDArray[np.int16]:
    """Une voix synthétique : des voyelles de 140 à 180 Hz coupées de silences."""
    instants = np.arange(int(secondes * FREQUENCE)) / FREQUENCE
    phase = 2 * np.pi * np.cumsum(160 + 20 * np.sin(2 * np.pi * 0.7 * instants)) / FREQUENCE
    voix = sum(np.sin(rang * phase) / rang for rang in range(1, 12))
    return (4000 * voix * (np.sin(2 * np.pi * 1.5 * instants) > -0.3)).astype(np.int16)


@dataclass
class Reseau:
    """Ce que le réseau fait aux paquets, et l'horloge de la carte son. Secondes."""

    pertes: float = 0.0
    gigue: float = 0.0
    repetitions: int = 0
    derive: float = 0.0
    doubles: float = 0.0
    origine: int = 0
    graine: int = 3


@dataclass
class Ecoute:
    tampon: TamponVoix
    son: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    delais: list[float] = field(default_factory=list)


def paquets(reseau: Reseau, secondes: float) -> list[tuple[float, int, bytes]]:
    """(arrivée, horodatage, paquet redondant), dans l'ordre d'arrivée."""
    tirage = np.random.default_rng(reseau.graine)
    encodeur, emballage = EncodeurOpus("voip", 32_000), Emballage(120)
    sons = parole(secondes).reshape(-1, TRAME)
    envois = []
    for rang, bloc in enumerate(sons):
        paquet = encodeur.encoder(bloc, rang * TRAME)
        assert paquet is not None
        horodatage = reseau.origine + rang * TRAME
        charge = emballage.emballer(bytes(paquet), horodatage, reseau.repetitions)
        for _ in range(1 + (tirage.random() < reseau.doubles)):
            if tirage.random() >= reseau.pertes:
                retard = 0.04 + abs(tirage.normal(0, reseau.gigue)) if reseau.gigue else 0.04
                envois.append((rang * 0.02 + retard, horodatage, charge))
    return sorted(envois)


def ecouter(reseau: Reseau, secondes: float = 20.0, tampon: TamponVoix | None = None, debut: float = 0.0) -> Ecoute:
    ecoute = Ecoute(tampon or TamponVoix(DecodeurOpus(), duree))
    attente, sons = paquets(reseau, secondes), []
    for maintenant in horloge(debut, secondes, reseau.derive):
        while attente and attente[0][0] + debut <= maintenant:
            arrivee, horodatage, charge = attente.pop(0)
            for bloc in deballer(charge):
                instant = (horodatage - bloc.decalage) % (1 << 32)
                ecoute.tampon.recevoir(instant, bloc.charge, arrivee + debut, repetee=bloc.decalage > 0)
        son = ecoute.tampon.jouer(MORCEAU, maintenant)
        if son is not None:
            sons.append(son)
            ecoute.delais.append(ecoute.tampon.delai)
    ecoute.son = np.concatenate(sons)
    return ecoute


def horloge(debut: float, secondes: float, derive: float) -> Iterator[float]:
    pas = MORCEAU / FREQUENCE * (1 + derive)
    return (debut + rang * pas for rang in range(int(secondes / pas)))


def test_reseau_parfait_rien_n_est_touche() -> None:
    compte = ecouter(Reseau()).tampon.compte
    assert compte.jouees > 990
    assert (compte.dissimulees, compte.reparees, compte.ajoutes) == (0, 0, 0)
    # Seul le délai de départ, pris par prudence, est rendu ensuite.
    assert compte.retires < CIBLE_DEPART * FREQUENCE


@pytest.mark.parametrize("gigue", [0.0, 0.01])
def test_cinq_pour_cent_de_pertes_avec_une_repetition(gigue: float) -> None:
    ecoute = ecouter(Reseau(pertes=0.05, gigue=gigue, repetitions=1), 40)
    compte = ecoute.tampon.compte
    assert compte.repetees > 40
    assert compte.dissimulees + compte.reparees < 0.02 * compte.jouees
    assert max(ecoute.delais) < CIBLE_MAX
    # Pas de croissance : la fin n'est pas plus tard que le milieu.
    milieu, fin = np.mean(ecoute.delais[1000:2000]), np.mean(ecoute.delais[-1000:])
    assert fin <= milieu + 0.01


def test_sans_repetition_tout_est_dissimule() -> None:
    ecoute = ecouter(Reseau(pertes=0.05))
    compte = ecoute.tampon.compte
    assert 30 < compte.dissimulees + compte.reparees < 80
    assert len(ecoute.son) == pytest.approx(20 * FREQUENCE, rel=0.01)


@pytest.mark.parametrize("derive", [-5e-3, -1e-4, 1e-4, 5e-3])
def test_derive_de_la_carte_son_suivie(derive: float) -> None:
    ecoute = ecouter(Reseau(gigue=0.002, derive=derive), 60)
    compte = ecoute.tampon.compte
    assert max(ecoute.delais[500:]) < 0.06
    assert compte.dissimulees < 0.02 * compte.jouees
    if derive > 1e-3:
        assert compte.retires > 0.8 * 60 * FREQUENCE * derive
    if derive < -1e-3:
        assert compte.ajoutes > 0.8 * 60 * FREQUENCE * -derive


def test_doublons_et_desordre_sans_effet() -> None:
    compte = ecouter(Reseau(doubles=1.0, gigue=0.02)).tampon.compte
    assert compte.jouees <= 1000
    assert compte.dissimulees + compte.reparees < 30


def test_horodatage_qui_fait_le_tour() -> None:
    compte = ecouter(Reseau(origine=(1 << 32) - 5 * FREQUENCE)).tampon.compte
    assert compte.jouees > 990
    assert compte.dissimulees == 0


def test_numerotation_reprise_a_neuf() -> None:
    premiere = ecouter(Reseau(), 3)
    seconde = ecouter(Reseau(origine=3 * RUPTURE), 3, premiere.tampon, debut=3.02)
    assert seconde.tampon.compte.jouees > 290
    assert seconde.tampon.compte.dissimulees < 5


def test_coupure_puis_reprise_sans_retard() -> None:
    """Rien pendant 4 s : la voix se tait, puis revient à son délai ordinaire."""
    premiere = ecouter(Reseau(), 3)
    tampon = premiere.tampon
    assert [tampon.jouer(MORCEAU, 4.3 + rang * 0.01) for rang in range(5)] == [None] * 5
    seconde = ecouter(Reseau(origine=7 * FREQUENCE), 3, tampon, debut=7.0)
    assert seconde.delais[-1] < 0.04


def test_apres_un_arret_de_la_borne_on_saute() -> None:
    tampon = TamponVoix(DecodeurOpus(), duree)
    attente = paquets(Reseau(), 4)
    for arrivee, horodatage, charge in attente[:150]:
        tampon.recevoir(horodatage, deballer(charge)[0].charge, arrivee)
    tampon.jouer(MORCEAU, attente[0][0] + 0.03)
    son = tampon.jouer(MORCEAU, attente[149][0])
    assert son is not None
    for _ in range(3):
        tampon.jouer(MORCEAU, attente[149][0])
    assert tampon.compte.sautes > SAUT * FREQUENCE
    assert tampon.delai < 0.1


def test_paquet_illisible_compte_et_ignore() -> None:
    tampon = TamponVoix(DecodeurOpus(), duree)
    tampon.recevoir(0, b"", 0.0)
    tampon.recevoir(960, b"\xff", 0.0)
    assert tampon.compte.illisibles >= 1
    assert tampon.jouer(MORCEAU, 0.1) is None or tampon.compte.illisibles == 2


def test_opus_repare_par_la_redondance_du_suivant_ou_dissimule() -> None:
    voix = parole(1).reshape(-1, TRAME)
    encodeur = EncodeurOpus("voip", 32_000)
    trames = [bytes(p) for rang, bloc in enumerate(voix) if (p := encodeur.encoder(bloc, rang * TRAME))]
    decodeur = DecodeurOpus()
    assert {duree(trame) for trame in trames} == {TRAME}
    for trame in trames[:12]:
        assert decodeur.decoder(trame).shape == (TRAME,)
    assert np.abs(decodeur.reparer(trames[13], TRAME)).max() > 500
    assert np.abs(decodeur.dissimuler(TRAME)).max() > 500
    with pytest.raises(PaquetOpusInvalide):
        duree(b"")
    with pytest.raises(PaquetOpusInvalide):
        decodeur.decoder(b"\x03\x00")


@pytest.mark.parametrize("frequence", [140.0, 220.0, 330.0])
def test_etirer_garde_la_hauteur(frequence: float) -> None:
    ton = (8000 * np.sin(2 * np.pi * frequence * np.arange(TRAME) / FREQUENCE)).astype(np.int16)
    for etire in (etirement.raccourcir(ton), etirement.allonger(ton)):
        assert len(etire) != TRAME
        spectre = np.abs(np.fft.rfft(etire * np.hanning(len(etire)), 1 << 16))
        assert np.argmax(spectre) * FREQUENCE / (1 << 16) == pytest.approx(frequence, rel=0.05)
        assert np.abs(np.diff(etire.astype(int))).max() < 1.3 * np.abs(np.diff(ton.astype(int))).max()


def test_une_consonne_n_est_pas_etiree_a_moins_d_urgence() -> None:
    bruit = np.random.default_rng(1).normal(0, 3000, TRAME).astype(np.int16)
    assert len(etirement.raccourcir(bruit)) == len(etirement.allonger(bruit)) == TRAME
    assert len(etirement.raccourcir(bruit, meme_mal=True)) < TRAME < len(etirement.allonger(bruit, meme_mal=True))

"""Les pertes estimées d'après les demandes, et les renvois : ni trop tôt, ni trop tard, ni en boucle."""

from __future__ import annotations

import random
import struct

import pytest

from borne.visio.flexfec import Generateur
from borne.visio.reparation import AGE_MAX, Reparation

PAQUETS = 10


class Horloge:
    def __init__(self) -> None:
        self.instant = 1000.0

    def __call__(self) -> float:
        return self.instant


class Banc:
    """Un appel à 30 images par seconde, en temps virtuel."""

    def __init__(self, mesurees: float | None = None, *, flexfec: bool = True) -> None:
        self.horloge = Horloge()
        self.mesurees = mesurees
        generateur = Generateur(ssrc=2, charge=127, premier_numero=0) if flexfec else None
        self.reparation = Reparation(generateur, lambda: 0.04, lambda: self.mesurees, self.horloge)
        self.numero = 65_500
        self.tirage = random.Random(5)

    def image(self) -> tuple[list[int], int]:
        """Émet une image ; rend ses numéros et le nombre de parités."""
        numeros = [(self.numero + rang) & 0xFFFF for rang in range(PAQUETS)]
        self.numero += PAQUETS
        parites = self.reparation.reparer([struct.pack("!BBHLL", 0x80, 101, n, 9, 1) + bytes(50) for n in numeros])
        self.horloge.instant += 1 / 30
        return numeros, len(parites)

    def tourner(self, secondes: float, pertes: float) -> int:
        """Émet pendant `secondes`, chaque paquet perdu étant demandé ; rend les parités de la dernière image."""
        parites = 0
        for _ in range(round(secondes * 30)):
            numeros, parites = self.image()
            for numero in numeros:
                if self.tirage.random() < pertes:
                    self.reparation.copies(numero)
        return parites


def test_sans_perte_rien_de_plus() -> None:
    banc = Banc()
    assert banc.tourner(5, 0.0) == 0
    assert banc.reparation.pertes == 0
    assert banc.reparation.parites == 0


@pytest.mark.parametrize("pertes", [0.02, 0.05, 0.1])
def test_pertes_vues_en_une_seconde_puis_justes(pertes: float) -> None:
    banc = Banc()
    banc.tourner(5, 0.0)
    assert banc.tourner(1, pertes) >= 1
    banc.tourner(8, pertes)
    estimees = []
    for _ in range(60):
        banc.tourner(0.2, pertes)
        estimees.append(banc.reparation.pertes)
    assert 0.55 * pertes < sum(estimees) / len(estimees) < 1.5 * pertes


def test_une_perte_isolee_n_est_pas_un_regime() -> None:
    banc = Banc()
    banc.tourner(3, 0.0)
    numeros, _ = banc.image()
    banc.reparation.copies(numeros[0])
    assert banc.image()[1] == 0


def test_oubli() -> None:
    banc = Banc()
    banc.tourner(5, 0.1)
    assert banc.tourner(20, 0.0) == 0


def test_comptes_rendus_du_recepteur() -> None:
    banc = Banc(mesurees=0.05)
    assert banc.image()[1] > 0
    banc.mesurees = None
    assert banc.image()[1] == 0


def test_sans_flexfec_les_renvois_restent() -> None:
    banc = Banc(flexfec=False)
    numeros, parites = banc.image()
    assert parites == 0
    assert banc.reparation.copies(numeros[0]) == 1


def test_renvoi_une_fois_par_aller_retour_puis_deux_copies() -> None:
    banc = Banc()
    numero = banc.image()[0][3]
    assert banc.reparation.copies(numero) == 1
    banc.horloge.instant += 0.02
    assert banc.reparation.copies(numero) == 0
    banc.horloge.instant += 0.03
    assert banc.reparation.copies(numero) == 2
    assert banc.reparation.renvoyes == 3


def test_ni_inconnu_ni_trop_vieux() -> None:
    banc = Banc()
    numero = banc.image()[0][0]
    assert banc.reparation.copies(12) == 0
    banc.horloge.instant += AGE_MAX
    assert banc.reparation.copies(numero) == 0


def test_memoire_bornee_au_tour_des_numeros() -> None:
    banc = Banc()
    for _ in range(8000):
        banc.image()
    etat = vars(banc.reparation)
    assert len(etat["_envois"]) <= PAQUETS * 32
    assert len(etat["_ordre"]) == len(etat["_envois"])

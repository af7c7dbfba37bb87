"""L'échelle de dégradation : l'ordre, l'hystérésis, et les deux dernières marches."""

from __future__ import annotations

import pytest

from borne.visio.echelle import PALIERS, Echelle, Etat, Niveau, Raison, Reseau


def tenir(echelle: Echelle, reseau: Reseau, debut: float, duree: float) -> list[Etat]:
    """Les états successifs, un par changement, pendant `duree` secondes de ce réseau."""
    etats = [echelle.etat]
    for rang in range(int(duree * 40)):
        etat = echelle.choisir(reseau, debut + rang / 40)
        if etat != etats[-1]:
            etats.append(etat)
    return etats


def reseau(debit: float, pertes: float = 0.0, aller_retour: float = 0.05, silence: float = 0.0) -> Reseau:
    return Reseau(debit, pertes, aller_retour, silence)


def test_la_resolution_puis_la_cadence_puis_l_image() -> None:
    echelle = Echelle()
    vus = []
    for rang, debit in enumerate((4e6, 1e6, 5e5, 3e5, 2e5, 1.3e5, 8e4, 2e4)):
        vus.append(tenir(echelle, reseau(debit), 10 * rang, 10)[-1])
    assert [(etat.hauteur, etat.cadence) for etat in vus] == [
        (1080, 30), (1080, 30), (720, 30), (540, 30), (360, 30), (360, 20), (360, 12), (0, 0),
    ]  # fmt: skip
    assert [etat.niveau for etat in vus] == [Niveau.PLEIN] * 2 + [Niveau.REDUIT] * 5 + [Niveau.SON_SEUL]
    assert vus[-1].raison is Raison.DEBIT


def test_jamais_sous_20_images_au_dessus_de_800_kbits() -> None:
    for debit in range(800_000, 4_000_001, 50_000):
        assert tenir(Echelle(), reseau(debit), 0, 20)[-1].cadence >= 20
    assert all(palier.cadence >= 20 for palier in PALIERS if palier.plancher > 100_000)


def test_un_creux_bref_ne_change_rien() -> None:
    echelle = Echelle()
    tenir(echelle, reseau(4e6), 0, 5)
    assert tenir(echelle, reseau(4.5e5), 5, 0.8) == [echelle.etat]
    assert tenir(echelle, reseau(2e6), 6, 5) == [echelle.etat]
    assert echelle.etat.niveau is Niveau.PLEIN


def test_hesiter_autour_d_un_seuil_ne_change_qu_une_fois() -> None:
    echelle = Echelle()
    changements = 0
    for seconde in range(120):
        changements += len(tenir(echelle, reseau(520_000 if seconde % 4 < 2 else 700_000), seconde, 1)) - 1
    assert changements == 1


def test_remonter_d_un_coup_apres_un_delai() -> None:
    echelle = Echelle()
    tenir(echelle, reseau(1.5e5), 0, 5)
    etats = tenir(echelle, reseau(3e6), 5, 10)
    assert [(etat.hauteur, etat.cadence) for etat in etats] == [(360, 20), (1080, 30)]
    assert etats[-1].raison is Raison.AUCUNE


@pytest.mark.parametrize(
    ("mauvais", "raison"),
    [
        (reseau(1e6, pertes=0.7), Raison.PERTES),
        (reseau(1e6, aller_retour=4.0), Raison.DELAI),
        (reseau(1e6, silence=9.0), Raison.COUPURE),
    ],
)
def test_le_telephone_en_dernier_et_retour(mauvais: Reseau, raison: Raison) -> None:
    echelle = Echelle()
    tenir(echelle, reseau(3e6), 0, 5)
    etats = tenir(echelle, mauvais, 5, 20)
    assert etats[-1].niveau is Niveau.TELEPHONE
    assert etats[-1].raison is raison
    assert Niveau.PLEIN not in {etat.niveau for etat in etats[1:-1]}
    assert tenir(echelle, reseau(3e6), 25, 20)[-1].niveau is Niveau.PLEIN

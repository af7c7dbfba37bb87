"""Le certificat « borne prête » vu de la salle : gardé s'il est vrai et frais, refusé sinon, montré au technicien."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.protocole import CertificatBorne, CertificatRefuse
from borne.salle.certificats import DUREE_MAX_S, etat, refus
from borne.salle.stockage import Borne
from borne.salle.stockage_sqlite import StockageSqlite
from borne.visio.identite import IdentiteBorne
from tests.salle.outils import Banc

CLE = Ed25519PrivateKey.generate()
BORNE = Borne("b-1", "Mairie", CLE.public_key().public_bytes_raw())
MAINTENANT = 1_800_000_000


def _certificat(cle: Ed25519PrivateKey = CLE, borne: str = "b-1", **champs: object) -> CertificatBorne:
    defaut = {"profil": "mairie", "aptitude": "prete", "instant": MAINTENANT, "expire": MAINTENANT + 86400}
    brut = CertificatBorne(borne=borne, empreinte="ab" * 32, **{**defaut, **champs})  # type: ignore[arg-type]
    return IdentiteBorne(borne, "Mairie", cle).signer_certificat(brut)


def _refus(certificat: CertificatBorne, dernier: CertificatBorne | None = None, apres_s: float = 10.0) -> str:
    return refus(certificat, BORNE, dernier, MAINTENANT + apres_s)


def test_un_certificat_vrai_et_frais_est_garde() -> None:
    assert _refus(_certificat()) == ""
    assert _refus(_certificat(reserves=("camera:nettete", "imprimante"))) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"aptitude": "prete avec reserves"},
        {"expire": MAINTENANT + 90000},
        {"profil": "officine"},
        {"empreinte": "cd" * 32},
        {"reserves": ("x",)},
        {"bloquants": ("x",)},
        {"instant": MAINTENANT - 1},
        {"signature": ""},
        {"signature": "é"},
    ],
)
def test_un_champ_change_en_chemin_est_refuse(change: dict[str, object]) -> None:
    assert "signature" in _refus(msgspec.structs.replace(_certificat(), **change))


def test_les_noms_ne_passent_pas_d_une_liste_a_l_autre() -> None:
    """Sans séparateur sûr, « a » bloquant et « b » réserve se signeraient comme une seule liste."""
    certificat = _certificat(bloquants=("a",), reserves=("b",))
    assert "signature" in _refus(msgspec.structs.replace(certificat, bloquants=(), reserves=("a", "b")))
    for nom in ("a,b", "a\nb", "", "a" * 101):
        assert "nomme mal" in _refus(_certificat(reserves=(nom,)))


def test_la_cle_d_une_autre_borne_ne_vaut_rien() -> None:
    assert "signature" in _refus(_certificat(cle=Ed25519PrivateKey.generate()))
    assert "signature" in _refus(_certificat(borne="b-2"))


def test_perime_futur_ou_trop_long_est_refuse() -> None:
    assert "périmé" in _refus(_certificat(), apres_s=86400)
    assert "futur" in _refus(_certificat(), apres_s=-301)
    assert "durée" in _refus(_certificat(expire=MAINTENANT + DUREE_MAX_S + 1))
    assert "durée" in _refus(_certificat(expire=MAINTENANT))


def test_un_certificat_rejoue_est_refuse_mais_redit_il_est_admis() -> None:
    ancien, recent = _certificat(instant=MAINTENANT - 60), _certificat()
    assert _refus(recent, ancien) == ""
    assert _refus(recent, recent) == ""
    assert "plus récent" in _refus(ancien, recent)
    assert "même instant" in _refus(_certificat(aptitude="pas prete"), recent)


def test_l_etat_se_dit_en_mots() -> None:
    assert etat(None, MAINTENANT) == "jamais contrôlée"
    assert etat(_certificat(), MAINTENANT).startswith("prête (")
    assert etat(_certificat(aptitude="pas prete", bloquants=("camera",)), MAINTENANT).endswith(" : camera")
    assert "réserves" in etat(_certificat(aptitude="prete avec reserves"), MAINTENANT)
    assert "périmé" in etat(_certificat(), MAINTENANT + 86400)


async def test_la_salle_garde_le_dernier_et_le_dit_au_journal(banc: Banc) -> None:
    identite = await banc.enroler()
    borne = await banc.borne(identite)
    maintenant = int(banc.horloge())
    temps = {"instant": maintenant, "expire": maintenant + 3600}
    bon = _certificat(identite.cle, identite.id, **temps)
    await borne.dire(bon, bon)
    faux = msgspec.structs.replace(bon, aptitude="prete avec reserves")
    await borne.dire(faux)
    refuse = await borne.attendre(CertificatRefuse)
    assert (refuse.instant, "signature" in refuse.raison) == (maintenant, True)
    assert await banc.stockage.certificats() == {identite.id: bon}
    await borne.dire(
        _certificat(identite.cle, identite.id, aptitude="pas prete", **{**temps, "instant": maintenant + 5})
    )
    await borne.dire(bon)
    assert "plus récent" in (await borne.attendre(CertificatRefuse)).raison
    actes = [ligne.action for ligne in await banc.stockage.journal() if ligne.action.startswith("borne_p")]
    assert actes == ["borne_prete", "borne_pas_prete"]
    await banc.redemarrer()
    assert (await banc.stockage.certificats())[identite.id].aptitude == "pas prete"


async def test_une_borne_ne_parle_pas_pour_une_autre(banc: Banc) -> None:
    une, autre = await banc.enroler(), await banc.enroler("Pharmacie")
    borne = await banc.borne(une)
    maintenant = int(banc.horloge())
    await borne.dire(_certificat(autre.cle, autre.id, instant=maintenant, expire=maintenant + 60))
    assert "signature" in (await borne.attendre(CertificatRefuse)).raison
    assert await banc.stockage.certificats() == {}


async def test_une_base_d_avant_les_certificats_se_met_a_jour(banc: Banc) -> None:
    identite = await banc.enroler()
    base = banc.stockage
    assert isinstance(base, StockageSqlite)
    await base.executer(lambda: base.bd.execute("DROP TABLE certificats"))
    await base.executer(lambda: base.bd.execute("PRAGMA user_version = 1"))
    await banc.redemarrer()
    assert await banc.stockage.certificats() == {}
    assert [borne.id for borne in await banc.stockage.bornes()] == [identite.id]

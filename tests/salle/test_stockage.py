"""La base d'une machine : clé à part, durabilité, journal qui montre ses retouches."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from borne.salle.service import demarrer
from borne.salle.stockage import ErreurStockage, Frein, IdentifiantPris, Medecin
from borne.salle.stockage_sqlite import StockageSqlite, ouvrir
from tests.salle.outils import Horloge


async def base(racine: Path, horloge: Horloge | None = None) -> StockageSqlite:
    stockage = StockageSqlite(racine / "donnees", racine / "cles", horloge or Horloge())
    await stockage.ouvrir()
    return stockage


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_reglages_de_durabilite(tmp_path: Path) -> None:
    stockage = await base(tmp_path)

    def lire() -> list[object]:
        noms = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [stockage.bd.execute(f"PRAGMA {nom}").fetchone()[0] for nom in noms]

    assert await stockage.executer(lire) == ["wal", 2, 1, 1]
    await stockage.fermer()


@pytest.mark.exigence("DONNEES-CHIFFRE")
async def test_la_cle_est_a_part_et_indispensable(tmp_path: Path) -> None:
    await (await base(tmp_path)).fermer()
    cle = tmp_path / "cles" / "salle.cle"
    octets = cle.read_bytes()
    cle.write_bytes(bytes(32))
    with pytest.raises(ErreurStockage, match="clé fausse"):
        await ouvrir(tmp_path / "donnees", tmp_path / "cles")
    cle.write_bytes(b"courte")
    with pytest.raises(ErreurStockage, match="32 octets"):
        await ouvrir(tmp_path / "donnees", tmp_path / "cles")
    cle.unlink()
    with pytest.raises(ErreurStockage, match="manque"):
        await ouvrir(tmp_path / "donnees", tmp_path / "cles")
    cle.write_bytes(octets)
    await (await ouvrir(tmp_path / "donnees", tmp_path / "cles")).fermer()


@pytest.mark.exigence("DONNEES-CHIFFRE")
async def test_les_cles_ne_vivent_pas_dans_les_donnees(tmp_path: Path) -> None:
    for donnees, cles in ((tmp_path, tmp_path / "cles"), (tmp_path / "donnees", tmp_path), (tmp_path, tmp_path)):
        with pytest.raises(ErreurStockage, match="à part"):
            await ouvrir(donnees, cles)


async def test_base_d_une_version_plus_recente(tmp_path: Path) -> None:
    stockage = await base(tmp_path)
    await stockage.executer(lambda: stockage.bd.execute("PRAGMA user_version = 999"))
    await stockage.fermer()
    with pytest.raises(ErreurStockage, match="plus récente"):
        await base(tmp_path)


async def test_une_seule_salle_par_dossier(tmp_path: Path) -> None:
    une, autre = await base(tmp_path), await base(tmp_path)
    await une.prendre_service()
    with pytest.raises(ErreurStockage, match="tourne déjà"):
        await autre.prendre_service()
    await une.fermer()
    await autre.prendre_service()
    await autre.fermer()


@pytest.mark.exigence("DONNEES-JOURNAL")
async def test_le_journal_ne_se_retouche_pas(tmp_path: Path) -> None:
    stockage = await base(tmp_path)
    for action in ("a", "b", "c"):
        await stockage.journaliser("administration", action, "objet")
    assert await stockage.verifier_journal() is None
    for ordre in ("UPDATE journal SET action = 'x'", "DELETE FROM journal"):
        with pytest.raises(ErreurStockage, match="ne se modifie pas"):
            await stockage.executer(lambda ordre=ordre: stockage.bd.execute(ordre))
    await stockage.fermer()


@pytest.mark.exigence("DONNEES-JOURNAL")
@pytest.mark.parametrize(
    "retouche", ["UPDATE journal SET objet = 'x' WHERE numero = 2", "DELETE FROM journal WHERE numero = 2"]
)
async def test_une_retouche_du_journal_se_voit(
    tmp_path: Path, retouche: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Même par qui a la clé et ôte les verrous de la base."""
    stockage = await base(tmp_path)
    for action in ("a", "b", "c"):
        await stockage.journaliser("administration", action)

    def retoucher() -> None:
        stockage.bd.execute("DROP TRIGGER journal_sans_retouche")
        stockage.bd.execute("DROP TRIGGER journal_sans_effacement")
        stockage.bd.execute(retouche)

    await stockage.executer(retoucher)
    assert await stockage.verifier_journal() == 2
    await stockage.fermer()
    service = await demarrer("127.0.0.1", 0, tmp_path / "donnees", tmp_path / "cles")
    await service.arreter()
    assert "altéré à partir de la ligne 2" in caplog.text


async def test_transaction_entiere_ou_nulle(tmp_path: Path) -> None:
    stockage = await base(tmp_path)
    medecin = Medecin("m-1", "martin", "Dr", "x")
    await stockage.ajouter_medecin(medecin)
    with pytest.raises(IdentifiantPris):
        await stockage.ajouter_medecin(medecin)
    assert len(await stockage.journal()) == 1
    assert not await stockage.executer(lambda: stockage.bd.conn.in_transaction)
    await stockage.fermer()


async def test_les_essais_s_oublient_et_l_horloge_peut_reculer(tmp_path: Path) -> None:
    horloge = Horloge()
    stockage = await base(tmp_path, horloge)
    frein = Frein("compte:x", seuil=1, plafond_s=60.0)
    assert await stockage.compter_tentative([frein]) == 0.0
    assert await stockage.compter_tentative([frein]) == 2.0
    horloge.maintenant -= 10_000
    assert await stockage.compter_tentative([frein]) == 2.0
    horloge.maintenant += 14_000
    assert await stockage.compter_tentative([frein]) == 0.0
    for _ in range(12):
        horloge.maintenant += 60
        assert await stockage.compter_tentative([frein]) == 0.0
    assert await stockage.compter_tentative([frein]) == 60.0
    await stockage.fermer()


async def test_le_pilote_de_sqlite_utils_est_celui_de_sqlcipher(tmp_path: Path) -> None:
    stockage = await base(tmp_path)
    with pytest.raises(ErreurStockage) as erreur:
        await stockage.executer(lambda: stockage.bd["medecins"].insert({"id": "x"}))
    assert isinstance(erreur.value.__cause__, dbapi2.Error)
    await stockage.fermer()

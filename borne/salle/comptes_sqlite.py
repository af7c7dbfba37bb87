"""Médecins, sessions, bornes, codes et tentatives dans la base d'une machine (`stockage.StockageComptes`)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from borne.protocole import CertificatBorne, encoder
from borne.salle.base_sqlite import BaseSqlite, Ligne, ecriture, lecture, premiere_alteree
from borne.salle.stockage import Borne, Frein, IdentifiantPris, LigneJournal, Medecin

OUBLI_TENTATIVES_S: Final = 3600.0
"""Après une heure sans échec, le compte des tentatives repart de zéro."""
_COLONNES_MEDECIN: Final = "m.id, m.identifiant, m.nom, m.condensat, m.actif, m.a_changer"


def _medecin(ligne: Ligne | None) -> Medecin | None:
    if ligne is None:
        return None
    return Medecin(**{**ligne, "actif": bool(ligne["actif"]), "a_changer": bool(ligne["a_changer"])})


def _borne(ligne: Ligne | None) -> Borne | None:
    return None if ligne is None else Borne(**{**ligne, "revoquee": bool(ligne["revoquee"])})


class ComptesSqlite(BaseSqlite):
    """La part « comptes » du stockage."""

    @ecriture
    def ajouter_medecin(self, medecin: Medecin) -> None:
        """Voir `stockage.StockageComptes`."""
        if self.une("SELECT 1 FROM medecins WHERE identifiant = ?", medecin.identifiant):
            raise IdentifiantPris(medecin.identifiant)
        self.changer(
            "INSERT INTO medecins VALUES (?, ?, ?, ?, ?, ?)",
            medecin.id,
            medecin.identifiant,
            medecin.nom,
            medecin.condensat,
            medecin.actif,
            medecin.a_changer,
        )
        self.inscrire_au_journal("administration", "medecin_ajoute", medecin.id)

    @lecture
    def medecins(self) -> tuple[Medecin, ...]:
        """Voir `stockage.StockageComptes`."""
        lignes = self.toutes(f"SELECT {_COLONNES_MEDECIN} FROM medecins m ORDER BY m.nom")  # noqa: S608
        return tuple(medecin for ligne in lignes if (medecin := _medecin(ligne)))

    @lecture
    def medecin_par_identifiant(self, identifiant: str) -> Medecin | None:
        """Voir `stockage.StockageComptes`."""
        requete = f"SELECT {_COLONNES_MEDECIN} FROM medecins m WHERE m.identifiant = ?"  # noqa: S608
        return _medecin(self.une(requete, identifiant))

    @ecriture
    def changer_condensat(self, medecin: str, condensat: str, a_changer: bool) -> None:
        """Voir `stockage.StockageComptes`."""
        self.changer("UPDATE medecins SET condensat = ?, a_changer = ? WHERE id = ?", condensat, a_changer, medecin)
        self.inscrire_au_journal(f"medecin:{medecin}", "mot_de_passe_change", medecin)

    @ecriture
    def desactiver_medecin(self, medecin: str) -> None:
        """Voir `stockage.StockageComptes`."""
        self.changer("UPDATE medecins SET actif = 0 WHERE id = ?", medecin)
        self.changer("DELETE FROM sessions WHERE medecin = ?", medecin)
        self.inscrire_au_journal("administration", "medecin_desactive", medecin)

    @ecriture
    def ouvrir_session(self, condensat: str, medecin: str, expire: float) -> None:
        """Voir `stockage.StockageComptes`."""
        self.changer("DELETE FROM sessions WHERE expire <= ?", self.horloge())
        self.changer("INSERT INTO sessions VALUES (?, ?, ?)", condensat, medecin, expire)
        self.inscrire_au_journal(f"medecin:{medecin}", "session_ouverte")

    @lecture
    def medecin_de_session(self, condensat: str) -> Medecin | None:
        """Voir `stockage.StockageComptes`."""
        return _medecin(
            self.une(
                f"SELECT {_COLONNES_MEDECIN} FROM sessions s JOIN medecins m ON m.id = s.medecin "  # noqa: S608
                "WHERE s.condensat = ? AND s.expire > ? AND m.actif = 1",
                condensat,
                self.horloge(),
            )
        )

    @ecriture
    def fermer_session(self, condensat: str) -> None:
        """Voir `stockage.StockageComptes`."""
        session = self.une("SELECT medecin FROM sessions WHERE condensat = ?", condensat)
        if session is not None:
            self.changer("DELETE FROM sessions WHERE condensat = ?", condensat)
            self.inscrire_au_journal(f"medecin:{session['medecin']}", "session_fermee")

    @ecriture
    def fermer_sessions(self, medecin: str, sauf: str = "") -> None:
        """Voir `stockage.StockageComptes`."""
        self.changer("DELETE FROM sessions WHERE medecin = ? AND condensat <> ?", medecin, sauf)

    @ecriture
    def compter_tentative(self, freins: Sequence[Frein]) -> float:
        """Voir `stockage.StockageComptes`. Compté avant d'être jugé : deux essais ne se doublent pas."""
        maintenant = self.horloge()
        self.changer("DELETE FROM tentatives WHERE dernier < ?", maintenant - OUBLI_TENTATIVES_S)
        attente = max((self._attente(frein, maintenant) for frein in freins), default=0.0)
        if attente > 0.0:
            return attente
        for frein in freins:
            self.changer(
                "INSERT INTO tentatives VALUES (?, 1, ?) "
                "ON CONFLICT (cle) DO UPDATE SET echecs = echecs + 1, dernier = excluded.dernier",
                frein.cle,
                maintenant,
            )
        return 0.0

    def _attente(self, frein: Frein, maintenant: float) -> float:
        """Secondes à attendre pour ce frein : 2, 4, 8... à partir du seuil."""
        ligne = self.une("SELECT echecs, dernier FROM tentatives WHERE cle = ?", frein.cle)
        if ligne is None or ligne["echecs"] < frein.seuil:
            return 0.0
        delai = min(frein.plafond_s, 2.0 ** min(ligne["echecs"] - frein.seuil + 1, 30))
        # Borné par le délai : une horloge remise en arrière n'enferme personne dehors.
        return float(min(delai, ligne["dernier"] + delai - maintenant))

    @ecriture
    def oublier_tentative(self, entierement: str, une_de_moins: str) -> None:
        """Voir `stockage.StockageComptes`."""
        self.changer("DELETE FROM tentatives WHERE cle = ?", entierement)
        self.changer("UPDATE tentatives SET echecs = MAX(0, echecs - 1) WHERE cle = ?", une_de_moins)

    @ecriture
    def ajouter_code(self, condensat: str, lieu: str, expire: float) -> None:
        """Voir `stockage.StockageComptes`."""
        self.changer("DELETE FROM codes WHERE expire <= ?", self.horloge())
        self.changer("INSERT INTO codes (condensat, lieu, expire) VALUES (?, ?, ?)", condensat, lieu, expire)
        self.inscrire_au_journal("administration", "borne_invitee", lieu)

    @ecriture
    def enroler(self, condensat_code: str, cle: bytes) -> Borne | None:
        """Voir `stockage.StockageComptes`."""
        code = self.une(
            "SELECT lieu, borne FROM codes WHERE condensat = ? AND expire > ?", condensat_code, self.horloge()
        )
        connue = _borne(self.une("SELECT id, lieu, cle, revoquee FROM bornes WHERE cle = ?", cle))
        if code is None or (connue is not None and connue.revoquee):
            return None
        if code["borne"] is not None:
            return connue if connue is not None and connue.id == code["borne"] else None
        identite = connue.id if connue is not None else f"b-{secrets.token_hex(6)}"
        self.changer(
            "INSERT INTO bornes (id, lieu, cle) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET lieu = excluded.lieu",
            identite,
            code["lieu"],
            cle,
        )
        self.changer("UPDATE codes SET borne = ? WHERE condensat = ?", identite, condensat_code)
        self.inscrire_au_journal(f"borne:{identite}", "borne_enrolee", str(code["lieu"]))
        return Borne(identite, str(code["lieu"]), cle)

    @lecture
    def borne(self, borne: str) -> Borne | None:
        """Voir `stockage.StockageComptes`."""
        return _borne(self.une("SELECT id, lieu, cle, revoquee FROM bornes WHERE id = ?", borne))

    @lecture
    def bornes(self) -> tuple[Borne, ...]:
        """Voir `stockage.StockageComptes`."""
        lignes = self.toutes("SELECT id, lieu, cle, revoquee FROM bornes ORDER BY lieu, id")
        return tuple(borne for ligne in lignes if (borne := _borne(ligne)))

    @ecriture
    def revoquer_borne(self, borne: str) -> bool:
        """Voir `stockage.StockageComptes`."""
        if not self.changer("UPDATE bornes SET revoquee = 1 WHERE id = ?", borne):
            return False
        self.inscrire_au_journal("administration", "borne_revoquee", borne)
        return True

    @ecriture
    def garder_certificat(self, certificat: CertificatBorne) -> bool:
        """Voir `stockage.StockageComptes`."""
        ancien = self._certificats().get(certificat.borne)
        if ancien is not None and ancien.instant >= certificat.instant:
            return False
        self.changer(
            "INSERT INTO certificats (borne, instant, contenu) VALUES (?, ?, ?)"
            " ON CONFLICT (borne) DO UPDATE SET instant = excluded.instant, contenu = excluded.contenu",
            certificat.borne,
            certificat.instant,
            encoder(certificat),
        )
        if ancien is None or ancien.aptitude != certificat.aptitude:
            acte = f"borne_{certificat.aptitude.replace(' ', '_')}"
            self.inscrire_au_journal(f"borne:{certificat.borne}", acte, certificat.empreinte)
        return True

    @lecture
    def certificats(self) -> dict[str, CertificatBorne]:
        """Voir `stockage.StockageComptes`."""
        return self._certificats()

    def _certificats(self) -> dict[str, CertificatBorne]:
        lignes = self.toutes("SELECT borne, contenu FROM certificats")
        return {str(ligne["borne"]): msgspec.json.decode(ligne["contenu"], type=CertificatBorne) for ligne in lignes}

    @ecriture
    def journaliser(self, acteur: str, action: str, objet: str = "") -> None:
        """Voir `stockage.StockageComptes`."""
        self.inscrire_au_journal(acteur, action, objet)

    @lecture
    def journal(self) -> tuple[LigneJournal, ...]:
        """Voir `stockage.StockageComptes`."""
        return tuple(self._lignes_journal())

    @lecture
    def verifier_journal(self) -> int | None:
        """Voir `stockage.StockageComptes`."""
        return premiere_alteree(self._lignes_journal())

    def _lignes_journal(self) -> list[LigneJournal]:
        return [LigneJournal(**ligne) for ligne in self.toutes("SELECT * FROM journal ORDER BY numero")]

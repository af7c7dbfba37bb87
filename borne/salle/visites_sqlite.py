"""File, notes, alertes, documents et dossiers dans la base d'une machine (`stockage.StockageVisites`)."""

from __future__ import annotations

from typing import Final

import msgspec

from borne.protocole import Patient
from borne.salle.base_sqlite import BaseSqlite, Ligne, ecriture, lecture
from borne.salle.stockage import (
    AlerteActive,
    DocumentGarde,
    EssaiPrise,
    EtatDepot,
    EtatFile,
    EtatVisite,
    RaisonAlerte,
    Visite,
    VisiteEtrangere,
)

_DECODEUR: Final = msgspec.json.Decoder(Patient)
_VISITES: Final = (
    "SELECT v.*, b.lieu, m.nom AS nom_medecin FROM visites v "
    "JOIN bornes b ON b.id = v.borne LEFT JOIN medecins m ON m.id = v.medecin "
)
_OUVERTES: Final = "v.etat IN ('attente', 'prise')"


def _visite(ligne: Ligne) -> Visite:
    return Visite(
        id=ligne["id"],
        borne=ligne["borne"],
        lieu=ligne["lieu"],
        patient=None if ligne["patient"] is None else _DECODEUR.decode(ligne["patient"]),
        entree=ligne["entree"],
        etat=ligne["etat"],
        pret=bool(ligne["pret"]),
        medecin=ligne["medecin"],
        nom_medecin=ligne["nom_medecin"],
        page=ligne["page"],
        page_prete=bool(ligne["page_prete"]),
        prise_a=ligne["prise_a"],
        raison=ligne["raison"],
    )


class VisitesSqlite(BaseSqlite):
    """La part « visites » du stockage."""

    def _lire_visite(self, visite: str) -> Visite | None:
        ligne = self.une(_VISITES + "WHERE v.id = ?", visite)
        return None if ligne is None else _visite(ligne)

    def _exiger(self, visite: str) -> Visite:
        lue = self._lire_visite(visite)
        if lue is None:
            raise LookupError("visite inconnue")
        return lue

    @ecriture
    def inscrire(self, visite: str, borne: str, patient: Patient) -> Visite:
        """Voir `stockage.StockageVisites`."""
        avant = self._lire_visite(visite)
        if avant is not None and avant.borne != borne:
            raise VisiteEtrangere
        contenu = msgspec.json.encode(patient)
        if avant is not None and avant.etat in ("attente", "prise"):
            self.changer("UPDATE visites SET patient = ? WHERE id = ?", contenu, visite)
        elif avant is None or avant.etat == "partie":
            self._entrer(visite, borne, contenu)
        return self._exiger(visite)

    def _entrer(self, visite: str, borne: str, contenu: bytes) -> None:
        """Place en fin de file ; un patient parti puis revenu y rentre comme au premier jour."""
        self.changer(
            "INSERT INTO visites (id, borne, patient, entree, etat) VALUES (?, ?, ?, ?, 'attente') "
            "ON CONFLICT (id) DO UPDATE SET patient = excluded.patient, entree = excluded.entree, "
            "etat = 'attente', pret = 0, medecin = NULL, page = NULL, page_prete = 0, prise_a = NULL, "
            "finie_a = NULL, raison = ''",
            visite,
            borne,
            contenu,
            self.horloge(),
        )
        self.inscrire_au_journal(f"borne:{borne}", "visite_en_attente", visite)

    @lecture
    def visite(self, visite: str) -> Visite | None:
        """Voir `stockage.StockageVisites`."""
        return self._lire_visite(visite)

    @lecture
    def etat_file(self, nombre_durees: int) -> EtatFile:
        """Voir `stockage.StockageVisites`."""
        durees = self.toutes(
            "SELECT finie_a - prise_a AS duree FROM visites WHERE etat = 'terminee' AND raison = 'medecin' "
            "AND finie_a > prise_a ORDER BY finie_a DESC LIMIT ?",
            nombre_durees,
        )
        visites = self.toutes(_VISITES + f"WHERE {_OUVERTES} ORDER BY v.entree, v.ordre")
        return EtatFile(tuple(map(_visite, visites)), tuple(float(ligne["duree"]) for ligne in durees))

    @lecture
    def visites_prises_de(self, borne: str) -> tuple[Visite, ...]:
        """Voir `stockage.StockageVisites`."""
        return tuple(map(_visite, self.toutes(_VISITES + "WHERE v.etat = 'prise' AND v.borne = ?", borne)))

    @ecriture
    def marquer_prete(self, visite: str) -> Visite | None:
        """Voir `stockage.StockageVisites`."""
        nouvelle = self.changer("UPDATE visites SET pret = 1 WHERE id = ? AND pret = 0", visite)
        return self._exiger(visite) if nouvelle else None

    @ecriture
    def prendre(self, visite: str, medecin: str, page: str) -> EssaiPrise | None:
        """Voir `stockage.StockageVisites`."""
        avant = self._lire_visite(visite)
        if avant is None or avant.etat not in ("attente", "prise"):
            return None
        if avant.medecin is None:
            self.changer(
                "UPDATE visites SET etat = 'prise', medecin = ?, prise_a = ? WHERE id = ?",
                medecin,
                self.horloge(),
                visite,
            )
            self.inscrire_au_journal(f"medecin:{medecin}", "visite_prise", visite)
        if avant.medecin in (None, medecin) and avant.page != page:
            self.changer("UPDATE visites SET page = ?, page_prete = 0 WHERE id = ?", page, visite)
        return EssaiPrise(self._exiger(visite), avant.page, nouvelle=avant.medecin is None)

    @ecriture
    def marquer_page_prete(self, visite: str, page: str) -> Visite:
        """Voir `stockage.StockageVisites`."""
        self.changer("UPDATE visites SET page_prete = 1 WHERE id = ? AND page = ?", visite, page)
        return self._exiger(visite)

    @ecriture
    def quitter(self, page: str) -> tuple[Visite, ...]:
        """Voir `stockage.StockageVisites`."""
        suivies = self.toutes(_VISITES + f"WHERE {_OUVERTES} AND v.page = ?", page)
        self.changer("UPDATE visites SET page = NULL, page_prete = 0 WHERE page = ?", page)
        return tuple(map(_visite, suivies))

    @ecriture
    def finir(self, visite: str, etat: EtatVisite, raison: str, acteur: str) -> bool:
        """Voir `stockage.StockageVisites`."""
        finie = self.changer(
            "UPDATE visites SET etat = ?, raison = ?, finie_a = ?, patient = NULL "
            "WHERE id = ? AND etat IN ('attente', 'prise')",
            etat,
            raison,
            self.horloge(),
            visite,
        )
        if finie:
            self.inscrire_au_journal(acteur, f"visite_{etat}", visite)
        return bool(finie)

    @ecriture
    def noter(self, visite: str, texte: str) -> None:
        """Voir `stockage.StockageVisites`."""
        self.changer(
            "INSERT INTO notes VALUES (?, ?, ?) "
            "ON CONFLICT (visite) DO UPDATE SET texte = excluded.texte, modifie = excluded.modifie",
            visite,
            texte,
            self.horloge(),
        )

    @lecture
    def notes(self, visite: str) -> str:
        """Voir `stockage.StockageVisites`."""
        ligne = self.une("SELECT texte FROM notes WHERE visite = ?", visite)
        return "" if ligne is None else str(ligne["texte"])

    @ecriture
    def allumer(self, alerte: AlerteActive) -> bool:
        """Voir `stockage.StockageVisites`. Une borne redit ses alertes après une coupure : elles ne resonnent pas."""
        connue = self.une(
            "SELECT instant, vue FROM alertes WHERE borne = ? AND raison = ?", alerte.borne, alerte.raison
        )
        if connue is not None and connue["instant"] == alerte.instant:
            return not connue["vue"]
        self.changer(
            "INSERT OR REPLACE INTO alertes (borne, raison, visite, instant) VALUES (?, ?, ?, ?)",
            alerte.borne,
            alerte.raison,
            alerte.visite,
            alerte.instant,
        )
        self.inscrire_au_journal(f"borne:{alerte.borne}", f"alerte_{alerte.raison}", alerte.visite)
        return True

    @ecriture
    def marquer_vues(self, borne: str, medecin: str) -> tuple[AlerteActive, ...]:
        """Voir `stockage.StockageVisites`."""
        vues = tuple(alerte for alerte in self._lire_alertes() if alerte.borne == borne)
        for alerte in vues:
            self.changer("UPDATE alertes SET vue = 1 WHERE borne = ? AND raison = ?", borne, alerte.raison)
            self.inscrire_au_journal(f"medecin:{medecin}", f"alerte_{alerte.raison}_vue", alerte.visite)
        return vues

    @ecriture
    def eteindre(self, borne: str, raison: RaisonAlerte) -> tuple[AlerteActive, ...]:
        """Voir `stockage.StockageVisites`."""
        eteintes = tuple(a for a in self._lire_alertes() if (a.borne, a.raison) == (borne, raison))
        if self.changer("DELETE FROM alertes WHERE borne = ? AND raison = ?", borne, raison):
            self.inscrire_au_journal(f"borne:{borne}", f"alerte_{raison}_eteinte")
        return eteintes

    @lecture
    def alertes(self) -> tuple[AlerteActive, ...]:
        """Voir `stockage.StockageVisites`."""
        return self._lire_alertes()

    def _lire_alertes(self) -> tuple[AlerteActive, ...]:
        lignes = self.toutes(
            "SELECT a.borne, b.lieu, a.visite, a.raison, a.instant FROM alertes a "
            "JOIN bornes b ON b.id = a.borne WHERE a.vue = 0 ORDER BY a.instant"
        )
        return tuple(AlerteActive(**ligne) for ligne in lignes)

    @ecriture
    def garder_document(self, document: DocumentGarde, acteur: str) -> None:
        """Voir `stockage.StockageVisites`."""
        self.changer(
            "INSERT INTO documents (id, visite, nom, empreinte, contenu) VALUES (?, ?, ?, ?, ?)",
            document.id,
            document.visite,
            document.nom,
            document.empreinte,
            document.contenu,
        )
        self.inscrire_au_journal(acteur, "document_envoye", f"{document.visite}/{document.id}")

    @lecture
    def documents_en_attente(self, borne: str) -> tuple[DocumentGarde, ...]:
        """Voir `stockage.StockageVisites`. Une visite dont le dossier est déposé n'imprime plus rien."""
        lignes = self.toutes(
            "SELECT d.id, d.visite, d.nom, d.empreinte, d.contenu FROM documents d "
            "JOIN visites v ON v.id = d.visite WHERE v.borne = ? AND v.etat IN ('prise', 'terminee') "
            "AND d.etat IN ('envoye', 'echec') "
            "AND NOT EXISTS (SELECT 1 FROM dossiers x WHERE x.visite = v.id) ORDER BY d.ordre",
            borne,
        )
        return tuple(DocumentGarde(**ligne) for ligne in lignes)

    @ecriture
    def noter_document(self, borne: str, document: str, etat: EtatDepot) -> str | None:
        """Voir `stockage.StockageVisites`. Un document déjà reçu dont l'impression échoue n'est pas renvoyé."""
        ligne = self.une(
            "SELECT d.visite, d.etat FROM documents d JOIN visites v ON v.id = d.visite "
            "WHERE d.id = ? AND v.borne = ?",
            document,
            borne,
        )
        if ligne is None:
            return None
        if not (etat == "echec" and ligne["etat"] != "envoye"):
            self.changer("UPDATE documents SET etat = ? WHERE id = ?", etat, document)
        self.inscrire_au_journal(f"borne:{borne}", f"document_{etat}", f"{ligne['visite']}/{document}")
        return str(ligne["visite"])

    @ecriture
    def deposer_dossier(self, borne: str, visite: str, empreinte: str, contenu: bytes) -> None:
        """Voir `stockage.StockageVisites`. Une visite jamais vue de la salle (refus, abandon) est admise."""
        connue = self._lire_visite(visite)
        if connue is not None and connue.borne != borne:
            raise VisiteEtrangere
        if connue is None:
            self.changer(
                "INSERT INTO visites (id, borne, entree, etat, raison) VALUES (?, ?, ?, 'terminee', 'depot')",
                visite,
                borne,
                self.horloge(),
            )
        nouveau = self.changer(
            "INSERT OR IGNORE INTO dossiers (visite, empreinte, contenu, recu) VALUES (?, ?, ?, ?)",
            visite,
            empreinte,
            contenu,
            self.horloge(),
        )
        if nouveau:
            self.inscrire_au_journal(f"borne:{borne}", "dossier_conserve", f"{visite}/{empreinte}")

    @lecture
    def dossiers(self, visite: str) -> tuple[bytes, ...]:
        """Voir `stockage.StockageVisites`."""
        lignes = self.toutes("SELECT contenu FROM dossiers WHERE visite = ? ORDER BY ordre", visite)
        return tuple(bytes(ligne["contenu"]) for ligne in lignes)

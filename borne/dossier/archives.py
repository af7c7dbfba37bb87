"""Les archives : le dossier de données de la borne, une visite par fichier, et ce qu'il advient de chacune.

donnees/journal.jsonl   le journal d'audit        donnees/visites/   les visites, `<visite>.dossier`
donnees/verrou          un seul processus         donnees/ecartes/   celles qu'on ne sait plus lire
cles/                   le coffre, à part : `<visite>.cle`
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from borne.dossier import durable
from borne.dossier.actes import Acte, Acteur, Raison
from borne.dossier.chiffre import Synchrone
from borne.dossier.cles import Coffre, verifier_visite
from borne.dossier.erreurs import (
    ArchivesOccupees,
    CleAbsente,
    CleRefusee,
    DossierIllisible,
    EmpreinteDifferente,
    ErreurDossier,
    NonChiffre,
    VisiteEnCours,
    VisiteInconnue,
    erreurs_typees,
)
from borne.dossier.journal import Journal
from borne.dossier.purge import ANNEXES, SUFFIXE, Purgeur, supprimer_annexes
from borne.dossier.visites import Dossier, EtatDossier

_PROVISOIRE = ".neuf"
VERROU = "verrou"
"""Tenu par le processus qui a les archives ouvertes."""


@dataclass(frozen=True, slots=True)
class EnAttente:
    """Une visite close que la salle n'a pas encore acquittée. `close` : secondes Unix."""

    visite: str
    close: float


class Archives:
    """Toutes les visites de la borne. À n'utiliser que depuis un seul fil (voir `fil.py`)."""

    def __init__(
        self,
        donnees: Path,
        cles: Path,
        *,
        purge_active: bool = True,
        horloge: Callable[[], float] = time.time,
        synchrone: Synchrone = "FULL",
    ) -> None:
        """Ouvre (ou crée) les archives et écarte les fichiers illisibles, en le journalisant.

        `purge_active=False` : rien n'est détruit, et le journal le dit à chaque fois ; cela ne sert qu'à prouver que
        la recherche de restes devient rouge. ValueError si le coffre et les données sont l'un dans l'autre ;
        ArchivesOccupees ; DossierPlein ; DisqueEnPanne. Appeler ensuite `reprendre_purges`.
        """
        _verifier_a_part(donnees, cles)
        self._visites, self._ecartes = donnees / "visites", donnees / "ecartes"
        self._purge_active, self._horloge, self._synchrone = purge_active, horloge, synchrone
        self._ouverts: dict[str, Dossier] = {}
        self._etats: dict[str, EtatDossier] = {}
        with erreurs_typees():
            for dossier in (donnees, self._visites, self._ecartes):
                durable.creer_dossier(dossier)
            self._verrou = _verrouiller(donnees / VERROU)
        try:
            self.journal = Journal(donnees / "journal.jsonl", horloge)
            self._coffre = Coffre(cles)
            self._purgeur = Purgeur((self._visites, self._ecartes), self._coffre, self.journal)
            self._nettoyer()
            self._recenser()
        except BaseException:
            os.close(self._verrou)
            raise

    def creer(self, visite: str, instant: float | None = None, *, apres: str | None = None) -> Dossier:
        """Crée la clé et le dossier d'une visite, durables au retour, et l'ouvre.

        `visite` : identifiant aléatoire hexadécimal ; `instant` : secondes Unix (l'horloge sinon) ; `apres` : la
        visite qui finit et sera close ensuite (la propreté due s'écrit avant que la visite ne se ferme). Erreurs :
        VisiteEnCours si une autre est ouverte, ValueError si elle existe déjà, DossierPlein, DisqueEnPanne.
        """
        if any(ouverte != apres for ouverte in self.visites_ouvertes()):
            raise VisiteEnCours
        fichier = self._fichier(verifier_visite(visite))
        if visite in self._etats or fichier.exists():
            raise ValueError("cette visite existe déjà")
        cle = self._coffre.creer(visite)
        provisoire = fichier.with_name(fichier.name + _PROVISOIRE)
        try:
            with erreurs_typees():
                Dossier.fabriquer(provisoire, cle, visite, self._horloge() if instant is None else instant)
                durable.synchroniser_fichier(provisoire)
                provisoire.rename(fichier)
                durable.synchroniser_dossier(self._visites)
            self.journal.ajouter(Acte.VISITE_CREEE, visite=visite)
            return self._ouvrir_fichier(visite)
        except BaseException:
            self._defaire_creation(visite, provisoire)
            raise

    def ouvrir(self, visite: str) -> Dossier:
        """Le dossier d'une visite (le même objet tant qu'il est ouvert).

        VisiteInconnue ; DossierIllisible : le fichier vient d'être mis de côté, la borne peut continuer.
        """
        if visite in self._ouverts:
            return self._ouverts[verifier_visite(visite)]
        try:
            return self._ouvrir_fichier(verifier_visite(visite))
        except DossierIllisible as erreur:
            self._ecarter(visite, erreur)
            raise

    def visite_ouverte(self) -> str | None:
        """La visite à reprendre au démarrage : la plus récente ni close ni à purger ; None s'il n'y en a pas."""
        return next(iter(reversed(self.visites_ouvertes())), None)

    def visites_ouvertes(self) -> list[str]:
        """Les visites ni closes ni à purger, la plus ancienne d'abord (deux : une coupure pendant une clôture)."""
        ouvertes = [e for e in self._etats.values() if e.close is None and e.a_purger is None]
        return [etat.visite for etat in sorted(ouvertes, key=lambda etat: etat.creee)]

    def clore(self, visite: str) -> str:
        """Close la visite, qui passe en attente de transmission ; rend l'empreinte à faire acquitter."""
        dossier = self.ouvrir(visite)
        dossier.clore(self._horloge())
        self._etats[visite] = dossier.etat
        empreinte = dossier.empreinte()
        self.journal.ajouter(Acte.VISITE_CLOSE, visite=visite, empreinte=empreinte)
        return empreinte

    def a_transmettre(self) -> list[EnAttente]:
        """Les visites closes et non acquittées, la plus ancienne d'abord."""
        attente = [
            EnAttente(etat.visite, etat.close)
            for etat in self._etats.values()
            if etat.close is not None and etat.a_purger is None
        ]
        return sorted(attente, key=lambda e: (e.close, e.visite))

    def acquitter(self, visite: str, empreinte: str) -> None:
        """La salle dit avoir gardé durablement `empreinte` : si c'est bien celle du dossier, il est purgé.

        EmpreinteDifferente (rien n'est effacé), VisiteInconnue (déjà purgée), et les erreurs de `purger`.
        """
        if self.ouvrir(visite).empreinte() != empreinte:
            self.journal.ajouter(Acte.TRANSMISSION_REFUSEE, visite=visite, raison=Raison.EMPREINTE_DIFFERENTE)
            raise EmpreinteDifferente
        self.journal.ajouter(Acte.TRANSMISSION_ACQUITTEE, acteur=Acteur.SALLE, visite=visite, empreinte=empreinte)
        self.purger(visite, Raison.TRANSMISE)

    def purger(self, visite: str, raison: Raison = Raison.ABANDON) -> None:
        """Détruit la clé, le fichier et ses annexes, prouve au journal. Reprenable (voir `purge.py`).

        VisiteInconnue ; DossierPlein et DisqueEnPanne laissent la purge à finir par `reprendre_purges`.
        """
        if visite not in self._etats:
            raise VisiteInconnue
        if not self._purge_active:
            self._noter_purge_due(visite, raison)
            return
        empreinte = self._empreinte_si_lisible(visite)
        self._fermer_dossier(visite)
        self._etats.pop(visite, None)
        self._purgeur.purger(visite, raison, empreinte)

    def reprendre_purges(self) -> list[str]:
        """Au démarrage : finit les purges interrompues, détruit les clés orphelines ; rend les visites purgées.

        Si la purge avait été désactivée puis réactivée, ce qui devait être purgé l'est ici.
        """
        if not self._purge_active:
            return []
        purgees = self._purgeur.achever_toutes()
        for etat in [e for e in self._etats.values() if e.a_purger is not None]:
            self.purger(etat.visite, Raison.TRANSMISE)
            purgees.append(etat.visite)
        for orpheline in set(self._coffre.visites()) - set(self._etats) - set(self.ecartees()):
            self._coffre.detruire(orpheline)
            self.journal.ajouter(Acte.CLE_ORPHELINE_DETRUITE, visite=orpheline, raison=Raison.CREATION_INTERROMPUE)
        return purgees

    def appliquer_retention(self, maintenant: float, limite_s: float) -> list[str]:
        """Purge ce que la salle n'a jamais acquitté depuis plus de `limite_s` secondes ; rend les visites purgées.

        Concerne les visites closes, celles mises de côté, et toute visite restée ouverte sous une plus récente ;
        jamais la visite en cours. `maintenant` : secondes Unix.
        """
        en_cours, seuil = self.visite_ouverte(), maintenant - limite_s
        echues = [
            etat.visite
            for etat in self._etats.values()
            if etat.visite != en_cours
            and etat.a_purger is None
            and (etat.creee if etat.close is None else etat.close) < seuil
        ]
        for visite in echues:
            self.purger(visite, Raison.RETENTION)
        if not self._purge_active:
            return echues
        ecartees = [v for v in self.ecartees() if self._fichier_ecarte(v).stat().st_mtime < seuil]
        for visite in ecartees:
            self._purgeur.purger(visite, Raison.RETENTION)
        return echues + ecartees

    def ecartees(self) -> list[str]:
        """Les visites mises de côté parce que leur fichier ne se lit plus."""
        return sorted(fichier.name.removesuffix(SUFFIXE) for fichier in self._ecartes.glob(f"*{SUFFIXE}"))

    def fermer(self) -> None:
        """Ferme tous les dossiers, le journal et le verrou."""
        for visite in list(self._ouverts):
            self._fermer_dossier(visite)
        self.journal.fermer()
        os.close(self._verrou)

    def _fichier(self, visite: str) -> Path:
        return self._visites / f"{visite}{SUFFIXE}"

    def _fichier_ecarte(self, visite: str) -> Path:
        return self._ecartes / f"{visite}{SUFFIXE}"

    def _ouvrir_fichier(self, visite: str) -> Dossier:
        if not self._fichier(visite).exists():
            raise VisiteInconnue
        cle = self._coffre.lire(visite)
        dossier = Dossier.ouvrir(self._fichier(visite), cle, visite, synchrone=self._synchrone)
        self._ouverts[visite] = dossier
        self._etats[visite] = dossier.etat
        return dossier

    def _fermer_dossier(self, visite: str) -> None:
        dossier = self._ouverts.pop(visite, None)
        if dossier is not None:
            dossier.fermer()

    def _empreinte_si_lisible(self, visite: str) -> str | None:
        """L'empreinte pour la preuve ; None si le dossier ne se lit plus : on le purge tout de même."""
        try:
            return self.ouvrir(visite).empreinte()
        except ErreurDossier:
            return None

    def _noter_purge_due(self, visite: str, raison: Raison) -> None:
        dossier = self.ouvrir(visite)
        dossier.marquer_a_purger(self._horloge())
        self._etats[visite] = dossier.etat
        self._fermer_dossier(visite)
        self.journal.ajouter(Acte.PURGE_DESACTIVEE, visite=visite, raison=raison)

    def _defaire_creation(self, visite: str, provisoire: Path) -> None:
        """Ne laisse rien d'une visite qui n'a pas pu naître : la suivante doit pouvoir être créée."""
        self._etats.pop(visite, None)
        for fichier in (provisoire, self._fichier(visite)):
            fichier.unlink(missing_ok=True)
            supprimer_annexes(fichier)
        self._coffre.detruire(visite)

    def _recenser(self) -> None:
        """Lit l'état de chaque visite du dossier ; les illisibles sont mises de côté."""
        for fichier in sorted(self._visites.glob(f"*{SUFFIXE}")):
            visite = fichier.name.removesuffix(SUFFIXE)
            try:
                self._ouvrir_fichier(visite)
            except DossierIllisible as erreur:
                self._ecarter(visite, erreur)
            else:
                self._fermer_dossier(visite)

    def _ecarter(self, visite: str, erreur: DossierIllisible) -> None:
        """Met le fichier de côté : la borne continue, le technicien peut l'examiner, la rétention l'effacera."""
        source = self._fichier(visite)
        with erreurs_typees():
            source.rename(self._fichier_ecarte(visite))
            for annexe in ANNEXES:
                chemin = source.with_name(source.name + annexe)
                if chemin.exists():
                    chemin.rename(self._ecartes / chemin.name)
            durable.synchroniser_dossier(self._ecartes)
            durable.synchroniser_dossier(self._visites)
        self._etats.pop(visite, None)
        self.journal.ajouter(Acte.VISITE_ECARTEE, visite=visite, raison=_raison(erreur))

    def _nettoyer(self) -> None:
        """Efface ce qu'une création coupée a laissé : rien n'y avait encore été promis."""
        self._coffre.nettoyer()
        restes = list(self._visites.glob(f"*{_PROVISOIRE}*"))
        with erreurs_typees():
            for reste in restes:
                reste.unlink()
            if restes:
                durable.synchroniser_dossier(self._visites)


def _verifier_a_part(donnees: Path, cles: Path) -> None:
    reel_donnees, reel_cles = donnees.resolve(), cles.resolve()
    if reel_cles.is_relative_to(reel_donnees) or reel_donnees.is_relative_to(reel_cles):
        raise ValueError("le coffre des clés et les données doivent être dans des dossiers séparés")


@contextmanager
def reserver(donnees: Path) -> Iterator[None]:
    """Tient les données comme le ferait une borne en marche ; lève `ArchivesOccupees` s'il y en a une."""
    durable.creer_dossier(donnees)
    descripteur = _verrouiller(donnees / VERROU)
    try:
        yield
    finally:
        os.close(descripteur)


def _verrouiller(chemin: Path) -> int:
    descripteur = os.open(chemin, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descripteur, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descripteur)
        raise ArchivesOccupees from None
    return descripteur


def _raison(erreur: DossierIllisible) -> Raison:
    if isinstance(erreur, CleAbsente):
        return Raison.CLE_ABSENTE
    if isinstance(erreur, CleRefusee):
        return Raison.CLE_REFUSEE
    return Raison.NON_CHIFFRE if isinstance(erreur, NonChiffre) else Raison.FICHIER_ABIME

"""Les tableaux que la ligne de commande montre au technicien : l'inventaire, et une mesure qui se fait."""

from __future__ import annotations

import time
from typing import Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.erreurs import ErreurPeripherique
from borne.peripheriques.formats import Lecture
from borne.peripheriques.inventaire import Inventaire

_NOMS: Final = {
    m.SYSTOLIQUE: "Systolique",
    m.DIASTOLIQUE: "Diastolique",
    m.PRESSION_MOYENNE: "Pression moyenne",
    m.PRESSION_BRASSARD: "Pression du brassard",
    m.FREQUENCE_CARDIAQUE: "Fréquence cardiaque",
    m.SPO2: "Saturation",
    m.INDICE_PERFUSION: "Indice de perfusion",
    m.TEMPERATURE: "Température",
    m.POIDS: "Poids",
    m.TAILLE: "Taille",
    m.IMC: "Indice de masse corporelle",
    m.GLYCEMIE_MASSE: "Glycémie",
    m.GLYCEMIE_SUBSTANCE: "Glycémie",
}
_UNITES: Final = {m.MMHG: "mmHg", m.BATTEMENTS_MINUTE: "/min", m.CELSIUS: "°C", m.KG_M2: "kg/m²"}
_VU: Final = {True: "oui", False: "non", None: "?"}


def _nom(nature: str) -> str:
    return _NOMS.get(nature, nature)


def _valeur(valeur: float | None, unite: str) -> str:
    return "sans valeur" if valeur is None else f"{valeur:.4g} {_UNITES.get(unite, unite)}".replace(".", ",")


def _tableau(titre: str, *colonnes: str) -> Table:
    """Un tableau dont la première colonne, celle que l'on recopie, n'est jamais coupée."""
    tableau = Table(title=titre, title_justify="left")
    for rang, colonne in enumerate(colonnes):
        tableau.add_column(colonne, no_wrap=rang == 0, overflow="fold")
    return tableau


class Seance:
    """Une mesure qui se fait : son étape, ses valeurs vivantes et leur âge, puis son résultat."""

    def __init__(self, titre: str) -> None:
        self._titre = titre
        self._etape = ""
        self._faute = ""
        self._vivantes: dict[str, tuple[Echantillon, float]] = {}
        self._fin: list[tuple[str, str]] = []
        self._phrase = ""

    def vivante(self, echantillon: Echantillon) -> None:
        """Une valeur de l'instant ; la plus récente remplace la précédente."""
        self._vivantes[echantillon.nature] = (echantillon, time.monotonic())

    def etape(self, etape: Etape) -> None:
        """Où l'on en est."""
        self._etape = etape.value

    def faute(self, faute: str) -> None:
        """Une maladresse qui se voit, ou vide."""
        self._faute = faute

    def resultat(self, lecture: Lecture, en_memoire: int) -> None:
        """La mesure rendue."""
        self._etape = "finie"
        self._fin = [(_nom(mesure.code), _valeur(*m.usuelle(mesure))) for mesure in lecture.mesures]
        self._phrase = f"{en_memoire} mesures en mémoire, de personne." if en_memoire else ""

    def echec(self, erreur: ErreurPeripherique) -> None:
        """Pourquoi il n'y en a pas."""
        self._etape = "échec"
        self._phrase = f"{erreur.message} {erreur.conseil} {erreur.detail}".strip()

    def rendre(self) -> Group:
        """Le tableau, maintenant."""
        tableau = _tableau(f"{self._titre} : {self._etape}", "Grandeur", "Valeur", "Âge (s)")
        maintenant = time.monotonic()
        for nature, (vue, instant) in self._vivantes.items():
            tableau.add_row(_nom(nature), _valeur(vue.valeur, vue.unite), f"{maintenant - instant:.1f}")
        for nom, valeur in self._fin:
            tableau.add_row(Text(nom, style="bold"), Text(valeur, style="bold"), "résultat")
        lignes: list[Table | Text] = [tableau]
        lignes += [Text(phrase) for phrase in (self._faute and f"Faute : {self._faute}", self._phrase) if phrase]
        return Group(*lignes)


def afficher_inventaire(console: Console, trouve: Inventaire) -> None:
    """L'inventaire, en tableaux ; ce qui manque, en phrases."""
    tableau = _tableau("Appareils configurés", "Identifiant", "Libellé", "Pilote", "Mesure", "Vu")
    for configure in trouve.appareils:
        vu = _VU[configure.vu] if configure.actif else "hors service"
        tableau.add_row(configure.identifiant, configure.libelle, configure.pilote, configure.nature, vu)
    console.print(tableau)
    if trouve.roles:
        tableau = _tableau("Caméras et sons configurés", "Réglage", "Nom", "Vu")
        for role in trouve.roles:
            tableau.add_row(role.cle, role.nom, _VU[role.vu])
        console.print(tableau)
    tableau = _tableau("Bluetooth entendu", "Adresse", "Nom", "Services", "dBm", "Configuré")
    for annonce in trouve.bluetooth:
        tableau.add_row(
            annonce.adresse, annonce.nom, " ".join(annonce.services), str(annonce.puissance_dbm), annonce.identifiant
        )
    console.print(tableau)
    tableau = _tableau("Branché", "Genre", "Nom", "Détail")
    for genre, noms in (("Prise série", trouve.prises), ("Caméra", trouve.cameras)):
        for nom in noms:
            tableau.add_row(genre, nom, "")
    for genre, sons in (("Micro", trouve.micros), ("Sortie de son", trouve.sorties)):
        for son in sons:
            tableau.add_row(genre, son.nom, f"{son.libelle}{', coupé' if son.muet else ''}")
    if trouve.imprimante:
        tableau.add_row("Imprimante", "", trouve.imprimante)
    console.print(tableau)
    for manque in trouve.manques:
        console.print(f"Il manque : {manque}")

"""La qualité du réseau, telle que l'image et le son la subiront : pertes, gigue, aller-retour, débit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.controles.salle import ControleSalle
from borne.visio.sonde_turn import CheminImpossible, Qualite, mesurer

# (mesure, orange, rouge, sens, code, constat). Pertes : sous 1 % rien ne se voit ; à 8 % l'image et la voix souffrent
# malgré les réparations. Gigue : le tampon de voix de la page s'étire au-delà de 30 ms. Aller-retour : UIT-T G.114,
# 150 ms par trajet passent inaperçues, 400 gênent toute conversation. Débit : l'appel tient à 0,5 Mbit/s, en petit ;
# 1,5 donne une image où l'on lit un visage.
SEUILS: Final = (
    ("pertes", 0.02, 0.08, 1, "pertes-reseau", "Le réseau perd des paquets."),
    ("debit_bits_s", 1.5e6, 0.5e6, -1, "debit-faible", "Le débit du réseau est faible."),
    ("aller_retour_ms", 300.0, 800.0, 1, "reseau-lent", "Le réseau répond lentement."),
    ("gigue_ms", 30.0, 80.0, 1, "gigue-reseau", "Le réseau est irrégulier."),
)
REMEDE: Final = "Passez au câble, arrêtez les autres usages du réseau, ou appelez le fournisseur d'accès."


def juger(qualite: Qualite) -> Faute | None:
    """La pire des quatre, rouge d'abord ; None si toutes conviennent."""
    mesures = asdict(qualite)
    for rang, faire in ((2, Faute), (1, orange)):
        for seuil in SEUILS:
            nom, sens, code, constat = seuil[0], seuil[3], seuil[4], seuil[5]
            if (mesures[nom] - seuil[rang]) * sens > 0:
                return faire(code, constat, REMEDE)
    return None


class ControleQualite:
    """Deux secondes de paquets de voix par le relais, puis un train de gros paquets."""

    nom, libelle = "qualite-reseau", "Qualité du réseau"
    groupe = "debit"
    delai_s = 30.0
    requiert: tuple[str, ...] = ("turn",)

    def __init__(self, salle: ControleSalle) -> None:
        self._salle = salle

    async def controler(self, banc: Banc) -> Resultat:
        """Mesure ; une faute doit se voir deux fois, la seconde plus longuement."""
        if not any(url.startswith("turn") for serveur in self._salle.glace for url in serveur.urls):
            return gris(self.nom, "Qualité du réseau : sans relais, elle ne se mesure pas d'ici.")
        try:
            qualite = await mesurer(self._salle.glace)
            if juger(qualite) is not None:
                qualite = await mesurer(self._salle.glace, duree_s=3.0)
        except CheminImpossible:
            faute = Faute("relais-muet", "Rien ne passe par le relais des appels.", "Prévenez qui tient le relais.")
            return faute.rendre(self.nom)
        faute_vue = juger(qualite)
        valeurs = asdict(qualite)
        if faute_vue is not None:
            return faute_vue.rendre(self.nom, valeurs)
        return vert(self.nom, f"{qualite.debit_bits_s / 1e6:.1f} Mbit/s, sans pertes.", valeurs)

"""Le mode du technicien : son code, la liste des contrôles, la relance d'un seul, la mire ; il se ferme seul."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from borne.assemblage.direct import Direct
from borne.assemblage.ouverture import ConduiteOuverture
from borne.assemblage.taches import Taches
from borne.autotest.acces import Acces, AccesImpossible
from borne.autotest.execution import NON_CONTROLE, Avancee
from borne.autotest.rapport import Ligne, Rapport, mot
from borne.parcours.visite import Etape, Superposition, Visite
from borne.ui import technicien as t
from borne.ui.textes import cle_avec

journal = logging.getLogger(__name__)

INACTIVITE_S: Final = 180.0
"""Secondes sans geste, hors d'un autotest, avant de rendre l'accueil."""
INACTIVITE_CODE_S: Final = 45.0
"""Devant le code : un patient qui s'est trompé de bouton n'attend pas."""

EMPECHE: Final = mot("gris", NON_CONTROLE)

_DECISIONS: Final = {
    "prete": "technicien-prete",
    "prete avec reserves": "technicien-reserves",
    "pas prete": "technicien-pas-prete",
}
_GRAVITE: Final = ("rouge", "orange", "cours", "attente", "vert", "gris")
_UNITES: Final = {
    "images_s": "images/s",
    "pct": "%",
    "ms": "ms",
    "s": "s",
    "db": "dB",
    "mio": "Mio",
    "px": "px",
    "hz": "Hz",
}


class ConduiteTechnicien:
    """Reçoit les gestes du technicien et tient `EtatDirect.technicien`. S'utilise dans la boucle asyncio.

    `portrait` : l'écran est plus haut que large. Aucun chiffre du code ne sort d'ici.
    """

    def __init__(
        self,
        acces: Acces,
        ouverture: ConduiteOuverture,
        direct: Direct,
        visite: Callable[[], Visite],
        portrait: bool,
        mediateur: Callable[[], tuple[t.LigneControle, ...]] = tuple,
    ) -> None:
        self._acces = acces
        self._ouverture = ouverture
        self._direct = direct
        self._visite = visite
        self._cases = t.cases_mire(portrait)
        self._mediateur = mediateur
        self._code = ""
        self._taches = Taches("technicien")
        self._sortie: asyncio.TimerHandle | None = None

    @property
    def etat(self) -> t.EtatTechnicien | None:
        """Ce que l'écran montre ; None : le mode est fermé."""
        return self._direct.etat.technicien

    def recevoir(self, geste: t.GesteTechnicien) -> None:
        """Un geste venu de l'écran ; hors de propos, il est ignoré."""
        if isinstance(geste, t.EntreeDemandee | t.MediateurDemande):
            self._entrer(mediateur=isinstance(geste, t.MediateurDemande))
            return
        etat = self.etat
        if etat is None:
            return
        match geste:
            case t.SortieDemandee():
                self._sortir(etat)
            case t.ChiffreTape() | t.ChiffreEfface() | t.CodeValide() if etat.page is t.Page.CODE:
                self._taper(etat, geste)
            case t.ControleChoisi(nom=nom) if etat.page is t.Page.CONTROLES:
                self._montrer(replace(etat, choisie=nom))
            case t.FeuilleTournee() if etat.page is t.Page.CONTROLES:
                self._montrer(replace(etat, feuille=etat.feuille + 1, choisie=""))
            case t.RelanceDemandee(nom=nom) if etat.page is t.Page.CONTROLES and not etat.en_cours:
                self._relancer(etat, nom)
            case t.MireOuverte() if etat.page is t.Page.CONTROLES and not etat.en_cours:
                self._montrer(replace(etat, page=t.Page.MIRE, touchees=frozenset(), teinte=-1))
            case t.CaseTouchee(case=case) if etat.page is t.Page.MIRE:
                self._toucher(etat, case)
        self._veiller()

    async def fermer(self) -> None:
        """À l'arrêt de la borne : un autotest en cours est annulé proprement."""
        self._quitter()
        await self._taches.finir(0)

    # --- entrer et sortir ---

    def suivre(self, visite: Visite) -> None:
        """L'aide est refermée : le médiateur n'est plus devant."""
        if self.etat is not None and self.etat.mediateur and visite.superposition is not Superposition.AIDE:
            self._quitter()

    def _entrer(self, mediateur: bool) -> None:
        visite = self._visite()
        devant = visite.id or visite.etape is not Etape.ACCUEIL or visite.superposition is not Superposition.AUCUNE
        if self.etat is not None or (visite.superposition is not Superposition.AIDE if mediateur else devant):
            return
        # Un médiateur n'arrête rien de la visite : l'accueil n'a pas à se fermer derrière lui.
        if not mediateur and not self._ouverture.tenir():
            return
        erreur = "" if self._acces.pose else "erreur-technicien-sans-code"
        self._montrer(t.EtatTechnicien(erreur=erreur, mediateur=mediateur))
        self._veiller()

    def _sortir(self, etat: t.EtatTechnicien) -> None:
        if etat.page is t.Page.MIRE:
            self._montrer(replace(etat, page=t.Page.CONTROLES))
        else:
            self._quitter()

    def _quitter(self) -> None:
        """L'accueil revient ; un autotest commencé finit de lui-même, l'accueil fermé."""
        self._code = ""
        if self._sortie is not None:
            self._sortie.cancel()
            self._sortie = None
        mediateur = self.etat is not None and self.etat.mediateur
        self._direct.modifier(technicien=None)
        if not mediateur:
            self._ouverture.rendre()

    def _veiller(self) -> None:
        """Un geste de plus : le temps d'inactivité repart."""
        if self._sortie is not None:
            self._sortie.cancel()
            self._sortie = None
        etat = self.etat
        if etat is not None and not etat.en_cours:
            # Devant le patient, rien ne reste affiché longtemps.
            court = etat.mediateur or etat.page is t.Page.CODE
            delai = INACTIVITE_CODE_S if court else INACTIVITE_S
            self._sortie = asyncio.get_running_loop().call_later(delai, self._quitter)

    # --- le code ---

    def _taper(self, etat: t.EtatTechnicien, geste: t.GesteTechnicien) -> None:
        if isinstance(geste, t.ChiffreTape):
            self._code = (self._code + geste.chiffre)[: t.LONGUEUR_PIN]
        elif isinstance(geste, t.ChiffreEfface):
            self._code = self._code[:-1]
        elif self._code and self._acces.pose:
            code, self._code = self._code, ""
            self._taches.lancer(self._juger(code))
        erreur = etat.erreur if not self._acces.pose else ""
        self._montrer(replace(etat, chiffres=len(self._code), erreur=erreur))

    async def _juger(self, code: str) -> None:
        """Hors de la boucle : un argon2 prend une fraction de seconde, et le disque garde chaque essai."""
        try:
            bon = await asyncio.to_thread(self._acces.verifier, code)
            attendre = 0.0 if bon else await asyncio.to_thread(self._acces.attendre_s)
        except AccesImpossible as erreur:
            journal.error("code du technicien : %s", erreur)
            self._refuser("erreur-technicien-impossible")
            return
        if not bon:
            journal.warning("code du technicien refusé")
            trop = cle_avec("erreur-technicien-attendre", secondes=math.ceil(attendre))
            self._refuser(trop if attendre > 0 else "erreur-technicien-faux")
        elif self.etat is not None and self.etat.page is t.Page.CODE:
            journal.warning("mode du %s ouvert", "médiateur" if self.etat.mediateur else "technicien")
            if self.etat.mediateur:
                self._montrer(t.EtatTechnicien(t.Page.MEDIATEUR, lignes=self._mediateur(), mediateur=True))
            else:
                self._montrer(self._liste(t.EtatTechnicien(t.Page.CONTROLES)))
            self._veiller()

    def _refuser(self, erreur: str) -> None:
        if self.etat is not None and self.etat.page is t.Page.CODE:
            self._montrer(replace(self.etat, erreur=erreur, chiffres=len(self._code)))

    # --- les contrôles ---

    def _relancer(self, etat: t.EtatTechnicien, nom: str) -> None:
        # Un contrôle qu'une panne avait empêché se refait avec elle.
        noms = {nom, *(ligne.nom for ligne in etat.lignes if ligne.mot == EMPECHE)} if nom else set()
        lignes = tuple(_attendre(ligne) if ligne.nom in noms else ligne for ligne in etat.lignes) if nom else ()
        feuille = etat.feuille if nom else 0
        self._montrer(replace(etat, lignes=lignes, choisie=nom, feuille=feuille, en_cours=True))
        self._taches.lancer(self._mener(tuple(noms)))

    async def _mener(self, noms: tuple[str, ...]) -> None:
        try:
            if noms:
                await self._ouverture.refaire(noms, self._avancer)
            else:
                await self._ouverture.lancer(self._avancer)
        finally:
            if self.etat is not None:
                self._montrer(self._liste(replace(self.etat, en_cours=False)))
                self._veiller()

    def _avancer(self, avancee: Avancee) -> None:
        """La ligne de ce contrôle, dès qu'il commence, puis son résultat."""
        etat = self.etat
        if etat is None:
            return
        resultat = avancee.resultat
        ligne = t.LigneControle(avancee.nom, avancee.libelle, "cours", "En cours", avancee.consigne)
        if resultat is not None:
            ligne = replace(
                ligne,
                couleur=resultat.couleur.value,
                mot=mot(resultat.couleur.value, resultat.code),
                constat=resultat.constat,
                remede=resultat.remede,
            )
        connues = {autre.nom: autre for autre in etat.lignes} | {ligne.nom: ligne}
        # Ce qu'un contrôle attend du technicien se montre de soi-même.
        choisie = avancee.nom if avancee.consigne else etat.choisie
        etat = replace(etat, lignes=tuple(connues.values()), choisie=choisie)
        self._montrer(replace(etat, finis=avancee.finis, total=avancee.total))

    def _liste(self, etat: t.EtatTechnicien) -> t.EtatTechnicien:
        """La liste du dernier rapport, ce qui ne va pas d'abord."""
        rapport = self._ouverture.rapport
        if rapport is None:
            return replace(etat, lignes=(), decision="", ennui=self._ouverture.ennui)
        return replace(
            etat,
            lignes=lignes(rapport),
            decision=_DECISIONS[rapport.aptitude],
            ennui=self._ouverture.ennui,
        )

    # --- la mire ---

    def _toucher(self, etat: t.EtatTechnicien, case: int) -> None:
        """Toutes les cases, puis chaque teinte, puis la liste."""
        if etat.teinte >= 0:
            suivante = etat.teinte + 1
            fini = suivante == len(t.TEINTES_MIRE)
            self._montrer(replace(etat, page=t.Page.CONTROLES) if fini else replace(etat, teinte=suivante))
            return
        touchees = etat.touchees | {case}
        self._montrer(replace(etat, touchees=touchees, teinte=0 if touchees >= self._cases else -1))

    def _montrer(self, etat: t.EtatTechnicien) -> None:
        self._direct.modifier(technicien=etat)


def lignes(rapport: Rapport) -> tuple[t.LigneControle, ...]:
    """Les contrôles et les tendances d'un rapport, du plus grave au moins grave."""
    toutes = [_ligne(ligne) for ligne in (*rapport.lignes, *rapport.tendances)]
    return tuple(sorted(toutes, key=lambda ligne: _GRAVITE.index(ligne.couleur)))


def _ligne(ligne: Ligne) -> t.LigneControle:
    return t.LigneControle(
        ligne.controle,
        ligne.libelle,
        ligne.couleur,
        mot(ligne.couleur, ligne.code),
        ligne.constat,
        ligne.remede,
        tuple(valeur(nom, mesure) for nom, mesure in ligne.valeurs.items()),
    )


def _attendre(ligne: t.LigneControle) -> t.LigneControle:
    return t.LigneControle(ligne.nom, ligne.libelle, "attente", "En attente")


def valeur(nom: str, mesure: float) -> str:
    """`batterie_pct` 22,0 : « batterie : 22 % »."""
    suffixe = next((fin for fin in _UNITES if nom.endswith(f"_{fin}")), "")
    debut = nom.removesuffix(f"_{suffixe}") if suffixe else nom
    nombre = f"{mesure:.4g}".replace(".", ",")
    return f"{debut.replace('_', ' ')} : {nombre} {_UNITES.get(suffixe, '')}".rstrip()

"""L'imprimante : son état, puis une page d'essai, que la caméra de documents relit."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from borne.autotest import page_essai
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, premiere, vert
from borne.autotest.contrat import Resultat
from borne.autotest.prise_vue import racine_cameras
from borne.peripheriques.camera import Camera, CameraPerdue
from borne.peripheriques.impression import (
    ErreurImprimante,
    EtatImprimante,
    EtatTravail,
    Imprimante,
    ImprimanteAbsente,
    ImprimanteOccupee,
    PapierManquant,
    TravailRefuse,
)

ETAT_S: Final = 8.0
IMPRESSION_S: Final = 45.0
"""Une imprimante laser froide met une demi-minute à sortir sa première page."""
PAS_S: Final = 0.15
RELECTURE_S: Final = 30.0
"""Le temps de poser la page sous la caméra."""
_GRAVITE: Final = re.compile(r"-(report|warning|error)$")

SANS_PAPIER: Final = Faute("papier-manquant", "L'imprimante n'a plus de papier.", "Remettez du papier.")
COINCE: Final = Faute("papier-coince", "Le papier est coincé.", "Ouvrez l'imprimante et retirez la feuille.")
CAPOT: Final = Faute("capot-ouvert", "Un capot de l'imprimante est ouvert.", "Refermez-le.")
ENCRE_VIDE: Final = Faute("encre-vide", "L'imprimante n'a plus d'encre.", "Changez la cartouche.")
ENCRE_BASSE: Final = orange("encre-basse", "L'encre est bientôt finie.", "Préparez une cartouche.")
PAPIER_BAS: Final = orange("papier-bas", "Il reste peu de papier.", "Remettez du papier.")
ARRETEE: Final = Faute("imprimante-arretee", "L'imprimante est arrêtée.", "Relancez-la sur son panneau.")
ABSENTE: Final = Faute("imprimante-absente", "L'imprimante ne répond pas.", "Allumez-la, vérifiez son câble.")
REFUS: Final = Faute("impression-refusee", "L'imprimante refuse la page.", "Vérifiez son modèle et son adresse.")
ECHEC: Final = Faute("impression-echouee", "La page d'essai n'est pas sortie.", "Regardez l'imprimante, relancez-la.")
OCCUPEE: Final = Faute("imprimante-occupee", "L'imprimante n'accepte rien.", "Annulez ses travaux, relancez-la.")
LENTE: Final = Faute("impression-bloquee", "La page d'essai ne sort pas.", "Regardez l'imprimante, relancez-la.")

_RAISONS: Final = (
    (re.compile(r"media-jam"), COINCE),
    (re.compile(r"(cover|door|interlock)-open"), CAPOT),
    (re.compile(r"(marker-supply|toner|ink)-empty"), ENCRE_VIDE),
    (re.compile(r"media-(empty|needed)|input-tray-missing"), SANS_PAPIER),
    (re.compile(r"(marker-supply|toner|ink)-low"), ENCRE_BASSE),
    (re.compile(r"media-low"), PAPIER_BAS),
)
"""printer-state-reasons (RFC 8011, 5.4.12 ; PWG 5100.9), la cause avant ses effets."""


def juger_etat(etat: EtatImprimante) -> Faute | None:
    """Ce que dit l'imprimante d'elle-même, au plus grave ; None si elle n'a rien à dire."""
    nues = [_GRAVITE.sub("", raison) for raison in etat.raisons]
    for motif, faute in _RAISONS:
        # Un bac de secours vide n'est qu'un avertissement : `papier` tient compte des niveaux des autres.
        if any(motif.match(raison) for raison in nues) and not (faute is SANS_PAPIER and etat.papier):
            return faute
    if not etat.papier:
        return SANS_PAPIER
    return None if etat.prete else ARRETEE


def nommer(erreur: ErreurImprimante) -> Faute:
    """La faute d'une demande qui n'a pas abouti."""
    for genre, faute in (
        (ImprimanteAbsente, ABSENTE),
        (PapierManquant, SANS_PAPIER),
        (ImprimanteOccupee, OCCUPEE),
        (TravailRefuse, REFUS),
    ):
        if isinstance(erreur, genre):
            return faute
    return Faute("imprimante-en-erreur", str(erreur), "Éteignez puis rallumez l'imprimante.")


class ControleImprimante:
    """L'imprimante IPP de la borne. `jeton` : celui de la page sortie, None si rien n'est sorti."""

    nom, libelle = "imprimante", "Imprimante"
    groupe = "imprimante"
    delai_s = ETAT_S + IMPRESSION_S + 5
    requiert: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.jeton: str | None = None

    async def controler(self, banc: Banc) -> Resultat:
        """Lit son état, puis imprime la page d'essai."""
        if not banc.imprimante:
            return gris(self.nom, "Imprimante : cette borne n'en a pas.")
        try:
            imprimante = Imprimante(banc.imprimante)
        except ValueError:
            faute = Faute("imprimante-mal-reglee", "L'adresse de l'imprimante est fausse.", "Corrigez borne.toml.")
            return faute.rendre(self.nom)
        try:
            async with asyncio.timeout(ETAT_S):
                reserve = juger_etat(await imprimante.etat())
            if reserve is None or reserve in (ENCRE_BASSE, PAPIER_BAS):
                faute_page = await self._imprimer(imprimante, banc) if banc.papier else None
                reserve = premiere(faute_page, reserve)
        except ErreurImprimante as erreur:
            reserve = nommer(erreur)
        except TimeoutError:
            reserve = ABSENTE
        if reserve is not None:
            return reserve.rendre(self.nom)
        return vert(self.nom, "L'imprimante a sorti la page d'essai." if banc.papier else "L'imprimante est prête.")

    async def _imprimer(self, imprimante: Imprimante, banc: Banc) -> Faute | None:
        """Sort la page et attend sa fin ; une page qui ne sort pas est annulée, pour ne pas sortir plus tard."""
        jeton = page_essai.jeton()
        pdf = await asyncio.to_thread(page_essai.composer, jeton, banc.horloge())
        travail = await imprimante.imprimer(pdf, f"essai {jeton}", patience_s=ETAT_S)
        try:
            async with asyncio.timeout(IMPRESSION_S):
                while (etat := await imprimante.etat_travail(travail)) is not EtatTravail.FINI:
                    if etat is EtatTravail.ECHOUE:
                        return ECHEC
                    if etat is EtatTravail.SANS_PAPIER:
                        await imprimante.annuler(travail)
                        return SANS_PAPIER
                    await asyncio.sleep(PAS_S)
        except TimeoutError:
            await imprimante.annuler(travail)
            return LENTE
        self.jeton = jeton
        return None


class ControleRelecture:
    """La page d'essai, sous la caméra de documents : ce qui s'imprime se lit."""

    nom, libelle = "page-relue", "Page d'essai relue"
    consigne = "Posez la page qui vient de sortir sous la caméra de documents."
    groupe = "camera"
    requiert: tuple[str, ...] = ("imprimante", "camera-document")

    def __init__(self, imprimante: ControleImprimante, patience_s: float = RELECTURE_S) -> None:
        self._imprimante = imprimante
        self._patience_s = patience_s
        self.delai_s = patience_s + 10

    async def controler(self, banc: Banc) -> Resultat:
        """Regarde jusqu'à lire le jeton de la page qui vient de sortir."""
        jeton = self._imprimante.jeton
        if not banc.camera_document or jeton is None:
            return gris(self.nom, "Page d'essai : rien à relire.")
        nom = banc.camera_document
        mode = banc.modes.get("camera_document")
        camera = Camera(int(nom) if nom.isdigit() else nom, mode, racine=racine_cameras(banc))
        camera.demarrer()
        try:
            faute = await self._chercher(camera, jeton)
        except CameraPerdue as perte:
            faute = Faute("camera-muette", str(perte), "Débranchez puis rebranchez la caméra.")
        finally:
            await asyncio.to_thread(camera.arreter)
        return vert(self.nom, "La page d'essai se lit bien.") if faute is None else faute.rendre(self.nom)

    async def _chercher(self, camera: Camera, jeton: str) -> Faute | None:
        numero, autre = 0, False
        try:
            async with asyncio.timeout(self._patience_s):
                while True:
                    image = await camera.prochaine(numero)
                    numero = image.numero
                    lu = await asyncio.to_thread(page_essai.relire, image.bgr)
                    if lu == jeton:
                        return None
                    autre |= lu is not None
        except TimeoutError:
            if autre:
                return orange("page-ancienne", "La page sous la caméra n'est pas la bonne.", "Posez la page du jour.")
            return orange(
                "page-illisible",
                "La page d'essai n'a pas été lue.",
                "Posez-la à plat sous la caméra. Si elle y était : encre, ou mise au point.",
            )

"""L'imprimante, par IPP (RFC 8011) : son état, et des travaux qu'un redémarrage n'imprime pas deux fois.

Un travail porte un nom unique, choisi par l'appelant. Après un redémarrage, `travaux(nom)` demande à l'imprimante si
elle l'a déjà reçu, en cours ou fini. Print-Job envoie le travail et le document d'un seul tenant : pas de travail
sans document (si l'envoi est coupé au milieu, l'imprimante échoue devant un PDF sans fin, et le dit).
"""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from borne.peripheriques.ipp import (
    NOM_MAXIMAL,
    Attribut,
    Attributs,
    Groupe,
    IppInvalide,
    Operation,
    Reponse,
    Syntaxe,
    Valeur,
    decoder,
    encoder,
)
from borne.peripheriques.pdf import PdfInvalide, verifier_pdf

__all__ = [
    "ErreurImprimante",
    "EtatImprimante",
    "EtatTravail",
    "Imprimante",
    "ImprimanteAbsente",
    "ImprimanteOccupee",
    "PapierManquant",
    "PdfInvalide",
    "TravailRefuse",
    "verifier_pdf",
]

PORT_IPP: Final = 631
UTILISATEUR: Final = "borne"
"""Le même à chaque demande : CUPS ne montre le nom d'un travail qu'à celui qui l'a envoyé."""
DELAI_CONNEXION_S: Final = 5.0
DELAI_REPONSE_S: Final = 60.0
"""Silence toléré : une imprimante qui sort de veille accepte la connexion bien avant de répondre."""
REPONSE_MAXIMALE: Final = 1 << 20
VERSIONS: Final = ((2, 0), (1, 1))
"""La seconde pour les vieilles imprimantes, qui refusent la première."""

_VERSION_REFUSEE: Final = 0x0503
_STATUTS: Final = {0x0406: "travail", 0x0408: "travail", 0x040A: "travail", 0x0506: "occupee", 0x0507: "occupee"}
"""not-found, request-entity-too-large, document-format-not-supported, not-accepting-jobs, busy (RFC 8011, B.1)."""
_GRAVITES: Final = re.compile(r"-(report|warning|error)$")
_NIVEAU_BAC: Final = re.compile(rb"(?:^|;)level=(-?\d+)")
"""Feuilles d'un bac (PWG 5100.13, printer-input-tray) : -2 inconnu, -3 « il en reste »."""
PAUSE_OCCUPEE_S: Final = 0.5
_ARRETEE: Final = 5
"""printer-state « stopped » (RFC 8011, 5.4.11)."""


class ErreurImprimante(Exception):
    """L'impression n'est pas possible (phrase française). `code` : absente, papier, occupee, travail ou inconnue."""

    def __init__(self, phrase: str, code: str = "inconnue") -> None:
        super().__init__(phrase)
        self.code = code


class ImprimanteAbsente(ErreurImprimante):
    """Éteinte, débranchée, ou elle ne répond pas."""

    def __init__(self, phrase: str = "L'imprimante ne répond pas.") -> None:
        super().__init__(phrase, "absente")


class PapierManquant(ErreurImprimante):
    """Plus de papier : rien n'a été envoyé."""

    def __init__(self, phrase: str = "L'imprimante n'a plus de papier.") -> None:
        super().__init__(phrase, "papier")


class ImprimanteOccupee(ErreurImprimante):
    """Elle n'accepte pas de travail pour le moment."""

    def __init__(self, phrase: str = "L'imprimante est occupée.") -> None:
        super().__init__(phrase, "occupee")


class TravailRefuse(ErreurImprimante):
    """Elle refuse ce document, ou ne connaît pas ce travail."""

    def __init__(self, phrase: str = "L'imprimante refuse ce papier.") -> None:
        super().__init__(phrase, "travail")


_ERREURS: Final = {"occupee": ImprimanteOccupee, "travail": TravailRefuse}


class EtatTravail(Enum):
    """Où en est un travail (RFC 8011, 5.3.7)."""

    ATTENTE = "attente"
    EN_COURS = "en_cours"
    SANS_PAPIER = "sans_papier"
    FINI = "fini"
    ECHOUE = "echoue"


_ETATS: Final = {
    **dict.fromkeys((3, 4), EtatTravail.ATTENTE),
    **dict.fromkeys((5, 6), EtatTravail.EN_COURS),
    **dict.fromkeys((7, 8), EtatTravail.ECHOUE),
    9: EtatTravail.FINI,
}


@dataclass(frozen=True, slots=True)
class EtatImprimante:
    """`prete` : elle imprimerait maintenant. `papier` : elle en a. `raisons` : mots IPP (printer-state-reasons)."""

    prete: bool
    papier: bool
    raisons: tuple[str, ...]
    phrase: str = ""

    @property
    def erreur(self) -> bool:
        """Autre chose que le papier l'empêche d'imprimer."""
        return self.papier and not self.prete


class Imprimante:
    """Une imprimante IPP. `uri` : `ipp://` ou `ipps://` ; une autre adresse lève `ValueError`.

    Toutes les méthodes lèvent `ErreurImprimante` (une sous-classe quand la cause est connue).
    """

    def __init__(self, uri: str) -> None:
        adresse = urlsplit(uri)
        if adresse.scheme not in ("ipp", "ipps") or not adresse.hostname:
            raise ValueError(f"adresse d'imprimante invalide : {uri} (attendu : ipp://nom/chemin)")
        self._uri = uri
        transport = "https" if adresse.scheme == "ipps" else "http"
        hote = adresse.netloc if adresse.port else f"{adresse.netloc}:{PORT_IPP}"
        self._adresse = f"{transport}://{hote}{adresse.path}"
        self._numeros = itertools.count(1)
        self._version = VERSIONS[0]

    async def etat(self) -> EtatImprimante:
        """Son état maintenant ; lève `ImprimanteAbsente` si elle ne répond pas."""
        attributs = _demande(
            "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-input-tray"
        )
        reponse = await self._demander(Operation.LIRE_IMPRIMANTE, attributs)
        return _lire_etat(reponse.premier(Groupe.IMPRIMANTE))

    async def imprimer(self, pdf: bytes, nom: str, patience_s: float = 60.0) -> int:
        """Envoie un PDF tel quel et rend le numéro du travail. `nom` : unique, 255 octets au plus.

        L'état est demandé d'abord : sans papier ou en panne, rien n'est envoyé (un travail laissé à l'imprimante
        sortirait plus tard, devant un autre patient). Une imprimante occupée est redemandée pendant `patience_s` :
        beaucoup n'acceptent qu'un travail à la fois.
        """
        if not 0 < len(nom.encode()) <= NOM_MAXIMAL:
            raise ValueError("le nom d'un travail fait de 1 à 255 octets")
        echeance = asyncio.get_running_loop().time() + patience_s
        while True:
            try:
                return await self._envoyer(pdf, nom)
            except ImprimanteOccupee:
                if asyncio.get_running_loop().time() > echeance:
                    raise
                await asyncio.sleep(PAUSE_OCCUPEE_S)

    async def _envoyer(self, pdf: bytes, nom: str) -> int:
        etat = await self.etat()
        if not etat.papier:
            raise PapierManquant
        if not etat.prete:
            raise ErreurImprimante(etat.phrase)
        attributs = (
            Attribut("job-name", Syntaxe.NOM, (nom,)),
            Attribut("document-format", Syntaxe.TYPE_MIME, ("application/pdf",)),
        )
        reponse = await self._demander(Operation.IMPRIMER, attributs, pdf)
        return _entier(reponse.premier(Groupe.TRAVAIL), "job-id")

    async def etat_travail(self, job_id: int) -> EtatTravail:
        """Où en est ce travail ; lève `TravailRefuse` si l'imprimante ne le connaît pas (ou plus)."""
        attributs = (_travail(job_id), *_demande("job-state", "job-state-reasons"))
        lu = (await self._demander(Operation.LIRE_TRAVAIL, attributs)).premier(Groupe.TRAVAIL)
        etat = _ETATS.get(_entier(lu, "job-state"), EtatTravail.EN_COURS)
        if etat is EtatTravail.EN_COURS and not (await self.etat()).papier:
            return EtatTravail.SANS_PAPIER
        return etat

    async def travaux(self, nom_unique: str) -> list[int]:
        """Numéros, croissants, des travaux de ce nom que l'imprimante a reçus, en cours ou finis (même en échec)."""
        numeros: set[int] = set()
        # Dans cet ordre : un travail qui finit entre les deux demandes est vu par la seconde.
        for lesquels in ("not-completed", "completed"):
            attributs = (
                Attribut("which-jobs", Syntaxe.MOT_CLE, (lesquels,)),
                Attribut("my-jobs", Syntaxe.BOOLEEN, (True,)),
                *_demande("job-id", "job-name"),
            )
            reponse = await self._demander(Operation.LIRE_TRAVAUX, attributs)
            lus = reponse.tous(Groupe.TRAVAIL)
            numeros |= {_entier(lu, "job-id") for lu in lus if lu.get("job-name") == (nom_unique,)}
        return sorted(numeros)

    async def annuler(self, job_id: int) -> None:
        """Annule un travail ; lève `ErreurImprimante` s'il est déjà fini ou inconnu."""
        await self._demander(Operation.ANNULER, (_travail(job_id),))

    async def _demander(self, operation: Operation, attributs: tuple[Attribut, ...], corps: bytes = b"") -> Reponse:
        communs = (
            Attribut("attributes-charset", Syntaxe.JEU, ("utf-8",)),
            Attribut("attributes-natural-language", Syntaxe.LANGUE, ("fr",)),
            Attribut("printer-uri", Syntaxe.URI, (self._uri,)),
        )
        # job-id suit printer-uri, requesting-user-name vient ensuite (RFC 8011, 4.1.5).
        cible = tuple(a for a in attributs if a.nom == "job-id")
        reste = tuple(a for a in attributs if a.nom != "job-id")
        utilisateur = Attribut("requesting-user-name", Syntaxe.NOM, (UTILISATEUR,))
        tous = (*communs, *cible, utilisateur, *reste)
        reponse = await self._echanger(operation, tous, corps)
        if reponse.statut == _VERSION_REFUSEE and self._version != VERSIONS[1]:
            self._version = VERSIONS[1]
            reponse = await self._echanger(operation, tous, corps)
        if reponse.statut >= 0x100:
            raise _refus(reponse.statut)
        return reponse

    async def _echanger(self, operation: Operation, attributs: tuple[Attribut, ...], corps: bytes) -> Reponse:
        numero = next(self._numeros)
        demande = encoder(operation, numero, attributs, self._version, corps)
        try:
            reponse = decoder(await self._poster(demande))
        except (TimeoutError, aiohttp.ClientError, OSError) as erreur:
            raise ImprimanteAbsente from erreur
        except IppInvalide as erreur:
            raise ErreurImprimante("L'imprimante répond de travers.") from erreur
        if reponse.numero != numero:
            raise ErreurImprimante("L'imprimante répond de travers.")
        return reponse

    async def _poster(self, demande: bytes) -> bytes:
        delais = aiohttp.ClientTimeout(total=None, sock_connect=DELAI_CONNEXION_S, sock_read=DELAI_REPONSE_S)
        entetes = {"Content-Type": "application/ipp", "Accept-Encoding": "identity"}
        async with (
            aiohttp.ClientSession(timeout=delais) as session,
            session.post(self._adresse, data=demande, headers=entetes, allow_redirects=False) as reponse,
        ):
            if reponse.status != 200:
                raise ErreurImprimante(f"L'imprimante refuse la demande (HTTP {reponse.status}).")
            octets = bytearray()
            async for morceau in reponse.content.iter_any():
                octets += morceau
                if len(octets) > REPONSE_MAXIMALE:
                    raise IppInvalide("réponse trop longue")
            return bytes(octets)


def _demande(*noms: str) -> tuple[Attribut, ...]:
    return (Attribut("requested-attributes", Syntaxe.MOT_CLE, noms),)


def _travail(job_id: int) -> Attribut:
    return Attribut("job-id", Syntaxe.ENTIER, (job_id,))


def _refus(statut: int) -> ErreurImprimante:
    code = _STATUTS.get(statut)
    return _ERREURS[code]() if code else ErreurImprimante(f"L'imprimante refuse la demande (IPP 0x{statut:04x}).")


def _entier(attributs: Attributs, nom: str) -> int:
    valeurs: tuple[Valeur, ...] = attributs.get(nom, ())
    if not valeurs or not isinstance(valeurs[0], int):
        raise ErreurImprimante("L'imprimante répond de travers.")
    return valeurs[0]


def _lire_etat(attributs: Attributs) -> EtatImprimante:
    raisons = tuple(str(raison) for raison in attributs.get("printer-state-reasons", ()))
    papier = not _papier_manque(raisons, attributs.get("printer-input-tray", ()))
    # Un avertissement n'empêche rien ; sans gravité écrite, c'est une erreur (RFC 8011, 5.4.12).
    graves = {_GRAVITES.sub("", raison) for raison in raisons if not raison.endswith(("-warning", "-report"))}
    arretee = _entier(attributs, "printer-state") == _ARRETEE
    ouverte = attributs.get("printer-is-accepting-jobs", (True,)) != (False,)
    if not papier:
        return EtatImprimante(False, False, raisons, "L'imprimante n'a plus de papier.")
    if "media-jam" in graves:
        return EtatImprimante(False, True, raisons, "Le papier est coincé dans l'imprimante.")
    if arretee or not ouverte:
        return EtatImprimante(False, True, raisons, "L'imprimante est arrêtée.")
    return EtatImprimante(True, True, raisons)


def _papier_manque(raisons: tuple[str, ...], bacs: tuple[Valeur, ...]) -> bool:
    """Le papier empêche-t-il d'imprimer ?

    Au repos, une imprimante vide ne donne souvent qu'un avertissement, le même que pour un bac de secours vide : les
    niveaux des bacs, quand elle les dit, les distinguent.
    """
    nues = {_GRAVITES.sub("", raison) for raison in raisons}
    if nues & {"media-needed", "input-tray-missing"} or "media-empty-error" in raisons or "media-empty" in raisons:
        return True
    niveaux = [int(trouve[1]) for bac in bacs if isinstance(bac, bytes) and (trouve := _NIVEAU_BAC.search(bac))]
    return "media-empty" in nues and not any(niveau > 0 or niveau == -3 for niveau in niveaux)

"""Les sujets du banc : un pilote, son jumeau, et de quoi savoir si la valeur rendue est bien la sienne."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Protocol

from borne import mesures as m
from borne.demonstration.glucometre import GlucometreVirtuel
from borne.demonstration.jumeaux import MondeBluetooth
from borne.demonstration.prise import AppareilSerieVirtuel
from borne.peripheriques.appareils.contrat import Appareil, Etape
from borne.peripheriques.appareils.oxymetre_serie import OxymetreSerie, ProfilOxymetreSerie
from borne.peripheriques.branchements import Branchements
from borne.peripheriques.formats import Lecture
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.ligne import ModeleSerie
from borne.peripheriques.simulation.oxymetre_serie import Cms50V4, Cms50V7, EtatOxymetre, NoninDf2, NoninDf13
from tests.peripheriques.virtuels import CADENCE_HZ, COUPLES, DUREE_S, Poste, rien

_VITESSE: Final = 30.0
"""Secondes d'un appareil à fil en une des nôtres."""
_VITESSE_V7: Final = 6.0
"""Il se tait au bout de cinq de ses secondes sans un mot de la borne : une machine occupée doit pouvoir les tenir."""
_RECHERCHE_S: Final = 90.0
_ECART_ADMIS: Final = 12.0
"""Un flux rendu à sa première valeur n'a pas fini d'approcher la sienne (pouls, /min)."""

LANGAGES: Final[dict[str, Callable[[EtatOxymetre], ModeleSerie]]] = {
    "cms50-v4": Cms50V4,
    "cms50-v7": Cms50V7,
    "nonin-2": NoninDf2,
    "nonin-13": lambda etat: NoninDf13(etat, duree_s=1.0),
}
"""Le Nonin ponctuel mesure en une de ses secondes."""


class Sujet(Protocol):
    """Un appareil du banc."""

    nom: str
    pilote: Appareil

    def preparer(self, rang: int) -> None:
        """Change ce que l'appareil trouvera, pour qu'une valeur d'avant se voie."""

    def juste(self, lecture: Lecture) -> bool:
        """Vrai si la lecture est celle de cette séance."""


async def seance(sujet: Sujet, rang: int, delai_s: float, sur_etat: Callable[[Etape], None] | None = None) -> bool:
    """Une séance ; vrai si elle a rendu sa propre valeur. Lève une `ErreurPeripherique`."""
    sujet.preparer(rang)
    lecture = await sujet.pilote.mesurer(sur_echantillon=rien, sur_etat=sur_etat, delai_s=delai_s)
    return sujet.juste(lecture)


@dataclass(slots=True)
class SujetRadio:
    """Un appareil Bluetooth."""

    nom: str
    pilote: Appareil
    jumeau: Any

    def preparer(self, rang: int) -> None:
        """Voir `Sujet`. Un registre de glycémie repart vide : ses dates, à la seconde, ne distingueraient rien."""
        valeur = self.jumeau.etat.valeur
        premier = fields(valeur)[0].name
        usuelle = getattr(type(valeur)(), premier)
        pas = rang % 13
        variee = usuelle - pas if isinstance(usuelle, int) else round(usuelle + pas / 10, 2)
        self.jumeau.etat.valeur = replace(valeur, **{premier: variee})
        if isinstance(self.jumeau, GlucometreVirtuel):
            self.jumeau.vider()

    def juste(self, lecture: Lecture) -> bool:
        """Voir `Sujet`."""
        rendues = COUPLES[self.nom].valeurs(lecture)
        vraies = tuple(asdict(self.jumeau.etat.valeur).values())
        if not COUPLES[self.nom].continu:
            return rendues == vraies
        return all(r is not None and abs(r - v) <= _ECART_ADMIS for r, v in zip(rendues, vraies, strict=True))


@dataclass(slots=True)
class SujetSerie:
    """Un oxymètre au bout d'un terminal."""

    nom: str
    pilote: Appareil
    etat: EtatOxymetre
    appareil: AppareilSerieVirtuel

    def preparer(self, rang: int) -> None:
        """Voir `Sujet`."""
        self.etat.spo2, self.etat.pouls = 99 - rang % 13, 60 + rang % 13

    def juste(self, lecture: Lecture) -> bool:
        """Voir `Sujet`."""
        return (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (self.etat.spo2, self.etat.pouls)


@asynccontextmanager
async def radio(dossier: Path, noms: tuple[str, ...] = tuple(COUPLES)) -> AsyncIterator[tuple[Poste, list[Sujet]]]:
    """Les appareils Bluetooth de ces noms, sur un même lien, et la borne."""
    monde = MondeBluetooth(noms, duree_s=DUREE_S, cadence_hz=CADENCE_HZ, delai_bouton_s=0.0)
    await monde.demarrer()
    try:
        poste = Poste(monde, dossier)
        # Une machine occupée fait attendre son tour de balayer : ce n'est pas un appareil absent.
        pilotes = {nom: poste.pilote(nom, recherche_s=_RECHERCHE_S) for nom in noms}
        yield poste, [SujetRadio(nom, pilote, monde.jumeaux[nom]) for nom, pilote in pilotes.items()]
    finally:
        await monde.fermer()


@asynccontextmanager
async def serie(dossier: Path, noms: tuple[str, ...] = tuple(LANGAGES)) -> AsyncIterator[list[Sujet]]:
    """Les oxymètres à fil de ces langages, chacun sur son terminal."""
    lignes = Serie(dossier, Branchements(lambda: None, periode_s=0.01))
    async with AsyncExitStack() as pile:
        sujets: list[Sujet] = []
        for nom in noms:
            etat, vitesse = EtatOxymetre(), _VITESSE_V7 if nom == "cms50-v7" else _VITESSE
            appareil = AppareilSerieVirtuel(dossier, nom, LANGAGES[nom](etat), vitesse=vitesse)
            await pile.enter_async_context(appareil)
            profil = ProfilOxymetreSerie(port=nom, langage=nom, stabilite_s=0.0, maintien_s=0.02, silence_s=10.0)  # type: ignore[arg-type]
            sujets.append(SujetSerie(nom, OxymetreSerie(lignes, profil), etat, appareil))
        yield sujets

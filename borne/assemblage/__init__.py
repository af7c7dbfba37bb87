"""L'assemblage : construit la borne entière à partir de la configuration. La seule pièce qui connaît les autres."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from borne import protocole as p
from borne.assemblage.appel import ConduiteAppel
from borne.assemblage.autotest import Autotest, faire_banc
from borne.assemblage.direct import Direct
from borne.assemblage.impression import ConduiteImpression
from borne.assemblage.mediateur import lignes_mediateur
from borne.assemblage.mesures import ConduiteMesures
from borne.assemblage.optique import modes
from borne.assemblage.ouverture import ConduiteOuverture
from borne.assemblage.salle import LiaisonSalle
from borne.assemblage.sources import Sources
from borne.assemblage.taches import Taches
from borne.assemblage.technicien import ConduiteTechnicien
from borne.autotest.acces import Acces
from borne.autotest.banc import Banc
from borne.autotest.historique import Historique
from borne.configuration import Configuration, fichier_peripheriques
from borne.dossier.archives import Archives
from borne.dossier.expedition import Expedition
from borne.dossier.fil import ArchivesAsync
from borne.parcours import effets as f
from borne.parcours.evenements import Evenement, VisiteCommencee
from borne.parcours.seuils import niveau
from borne.parcours.visite import Etape, PhaseMesure, Releve, Visite
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.ble import Radio
from borne.peripheriques.impression import Imprimante
from borne.peripheriques.imprimante_tickets import ImprimanteTickets, ReglageTickets
from borne.peripheriques.niveaux import NOM_CARNET, CarnetNiveaux
from borne.peripheriques.registre import Contexte, Registre
from borne.peripheriques.serie import Serie
from borne.regie import Regie
from borne.ui.direct import EtatDirect
from borne.ui.mots import mots_de_l_ecran, remede
from borne.ui.pont import Pont
from borne.ui.technicien import GesteTechnicien
from borne.ui.textes import Textes
from borne.ui.voix import VOLUME_MAX, Voix
from borne.visio.adresses import veiller_adresses
from borne.visio.identite import IdentiteBorne
from borne.visio.signalisation import ClientSalle

journal = logging.getLogger(__name__)

DELAI_EFFETS_S = 5.0
"""Secondes laissées, à l'arrêt, aux effets déjà lancés."""

ETATS_MESURE: Final[Mapping[PhaseMesure, p.PhaseTransmise]] = {
    PhaseMesure.A_FAIRE: "arretee",
    PhaseMesure.EN_COURS: "en_cours",
    PhaseMesure.FINIE: "finie",
    PhaseMesure.ECHOUEE: "echouee",
    PhaseMesure.PASSEE: "echouee",
}
"""Une phase, telle que le protocole la nomme."""

CONFIG = Path(__file__).resolve().parents[2] / "config"
"""Ce qu'un technicien ou un traducteur change sans toucher au code."""


class Borne:
    """Tout ce qui vit dans la boucle asyncio : régie, appareils, appel, salle."""

    def __init__(
        self,
        configuration: Configuration,
        pont: Pont,
        voix: Voix,
        au_pire: Callable[[], None],
        radio: Radio | None = None,
    ) -> None:
        self._au_pire = au_pire
        self._configuration = configuration
        self._pont = pont
        self._voix = voix
        self._radio = radio or Radio()
        self._serie = Serie(Path(configuration.appareils.serie))
        self._precedente = Visite()
        self._taches: list[asyncio.Task[None]] = []
        self._effets = Taches("effet")
        self._fins: list[Callable[[], Awaitable[None] | None]] = []
        """Ce qu'il faut arrêter, dans l'ordre où cela a démarré."""
        self._textes: dict[str, Textes] = {}

    async def demarrer(self) -> None:
        """Construit et lance tout ; à appeler dans la boucle asyncio."""
        c = self._configuration
        self.direct = Direct(
            EtatDirect(
                liaison_salle=False,
                lieu=c.lieu.nom,
                adresse=c.lieu.adresse,
                numero_borne=c.lieu.numero,
                secours=c.lieu.secours,
            ),
            self._pont.deposer_direct,
        )
        # L'écran sait dès l'accueil que la salle n'est pas encore jointe, et l'adresse à lire au 15.
        self._pont.deposer_direct(self.direct.etat)
        chemins = c.chemins
        self._archives = await ArchivesAsync.demarrer(
            lambda: Archives(Path(chemins.donnees), Path(chemins.cles), purge_active=c.conservation.purge)
        )
        self._fins.append(self._archives.fermer)
        self.regie = Regie(
            self._archives, self._executer, self._publier, self._panne, admettre=lambda: self._ouverture.admettre()
        )
        self._construire_appareils()
        await self._construire_salle()
        self._construire_autotest()
        await self._ouverture.demarrer()
        await self.regie.demarrer()
        self._entretenir(self.regie.tourner())
        self._entretenir(self._expedition.veiller(c.conservation.limite_h * 3600))
        self._entretenir(self._veiller_lien())
        self._entretenir(self._ouverture.veiller())
        self._entretenir(veiller_adresses(self._adresses_changees))
        self._fins += [self._impression.fermer, self._salle.fermer, self._technicien.fermer]
        self._fins += [self._sources.fermer, self._appel.raccrocher, self._mesures.arreter, self.regie.arreter]
        self._fins.append(self._client.arreter)
        await self._client.demarrer()

    def emettre(self, evenement: Evenement) -> None:
        """Un événement venu de l'écran (déjà dans la boucle asyncio)."""
        if isinstance(evenement, VisiteCommencee):
            # L'écran ne connaît pas la configuration : la visite commence avec ce que cette borne demande de mesurer.
            evenement = replace(evenement, natures=self._natures)
        self.regie.emettre(evenement)

    def commander(self, geste: GesteTechnicien) -> None:
        """Un geste du technicien, venu de l'écran (déjà dans la boucle asyncio)."""
        self._technicien.recevoir(geste)

    async def arreter(self) -> None:
        """Arrêt propre, même d'une borne à demi démarrée : rien n'est perdu, la visite se reprendra."""
        for tache in self._taches:
            tache.cancel()
        await asyncio.gather(*self._taches, return_exceptions=True)
        # Un appel qu'on raccroche à demi laisserait ses sockets ouverts.
        await self._effets.finir(DELAI_EFFETS_S)
        while self._fins:
            fin = self._fins.pop()
            suite = fin()
            if suite is not None:
                await suite

    def _construire_appareils(self) -> None:
        c, emettre = self._configuration, self.regie.emettre
        niveaux = CarnetNiveaux(Path(c.chemins.donnees) / NOM_CARNET)
        image = self._pont.deposer_image_patient
        self._sources = Sources(c.appareils, self.direct, emettre, image, niveaux, modes(c))
        self._appel = ConduiteAppel(
            self._sources,
            emettre,
            self._envoyer_salle,
            self._image_medecin,
            self.textes("fr").dire,
            lambda offre: self._identite.signer_offre(offre),
            lambda ligne: self.direct.modifier(texte_medecin=ligne),
        )
        self._registre = registre = Registre.charger(fichier_peripheriques(c), Contexte(self._radio, self._serie))
        appareils = {n.value: a for n in Nature if (a := registre.par_nature(n)) is not None}
        self._mesures = ConduiteMesures(
            appareils,
            emettre,
            self.direct,
            self._appel.envoyer,
            existe=self.textes("fr").existe,
            dire=self._dire_au_patient,
            phrase=self.textes("fr").dire,
        )
        self.direct.modifier(preparations=self._mesures.preparations())
        self._appel.natures = tuple(appareils)
        self._natures = mesurables(c.parcours.mesures, appareils)
        imprimante = Imprimante(c.appareils.imprimante) if c.appareils.imprimante else None
        self._impression = ConduiteImpression(
            imprimante, self._archives, emettre, self.textes, c.lieu.nom, self._panne, self._imprimante_tickets()
        )

    def _imprimante_tickets(self) -> ImprimanteTickets | None:
        reglage = self._configuration.appareils.tickets
        return ImprimanteTickets(self._serie, ReglageTickets.lire(reglage)) if reglage else None

    async def _construire_salle(self) -> None:
        self._expedition = Expedition(self._archives, self._deposer)
        self._identite = IdentiteBorne.lire(Path(self._configuration.chemins.cles))
        url = self._configuration.salle.url.replace("http", "ws", 1) + "/ws/borne"
        self._client = ClientSalle(url, self._identite, self._recevoir_salle, self._etat_salle)
        self._salle = LiaisonSalle(
            self._client,
            self._appel,
            self._impression,
            self._expedition,
            self.direct,
            self.regie.emettre,
            lambda: self.regie.visite,
            self.textes("fr").dire,
        )

    def _construire_autotest(self) -> None:
        c, historique = self._configuration, Historique(Path(self._configuration.chemins.donnees))

        def banc() -> Banc:
            # En ligne, une seconde liaison chasserait la nôtre ; hors ligne, elle dira pourquoi.
            glace = self._appel.glace if self._client.en_ligne else None
            papier = self._ouverture.papier
            return faire_banc(c, self._registre, self._radio, self._identite, historique, glace=glace, papier=papier)

        self._ouverture = ConduiteOuverture(
            Autotest(c, historique, self._identite, banc),
            self.direct,
            lambda: self.regie.visite,
            self._envoyer_salle,
        )
        ecran = c.ecran
        self._technicien = ConduiteTechnicien(
            Acces(Path(c.chemins.cles)),
            self._ouverture,
            self.direct,
            lambda: self.regie.visite,
            ecran.hauteur_px > ecran.largeur_px,
            lambda: lignes_mediateur(self.regie.visite, self._mesures.en_memoire, self.textes("fr").dire),
        )

    def textes(self, langue: str) -> Textes:
        """Les textes de cette langue, chargés une fois."""
        if langue not in self._textes:
            self._textes[langue] = Textes(dossier_textes(self._configuration), langue)
        return self._textes[langue]

    def _recevoir_salle(self, message: p.SalleVersBorne) -> None:
        if isinstance(message, p.CertificatRefuse):
            self._ouverture.refuser(message.raison)
        else:
            self._salle.recevoir(message)

    def _etat_salle(self, connectee: bool, raison: str) -> None:
        self._salle.etat(connectee, raison)
        self._ouverture.liaison(connectee)

    def _adresses_changees(self, adresses: frozenset[str], perdue: bool) -> None:
        """La salle d'abord : c'est par elle que passera la nouvelle offre."""
        self._client.relancer(adresses)
        self._appel.relancer(change=perdue)

    def _envoyer_salle(self, message: p.BorneVersSalle) -> bool:
        return self._client.envoyer(message)

    def _deposer(self, visite: str, empreinte: str, contenu: bytes) -> bool:
        return self._client.envoyer(p.DepotDossier(visite, empreinte, contenu))

    def _panne(self, cle: str) -> None:
        self.direct.modifier(panne=cle)

    def _publier(self, visite: Visite) -> None:
        """L'écran montre la visite ; le médecin reçoit ce qui le concerne."""
        precedente, self._precedente = self._precedente, visite
        self._pont.publier_visite(visite)
        self._client.presse = visite.etape is Etape.CONSULTATION
        self._sources.suivre(visite.etape)
        self._technicien.suivre(visite)
        if visite.id != precedente.id:
            self._mesures.oublier_memoires()
        self._sources.haut_parleur.volume = visite.preferences.volume / VOLUME_MAX
        if visite.mesures != precedente.mesures and visite.id == precedente.id:
            nouvelles = visite.mesures[len(precedente.mesures) :]
            self._appel.envoyer(p.MesureTransmise(nouvelles, tuple(map(niveau, nouvelles))))
            self._salle.mesures_changees(visite)
        if visite.champ("message") != precedente.champ("message"):
            self._appel.envoyer(p.TexteEnCours(visite.champ("message")))
        for nature, releve in visite.releves.items():
            if releve != precedente.releves.get(nature) and releve.essai:
                self._appel.envoyer(self._etat_mesure(nature, releve))

    def _etat_mesure(self, nature: str, releve: Releve) -> p.EtatMesure:
        raison = " ".join(map(self.textes("fr").dire, remede(releve.raison))) if releve.raison else ""
        return p.EtatMesure(p.appareil_de(nature), ETATS_MESURE[releve.phase], raison, nature)

    def _executer(self, effet: f.Effet, visite: Visite) -> None:
        """Confie chaque effet au sous-système qui le possède."""
        travaux: dict[type[f.Effet], Callable[[Any], object]] = {
            f.DemanderMesure: lambda x: self._mesures.demander(x.nature, x.essai),
            f.ArreterMesure: lambda x: self._effets.lancer(self._mesures.arreter()),
            f.Appeler: lambda x: self._effets.lancer(self._appel.appeler(visite.id, x.essai)),
            f.SuspendreAppel: lambda x: self._appel.suspendre(),
            f.Raccrocher: lambda x: self._effets.lancer(self._appel.raccrocher()),
            f.Ecouter: self._ecouter,
            f.ChoisirCamera: lambda x: self._appel.examen.choisir(x.camera, x.raison),
            f.EnvoyerMessage: lambda x: self._appel.ecrire(p.Texte(x.texte, x.instant)),
            f.Imprimer: lambda x: self._impression.imprimer(visite, x),
            f.AnnulerImpression: self._impression.annuler,
            f.ComposerResume: lambda x: self._impression.composer_resume(visite),
            f.Dire: lambda x: self._dire(x, self.regie.visite),
            f.Cloturer: lambda x: self._expedition.relancer(),
        }
        travail = travaux.get(type(effet))
        if travail is not None:
            travail(effet)
        else:
            self._salle.executer(effet, visite)
        if isinstance(effet, f.Sonner):
            self._sonner(effet)

    def _sonner(self, effet: f.Sonner) -> None:
        """À la borne ; la salle a reçu l'alerte par ailleurs."""
        self.direct.modifier(aide_active=effet.active)
        if effet.active:
            try:
                self._voix.sonner(effet.raison)
            except FileNotFoundError as erreur:
                # L'aide est prévenue chez les médecins : un son égaré n'arrête pas la borne, encore et encore.
                journal.error("sonnerie absente : %s", erreur)
        else:
            self._voix.cesser()

    def _image_medecin(self, image: NDArray[np.uint8], _instant: float) -> None:
        self._pont.deposer_image_medecin(image)

    def voix_changee(self, disponible: bool) -> None:
        """La voix manque ou revient (appelé dans la boucle)."""
        self.direct.modifier(voix_disponible=disponible)

    def _ecouter(self, effet: f.Ecouter) -> None:
        if effet.foyer is not None:
            self._sources.stethoscope.ouvrir()
        else:
            self._sources.stethoscope.fermer()
        self._appel.ecouter(cast(p.Foyer | None, effet.foyer), effet.raison)

    def _dire(self, effet: f.Dire, visite: Visite) -> None:
        textes = self.textes(effet.langue)
        mots = [textes.dire(cle) for cle in effet.cles or mots_de_l_ecran(visite, self.direct.etat)]
        self._voix.dire(mots, effet.langue, effet.volume)

    def _dire_au_patient(self, cles: tuple[str, ...]) -> None:
        """Ce qui se voit sans être un événement (un doigt retiré), dans sa langue et à son volume."""
        visite = self.regie.visite
        self._dire(f.Dire(cles, visite.preferences.volume, visite.langue), visite)

    def _entretenir(self, travail: Coroutine[Any, Any, None]) -> None:
        """Une tâche qui ne doit jamais finir : sa faute arrête la borne, que le système relance sans rien perdre."""
        tache = asyncio.create_task(travail)
        self._taches.append(tache)
        tache.add_done_callback(self._tombee)

    def _tombee(self, tache: asyncio.Task[None]) -> None:
        if not tache.cancelled():
            journal.critical("la borne s'arrête sur une faute", exc_info=tache.exception())
            self._au_pire()

    async def _veiller_lien(self) -> None:
        """La qualité de l'appel, chaque seconde, en un mot pour le patient."""
        while True:
            await asyncio.sleep(1.0)
            self._appel.suivre_niveau()
            self.direct.modifier(qualite_lien=_qualite(self._appel.qualite()), code=self._appel.code())


def mesurables(voulues: Sequence[str], appareils: Mapping[str, object]) -> tuple[str, ...]:
    """Ce que la borne fera mesurer avant l'attente : une nature sans appareil ne se demande pas au patient."""
    for nature in voulues:
        if nature not in appareils:
            journal.error("parcours.mesures demande « %s », mais la borne n'a pas d'appareil qui la mesure", nature)
    return tuple(nature for nature in dict.fromkeys(voulues) if nature in appareils)


def _qualite(valeur: float | None) -> str:
    """`bonne`, `moyenne`, `mauvaise`, ou vide sans appel."""
    if valeur is None:
        return ""
    return "bonne" if valeur > 0.66 else "moyenne" if valeur > 0.33 else "mauvaise"


def dossier_textes(configuration: Configuration) -> Path:
    """Où sont les textes : ceux de la configuration, sinon ceux du logiciel."""
    return Path(configuration.chemins.textes) if configuration.chemins.textes else CONFIG / "textes"


def dossier_sons(configuration: Configuration) -> Path:
    """Où sont les sonneries : celles de la configuration, sinon celles du logiciel."""
    return Path(configuration.chemins.sons) if configuration.chemins.sons else CONFIG / "sons"

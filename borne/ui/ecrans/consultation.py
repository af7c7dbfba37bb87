"""La consultation : le médecin en grand, soi en petit, et ce que le médecin demande de faire."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import EcritureOuverte, FinDemandee, MesureArretee
from borne.parcours.visite import EtatAppel, Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.onde import Onde
from borne.ui.composants.panneau import Dessin
from borne.ui.composants.video import Video
from borne.ui.composants.vivantes import Vivantes
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran, Paroles
from borne.ui.foyers import dessin_du_foyer
from borne.ui.mots import CAMERAS_TENUES, consigne, dernier_message, etat_appel
from borne.ui.theme import Role, Theme


class Panneau(QWidget):
    """Le fond pâle du panneau d'action."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Un panneau pâle."""
        bord = "bord_pale" if self.theme.contraste else None
        cadre = QRectF(self.rect())
        self.theme.peindre_panneau(QPainter(self), cadre, "pale", bord, self.theme.rayon_panneau)


class Consultation(Ecran):
    """L'image d'abord ; un panneau dit une seule chose à faire à la fois."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Le panneau change avec ce que le médecin demande ; l'image s'efface quand l'appel se perd."""
        etabli = visite.appel.etat is EtatAppel.ETABLI and visite.appel.rappel is None
        return (etabli, visite.foyer, visite.en_cours, visite.camera)

    @property
    def etabli(self) -> bool:
        """L'image ou le son passent assez pour se parler."""
        return self.visite.appel.etat is EtatAppel.ETABLI and self.visite.appel.rappel is None

    def construire(self) -> None:
        """L'image ou l'état de l'appel, soi, puis le panneau d'action."""
        theme = self.theme
        self.medecin = Video(theme, self.dire("nom-image-medecin"), self)
        self.voile = Dessin(theme, "liaison-coupee" if self._perdu() else "medecin", self)
        self.etat = Paroles(theme, self.textes, self)
        examine = self.visite.camera in CAMERAS_TENUES
        # Une glace pour le visage ; pour le reste, l'image entière et à l'endroit, comme le médecin la voit.
        self.patient = Video(theme, self.dire("nom-image-patient"), self, miroir=not examine, entiere=examine)
        # Un titre cacherait un coin de ce qui s'examine.
        self.patient.titrer("" if examine else self.dire("consultation-vous"))
        self.panneau = Panneau(theme, self)
        self.consigne = Paroles(theme, self.textes, self, role_question=Role.FORT, role_phrase=Role.CORPS)
        self._construire_action()
        for objet in (self.voile, self.etat):
            objet.setVisible(not self.etabli)
        self.medecin.setVisible(self.etabli)

    def _perdu(self) -> bool:
        appel = self.visite.appel
        return appel.etat is EtatAppel.PERDU or appel.medecin_absent or appel.rappel is not None

    def _construire_action(self) -> None:
        """Le dessin du foyer et son onde, ou la pression du brassard, ou rien."""
        theme = self.theme
        self.action: QWidget | None = None
        self.onde: Onde | None = None
        self.arreter: Bouton | None = None
        if self.visite.foyer is not None and self.etabli:
            self.action = self._dessin_foyer(self.visite.foyer)
            self.onde = Onde(theme, self.dire("preparation-micro"), self)
        elif self.visite.en_cours:
            self.action = Vivantes(theme, self.textes, self.visite.en_cours, self, etroite=True)
            self.arreter = Bouton(
                theme,
                self.dire("bouton-arreter"),
                self,
                icone="player-stop",
                role=Role.COMMANDE,
                repetition=self.contexte.repetition,
            )
            self.arreter.touche.connect(lambda: self.toucher(MesureArretee))
        elif self.etabli and self.visite.camera in CAMERAS_TENUES:
            self.action = Dessin(theme, f"camera-{self.visite.camera}", self, fond=None)
        elif self.etabli:
            self.action = Dessin(theme, "parler", self, fond=None)
        self.panneau.setVisible(self.action is not None)

    def _dessin_foyer(self, choisi: str) -> Dessin:
        """Le corps vu du côté où poser, et le point à toucher."""
        nom, points = dessin_du_foyer(choisi)
        teintes = {point: "actif" if actif else "inactif" for point, actif in points.items()}
        return Dessin(self.theme, nom, self, fond=None, teintes=teintes)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """L'état de l'appel, le dernier mot du médecin, la consigne, les valeurs vivantes."""
        super().actualiser(visite, direct)
        etat, dit = etat_appel(visite, direct), consigne(visite, direct)
        message = [self.dire(cle) for cle in dernier_message(visite)]
        change = False
        if self.etabli:
            titre = self.dire(etat[0])
            self.medecin.icone_titre = "microphone-off" if direct.micro_medecin_coupe else ""
            if direct.code:
                titre += "\n" + self.textes.dire("consultation-code", code=direct.code)
            if direct.texte_medecin:
                # Le texte en temps réel : chaque lettre du médecin, dès qu'il la tape (EN 301 549, 6.2).
                message = [self.textes.dire("consultation-message-en-cours", texte=direct.texte_medecin)]
            self.medecin.titrer(titre, message[0] if message else "")
        else:
            change = self.etat.montrer([*etat, *([] if self.action else dit), *dernier_message(visite)])
        change = self.consigne.montrer(dit if self.action else ()) or change
        if not direct.camera_disponible:
            self.image_patient(None)
        self.patient.pointer(direct.pointeur)
        if isinstance(self.action, Vivantes):
            self.action.montrer(direct.vivantes, direct.pleth)
        if self.onde is not None:
            self.onde.montrer(direct.stethoscope)
        if change:
            self.disposer(self.rect())
            self.consigne.disposer()
            self.etat.disposer()

    def image_medecin(self, image: QImage | None) -> None:
        """Le médecin."""
        self.medecin.montrer(image)

    def image_patient(self, image: QImage | None) -> None:
        """Soi ; sans caméra, une icône plutôt que la dernière image figée."""
        presente = self.direct.camera_disponible
        self.patient.icone_vide = "user" if presente else "video-off"
        self.patient.montrer(image if presente else None)

    def reponses(self) -> Sequence[Action]:
        """Écrire, terminer."""
        return (
            Action("bouton-ecrire", lambda: self.toucher(EcritureOuverte), "message"),
            Action("bouton-terminer", lambda: self.toucher(FinDemandee), principale=True),
        )

    def disposer(self, zone: QRect) -> None:
        """L'image au plus grand ; soi et le panneau à droite, ou dessous en portrait."""
        entre = self.theme.px(7)
        if self.theme.affichage.portrait:
            haut = round(zone.width() * 0.78)
            self._placer_image(QRect(zone.x(), zone.y(), zone.width(), haut))
            bas = zone.adjusted(0, haut + entre, 0, 0)
            if self._demande():
                self._placer_medaillon(QRect(zone.x(), zone.y(), zone.width(), haut))
                self._placer_panneau(bas)
                return
            if self.action is None:
                self.patient.setGeometry(bas)
                self._placer_panneau(QRect())
                return
            large = round(zone.width() * 0.36)
            self.patient.setGeometry(bas.x(), bas.y(), large, min(bas.height(), round(large * 1.1)))
            self._placer_panneau(bas.adjusted(large + entre, 0, 0, 0))
            return
        large = min(round(zone.height() * 16 / 9), zone.width() - self.theme.px(125) - entre)
        self._placer_image(QRect(zone.x(), zone.y(), large, zone.height()))
        droite = zone.adjusted(large + entre, 0, 0, 0)
        if self._demande():
            # Le médecin demande quelque chose : le geste à faire prend la colonne, soi se range dans l'image.
            self._placer_medaillon(QRect(zone.x(), zone.y(), large, zone.height()))
            self._placer_panneau(droite)
            return
        haut = droite.height()
        if self.action is not None:
            marge = self.theme.px(5)
            mots = self.consigne.hauteur_pour(droite.width() - 2 * marge) + 2 * marge
            # L'image examinée se regarde : elle a plus de place que son propre visage.
            part = 0.62 if self.patient.miroir else 0.7
            haut = min(round(droite.width() * part), haut - mots - entre)
        self.patient.setGeometry(droite.x(), droite.y(), droite.width(), haut)
        self._placer_panneau(droite.adjusted(0, haut + entre, 0, 0))

    def _demande(self) -> bool:
        return self.etabli and (self.onde is not None or self.arreter is not None)

    def _placer_medaillon(self, image: QRect) -> None:
        marge = self.theme.px(5)
        large = self.theme.px(62)
        haut = round(large * 0.75)
        self.patient.setGeometry(image.right() + 1 - marge - large, image.y() + marge, large, haut)
        self.patient.incruster()
        self.medecin.reserver(large + 2 * marge)

    def _placer_image(self, cadre: QRect) -> None:
        self.medecin.setGeometry(cadre)
        marge = self.theme.px(7)
        mots = self.etat.hauteur_pour(cadre.width())
        moitie = max(0, min(round(cadre.height() * 0.56), cadre.height() - mots - marge))
        self.voile.setGeometry(cadre.x(), cadre.y(), cadre.width(), moitie)
        dessous = cadre.adjusted(0, moitie + marge, 0, 0)
        self.etat.setGeometry(dessous)

    def _placer_panneau(self, cadre: QRect) -> None:
        """Le dessin au-dessus, les mots dessous."""
        self.panneau.setGeometry(cadre)
        marge = self.theme.px(5)
        dedans = cadre.adjusted(marge, marge, -marge, -marge)
        mots = min(self.consigne.hauteur_pour(dedans.width()), dedans.height())
        bas = dedans.bottom() + 1
        if self.arreter is not None:
            self.arreter.setGeometry(dedans.x(), bas - self.theme.cible, dedans.width(), self.theme.cible)
            bas -= self.theme.cible + marge
        self.consigne.setGeometry(dedans.x(), bas - mots, dedans.width(), mots)
        bas -= mots + self.theme.px(3)
        if self.onde is not None:
            haut = self.theme.px(16)
            self.onde.setGeometry(dedans.x(), bas - haut, dedans.width(), haut)
            bas -= haut
        if self.action is not None:
            haut = max(0, bas - dedans.y())
            # Un dessin trop petit ne dit plus rien : les mots prennent toute la place.
            tient = haut >= self.theme.px(24)
            self.action.setVisible(tient)
            self.action.setGeometry(dedans.x(), dedans.y(), dedans.width(), haut)
            if not tient and self.onde is None and self.arreter is None:
                self.consigne.move(dedans.x(), dedans.y() + (dedans.height() - mots) // 2)

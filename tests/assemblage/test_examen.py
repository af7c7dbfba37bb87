"""Examiner à l'image, de la vraie caméra virtuelle au médecin : choix, photo, zoom, pointeur, pertes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.assemblage.examen import ConduiteExamen
from borne.assemblage.optique import Optique
from borne.configuration import Appareils
from borne.demonstration.camera import CameraVirtuelle
from borne.demonstration.scenes import tympan
from borne.parcours import evenements as e
from borne.ui.direct import EtatDirect
from tests.visio.outils import Appel, appel_etabli, attendre

PETITE = {"largeur": 640, "hauteur": 360, "images_s": 15}


class Cabinet:
    """Une borne et son médecin reliés, deux caméras, et la boucle du parcours réduite au choix de la caméra."""

    def __init__(self, optique: Optique, appel: Appel, otoscope: CameraVirtuelle) -> None:
        self.optique, self.appel, self.otoscope = optique, appel, otoscope
        self.evenements: list[e.Evenement] = []
        self.direct = Direct(EtatDirect(), lambda etat: None)
        self.examen = ConduiteExamen(optique, self.emettre, self.envoyer, self.direct, lambda cle: f"<{cle}>")

    def envoyer(self, message: p.Canal) -> bool:
        return self.appel.seance.envoyer(message)

    def emettre(self, evenement: e.Evenement) -> None:
        self.evenements.append(evenement)
        if isinstance(evenement, e.CameraChoisie):
            self.examen.choisir(evenement.camera, evenement.raison)

    def recu(self, genre: type[p.Message]) -> list[p.Message]:
        """Ce que le médecin a reçu de ce genre."""
        return [message for message in self.appel.medecin.messages if isinstance(message, genre)]

    async def cameras(self, active: str) -> p.EtatCameras:
        """Attend que le médecin sache que cette caméra est émise."""

        def dernier() -> p.EtatCameras | None:
            etats = self.recu(p.EtatCameras)
            return etats[-1] if etats and etats[-1].active == active else None  # type: ignore[attr-defined,return-value]

        await attendre(dernier)
        etat = dernier()
        assert etat is not None
        return etat

    def photo(self) -> bytes:
        """Les octets de la dernière photo reçus par le médecin, morceaux mis bout à bout."""
        annonce = self.recu(p.PhotoAnnoncee)[-1]
        morceaux = [p.MorceauPhoto.decoder(m) for m in self.appel.medecin.octets[p.NOM_CANAL_EXAMEN]]
        siens = [m for m in morceaux if m.numero == annonce.numero]  # type: ignore[attr-defined]
        assert [m.rang for m in siens] == list(range(len(siens)))
        return b"".join(m.octets for m in siens)

    async def photo_entiere(self) -> p.PhotoAnnoncee:
        """Attend la photo demandée, entière ; rend son annonce."""
        await attendre(lambda: self.recu(p.PhotoAnnoncee))
        annonce = self.recu(p.PhotoAnnoncee)[-1]
        assert isinstance(annonce, p.PhotoAnnoncee)
        await attendre(lambda: len(self.photo()) >= annonce.octets)
        return annonce


@pytest.fixture
async def cabinet(tmp_path: Path) -> AsyncIterator[Cabinet]:
    visage = CameraVirtuelle(tmp_path / "visage", **PETITE)
    otoscope = CameraVirtuelle(tmp_path / "otoscope", images_s=15, scene="otoscope")
    with visage, otoscope:
        optique = Optique(Appareils(camera=str(visage.fifo), camera_examen=str(otoscope.fifo)))
        optique.demarrer()
        await attendre(lambda: optique.derniere)
        try:
            async with appel_etabli(optique, cadreur=optique.cadreur) as appel:
                cabinet = Cabinet(optique, appel, otoscope)
                cabinet.examen.etabli(appel.seance)
                await attendre(lambda: len(appel.medecin.images) > 3)
                yield cabinet
                cabinet.examen.finir()
        finally:
            await asyncio.to_thread(optique.arreter)


async def test_choisir_l_otoscope_ne_change_ni_l_appel_ni_la_taille(cabinet: Cabinet) -> None:
    etat = await cabinet.cameras("principale")
    assert etat.presentes == ("principale", "examen")
    offre = cabinet.appel.seance._pair.localDescription.sdp
    cabinet.examen.recevoir(p.ChoixCamera("examen"))
    await cabinet.cameras("examen")
    await attendre(lambda: p.EtatImage("examen", 1280, 1280) in _sans_conseils(cabinet))
    images = cabinet.appel.medecin.images
    avant = len(images)
    await attendre(lambda: len(images) > avant + 10)
    # Le tympan, rond sur fond noir, tient entier dans le même 640 x 360.
    assert {taille[:2] for taille in images} == {(640, 360)}
    cabinet.examen.recevoir(p.ChoixCamera("principale"))
    await cabinet.cameras("principale")
    await attendre(lambda: cabinet.optique._cameras["examen"].etat == "arretee")
    assert ("camera", False) not in cabinet.appel.sources, "une caméra arrêtée n'est pas une caméra perdue"
    assert cabinet.appel.seance._pair.localDescription.sdp == offre


def _sans_conseils(cabinet: Cabinet) -> list[p.EtatImage]:
    return [p.EtatImage(m.camera, m.largeur, m.hauteur) for m in cabinet.recu(p.EtatImage)]  # type: ignore[attr-defined]


async def test_photo_d_examen_a_la_definition_du_capteur(cabinet: Cabinet) -> None:
    cabinet.examen.recevoir(p.ChoixCamera("examen"))
    await cabinet.cameras("examen")
    cabinet.examen.recevoir(p.Cadrage(0.2, 0.2, 6))
    cabinet.examen.recevoir(p.DemandePhoto("p1"))
    cabinet.examen.recevoir(p.DemandePhoto("p2"))
    annonce = await cabinet.photo_entiere()
    octets = cabinet.photo()
    assert (annonce.photo, annonce.camera, annonce.largeur, annonce.hauteur) == ("p1", "examen", 1280, 1280)
    assert annonce.empreinte == hashlib.sha256(octets).hexdigest()
    image = cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_COLOR)
    # Du capteur, entière malgré le zoom, et non du flux 640 x 360.
    assert cv2.PSNR(image, tympan()) > 36
    assert p.PhotoEchouee("p2", "Une photo est déjà en route.") in cabinet.recu(p.PhotoEchouee)
    assert [x.camera for x in cabinet.evenements if isinstance(x, e.PhotoPrise)] == ["examen"]
    await attendre(lambda: not cabinet.direct.etat.photo)
    assert cabinet.appel.seance._image.reserve == 0


async def test_photo_annulee(cabinet: Cabinet) -> None:
    cabinet.examen.recevoir(p.DemandePhoto("p1"))
    await attendre(lambda: cabinet.recu(p.PhotoAnnoncee))
    cabinet.examen.recevoir(p.ArretPhoto("une autre"))
    cabinet.examen.recevoir(p.ArretPhoto("p1"))
    await attendre(lambda: not cabinet.direct.etat.photo)
    assert not any(isinstance(x, e.IncidentSurvenu) for x in cabinet.evenements)
    # La suivante n'en souffre pas.
    cabinet.examen.recevoir(p.DemandePhoto("p3"))
    await attendre(lambda: cabinet.recu(p.PhotoAnnoncee)[-1].photo == "p3")  # type: ignore[attr-defined]
    await cabinet.photo_entiere()


@pytest.mark.exigence("VISITE-COUPURE")
async def test_photo_reprise_sur_l_appel_suivant(cabinet: Cabinet) -> None:
    """L'appel est remplacé pendant l'envoi : la photo repart de son début, et arrive par le nouveau."""
    cabinet.examen.recevoir(p.DemandePhoto("p1"))
    await attendre(lambda: cabinet.appel.medecin.octets.get(p.NOM_CANAL_EXAMEN))
    ancien = cabinet.appel
    async with appel_etabli(cabinet.optique, cadreur=cabinet.optique.cadreur) as nouveau:
        cabinet.appel = nouveau
        cabinet.examen.etabli(nouveau.seance)
        annonce = await cabinet.photo_entiere()
        assert (annonce.photo, annonce.numero) == ("p1", 2)
        assert hashlib.sha256(cabinet.photo()).hexdigest() == annonce.empreinte
        assert [x for x in cabinet.evenements if isinstance(x, e.PhotoPrise)] == cabinet.evenements[:1]
    cabinet.appel = ancien


async def test_zoom_borne_et_pointeur_sur_le_retour(cabinet: Cabinet) -> None:
    cabinet.examen.recevoir(p.Cadrage(0.0, 1.0, 4))
    await attendre(lambda: p.Cadrage(0.125, 0.875, 4) in cabinet.recu(p.Cadrage))
    cabinet.examen.recevoir(p.Pointeur(0.125, 0.875))
    x, y = cabinet.direct.etat.pointeur or (0, 0)
    assert (x, y) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))
    cabinet.examen.recevoir(p.Pointeur(0.9, 0.1))
    assert cabinet.direct.etat.pointeur is None, "hors de ce qui se voit"
    cabinet.examen.recevoir(p.Cadrage(0.5, 0.5, 1))
    assert cabinet.direct.etat.pointeur == (pytest.approx(0.9, abs=0.01), pytest.approx(0.1, abs=0.01))
    cabinet.examen.recevoir(p.Pointeur())
    assert cabinet.direct.etat.pointeur is None
    cabinet.examen.recevoir(p.Cadrage(float("nan"), 2, 99))
    await attendre(lambda: p.Cadrage(0.5, 1 - 1 / 16, 8) in cabinet.recu(p.Cadrage))


@pytest.mark.exigence("VISITE-COUPURE")
async def test_otoscope_arrache_on_revient_au_visage_en_le_disant(cabinet: Cabinet) -> None:
    cabinet.examen.recevoir(p.ChoixCamera("examen"))
    await cabinet.cameras("examen")
    cabinet.examen.recevoir(p.Pointeur(0.5, 0.5))
    cabinet.otoscope.debrancher()
    etat = await cabinet.cameras("principale")
    assert etat == p.EtatCameras("principale", ("principale",), "<erreur-camera-examen>")
    assert cabinet.direct.etat.pointeur is None
    assert cabinet.recu(p.Pointeur)[-1] == p.Pointeur()
    pertes = [x for x in cabinet.evenements if isinstance(x, e.CameraChoisie) and x.raison]
    assert [(x.camera, x.raison) for x in pertes] == [("principale", "erreur-camera-examen")]
    # Choisie alors qu'elle manque, elle se refuse de même ; rebranchée, elle revient dans la liste.
    cabinet.examen.recevoir(p.ChoixCamera("examen"))
    await attendre(lambda: sum(isinstance(x, e.CameraChoisie) and bool(x.raison) for x in cabinet.evenements) == 2)
    cabinet.otoscope.rebrancher()
    await attendre(lambda: cabinet.recu(p.EtatCameras)[-1].presentes == ("principale", "examen"))  # type: ignore[attr-defined]
    cabinet.examen.recevoir(p.ChoixCamera("examen"))
    await cabinet.cameras("examen")


async def test_sans_image_la_photo_echoue_en_le_disant(tmp_path: Path) -> None:
    optique = Optique(Appareils(camera=str(tmp_path / "absente")))
    async with appel_etabli(None) as appel:
        cabinet = Cabinet(optique, appel, CameraVirtuelle(tmp_path / "rien"))
        cabinet.examen.etabli(appel.seance)
        cabinet.examen.recevoir(p.DemandePhoto("p1"))
        await attendre(lambda: cabinet.recu(p.PhotoEchouee))
        assert cabinet.recu(p.PhotoEchouee) == [p.PhotoEchouee("p1", "La caméra n'envoie pas d'image.")]
        assert [x.code for x in cabinet.evenements if isinstance(x, e.IncidentSurvenu)] == ["incident-photo"]
        cabinet.examen.finir()

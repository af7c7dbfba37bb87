"""Numériser pendant l'appel : la page arrive au médecin, redressée, puis toutes en un seul PDF."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from borne import protocole as p
from borne.assemblage.optique import Optique
from borne.configuration import Appareils
from borne.demonstration.camera import CameraVirtuelle
from borne.demonstration.scenes import ordonnance
from borne.parcours import evenements as e
from borne.peripheriques.opencv import cv2
from borne.peripheriques.pdf import verifier_pdf
from tests.assemblage.test_examen import Cabinet
from tests.visio.outils import appel_etabli, attendre


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Cabinet]:
    """Une borne dont la caméra est celle de documents, et son médecin."""
    with CameraVirtuelle(tmp_path / "document", images_s=10, scene="document") as camera:
        optique = Optique(Appareils(camera=str(camera.fifo)))
        optique.demarrer()
        await attendre(lambda: optique.derniere)
        try:
            async with appel_etabli(optique, cadreur=optique.cadreur) as appel:
                cabinet = Cabinet(optique, appel, camera)
                cabinet.examen.etabli(appel.seance)
                yield cabinet
                cabinet.examen.finir()
        finally:
            await asyncio.to_thread(optique.arreter)


async def recevoir(bureau: Cabinet, photo: str, forme: str) -> tuple[p.PhotoAnnoncee, bytes]:
    """Demande, et attend le fichier entier."""
    bureau.examen.recevoir(p.DemandePhoto(photo, forme))  # type: ignore[arg-type]
    await attendre(lambda: [m for m in bureau.recu(p.PhotoAnnoncee) if m.photo == photo])  # type: ignore[attr-defined]
    annonce = await bureau.photo_entiere()
    octets = bureau.photo()
    assert hashlib.sha256(octets).hexdigest() == annonce.empreinte
    await attendre(lambda: not bureau.direct.etat.photo)
    return annonce, octets


async def test_des_pages_puis_un_pdf(bureau: Cabinet) -> None:
    bureau.examen.recevoir(p.DemandePhoto("vide", "pdf"))
    await attendre(lambda: bureau.recu(p.PhotoEchouee))
    assert bureau.recu(p.PhotoEchouee) == [p.PhotoEchouee("vide", "Aucune page n'a été numérisée.")]
    await attendre(lambda: not bureau.direct.etat.photo)

    annonce, octets = await recevoir(bureau, "p1", "page")
    assert (annonce.pages, annonce.remarques) == (1, ())
    page = cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_GRAYSCALE)
    # À plat et entière : ses traits tombent sur ceux de l'ordonnance d'origine.
    dessin = cv2.resize(ordonnance(), page.shape[::-1], interpolation=cv2.INTER_AREA)
    attendue = cv2.cvtColor(dessin, cv2.COLOR_BGR2GRAY)
    flous = [cv2.GaussianBlur(image, (0, 0), 2).ravel() for image in (page, attendue)]
    assert np.corrcoef(*flous)[0, 1] > 0.85

    assert (await recevoir(bureau, "p2", "page"))[0].pages == 2
    annonce, octets = await recevoir(bureau, "d1", "pdf")
    assert (annonce.nature, annonce.pages) == ("application/pdf", 0)
    assert verifier_pdf(octets) == 2
    assert [x.camera for x in bureau.evenements if isinstance(x, e.PhotoPrise)] == ["principale"] * 2

    # Le PDF arrivé, la borne n'a plus rien.
    bureau.examen.recevoir(p.DemandePhoto("d2", "pdf"))
    await attendre(lambda: len(bureau.recu(p.PhotoEchouee)) == 2)

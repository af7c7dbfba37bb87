"""Un appel réel entre la borne et un pair aiortc brut, sur 127.0.0.1."""

from __future__ import annotations

import asyncio
import logging

import numpy as np
import pytest
from numpy.typing import NDArray

from borne.protocole import Battement, DemandeEcoute, ServeurGlace, Texte
from borne.visio.liaison import SANS_ECHO_MAX, SILENCE, Coeur, EtatLiaison, Oreille
from borne.visio.seance import SeanceInvalide
from tests.visio.outils import (
    FREQUENCE,
    Camera,
    Medecin,
    Son,
    appel_etabli,
    attendre,
    coeur_synthetique,
    seance,
    ton,
)


def correlation(emis: NDArray[np.int16], recu: NDArray[np.int16]) -> float:
    """Meilleure corrélation du son reçu avec un passage du son émis, joué en boucle."""
    modele = np.concatenate([emis, emis]).astype(float)
    extrait = recu.astype(float) - recu.mean()
    if not extrait.any():
        return 0.0
    produits = np.fft.irfft(
        np.fft.rfft(modele, 2 * len(modele)) * np.conj(np.fft.rfft(extrait, 2 * len(modele))), 2 * len(modele)
    )
    debut = int(np.argmax(produits[: len(modele) - len(extrait)]))
    return float(np.corrcoef(modele[debut : debut + len(extrait)], extrait)[0, 1])


async def test_image_voix_et_stethoscope() -> None:
    coeur = coeur_synthetique(10)
    async with appel_etabli(Camera(), Son(ton(300)), Son(coeur)) as appel:
        appel.seance.ecouter(True)
        await attendre(lambda: len(appel.medecin.images) > 60 and len(appel.images) > 30)
        await attendre(lambda: np.abs(appel.medecin.son("2")).max(initial=0) > 2000)
        debut = len(appel.medecin.son("2"))
        await attendre(lambda: len(appel.medecin.son("2")) > debut + 4 * FREQUENCE)
        assert appel.medecin.images[-1][:2] == (1920, 1080)
        assert appel.images[-1][0].shape == (480, 640, 3)
        assert appel.images[-1][0].dtype == np.uint8
        # Par secondes : un trou d'une machine chargée décale la suite, sans rien y changer.
        secondes = np.array_split(appel.medecin.son("2")[debut:], 4)
        assert np.median([correlation(coeur, recu) for recu in secondes]) > 0.9
        assert correlation(ton(300), appel.medecin.son("1")[-FREQUENCE:]) > 0.9
        # Par quarts de seconde : l'étirement qui suit le réseau décale la phase d'un ton, sans changer sa hauteur.
        extraits = np.array_split(appel.haut_parleur.tout()[-FREQUENCE:], 4)
        assert max(correlation(ton(440), extrait) for extrait in extraits) > 0.9
        await attendre(lambda: appel.seance.statistiques().get("images_emises_s", 0) > 5)
        assert appel.seance.qualite().valeur > 0.5
        assert "aller_retour_ms" in appel.seance.statistiques()


async def test_ordre_des_sections() -> None:
    appel = seance(Camera(), None, None)
    sdp = await appel.seance.offre()
    assert [ligne.split()[0] for ligne in sdp.splitlines() if ligne.startswith("m=")] == [
        "m=video",
        "m=audio",
        "m=audio",
        "m=video",
        "m=application",
    ]
    sections = sdp.split("m=")[1:]
    assert [f"a=mid:{rang}" in section for rang, section in enumerate(sections)] == [True] * 5
    assert "a=recvonly" in sections[0]
    assert "a=sendonly" in sections[2]
    assert "a=sendonly" in sections[3]
    assert "profile-level-id=42e028" in sections[3]
    assert "playout-delay" in sections[3]
    assert sections[3].index("H264") < sections[3].index("VP8")
    assert "stun" not in sdp
    await appel.seance.fermer()


async def test_stethoscope_ferme_tant_qu_on_ne_l_ecoute_pas() -> None:
    stethoscope = Son(coeur_synthetique(5))
    async with appel_etabli(Camera(640, 480), None, stethoscope) as appel:
        await attendre(lambda: len(appel.medecin.son("2")) > FREQUENCE)
        assert stethoscope.lectures == 0
        assert np.abs(appel.medecin.son("2")).max() <= 2
        appel.seance.ecouter(True)
        await attendre(lambda: np.abs(appel.medecin.son("2")).max() > 2000)
        appel.seance.ecouter(False)
        await asyncio.sleep(0.3)
        lectures = stethoscope.lectures
        await asyncio.sleep(0.3)
        assert stethoscope.lectures == lectures


async def test_messages_dans_les_deux_sens() -> None:
    async with appel_etabli(Camera(640, 480)) as appel:
        assert appel.seance.envoyer(Texte(texte="Bonjour", instant=1.0))
        appel.medecin.envoyer(DemandeEcoute(foyer="mitral"))
        await attendre(lambda: appel.messages and appel.medecin.messages)
        assert appel.messages == [DemandeEcoute(foyer="mitral")]
        assert appel.medecin.messages == [Texte(texte="Bonjour", instant=1.0)]
    assert not appel.seance.envoyer(Texte(texte="trop tard", instant=2.0))


async def test_message_malforme_ignore_sans_son_contenu(caplog: pytest.LogCaptureFixture) -> None:
    async with appel_etabli(Camera(640, 480)) as appel:
        with caplog.at_level(logging.DEBUG, logger="borne"):
            for texte in ("Martin secret", '{"type":"Texte","texte":"Martin"}', '{"type":"Martin"}', "", "\x00"):
                appel.medecin.envoyer(texte)
            appel.medecin.envoyer(DemandeEcoute(foyer="aortique"))
            await attendre(lambda: appel.messages)
        assert appel.messages == [DemandeEcoute(foyer="aortique")]
        assert "malformé" in caplog.text
        assert "Martin" not in caplog.text
        assert appel.seance.etat is EtatLiaison.ETABLIE


@pytest.mark.exigence("VISITE-COUPURE")
async def test_medecin_muet_perdu_puis_revenu() -> None:
    async with appel_etabli(Camera(640, 480)) as appel:
        appel.medecin.muet = True
        await attendre(lambda: appel.seance.etat is EtatLiaison.PERDUE)
        assert not appel.seance.envoyer(Texte(texte="?", instant=0.0))
        appel.medecin.muet = False
        await attendre(lambda: appel.seance.etat is EtatLiaison.ETABLIE)
    assert appel.etats[:3] == [
        EtatLiaison.ETABLIE,
        EtatLiaison.PERDUE,
        EtatLiaison.ETABLIE,
    ]


@pytest.mark.exigence("VISITE-COUPURE")
async def test_medecin_parti_perdu_et_nouvelle_seance_avant_de_fermer() -> None:
    camera = Camera(640, 480)
    async with appel_etabli(camera) as ancien:
        await ancien.medecin.pair.close()
        await attendre(lambda: ancien.seance.etat is EtatLiaison.PERDUE)
        async with appel_etabli(camera) as nouveau:
            await ancien.seance.fermer()
            recues = len(nouveau.medecin.images)
            await attendre(lambda: len(nouveau.medecin.images) > recues + 10)
        assert ancien.seance.etat is EtatLiaison.FERMEE


async def test_camera_debranchee_l_appel_continue_et_elle_revient() -> None:
    camera = Camera(640, 480)
    async with appel_etabli(camera, Son(ton(300))) as appel:
        await attendre(lambda: appel.medecin.images and appel.medecin.images[-1][2] > 20)
        camera.absente = True
        await attendre(lambda: appel.medecin.images[-1][2] < 3)
        assert ("camera", False) in appel.sources
        assert appel.seance.etat is EtatLiaison.ETABLIE
        sons = len(appel.medecin.son("1"))
        await attendre(lambda: len(appel.medecin.son("1")) > sons + FREQUENCE // 2)
        camera.absente = False
        await attendre(lambda: appel.medecin.images[-1][2] > 20)
        assert appel.sources[-1] == ("camera", True)
        assert {image[:2] for image in appel.medecin.images[5:]} == {(640, 480)}


async def test_aucun_appareil_l_appel_s_etablit_quand_meme() -> None:
    async with appel_etabli(None) as appel:
        appel.seance.ecouter(True)
        await attendre(lambda: appel.medecin.images and len(appel.medecin.son("2")) > FREQUENCE // 2)
        await attendre(lambda: {"camera", "microphone", "stethoscope"} <= {nom for nom, _ in appel.sources})


async def test_medecin_sans_h264() -> None:
    appel = seance(Camera(640, 480), None, None)
    offre = await appel.seance.offre()
    vp8 = [ligne for ligne in offre.splitlines() if not any(f":{n} " in ligne for n in (101, 102))]
    reponse = await appel.medecin.repondre("\r\n".join(vp8).replace(" 101 102 97 98", " 97 98") + "\r\n")
    assert "H264" not in reponse
    await appel.seance.repondre(reponse)
    await attendre(lambda: len(appel.medecin.images) > 10)
    await appel.seance.fermer()
    await appel.medecin.fermer()


@pytest.mark.parametrize("sdp", ["", "n'importe quoi", "v=0\r\nm=video 9 X 1\r\n"])
async def test_reponse_invalide(sdp: str) -> None:
    appel = seance(Camera(640, 480), None, None)
    await appel.seance.offre()
    with pytest.raises(SeanceInvalide):
        await appel.seance.repondre(sdp)
    await appel.seance.fermer()


async def test_candidats_illisibles_ignores() -> None:
    appel = seance(Camera(640, 480), None, None)
    offre = await appel.seance.offre()
    await appel.seance.candidat("candidate:abîmé", "0", 0)
    await appel.seance.repondre(await appel.medecin.repondre(offre))
    for texte, mid, ligne in (("x", "0", 0), ("candidate:1 1 udp 1 pas-une-adresse 9 typ host", None, None)):
        await appel.seance.candidat(texte, mid, ligne)
    await appel.seance.candidat("", "0", 0)
    await attendre(lambda: appel.etats)
    await appel.seance.fermer()
    await appel.seance.candidat("", "0", 0)
    await appel.medecin.fermer()


async def test_candidats_au_fil_de_l_eau() -> None:
    """Une réponse sans candidats, puis les candidats un par un, avant et après elle."""
    appel = seance(Camera(640, 480), None, None)
    complete = await appel.medecin.repondre(await appel.seance.offre())
    candidats = {ligne[2:] for ligne in complete.splitlines() if ligne.startswith("a=candidate:")}
    nue = [ligne for ligne in complete.splitlines() if not ligne.startswith(("a=candidate:", "a=end-of"))]
    await appel.seance.repondre("\r\n".join(nue) + "\r\n")
    for candidat in candidats:
        await appel.seance.candidat(candidat, "0", 0)
    await attendre(lambda: EtatLiaison.ETABLIE in appel.etats)
    await appel.seance.fermer()
    await appel.medecin.fermer()


async def test_serveurs_de_glace_explicites() -> None:
    serveur = ServeurGlace(urls=["turn:127.0.0.1:9?transport=udp"], username="u", credential="c")
    medecin = Medecin()
    await medecin.fermer()
    appel = seance(None, None, None, glace=(serveur,))
    assert "127.0.0.1" in await appel.seance.offre()
    await appel.seance.fermer()
    await appel.medecin.fermer()


def test_un_arret_de_la_borne_n_est_pas_une_perte() -> None:
    """Ce sont les battements et les pas de veille qui comptent, pas les secondes : l'arrêt n'en fait aucun."""
    envoyes: list[Battement] = []
    coeur, oreille = Coeur(envoyes.append), Oreille()
    for _ in range(SANS_ECHO_MAX - 1):
        coeur.battre()
    assert not coeur.perdu
    coeur.battre()
    assert coeur.perdu
    while not oreille.muette:
        assert oreille.silence < SILENCE
        oreille.passer()
    assert oreille.entendre(), "le premier paquet rompt le silence"
    assert not oreille.entendre(), "pas le deuxième"
    assert oreille.silence == 0

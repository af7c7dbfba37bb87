"""L'exécution des contrôles : côte à côte, bornés, sans qu'aucun casse les autres."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.execution import BLOQUE, DELAI, FAUTE, NON_CONTROLE, Avancee, executer

Corps = Callable[[], Awaitable[None]]


@dataclass
class Regle:
    """Un contrôle dont l'essai écrit le corps."""

    nom: str
    corps: Corps
    groupe: str = ""
    delai_s: float = 30.0
    requiert: tuple[str, ...] = ()
    couleur: Couleur = Couleur.VERT

    @property
    def libelle(self) -> str:
        return self.nom.capitalize()

    async def controler(self, banc: str) -> Resultat:
        await self.corps()
        return Resultat(self.nom, self.couleur, f"Bon pour {banc}.")


async def _rien() -> None:
    pass


async def _jamais() -> None:
    await asyncio.Event().wait()


async def test_rend_les_resultats_dans_l_ordre_demande() -> None:
    premier_apres = asyncio.Event()

    async def lent() -> None:
        await premier_apres.wait()

    async def rapide() -> None:
        premier_apres.set()

    rendus = await executer([Regle("lent", lent), Regle("rapide", rapide)], "le banc")
    assert [r.controle for r in rendus] == ["lent", "rapide"]
    assert rendus[0].constat == "Bon pour le banc."


async def test_deux_du_meme_groupe_ne_se_croisent_jamais() -> None:
    ensemble, plus = 0, 0

    async def corps() -> None:
        nonlocal ensemble, plus
        ensemble += 1
        plus = max(plus, ensemble)
        await asyncio.sleep(0)
        ensemble -= 1

    await executer([Regle(f"son-{n}", corps, "son") for n in range(5)], "")
    assert plus == 1


async def test_deux_groupes_tournent_ensemble() -> None:
    rendez_vous = asyncio.Barrier(3)

    async def corps() -> None:
        await rendez_vous.wait()

    trois = [Regle("a", corps, "son"), Regle("b", corps, "radio"), Regle("c", corps)]
    rendus = await executer(trois, "")
    assert {r.couleur for r in rendus} == {Couleur.VERT}


async def test_un_controle_qui_leve_est_rouge_et_les_autres_continuent(caplog: pytest.LogCaptureFixture) -> None:
    async def casse() -> None:
        raise KeyError("patient 1 42 03")

    rendus = await executer([Regle("casse", casse, "g"), Regle("sain", _rien, "g")], "")
    assert (rendus[0].couleur, rendus[0].code) == (Couleur.ROUGE, FAUTE)
    assert rendus[0].remede
    assert rendus[1].couleur is Couleur.VERT
    assert "casse en faute : KeyError" in caplog.messages[0]


async def test_un_controle_qui_s_annule_lui_meme_est_en_faute(caplog: pytest.LogCaptureFixture) -> None:
    async def s_annule() -> None:
        raise asyncio.CancelledError

    (rendu,) = await executer([Regle("s-annule", s_annule)], "")
    assert rendu.code == FAUTE


async def test_un_controle_trop_long_est_rouge_et_rend_son_groupe() -> None:
    rendus = await executer([Regle("pendu", _jamais, "g", delai_s=0.01), Regle("suivant", _rien, "g")], "")
    assert (rendus[0].couleur, rendus[0].code) == (Couleur.ROUGE, DELAI)
    assert rendus[1].couleur is Couleur.VERT


async def test_un_controle_qui_ne_s_arrete_pas_condamne_son_groupe(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("borne.autotest.execution.GRACE_S", 0.05)
    fin = asyncio.Event()

    async def sourd() -> None:
        while not fin.is_set():
            try:
                await fin.wait()
            except asyncio.CancelledError:
                continue

    sourds = [Regle("sourd", sourd, "g", delai_s=0.01), Regle("suivant", _rien, "g"), Regle("ailleurs", _rien, "h")]
    rendus = await executer(sourds, "")
    fin.set()
    assert [r.code for r in rendus] == [DELAI, BLOQUE, ""]
    assert "ne s'arrête pas" in caplog.text


async def test_l_annulation_attend_que_les_controles_rendent_leurs_appareils() -> None:
    commence, rendu = asyncio.Event(), False

    async def tient_un_appareil() -> None:
        nonlocal rendu
        commence.set()
        try:
            await _jamais()
        finally:
            await asyncio.sleep(0)
            rendu = True

    tache = asyncio.create_task(executer([Regle("appareil", tient_un_appareil, "g"), Regle("b", _rien, "g")], ""))
    await commence.wait()
    tache.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tache
    assert rendu
    assert len(asyncio.all_tasks()) == 1


async def test_la_progression_dit_chaque_debut_et_chaque_fin() -> None:
    dites: list[Avancee] = []
    await executer([Regle("a", _rien, "g"), Regle("b", _rien, "g")], "", dites.append)
    assert [(a.nom, a.finis, a.resultat is not None) for a in dites] == [
        ("a", 0, False),
        ("a", 1, True),
        ("b", 1, False),
        ("b", 2, True),
    ]
    assert {a.total for a in dites} == {2}


async def test_deux_controles_du_meme_nom_sont_refuses() -> None:
    with pytest.raises(ValueError, match="même nom : a"):
        await executer([Regle("a", _rien), Regle("a", _rien)], "")


async def test_ce_qui_depend_d_un_rouge_n_est_pas_controle() -> None:
    vus: list[str] = []

    def noter(nom: str) -> Corps:
        async def corps() -> None:
            vus.append(nom)

        return corps

    suite = [
        Regle("micro", noter("micro"), "son", couleur=Couleur.ROUGE),
        Regle("haut-parleur", noter("haut-parleur"), "son", requiert=("micro",)),
        Regle("stethoscope", noter("stethoscope"), "son", requiert=("haut-parleur", "absent-de-cette-borne")),
        Regle("disque", noter("disque"), requiert=("absent-de-cette-borne",)),
    ]
    rendus = await executer(suite, "")
    assert [(r.couleur, r.code) for r in rendus] == [
        (Couleur.ROUGE, ""),
        (Couleur.GRIS, NON_CONTROLE),
        (Couleur.GRIS, NON_CONTROLE),
        (Couleur.VERT, ""),
    ]
    assert sorted(vus) == ["disque", "micro"]


async def test_un_requis_vient_avant() -> None:
    with pytest.raises(ValueError, match="vient après lui"):
        await executer([Regle("b", _rien, requiert=("a",)), Regle("a", _rien)], "")


async def test_un_controle_qui_attend_quelqu_un_le_dit_en_commencant() -> None:
    attend = Regle("page", _rien)
    attend.consigne = "Posez la page."  # type: ignore[attr-defined]
    dites: list[Avancee] = []
    await executer([attend, Regle("autre", _rien)], "", dites.append)
    assert {a.nom: a.consigne for a in dites if a.resultat is None} == {"page": "Posez la page.", "autre": ""}

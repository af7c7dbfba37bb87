"""`borne autotest` : la progression, le rapport, le statut ; et ce qui empêche de le mener."""

from __future__ import annotations

import json
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.assemblage import autotest as module
from borne.autotest.banc import Banc
from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.profils import PROFILS
from borne.autotest.rapport import Rapport, decoder, schema
from borne.commandes import principal
from borne.dossier.archives import reserver
from borne.visio.identite import IdentiteBorne, enregistrer


class _Controle:
    """Ce que l'essai décide de cet appareil."""

    groupe, delai_s = "", 5.0
    requiert: tuple[str, ...] = ()

    def __init__(self, nom: str, couleur: Couleur) -> None:
        self.nom, self.libelle, self._couleur = nom, nom.capitalize(), couleur

    async def controler(self, banc: Banc) -> Resultat:
        remede = "" if self._couleur is Couleur.VERT else "Réparez-le."
        return Resultat(self.nom, self._couleur, f"Vu par {banc.profil}.", remede, valeurs={"batterie_pct": 80.0})


class Borne:
    """Une borne enrôlée et arrêtée, ses contrôles décidés d'avance."""

    def __init__(self, dossier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dossier = dossier
        self.pannes: dict[str, Couleur] = {}
        cles = dossier / "cles"
        cles.mkdir(mode=0o700)
        enregistrer(IdentiteBorne("b-1", "Mairie", Ed25519PrivateKey.generate()), cles)
        (dossier / "peripheriques.toml").write_text("")
        self.configuration = dossier / "borne.toml"
        self.ecrire("")
        monkeypatch.setattr(module, "tous", self._controles)

    def _controles(self, _banc: Banc) -> list[_Controle]:
        noms = (*PROFILS["officine"].obligatoires, "imprimante")
        return [_Controle(nom, self.pannes.get(nom, Couleur.VERT)) for nom in noms]

    def ecrire(self, suite: str) -> None:
        chemins = f'donnees = "{self.dossier / "donnees"}"\ncles = "{self.dossier / "cles"}"\n'
        chemins += f'peripheriques = "{self.dossier / "peripheriques.toml"}"\n'
        self.configuration.write_text(f"[chemins]\n{chemins}{suite}")

    def lancer(self, *options: str) -> tuple[int, str, str]:
        rendu = CliRunner().invoke(principal, ["autotest", "--config", str(self.configuration), *options])
        return rendu.exit_code, rendu.stdout, rendu.stderr

    def rapport(self, *options: str) -> tuple[int, Rapport]:
        statut, sortie, _ = self.lancer("--json", *options)
        return statut, decoder(sortie.encode())


@pytest.fixture
def borne(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Borne:
    return Borne(tmp_path, monkeypatch)


def test_le_statut_dit_si_la_borne_est_prete(borne: Borne) -> None:
    assert borne.lancer()[0] == 0
    borne.pannes["imprimante"] = Couleur.ORANGE
    assert borne.lancer()[0] == 1
    borne.pannes["camera"] = Couleur.ROUGE
    assert borne.lancer()[0] == 2


@pytest.mark.exigence("OFFICINE")
def test_le_profil_se_choisit_au_terminal_ou_dans_les_reglages(borne: Borne) -> None:
    borne.pannes["otoscope"] = Couleur.GRIS
    assert borne.rapport()[0] == 0
    statut, rapport = borne.rapport("--profil", "officine")
    assert (statut, rapport.profil, rapport.bloquants) == (2, "officine", ("otoscope",))
    borne.ecrire('[autotest]\nprofil = "officine"\n')
    assert borne.rapport()[0] == 2


def test_chaque_controle_se_lit_avec_son_signe_son_mot_et_son_remede(borne: Borne) -> None:
    borne.pannes["imprimante"] = Couleur.ROUGE
    _, sortie, erreurs = borne.lancer()
    assert sortie == ""
    assert "✗ En panne     Imprimante : Vu par mairie." in erreurs
    assert "-> Réparez-le." in erreurs
    assert "✓ Bon" in erreurs
    assert "Borne prête, avec réserves" in erreurs


def test_le_rapport_est_garde_et_le_papier_ecrit(borne: Borne) -> None:
    papier = borne.dossier / "rapport.pdf"
    _, rapport = borne.rapport("--pdf", str(papier))
    (garde,) = (borne.dossier / "donnees" / "autotest").iterdir()
    assert decoder(garde.read_bytes()) == rapport
    assert "Borne prête" in pypdf.PdfReader(papier).pages[0].extract_text()


def test_une_borne_en_marche_garde_ses_appareils(borne: Borne) -> None:
    with reserver(borne.dossier / "donnees"):
        statut, _, erreurs = borne.lancer()
    assert (statut, "La borne est en marche" in erreurs) == (3, True)


def test_des_reglages_faux_ne_disent_pas_la_borne_pas_prete(borne: Borne) -> None:
    borne.ecrire("[autotest]\nprofil = 3\n")
    assert borne.lancer()[0] == 3


def test_un_papier_impossible_a_ecrire_est_dit(borne: Borne) -> None:
    statut, _, erreurs = borne.lancer("--pdf", str(borne.dossier / "absent" / "rapport.pdf"))
    assert (statut, "ne peut pas y être écrit" in erreurs) == (3, True)


def test_l_historique_se_lit(borne: Borne) -> None:
    assert "Aucun autotest" in borne.lancer("--historique")[1]
    borne.lancer()
    borne.pannes["camera"] = Couleur.ROUGE
    borne.lancer()
    premiere, seconde = borne.lancer("--historique")[1].splitlines()
    assert premiere.split("\t")[1:] == ["Borne prête", ""]
    assert seconde.split("\t")[1:] == ["Borne pas prête", "camera"]


def test_le_schema_se_demande(borne: Borne) -> None:
    assert json.loads(borne.lancer("--schema")[1]) == json.loads(json.dumps(schema()))


def test_le_pin_se_pose_et_se_tire(borne: Borne) -> None:
    def poser(entree: str, *options: str) -> tuple[int, str]:
        arguments = ["technicien", "pin", "--config", str(borne.configuration), *options]
        rendu = CliRunner().invoke(principal, arguments, input=entree)
        return rendu.exit_code, rendu.output

    statut, dit = poser("204861\n204861\n")
    assert (statut, "204861" in dit) == (0, False)
    statut, dit = poser("123456\n123456\n")
    assert (statut, "se devine" in dit) == (1, True)
    assert poser("", "--tirer")[1].split()[-1].isdigit()

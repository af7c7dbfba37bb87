"""Une machine nue dit tout ce qui lui manque ; une machine équipée ne dit rien."""

from __future__ import annotations

from pathlib import Path

import pytest

from borne.assemblage.manques import PROGRAMMES, manques
from borne.configuration import Appareils, Chemins, Configuration


def _programmes(dossier: Path, sources: str, sorties: str) -> None:
    """Des programmes d'essai ; `pactl` répond comme le vrai (rang, nom, module, format, état)."""
    for nom in PROGRAMMES:
        (dossier / nom).write_text("#!/bin/sh\n")
    lignes = (
        f"[ $3 = sources ] && printf '1\\t{sources}\\tm\\tf\\tIDLE\\n' || printf '1\\t{sorties}\\tm\\tf\\tIDLE\\n'"
    )
    (dossier / "pactl").write_text(f"#!/bin/sh\n{lignes}\n")
    for fichier in dossier.iterdir():
        fichier.chmod(0o755)


def test_une_machine_nue_dit_tout_ce_qui_manque(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    nue = Configuration(appareils=Appareils(camera=str(tmp_path / "video9")), chemins=Chemins(sons=str(tmp_path)))
    phrases = " ".join(manques(nue, radios=tmp_path / "absent"))
    for mot in ("Caméra", "espeak-ng", "paplay", "parec", "pacat", "pactl", "Stéthoscope", "Imprimante", "Bluetooth"):
        assert mot in phrases
    assert phrases.count("Sonnerie") == 2


def test_une_machine_equipee_ne_dit_rien(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programmes, radios = tmp_path / "bin", tmp_path / "radios"
    programmes.mkdir()
    (radios / "hci0").mkdir(parents=True)
    _programmes(programmes, "micro", "sortie")
    monkeypatch.setenv("PATH", f"{programmes}:/usr/bin:/bin")
    camera = tmp_path / "camera"
    camera.touch()
    appareils = Appareils(
        camera=str(camera), microphone="micro", stethoscope="micro", haut_parleur="sortie", imprimante="ipp://x/ipp"
    )
    assert manques(Configuration(appareils=appareils), radios) == ()
    autres = Configuration(appareils=Appareils(camera=str(camera), microphone="perdu", haut_parleur="ailleurs"))
    phrases = " ".join(manques(autres, radios))
    assert "Micro : « perdu »" in phrases
    assert "Haut-parleur : « ailleurs »" in phrases

"""Le résumé imprimé : tout y est, lisible, identique d'une fois sur l'autre, avec ou sans la police de la borne."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from borne.dossier.resume import CORPS_PT, Ligne, Polices, Resume, Section, adapter, composer

_DOSSIER = Path(__file__).resolve().parents[2] / "borne" / "ui" / "ressources" / "polices"
POLICES = Polices(_DOSSIER / "AtkinsonHyperlegibleNext-Regular.ttf", _DOSSIER / "AtkinsonHyperlegibleNext-Bold.ttf")

RESUME = Resume(
    titre="Votre visite à la borne",
    lieu="Maison de santé des Tilleuls, Nogent",
    quand="Mardi 22 novembre 2026, de 14 h 02 à 14 h 31",
    sections=(
        Section("Vous", (Ligne("Nom, que vous avez donné", "Jeanne Lefèvre-Œuvrard"),)),
        Section("Pourquoi vous êtes venue", (Ligne("J’ai mal à la tête."),)),
        Section(
            "Vos mesures",
            (
                Ligne("Tension", "pas mesurée", "14 h 06", "Le brassard n’était pas serré.", "echec"),
                Ligne("Tension", "128 / 82 mmHg", "14 h 09", "Mesure refaite une fois.", "repris"),
                Ligne("Pouls", "72 battements par minute", "14 h 09", etat="fait"),
            ),
        ),
        Section("Ce qui n’a pas marché", (Ligne("L’appel a été coupé 10 secondes.", heure="14 h 20"),)),
        Section("Vide", ()),
    ),
    rappel=("Le médecin peut vous rappeler au :", "06\u202f12\u202f34\u202f56\u202f78"),
    pied="La borne ne garde rien de cette visite.",
    instant=1_700_000_000.0,
)


def texte(pdf: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return " ".join(" ".join(pages).replace("\u00a0", " ").split())


@pytest.mark.exigence("VISITE-TRACE")
@pytest.mark.parametrize("polices", [POLICES, None], ids=["atkinson", "repli"])
def test_tout_y_est(polices: Polices | None) -> None:
    lu = texte(composer(RESUME, polices)).replace("’", "'").replace("Œ", "Oe")
    for attendu in (
        "Votre visite à la borne",
        "Maison de santé des Tilleuls",
        "14 h 02 à 14 h 31",
        "Jeanne Lefèvre-Oeuvrard",
        "J'ai mal à la tête.",
        "pas mesurée",
        "Le brassard n'était pas serré.",
        "128 / 82 mmHg",
        "Mesure refaite une fois.",
        "72 battements par minute",
        "L'appel a été coupé 10 secondes.",
        "06 12 34 56 78",
        "La borne ne garde rien de cette visite.",
        "1 / 1",
    ):
        assert attendu in lu


def test_une_page_a4_dans_la_langue_dite() -> None:
    lu = PdfReader(io.BytesIO(composer(replace(RESUME, langue="pt"), POLICES)))
    assert len(lu.pages) == 1
    assert [round(float(cote)) for cote in lu.pages[0].mediabox[2:]] == [595, 842]
    assert str(lu.root_object["/Lang"]) == "pt"


def test_les_memes_donnees_font_les_memes_octets() -> None:
    assert composer(RESUME, POLICES) == composer(RESUME, POLICES)
    assert composer(RESUME, POLICES) != composer(replace(RESUME, lieu="Ailleurs"), POLICES)


@pytest.mark.exigence("A11Y-TEXTE")
def test_rien_d_ecrit_sous_14_points() -> None:
    tailles: set[float] = set()

    def voir(texte: str, _cm: object, matrice: list[float], _police: object, taille: float) -> None:
        if texte.strip():
            tailles.add(round(taille * matrice[3], 1))

    for page in PdfReader(io.BytesIO(composer(RESUME, POLICES))).pages:
        page.extract_text(visitor_text=voir)
    assert tailles
    assert min(tailles) >= CORPS_PT == 14


def test_une_longue_visite_garde_ses_lignes_entieres() -> None:
    lignes = tuple(
        Ligne(
            f"Mesure numéro {n}", "un résultat assez long pour aller à la ligne", "14 h 06", "Une précision.", "fait"
        )
        for n in range(40)
    )
    lu = PdfReader(io.BytesIO(composer(replace(RESUME, sections=(Section("Mesures", lignes),)), POLICES)))
    assert len(lu.pages) > 2
    for page in lu.pages:
        assert page.extract_text().count("Mesure numéro") == page.extract_text().count("Une précision.")


def test_un_texte_qui_deborde_va_a_la_ligne() -> None:
    long = "Un motif écrit en toutes lettres, bien plus long que la largeur de la page. " * 4
    lu = texte(composer(replace(RESUME, sections=(Section("Motif", (Ligne(long.strip()),)),)), POLICES))
    assert long.strip() in lu


def test_police_absente_repli(tmp_path: Path) -> None:
    absentes = Polices(tmp_path / "rien.ttf", POLICES.grasse)
    assert composer(RESUME, absentes) == composer(RESUME)


@pytest.mark.exigence("A11Y-GLYPHES")
@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("06\u202f12", "06 12"),
        ("l’œil…", "l'oeil..."),
        ("Čapek", "Capek"),
        ("SpO₂", "SpO2"),
        ("a → b", "a : b"),
        ("e\u0301", "e"),
        ("ж", "?"),
        ("½", "1/2"),
    ],
)
def test_signes_absents_remplaces(ecrit: str, lu: str) -> None:
    assert adapter(ecrit, frozenset(range(32, 127))) == lu


def test_le_rendu_n_est_pas_vide(tmp_path: Path) -> None:
    """poppler dessine la page : de l'encre, et le vert de l'encadré."""
    (tmp_path / "r.pdf").write_bytes(composer(RESUME, POLICES))
    commande = ["pdftoppm", "-r", "40", "-f", "1", "-l", "1", str(tmp_path / "r.pdf")]
    image = subprocess.run(commande, capture_output=True, check=True).stdout
    pixels = image.split(b"\n", 3)[3]
    couleurs = {pixels[n : n + 3] for n in range(0, len(pixels), 3)}
    assert bytes((220, 239, 234)) in couleurs
    assert min(sum(couleur) for couleur in couleurs if len(couleur) == 3) < 200

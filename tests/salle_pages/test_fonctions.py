"""Les fonctions pures des modules, dans le moteur même du navigateur."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.salle_pages.conftest import Ouvrir


async def appeler(page: Page, module: str, fonction: str, *arguments: object) -> object:
    script = "async ([m, f, a]) => (await import(`/pages/js/${m}.js`))[f](...a)"
    resultat = await page.evaluate(script, [module, fonction, list(arguments)])
    return resultat.replace("\u00a0", " ") if isinstance(resultat, str) else resultat


CAS: list[tuple[str, str, tuple[object, ...], object]] = [
    ("util", "age", ("2026-02-30",), "âge inconnu"),
    ("util", "age", ("",), "âge inconnu"),
    ("util", "age", ("2999-01-01",), "âge inconnu"),
    ("util", "telephone", ("0612345678",), "06 12 34 56 78"),
    ("util", "telephone", ("+33612345678",), "06 12 34 56 78"),
    ("util", "telephone", ("+44 20 7946 0958",), "+44 20 7946 0958"),
    ("util", "telephone", ("",), ""),
    ("util", "attente", (1000, 1_030_000), "< 1 min"),
    ("util", "attente", (1000, 500_000), "< 1 min"),
    ("util", "attente", (0, 360_000), "6 min"),
    ("util", "attente", (0, 3_900_000), "1 h 05"),
    ("util", "chrono", (402_000,), "06:42"),
    ("util", "chrono", (4_002_000,), "1:06:42"),
    ("util", "taille", (84_000,), "84 ko"),
    ("util", "taille", (1_250_000,), "1,3 Mo"),
    ("util", "motifs", ({"motifs": ["toux", "autre"], "motif_libre": "vertiges"},), "Toux, « vertiges »"),
    ("util", "motifs", ({"motifs": ["mal_de_dent"]},), "Mal de dent"),
    ("util", "motifs", ({"motifs": []},), "Motif non précisé"),
    ("util", "finDeVisite", ("consentement",), "Le patient a retiré son consentement. L’appel est arrêté."),
    ("util", "finDeVisite", ("Une phrase de la salle.",), "Une phrase de la salle."),
    ("util", "definition", (1920, 1080), "1080p"),
    ("util", "definition", (640, 480), "640 × 480"),
    ("util", "qualifier", ({"ips": 30, "allerRetourMs": 34, "pertes": 0},), {"mot": "bonne", "ton": "bon"}),
    (
        "util",
        "qualifier",
        ({"ips": 25, "allerRetourMs": 34, "pertes": 0.03},),
        {"mot": "moyenne", "ton": "attention"},
    ),
    ("util", "qualifier", ({"ips": 0, "allerRetourMs": 34, "pertes": 0},), {"mot": "image figée", "ton": "urgence"}),
    ("constantes", "lue", ({"valeur": 16, "unite": "kPa"},), 120.00986923200001),
    ("constantes", "lue", ({"valeur": None, "unite": "kPa"},), None),
    ("constantes", "lue", ({"valeur": 98.6, "unite": "[degF]"},), 37.0),
    ("constantes", "enMots", ({"nature": "2339-0", "valeur": 0.00105, "unite": "kg/L"},), "1,05 g/L"),
    ("constantes", "enMots", ({"nature": "59408-5", "valeur": 97, "unite": "%"},), "97 %"),
]


async def test_fonctions_pures(poste: Ouvrir) -> None:
    medecin = await poste()
    await medecin.page.goto(medecin.url)
    for module, fonction, arguments, attendu in CAS:
        obtenu = await appeler(medecin.page, module, fonction, *arguments)
        prevu = pytest.approx(attendu) if isinstance(attendu, float) else attendu
        assert obtenu == prevu, (fonction, arguments)


async def test_age_au_jour_pres(poste: Ouvrir) -> None:
    medecin = await poste()
    await medecin.page.goto(medecin.url)
    script = "async ([n, j]) => (await import('/pages/js/util.js')).age(n, new Date(j))"
    for naissance, jour, attendu in (
        ("1949-03-14", "2026-03-13T12:00:00", "76 ans"),
        ("1949-03-14", "2026-03-14T12:00:00", "77 ans"),
        ("2025-05-20", "2026-11-19T12:00:00", "17 mois"),
        ("2025-05-20", "2026-11-20T12:00:00", "18 mois"),
    ):
        obtenu = await medecin.page.evaluate(script, [naissance, jour])
        assert obtenu.replace("\u00a0", " ") == attendu


async def test_mesures_illisibles_et_sans_doublon(poste: Ouvrir) -> None:
    medecin = await poste()
    await medecin.page.goto(medecin.url)

    def mesure(code: str, valeur: float | None, unite: str, instant: float) -> dict[str, object]:
        return {"code": code, "valeur": valeur, "unite": unite, "instant": instant, "appareil": "essai"}

    tension = [
        mesure("8480-6", 16.0, "kPa", 1.0),
        mesure("8462-4", None, "kPa", 1.0),
        mesure("8867-4", 72.0, "/min", 1.0),
    ]
    marquees = await appeler(medecin.page, "constantes", "marquer", tension, [2, 0, 0])
    fusion = await appeler(medecin.page, "constantes", "fusionner", marquees, marquees)
    assert fusion == marquees
    lignes = await appeler(medecin.page, "constantes", "lignes", marquees)
    assert isinstance(lignes, list)
    assert [(ligne["nom"], ligne["valeur"], ligne.get("attention")) for ligne in lignes] == [
        ("Tension", "120 / ?", 2),
        ("Pouls", "72", 0),
    ]

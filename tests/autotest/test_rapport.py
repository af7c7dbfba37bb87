"""Le rapport et son historique : mêmes octets, schéma stable, papier lisible, disque plein dit."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import msgspec
import pypdf
import pytest

from borne.autotest import historique, papier
from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.historique import Historique, HistoriqueImpossible
from borne.autotest.rapport import (
    Rapport,
    RapportIllisible,
    decoder,
    dresser,
    empreinte,
    encoder,
    mot,
    remplacer,
    schema,
)

OBLIGATOIRES = ("salle", "camera", "microphone", "haut-parleur", "disque")
PAPIER = Resultat("imprimante", Couleur.ROUGE, "Il n'y a plus de papier.", "Mettez du papier.", "papier-manquant")
PREVU = Resultat("tendance:camera:nettete", Couleur.ORANGE, "L'image se brouille.", "Vitre.", "a-prevoir-nettete")


def _rapport(*autres: Resultat, fin: float = 1_795_000_000.0, tendances: tuple[Resultat, ...] = ()) -> Rapport:
    bons = [Resultat(nom, Couleur.VERT, "Tout va bien.", valeurs={"niveau_db": -20.5}) for nom in OBLIGATOIRES]
    libelles = {nom: nom.capitalize() for nom in (*OBLIGATOIRES, *(a.controle for a in autres))}
    return dresser(
        [*bons, *autres],
        libelles,
        tendances,
        borne="b-1",
        lieu="Mairie",
        nom_profil="mairie",
        debut=fin - 12,
        fin=fin,
    )


def test_le_rapport_se_relit_a_l_identique() -> None:
    rapport = _rapport(PAPIER, tendances=(PREVU,))
    octets = encoder(rapport)
    assert decoder(octets) == rapport
    assert encoder(decoder(octets)) == octets
    assert len(empreinte(octets)) == 64
    assert (rapport.aptitude, rapport.reserves) == ("prete avec reserves", ("imprimante", PREVU.controle))
    assert rapport.tendances[0].libelle == "Camera"


def test_une_valeur_infinie_ne_casse_pas_le_json() -> None:
    rapport = _rapport(Resultat("x", Couleur.VERT, "", valeurs={"a": float("nan"), "b": float("inf"), "c": 1}))
    assert decoder(encoder(rapport)).lignes[-1].valeurs == {"c": 1.0}


def test_le_schema_est_stable() -> None:
    """Un champ retiré ou renommé casserait qui lit ces rapports ailleurs : ce doit être voulu."""
    lu = schema()["$defs"]
    assert set(lu["Rapport"]["properties"]) == {
        *("version", "borne", "lieu", "profil", "logiciel", "debut", "fin", "aptitude", "bloquants", "reserves"),
        *("lignes", "tendances"),
    }
    assert set(lu["Ligne"]["properties"]) == {
        *("controle", "libelle", "couleur", "constat", "remede", "code", "valeurs", "duree_s"),
    }
    proprietes = [p for objet in lu.values() for p in objet["properties"].values()]
    assert all(p.get("description") for p in proprietes)


def test_refaire_un_controle_reprend_la_decision() -> None:
    rapport = _rapport(PAPIER)
    repare = remplacer(rapport, Resultat("imprimante", Couleur.VERT, "Bon."), rapport.fin + 60)
    assert (repare.aptitude, repare.reserves, repare.fin) == ("prete", (), rapport.fin + 60)
    assert repare.lignes[-1].libelle == "Imprimante"
    casse = remplacer(repare, Resultat("camera", Couleur.ROUGE, "Noire."), repare.fin)
    assert (casse.aptitude, casse.bloquants) == ("pas prete", ("camera",))


@pytest.mark.parametrize("octets", [b"", b"{}", b"\xff", b"[1]"])
def test_un_rapport_abime_est_refuse(octets: bytes) -> None:
    with pytest.raises(RapportIllisible):
        decoder(octets)


def test_un_rapport_d_une_version_a_venir_est_refuse() -> None:
    futur = msgspec.structs.replace(_rapport(), version=2)
    with pytest.raises(RapportIllisible, match="plus récente"):
        decoder(encoder(futur))


def test_le_papier_tient_en_une_page_et_dit_les_mots() -> None:
    rouges = [
        Resultat(f"appareil{n}", Couleur.ROUGE, "L'appareil ne répond pas à la radio.", "Appuyez sur son bouton.")
        for n in range(4)
    ]
    gris = [Resultat(f"absent{n}", Couleur.GRIS, "Aucun appareil.") for n in range(20)]
    pdf = papier.composer(_rapport(PAPIER, *rouges, *gris, tendances=(PREVU,)))
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    texte = " ".join(pages[0].extract_text().split())
    assert len(pages) == 1
    for dit in ("Borne prête, avec réserves", "Mettez du papier.", "En panne", "À prévoir", "Absent", "Bon"):
        assert dit in texte, dit
    assert empreinte(encoder(_rapport(PAPIER, *rouges, *gris, tendances=(PREVU,)))) in texte


def test_chaque_couleur_a_son_mot() -> None:
    assert {mot(c.value) for c in Couleur} == {"Bon", "À réparer", "En panne", "Absent"}
    assert mot("gris", "non-controle") == "Pas contrôlé"


def test_l_historique_rend_ce_qu_il_garde_et_oublie_les_plus_vieux(tmp_path: Path) -> None:
    garde = Historique(tmp_path, gardes=3)
    assert garde.dernier() is None
    for rang in range(5):
        garde.ajouter(_rapport(fin=1000.0 + rang))
    assert [r.fin for r in garde.rapports()] == [1002.0, 1003.0, 1004.0]
    dernier = garde.dernier()
    assert dernier is not None
    assert (dernier[0].fin, encoder(dernier[0])) == (1004.0, dernier[1])
    assert garde.points()[-1].valeurs["camera"] == {"niveau_db": -20.5}


def test_les_valeurs_apprises_sont_celles_du_dernier_vert(tmp_path: Path) -> None:
    garde = Historique(tmp_path)
    garde.ajouter(_rapport(Resultat("stethoscope", Couleur.VERT, "", valeurs={"niveau_db": -30.0}), fin=1.0))
    garde.ajouter(_rapport(Resultat("stethoscope", Couleur.ROUGE, "", valeurs={"niveau_db": -80.0}), fin=2.0))
    assert garde.precedentes()["stethoscope"] == {"niveau_db": -30.0}


def test_un_fichier_abime_ne_cache_pas_les_autres(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    garde = Historique(tmp_path)
    garde.ajouter(_rapport(fin=1.0))
    (tmp_path / historique.DOSSIER / "20990101T000000.000Z.json").write_bytes(b"{")
    dernier = garde.dernier()
    assert dernier is not None
    assert dernier[0].fin == 1.0
    assert "illisible" in caplog.text


def test_un_disque_plein_est_dit_et_ne_laisse_rien_a_moitie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    garde = Historique(tmp_path)
    garde.ajouter(_rapport(fin=1.0))

    def plein(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as panne:
        panne.setattr(os, "write", plein)
        with pytest.raises(HistoriqueImpossible, match="Le disque est plein"):
            garde.ajouter(_rapport(fin=2.0))
    assert [r.fin for r in garde.rapports()] == [1.0]
    assert len(list((tmp_path / historique.DOSSIER).iterdir())) == 1

"""L'imprimante à tickets : ce qui sort est ce qu'on a demandé, son état se dit, et rien ne sort devant un autre."""

from __future__ import annotations

import asyncio
import io
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from borne.demonstration.prise import AppareilSerieVirtuel
from borne.peripheriques import imprimante_tickets
from borne.peripheriques.branchements import Branchements
from borne.peripheriques.composition_ticket import (
    Colonnes,
    Image,
    Papier,
    Qr,
    Texte,
    Trait,
    composer,
)
from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.impression import (
    ErreurImprimante,
    ImprimanteAbsente,
    ImprimanteOccupee,
    PapierManquant,
    TravailRefuse,
)
from borne.peripheriques.imprimante_tickets import ImprimanteTickets, ReglageTickets, Rouleau
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.imprimante_tickets import ImprimanteVirtuelleTickets

NOM = "usb-EPSON_TM-T20II_0001-if00"
TICKET = (Texte("Votre visite", gras=True, grand=True, centre=True), Trait(), Colonnes("Tension", "128 / 79 mmHg"))


def relire(octets: bytes) -> ImprimanteVirtuelleTickets:
    """Ce qu'une imprimante rapide fait de ces octets."""
    imprimante = ImprimanteVirtuelleTickets(lignes_seconde=1e6)
    imprimante.recevoir(octets, 0.0)
    imprimante.avancer(1.0)
    assert imprimante.incompris == []
    return imprimante


@pytest.fixture
async def virtuelle(tmp_path: Path) -> AsyncIterator[AppareilSerieVirtuel]:
    async with AppareilSerieVirtuel(tmp_path, NOM, ImprimanteVirtuelleTickets(lignes_seconde=400)) as appareil:
        yield appareil


@pytest.fixture
def imprimante(tmp_path: Path) -> ImprimanteTickets:
    return ImprimanteTickets(Serie(tmp_path, Branchements(lambda: None)), ReglageTickets.lire(NOM))


def modele(appareil: AppareilSerieVirtuel) -> ImprimanteVirtuelleTickets:
    assert isinstance(appareil.modele, ImprimanteVirtuelleTickets)
    return appareil.modele


@pytest.mark.parametrize("page", ["CP1252", "CP858", "CP850", "CP437"])
def test_le_francais_s_imprime(page: str) -> None:
    texte = "Éléonore, née à Nîmes : ça va où ? Noël, déjà."
    sorti = relire(composer((Texte(texte),), Papier(page=page))).tickets[0].texte
    # CP437 n'a ni É ni À : la lettre reste, l'accent tombe.
    assert " ".join(sorti.split()) == (texte if page != "CP437" else "Éléonore, née à Nîmes : ça va où ? Noël, déjà.")


def test_ce_que_la_page_n_a_pas_s_ecrit_au_plus_proche() -> None:
    sorti = relire(composer((Texte("L\u2019œuf\u202f: 3\u00a0€ … ½ Ł\x1b@"),), Papier(page="CP850"))).tickets[0].texte
    assert sorti == "L'oeuf : 3\u00a0EUR ... ½ ? @"


def test_un_ticket_entier() -> None:
    tampon = io.BytesIO()
    Pillow.new("L", (1152, 96)).save(tampon, "PNG")
    blocs = (*TICKET, Colonnes("Un libellé bien trop long pour tenir", "et sa valeur aussi"), Qr("https://a.fr/é"))
    papier = Papier("TM-T20II", "CP1252")
    (ticket,) = relire(composer((*blocs, Image(tampon.getvalue())), papier)).tickets
    assert ticket.lignes[0].strip() == "Votre visite"
    assert ticket.lignes[1] == "-" * 48
    assert ticket.lignes[2] == "Tension" + " " * 28 + "128 / 79 mmHg"
    assert ticket.lignes[3:5] == ["Un libellé bien trop long pour tenir", "et sa valeur aussi".rjust(48)]
    assert ticket.qr == ["https://a.fr/é"]
    assert [(largeur, hauteur) for largeur, hauteur, _ in ticket.images] == [(576, 48)]


def test_un_modele_sans_qr_le_recoit_en_image() -> None:
    # Ni couteau : le ticket reste accroché au rouleau.
    ticket = relire(composer((Qr("abc"),), Papier("simple", "CP437"))).en_cours
    assert ticket.qr == []
    assert len(ticket.images) == 1


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["CP1252", "CP858"]))
def test_aucun_texte_ne_devient_un_ordre(texte: str, page: str) -> None:
    blocs = (Texte(texte), Colonnes(texte, "fin"))
    (ticket,) = relire(composer(blocs, Papier(page=page))).tickets
    assert ticket.lignes[-7].endswith("fin")


@pytest.mark.parametrize(
    ("papier", "mot"),
    [(Papier(profil="Oki"), "Oki"), (Papier(page="KOI8"), "KOI8"), (Papier("TM-T88II", "CP858"), "CP858")],
)
def test_reglages_faux(papier: Papier, mot: str) -> None:
    with pytest.raises(ConfigurationInvalide, match=mot):
        composer(TICKET, papier)


def test_image_illisible() -> None:
    with pytest.raises(ValueError, match="illisible"):
        composer((Image(b"rien"),), Papier())


def test_l_import_ne_laisse_rien(tmp_path: Path) -> None:
    composer(TICKET, Papier())
    assert [g for g in logging.getLogger().handlers if type(g) is logging.StreamHandler] == []


def test_reglage() -> None:
    assert ReglageTickets.lire(NOM) == ReglageTickets(NOM)
    lu = ReglageTickets.lire("/dev/borne/tickets-1?debit=38400&profil=TM-T20II&page=CP858")
    assert lu == ReglageTickets("/dev/borne/tickets-1", 38400, "TM-T20II", "CP858")
    for faux in ("a?debit=vite", "a?couleur=1", "a?debit"):
        with pytest.raises(ConfigurationInvalide, match="tickets"):
            ReglageTickets.lire(faux)


async def test_imprime_et_confirme(virtuelle: AppareilSerieVirtuel, imprimante: ImprimanteTickets) -> None:
    assert (await imprimante.etat()).rouleau is Rouleau.PRESENT
    assert await imprimante.imprimer(TICKET)
    assert [ticket.lignes[2] for ticket in modele(virtuelle).tickets] == ["Tension" + " " * 22 + "128 / 79 mmHg"]
    modele(virtuelle).lignes_restantes = 50
    assert (await imprimante.etat()).rouleau is Rouleau.BAS


async def test_sans_papier_rien_n_est_envoye(virtuelle: AppareilSerieVirtuel, imprimante: ImprimanteTickets) -> None:
    modele(virtuelle).lignes_restantes = 0
    with pytest.raises(PapierManquant):
        await imprimante.imprimer(TICKET)
    modele(virtuelle).lignes_restantes = 1000
    assert await imprimante.imprimer(TICKET)
    assert len(modele(virtuelle).tickets) == 1


async def test_papier_fini_au_milieu(virtuelle: AppareilSerieVirtuel, imprimante: ImprimanteTickets) -> None:
    """Le rouleau remis, le reste du ticket ne sort pas devant le patient suivant."""
    modele(virtuelle).lignes_restantes = 2
    with pytest.raises(PapierManquant):
        await imprimante.imprimer(TICKET)
    modele(virtuelle).lignes_restantes = 1000
    assert await imprimante.imprimer((Texte("Le suivant"),))
    assert [ticket.texte for ticket in modele(virtuelle).tickets] == ["Le suivant"]


@pytest.mark.parametrize(("capteur", "mot"), [("capot_ouvert", "capot"), ("couteau_bloque", "couteau")])
async def test_arrets(virtuelle: AppareilSerieVirtuel, imprimante: ImprimanteTickets, capteur: str, mot: str) -> None:
    setattr(modele(virtuelle), capteur, True)
    with pytest.raises(ErreurImprimante, match=mot):
        await imprimante.imprimer(TICKET)
    setattr(modele(virtuelle), capteur, False)
    assert await imprimante.imprimer(TICKET)


async def test_un_modele_muet_imprime_sans_confirmer(tmp_path: Path, imprimante: ImprimanteTickets) -> None:
    muette = ImprimanteVirtuelleTickets(parle=False, lignes_seconde=400)
    async with AppareilSerieVirtuel(tmp_path, NOM, muette):
        etat = await imprimante.etat()
        assert (etat.prete, etat.parle, etat.rouleau) == (True, False, Rouleau.INCONNU)
        assert not await imprimante.imprimer(TICKET)
        async with asyncio.timeout(20):
            while not muette.tickets:  # noqa: ASYNC110 (l'imprimante virtuelle n'a pas d'événement à offrir)
                await asyncio.sleep(0.01)


async def test_qui_ne_finit_pas(
    virtuelle: AppareilSerieVirtuel, imprimante: ImprimanteTickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imprimante_tickets, "DELAI_TICKET_S", 0.3)
    monkeypatch.setattr(imprimante_tickets, "DELAI_REPONSE_S", 0.1)
    virtuelle.modele = ImprimanteVirtuelleTickets(lignes_seconde=1e-6)
    with pytest.raises(ImprimanteOccupee):
        await imprimante.imprimer(TICKET)


async def test_arrachee_puis_rebranchee(virtuelle: AppareilSerieVirtuel, imprimante: ImprimanteTickets) -> None:
    avant = len(os.listdir("/proc/self/fd"))
    virtuelle.modele = ImprimanteVirtuelleTickets(lignes_seconde=4)
    impression = asyncio.create_task(imprimante.imprimer(TICKET))
    async with asyncio.timeout(20):
        while not modele(virtuelle).en_cours.lignes:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    virtuelle.prise.debrancher()
    with pytest.raises(ImprimanteAbsente):
        await impression
    with pytest.raises(ImprimanteAbsente):
        await imprimante.etat()
    virtuelle.modele = ImprimanteVirtuelleTickets(lignes_seconde=400)
    virtuelle.prise.brancher()
    assert await imprimante.imprimer(TICKET)
    assert len(os.listdir("/proc/self/fd")) == avant


async def test_un_ticket_qui_ne_se_compose_pas_est_refuse(tmp_path: Path) -> None:
    reglage = ReglageTickets.lire("rouleau?profil=Oki")
    with pytest.raises(TravailRefuse, match="Oki"):
        await ImprimanteTickets(Serie(tmp_path), reglage).imprimer(TICKET)
    with pytest.raises(TravailRefuse, match="illisible"):
        await ImprimanteTickets(Serie(tmp_path), ReglageTickets("rouleau")).imprimer((Image(b"rien"),))


async def test_dans_un_fichier(tmp_path: Path) -> None:
    fichier = tmp_path / "ticket.bin"
    fichier.touch()
    imprimante = ImprimanteTickets(Serie(tmp_path), ReglageTickets(str(fichier)))
    assert not await imprimante.imprimer(TICKET)
    assert len(relire(fichier.read_bytes()).tickets) == 1

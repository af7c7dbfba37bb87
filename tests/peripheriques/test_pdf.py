"""Un PDF imprimable, et tout ce qui n'en est pas un."""

import io

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from borne.peripheriques.pdf import PAGES_MAX, TAILLE_MAX_PDF, PdfInvalide, verifier_pdf


def fabriquer(pages: int = 1) -> bytes:
    document = FPDF()
    for page in range(pages):
        document.add_page()
        document.set_font("helvetica", size=20)
        document.cell(text=f"Ordonnance, page {page + 1}")
    return bytes(document.output())


PDF = fabriquer(2)


def ecrire(ecrivain: PdfWriter) -> bytes:
    tampon = io.BytesIO()
    ecrivain.write(tampon)
    return tampon.getvalue()


@pytest.mark.parametrize("pages", [1, 3, PAGES_MAX])
def test_le_nombre_de_pages(pages):
    assert verifier_pdf(fabriquer(pages)) == pages


def test_quelques_octets_avant_et_apres_sont_permis():
    assert verifier_pdf(b"\r\n" + PDF + b"\n" * 100) == 2


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "est vide"),
        (b"%PDF-1.4" + bytes(TAILLE_MAX_PDF), "trop gros"),
        (b"PK\x03\x04" + bytes(2000), "n'est pas un PDF"),
        (b"<html>ordonnance</html>", "n'est pas un PDF"),
        (PDF[: len(PDF) // 2], "incomplet"),
        (PDF[: len(PDF) // 2] + b"%%EOF", "abîmé"),
        (b"%PDF-1.4\n%%EOF", "abîmé"),
        (fabriquer(PAGES_MAX + 1), "trop de pages"),
    ],
)
@pytest.mark.filterwarnings("default")
def test_ce_qui_n_est_pas_un_pdf_imprimable(octets, phrase):
    with pytest.raises(PdfInvalide, match=phrase):
        verifier_pdf(octets)


@pytest.mark.parametrize("mot_de_passe", ["secret", ""])
def test_un_pdf_chiffre_est_refuse(mot_de_passe):
    ecrivain = PdfWriter(clone_from=PdfReader(io.BytesIO(PDF)))
    ecrivain.encrypt(mot_de_passe, "proprietaire", algorithm="AES-256")
    with pytest.raises(PdfInvalide, match="mot de passe"):
        verifier_pdf(ecrire(ecrivain))


def test_un_pdf_sans_page_est_refuse():
    with pytest.raises(PdfInvalide, match="aucune page"):
        verifier_pdf(ecrire(PdfWriter()))


def test_une_page_sans_surface_est_refusee():
    ecrivain = PdfWriter()
    ecrivain.add_blank_page(width=0, height=100)
    with pytest.raises(PdfInvalide, match="abîmé"):
        verifier_pdf(ecrire(ecrivain))


@settings(deadline=None, max_examples=150)
@given(st.data())
@pytest.mark.filterwarnings("ignore")
def test_un_pdf_abime_ne_leve_rien_d_autre(data):
    octets = bytearray(PDF)
    for place in data.draw(st.lists(st.integers(0, len(octets) - 1), max_size=12)):
        octets[place] = data.draw(st.integers(0, 255))
    debut = data.draw(st.integers(0, len(octets)))
    try:
        verifier_pdf(bytes(octets[:debut] + octets[debut + data.draw(st.integers(0, 40)) :]))
    except PdfInvalide:
        return

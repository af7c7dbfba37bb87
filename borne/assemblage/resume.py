"""Le résumé du patient, en mots de sa langue : ce qui a été demandé, mesuré, repris, échoué (VISITE-TRACE)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import borne.ui
from borne.dossier.resume import Ligne, Polices, Resume, Section
from borne.dossier.resume import composer as mettre_en_page
from borne.mesures import (
    DIASTOLIQUE,
    FREQUENCE_CARDIAQUE,
    GLYCEMIE_MASSE,
    GLYCEMIE_SUBSTANCE,
    POIDS,
    SPO2,
    SYSTOLIQUE,
    TEMPERATURE,
    TENSION,
)
from borne.parcours.saisie import date_de_naissance
from borne.parcours.visite import ActeMesure, PhaseMesure, Visite
from borne.peripheriques.composition_ticket import Bloc, Colonnes, Texte, Trait
from borne.ui.mots import valeur_lue
from borne.ui.textes import Textes

_POLICES = Path(borne.ui.__file__).parent / "ressources" / "polices"
POLICES = Polices(_POLICES / "AtkinsonHyperlegibleNext-Regular.ttf", _POLICES / "AtkinsonHyperlegibleNext-Bold.ttf")


def composer(visite: Visite, textes: Textes, lieu: str, instant: float) -> bytes:
    """Le PDF du résumé de cette visite ; `instant` : secondes Unix de la fin."""
    return mettre_en_page(resumer(visite, textes, lieu, instant), POLICES)


def resumer(visite: Visite, textes: Textes, lieu: str, instant: float) -> Resume:
    """Le résumé de cette visite, en mots ; `instant` : secondes Unix de la fin."""
    sections = (
        _identite(visite, textes),
        _motifs(visite, textes),
        _mesures(visite, textes),
        _consultation(visite, textes),
        _incidents(visite, textes),
    )
    telephone = visite.champ("telephone")
    return Resume(
        titre=textes.dire("resume-titre"),
        lieu=lieu,
        quand=textes.dire("resume-quand", jour=_jour(instant), debut=_heure(visite.commencee), fin=_heure(instant)),
        sections=tuple(section for section in sections if section.lignes),
        rappel=(textes.dire("resume-rappel"), " ".join(telephone[i : i + 2] for i in range(0, len(telephone), 2)))
        if telephone
        else None,
        pied=textes.dire("resume-pied"),
        langue=visite.langue,
        instant=instant,
    )


def ticket(resume: Resume) -> tuple[Bloc, ...]:
    """Le même résumé pour une imprimante à tickets : rien n'y manque, une colonne au lieu d'une page."""
    blocs: list[Bloc] = [Texte(resume.titre, gras=True, grand=True, centre=True), Texte(resume.lieu, centre=True)]
    blocs.append(Texte(resume.quand, centre=True))
    for section in resume.sections:
        blocs += [Trait(), Texte(section.titre, gras=True)]
        for ligne in section.lignes:
            libelle = " ".join(partie for partie in (ligne.heure, ligne.libelle) if partie)
            blocs.append(Colonnes(libelle, ligne.valeur) if ligne.valeur else Texte(libelle))
            if ligne.precision:
                blocs.append(Texte(ligne.precision))
    if resume.rappel is not None:
        phrase, numero = resume.rappel
        blocs += [Trait(), Texte(phrase, centre=True), Texte(numero, gras=True, grand=True, centre=True)]
    return (*blocs, Trait(), Texte(resume.pied, centre=True))


def _identite(visite: Visite, textes: Textes) -> Section:
    naissance = date_de_naissance(visite.champ("naissance"))
    lignes = [
        Ligne(textes.dire("resume-prenom"), visite.champ("prenom").strip()),
        Ligne(textes.dire("resume-nom"), visite.champ("nom").strip()),
        Ligne(textes.dire("resume-naissance"), naissance.strftime("%d/%m/%Y") if naissance else ""),
    ]
    return Section(textes.dire("resume-identite"), tuple(ligne for ligne in lignes if ligne.valeur))


def _motifs(visite: Visite, textes: Textes) -> Section:
    lignes = [Ligne(textes.dire(f"motif-{motif}")) for motif in visite.motifs if motif != "autre"]
    libre = visite.champ("motif-autre").strip()
    if "autre" in visite.motifs:
        lignes.append(Ligne(libre or textes.dire("motif-autre")))
    return Section(textes.dire("resume-motifs"), tuple(lignes))


UNITES = {
    SPO2: "%",
    TEMPERATURE: "°C",
    POIDS: "kg",
    GLYCEMIE_MASSE: "g/L",
    GLYCEMIE_SUBSTANCE: "g/L",
    FREQUENCE_CARDIAQUE: "/ min",
}
"""L'unité imprimée de ce qui se lit seul, dans l'ordre où la première présente l'emporte."""


def _mesures(visite: Visite, textes: Textes) -> Section:
    lignes = []
    for rang, acte in enumerate(visite.actes):
        lignes.append(_acte(acte, any(a.nature == acte.nature for a in visite.actes[:rang]), textes))
    passees = [nature for nature, releve in visite.releves.items() if releve.phase is PhaseMesure.PASSEE]
    lignes += [_passee(nature, "resume-passee", textes) for nature in passees]
    faites = {acte.nature for acte in visite.actes}
    lignes += [_passee(nature, "resume-non-faite", textes) for nature in visite.natures if nature not in faites]
    return Section(textes.dire("resume-mesures"), tuple(lignes))


def _passee(nature: str, pourquoi: str, textes: Textes) -> Ligne:
    """Une mesure à laquelle on a renoncé : la trace dit pourquoi (VISITE-TRACE)."""
    return Ligne(
        textes.dire(f"resume-{nature}"), textes.dire("resume-sans-mesure"), "", textes.dire(pourquoi), "echec"
    )


def _acte(acte: ActeMesure, repris: bool, textes: Textes) -> Ligne:
    libelle, heure = textes.dire(f"resume-{acte.nature}"), _heure(acte.instant)
    if acte.raison:
        return Ligne(libelle, textes.dire("resume-echec"), heure, textes.dire(acte.raison), "echec")
    lues = {mesure.code: valeur_lue(mesure) for mesure in acte.mesures}
    pouls, precision = lues.get(FREQUENCE_CARDIAQUE, ""), ""
    if acte.nature == TENSION:
        valeur = f"{lues.get(SYSTOLIQUE) or '?'} / {lues.get(DIASTOLIQUE) or '?'} mmHg"
    else:
        valeur = next((f"{lues[code]} {unite}" for code, unite in UNITES.items() if lues.get(code)), "?")
    if pouls and not valeur.startswith(f"{pouls} /"):
        precision = textes.dire("resume-pouls", pouls=pouls)
    return Ligne(libelle, valeur, heure, precision, "repris" if repris else "fait")


def _consultation(visite: Visite, textes: Textes) -> Section:
    lignes = []
    if visite.medecin:
        lignes.append(Ligne(textes.dire("resume-medecin"), visite.medecin))
    if visite.photos:
        lignes.append(Ligne(textes.dire("resume-photos"), str(len(visite.photos))))
    if visite.fin_consultation is not None:
        lignes.append(Ligne(textes.dire("resume-fin"), _heure(visite.fin_consultation)))
    for document in visite.documents:
        lignes.append(Ligne(textes.dire("resume-document"), document.nom))
    return Section(textes.dire("resume-consultation"), tuple(lignes))


def _incidents(visite: Visite, textes: Textes) -> Section:
    lignes = tuple(Ligne(textes.dire(i.code), heure=_heure(i.instant)) for i in visite.incidents)
    return Section(textes.dire("resume-incidents"), lignes)


def _jour(instant: float) -> str:
    return datetime.fromtimestamp(instant).strftime("%d/%m/%Y")


def _heure(instant: float) -> str:
    return datetime.fromtimestamp(instant).strftime("%H h %M")

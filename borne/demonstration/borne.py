"""La borne de la démonstration : la vraie borne, avec la radio virtuelle sous bleak, et un patient si on le veut.

`python -m borne.demonstration.borne --config FICHIER --radio 127.0.0.1:PORT --cles-radio DOSSIER`
"""

from __future__ import annotations

import logging
from pathlib import Path

import click

from borne.assemblage.application import Application
from borne.commandes import journaliser
from borne.configuration import lire
from borne.demonstration import radio as radio_virtuelle
from borne.demonstration import robot_patient
from borne.demonstration.delai_borne import SondeImage
from borne.demonstration.patient_lecteur import patient_qui_lit
from borne.demonstration.scenario import visite_complete
from borne.demonstration.temoin import Temoin
from borne.demonstration.vue import Vue
from borne.peripheriques.ble import Radio


@click.command()
@click.option("--config", "configuration", type=click.Path(path_type=Path), required=True)
@click.option("--radio", required=True, help="Adresse HCI de la radio virtuelle, hote:port.")
@click.option("--cles-radio", type=click.Path(path_type=Path), required=True)
@click.option("--patient", type=click.Path(path_type=Path), help="Jouer le robot patient ; écrire dans ce dossier.")
@click.option("--lecteur", is_flag=True, help="Ce patient lit l'écran et reprend où il en était, sans fin.")
@click.option("--temoin", type=click.Path(path_type=Path), help="Noter à la fin de ce fichier ce que l'écran montre.")
def principal(
    configuration: Path, radio: str, cles_radio: Path, patient: Path | None, lecteur: bool, temoin: Path | None
) -> None:
    """La borne avec ses appareils virtuels."""
    journaliser(logging.INFO)
    scanner, client = radio_virtuelle.backends(radio, cles_radio)
    application = Application(lire(configuration), Radio(backend_scanner=scanner, backend_client=client))
    if temoin is not None:
        vu = Temoin(temoin)
        application.pont.visite_changee.connect(vu.noter)
    if patient is not None:
        sonde = SondeImage(application.fenetre, patient / "delais-borne.json")
        application.a_la_fin(sonde.ecrire)
        scenario = patient_qui_lit(Vue(application.fenetre)) if lecteur else visite_complete()
        robot_patient.installer(application.fenetre, scenario, patient, application.quitter)
    raise SystemExit(application.lancer())


if __name__ == "__main__":
    principal()

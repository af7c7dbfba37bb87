"""La borne de la démonstration : la vraie borne, avec la radio virtuelle sous bleak, et un patient si on le veut.

`python -m borne.demonstration.borne --config FICHIER --radio 127.0.0.1:PORT --cles-radio DOSSIER`
"""

from __future__ import annotations

from pathlib import Path

import click

from borne.assemblage.application import Application
from borne.configuration import lire
from borne.demonstration import radio as radio_virtuelle
from borne.demonstration import robot_patient
from borne.demonstration.delai_borne import SondeImage
from borne.demonstration.scenario import visite_complete
from borne.peripheriques.ble import Radio


@click.command()
@click.option("--config", "configuration", type=click.Path(path_type=Path), required=True)
@click.option("--radio", required=True, help="Adresse HCI de la radio virtuelle, hote:port.")
@click.option("--cles-radio", type=click.Path(path_type=Path), required=True)
@click.option("--patient", type=click.Path(path_type=Path), help="Jouer le robot patient ; écrire dans ce dossier.")
def principal(configuration: Path, radio: str, cles_radio: Path, patient: Path | None) -> None:
    """La borne avec ses appareils virtuels."""
    scanner, client = radio_virtuelle.backends(radio, cles_radio)
    application = Application(lire(configuration), Radio(backend_scanner=scanner, backend_client=client))
    if patient is not None:
        sonde = SondeImage(application.fenetre, patient / "delais-borne.json")
        application.a_la_fin(sonde.ecrire)
        robot_patient.installer(application.fenetre, visite_complete(), patient, application.quitter)
    raise SystemExit(application.lancer())


if __name__ == "__main__":
    principal()

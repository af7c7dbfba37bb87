"""Le témoin : ce que l'écran a montré, une ligne JSON par visite publiée, hors des dossiers de la borne.

Il sert à prouver une reprise : ce qu'une coupure devait rendre est ce que le témoin a vu, non ce que la borne croit.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec

from borne.parcours.transitions import dessous
from borne.parcours.visite import Visite


def empreinte(visite: Visite) -> str:
    """SHA-256 (hexadécimal) de l'état complet : deux états égaux, et eux seuls, ont la même."""
    return hashlib.sha256(msgspec.json.encode(visite)).hexdigest()


def ecran(visite: Visite) -> dict[str, Any]:
    """Ce que le patient voit de cette visite, et que tout redémarrage doit rendre.

    N'y sont pas : la question de présence (une coupure y répond), les numéros d'essai, l'appel (il se rétablit), les
    incidents (le redémarrage en est un).
    """
    return {
        "etape": visite.etape.value,
        "superposition": dessous(visite).value,
        "langue": visite.langue,
        "consentement": visite.consentement,
        "champs": dict(visite.champs),
        "erreur": visite.erreur,
        "motifs": list(visite.motifs),
        "nature": visite.nature,
        "geste": visite.releve().geste,
        "phases": {nature: releve.phase.value for nature, releve in visite.releves.items()},
        "mesures": [[mesure.code, mesure.valeur, mesure.unite, mesure.instant] for mesure in visite.mesures],
        "pret": visite.pret,
        "son_entendu": visite.son_entendu,
        "medecin": visite.medecin,
        "foyer": visite.foyer,
        "messages": [[message.du_medecin, message.texte] for message in visite.messages],
        "documents": [[d.document, d.nom, d.etat.value, d.raison] for d in visite.documents],
        "nettoyes": list(visite.nettoyes),
        "preferences": [visite.preferences.volume, visite.preferences.grand_texte, visite.preferences.contraste],
    }


def ligne(visite: Visite) -> str:
    """La ligne du témoin : {instant (secondes Unix), processus, visite, empreinte, ecran}."""
    contenu = {
        "instant": time.time(),
        "processus": os.getpid(),
        "visite": visite.id,
        "empreinte": empreinte(visite),
        "ecran": ecran(visite),
    }
    return json.dumps(contenu, ensure_ascii=False)


class Temoin:
    """Écrit chaque visite montrée à la fin d'un fichier, d'un seul `write` : un arrêt brutal n'en coupe aucune."""

    def __init__(self, fichier: Path) -> None:
        """`fichier` : créé s'il manque, complété sinon. OSError s'il ne peut pas l'être."""
        self._descripteur = os.open(fichier, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def noter(self, visite: Visite) -> None:
        """À appeler juste après que l'écran l'a montrée."""
        os.write(self._descripteur, (ligne(visite) + "\n").encode())

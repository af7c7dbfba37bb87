"""Écouter le cœur et les poumons : fréquence cardiaque, qualité, conseil pour qui tient le pavillon."""

from borne.peripheriques.auscultation.coeur import analyser
from borne.peripheriques.auscultation.continu import AnalyseContinue
from borne.peripheriques.auscultation.poumon import qualite_poumon
from borne.peripheriques.auscultation.resultat import Analyse

__all__ = ["Analyse", "AnalyseContinue", "analyser", "qualite_poumon"]

"""Tests de la salle."""

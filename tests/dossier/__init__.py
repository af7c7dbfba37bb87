"""Essais de `borne.dossier`."""

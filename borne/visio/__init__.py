"""Visio : l'appel vu de la borne."""

"""Essais de l'autotest."""

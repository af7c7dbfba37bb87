"""Dossier : ce qui est gardé d'une visite, chiffré, puis détruit."""

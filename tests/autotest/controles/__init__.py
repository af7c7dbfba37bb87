"""Essais des contrôles de l'autotest."""

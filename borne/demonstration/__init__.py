"""Démonstration : le monde virtuel et les robots (option, importée par personne)."""

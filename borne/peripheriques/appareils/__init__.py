"""Appareils : le profil et les manies de chaque modèle, un fichier par appareil."""

"""Écrans : un fichier par écran du patient."""

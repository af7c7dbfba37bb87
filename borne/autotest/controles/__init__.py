"""Les contrôles, un par fichier."""

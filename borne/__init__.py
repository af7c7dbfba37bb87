"""Borne : le logiciel d'un point d'accès santé (téléconsultation), de l'accueil du patient à l'effacement."""

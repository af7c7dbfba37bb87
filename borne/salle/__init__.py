"""Salle : le côté du médecin (attente, signalisation, comptes, page)."""

"""Parcours : la visite comme une fonction pure (événements, effets, étapes)."""

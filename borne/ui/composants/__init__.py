"""Composants : les pièces dont les écrans sont faits."""

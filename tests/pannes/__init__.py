"""Chaque panne prévue, provoquée sur la vraie borne : ce qui se voit, la suite offerte, rien de perdu."""

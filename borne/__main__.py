"""`python -m borne` : la même chose que la commande `borne`."""

from borne.commandes import principal

principal()

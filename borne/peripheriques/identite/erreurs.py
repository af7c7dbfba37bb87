"""Ce qui ne va pas dans une identité lue : une phrase par faute, sans jamais rien de l'identité."""

from __future__ import annotations

from borne.peripheriques.erreurs import ErreurPeripherique


class CodeIllisible(ErreurPeripherique):
    """Aucun code ne se lit dans l'image."""

    code = "code-illisible"
    message_usuel = "Aucun code ne se lit sur ce document."
    conseil_usuel = "Posez le document à plat sous la caméra, le code bien visible, sans reflet."


class IdentiteInvalide(ErreurPeripherique, ValueError):
    """Le code se lit, mais ce qu'il dit est faux, incomplet ou inconnu. `faute` : ce qui ne va pas, en un mot."""

    code = "identite"
    message_usuel = "Ce code d'identité n'est pas valable."
    conseil_usuel = "Saisissez l'identité à la main, et vérifiez-la sur une pièce d'identité."


class CarteNonPriseEnCharge(ErreurPeripherique):
    """La borne n'a pas de quoi lire cette carte."""

    code = "carte-non-prise-en-charge"
    message_usuel = "La borne ne sait pas lire cette carte."
    conseil_usuel = "Saisissez l'identité à la main, ou présentez le code INS sous la caméra de documents."

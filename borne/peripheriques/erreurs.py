"""Les erreurs des périphériques : un type par conduite à tenir, un code court, une phrase pour une personne.

`code` sert de clé aux textes (`erreur-tension-<code>`) ; `conseil` dit quoi faire ensuite. Aucun de ces
textes ne porte de valeur mesurée : ils peuvent aller au journal.
"""

from __future__ import annotations

from typing import ClassVar


class ErreurPeripherique(Exception):
    """Base : `code` (court, stable), `message` et `conseil` (français, pour l'écran)."""

    code: ClassVar[str] = "peripherique"
    message_usuel: ClassVar[str] = "L'appareil ne répond pas comme prévu."
    conseil_usuel: ClassVar[str] = "Appelez la personne qui vous accompagne."

    def __init__(
        self, message: str | None = None, *, conseil: str | None = None, detail: str = "", faute: str = ""
    ) -> None:
        self.message = message or self.message_usuel
        self.conseil = conseil or self.conseil_usuel
        self.detail = detail
        """Précision technique pour le médiateur et le journal, jamais montrée au patient."""
        self.faute = faute
        """Maladresse que l'appareil accuse (une de son `Guide.fautes`), ou vide."""
        super().__init__(f"{self.message} ({detail})" if detail else self.message)


class TrameInvalide(ErreurPeripherique, ValueError):
    """Des octets reçus qui ne respectent pas leur format."""

    code = "trame"
    message_usuel = "L'appareil a envoyé un message abîmé."
    conseil_usuel = "Recommencez la mesure."


class RadioIndisponible(ErreurPeripherique):
    """Le Bluetooth de la borne est absent, éteint ou occupé par un autre programme."""

    code = "bluetooth"
    message_usuel = "Le Bluetooth de la borne ne répond pas."


class AppareilAbsent(ErreurPeripherique):
    """L'appareil n'a pas été vu pendant le délai de recherche."""

    code = "absent"
    message_usuel = "La borne ne trouve pas l'appareil."
    conseil_usuel = "Vérifiez qu'il est allumé et posé près de la borne."


class AppareilEndormi(AppareilAbsent):
    """Pas vu, mais d'un modèle qui n'annonce que quand on s'en sert : son silence n'est pas une panne."""

    code = "endormi"


class PortIndisponible(ErreurPeripherique):
    """La prise série existe mais ne se laisse pas ouvrir : droits, autre programme, ou deux appareils semblables."""

    message_usuel = "La borne n'arrive pas à se servir de la prise de l'appareil."


class PortAbsent(AppareilAbsent):
    """La prise série n'est pas là : câble débranché. (Prise là, appareil muet : `AppareilAbsent`.)"""

    code = "port"
    message_usuel = "Le câble de l'appareil est débranché."
    conseil_usuel = "Rebranchez son câble."


class AppareilPerdu(ErreurPeripherique):
    """La liaison s'est coupée avant le résultat."""

    code = "perdu"
    message_usuel = "L'appareil s'est éteint pendant la mesure."
    conseil_usuel = "Rallumez-le, puis recommencez."


class AppairageRefuse(ErreurPeripherique):
    """L'appareil refuse la liaison chiffrée, ou a perdu ses clés et ne veut pas en refaire."""

    code = "appairage"
    message_usuel = "L'appareil refuse de se lier à la borne."
    conseil_usuel = "Mettez l'appareil en mode appairage, puis recommencez."


class MesureImpossible(ErreurPeripherique):
    """L'appareil a fini sans résultat (NaN), ou n'est pas de ceux que la borne sait lire."""

    code = "valeur"
    message_usuel = "L'appareil n'a pas réussi à mesurer."
    conseil_usuel = "Replacez l'appareil, restez immobile, puis recommencez."


class MesureAncienne(ErreurPeripherique):
    """L'appareil n'a envoyé que des mesures d'avant l'armement : aucune n'est à ce patient."""

    code = "ancienne"
    message_usuel = "L'appareil n'a envoyé que d'anciennes mesures."
    conseil_usuel = "Prenez une nouvelle mesure."


class HorlogeDecalee(MesureAncienne):
    """Une mesure vient d'être faite mais porte une date d'avant : l'horloge de l'appareil est à régler."""

    message_usuel = "L'appareil n'est pas à l'heure : sa mesure ne peut pas être retenue."
    conseil_usuel = "Demandez que l'on règle l'heure de l'appareil."


class DelaiDepasse(ErreurPeripherique):
    """L'appareil est relié mais aucun résultat n'est venu dans le délai."""

    code = "delai"
    message_usuel = "La mesure n'est pas venue à temps."
    conseil_usuel = "Appuyez sur le bouton de l'appareil, puis recommencez."


class MesureArretee(ErreurPeripherique):
    """La mesure a été arrêtée à la demande (patient, médecin)."""

    code = "arretee"
    message_usuel = "La mesure est arrêtée."
    conseil_usuel = "Vous pouvez recommencer quand vous voulez."


class MesureDejaEnCours(ErreurPeripherique):
    """Une mesure est déjà en cours sur cet appareil."""

    code = "occupe"
    message_usuel = "Une mesure est déjà en cours."
    conseil_usuel = "Attendez la fin de la mesure."


class ConfigurationInvalide(ErreurPeripherique):
    """`config/peripheriques.toml` : clé, valeur ou pilote inconnus (nommés dans le message)."""

    code = "configuration"
    message_usuel = "La configuration des appareils n'est pas valide."
    conseil_usuel = "Corrigez le fichier nommé dans le message."

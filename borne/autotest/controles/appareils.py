"""Le Bluetooth de la borne, puis chaque appareil de mesure : il répond, sa pile, son appairage, son heure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, runtime_checkable

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, premiere, vert
from borne.autotest.contrat import Couleur, Resultat
from borne.peripheriques.appareils.contrat import Appareil, Nature, Sondage
from borne.peripheriques.ble import Signalement
from borne.peripheriques.erreurs import AppareilAbsent, ErreurPeripherique, RadioIndisponible
from borne.peripheriques.inventaire import Annonceur

ECOUTE_S: Final = 0.4
SONDAGE_S: Final = 10.0
BATTERIE_VIDE: Final = 10
BATTERIE_BASSE: Final = 25
"""Pour cent : un brassard à 10 % s'éteint en gonflant ; à 25 %, il finira la semaine."""
ECART_GRAVE_S: Final = 3 * 3600.0
ECART_S: Final = 60.0
"""La borne règle l'heure de ceux qui le permettent, et compte avec l'écart des autres : une heure d'été oubliée ne
doit pas fermer la borne. Davantage, c'est une pile d'horloge morte, dont la date ne vaudra rien."""
SERVICE_INCONNU: Final = "FFFF"

SANS_RADIO: Final = Faute(
    "bluetooth-absent", "Le Bluetooth de la borne ne répond pas.", "Rebranchez sa clé Bluetooth."
)
_PAR_FAUTE: Final = {
    "absent": Faute(
        "appareil-absent", "L'appareil ne répond pas.", "Allumez-le près de la borne, et vérifiez ses piles."
    ),
    "endormi": orange(
        "appareil-endormi",
        "L'appareil dort : il ne s'annonce que quand on s'en sert.",
        "Appuyez sur son bouton, et relancez ce contrôle aussitôt.",
    ),
    "port": Faute("appareil-debranche", "Le câble de l'appareil est débranché.", "Rebranchez son câble à la borne."),
    "bluetooth": SANS_RADIO,
    "appairage": Faute(
        "appairage-perdu", "L'appareil n'est plus appairé à la borne.", "Appairez-le : borne peripheriques appairer."
    ),
    "occupe": orange("appareil-occupe", "Une mesure est en cours sur cet appareil.", "Recommencez après elle."),
    "peripherique": Faute(
        "prise-indisponible", "La prise de l'appareil ne s'ouvre pas.", "Débranchez-le, rebranchez-le, redémarrez."
    ),
    "trame": Faute("appareil-illisible", "L'appareil répond de travers.", "Éteignez-le, rallumez-le."),
}
_MUET: Final = Faute("appareil-muet", "L'appareil se tait après avoir répondu.", "Éteignez-le, rallumez-le.")


def juger(sondage: Sondage) -> Faute | None:
    """Ce qui ne va pas chez un appareil sondé ; None si tout va bien."""
    if sondage.faute or not sondage.repond:
        return _PAR_FAUTE.get(sondage.faute or "absent", _MUET)
    pile, ecart = sondage.batterie, sondage.ecart_horloge_s
    changer = "Changez ses piles, ou rechargez-le."
    return premiere(
        _PAR_FAUTE["appairage"] if sondage.appaire is False else None,
        Faute("batterie-vide", f"Sa batterie est à {pile} %.", changer)
        if pile is not None and pile <= BATTERIE_VIDE
        else None,
        _heure(ecart, Couleur.ROUGE) if ecart is not None and abs(ecart) > ECART_GRAVE_S else None,
        orange("batterie-basse", f"Sa batterie est à {pile} %.", changer)
        if pile is not None and pile <= BATTERIE_BASSE
        else None,
        _heure(ecart, Couleur.ORANGE) if ecart is not None and abs(ecart) > ECART_S else None,
    )


def _heure(ecart_s: float, couleur: Couleur) -> Faute:
    constat = f"L'appareil n'est pas à l'heure ({ecart_s / 60:+.0f} minutes)."
    return Faute("appareil-pas-a-l-heure", constat, "Réglez l'heure de l'appareil.", couleur)


ROLES: Final[Mapping[Nature, tuple[str, str]]] = {
    Nature.TENSION: ("tensiometre", "Tensiomètre"),
    Nature.TEMPERATURE: ("thermometre", "Thermomètre"),
    Nature.SATURATION: ("oxymetre", "Oxymètre"),
    Nature.POIDS: ("balance", "Balance"),
    Nature.GLYCEMIE: ("glucometre", "Lecteur de glycémie"),
    Nature.FREQUENCE: ("ceinture", "Ceinture cardiaque"),
}
"""Le rôle de chaque nature dans les profils, et ce que lit une personne."""
AUTRE: Final = ("accessoire", "Accessoire")
"""Un lecteur de badge, ou ce qu'un paquet tiers ajoute sans rien mesurer."""


class ControleBluetooth:
    """L'adaptateur Bluetooth : il écoute."""

    nom, libelle = "bluetooth", "Bluetooth"
    groupe = "radio"
    delai_s = 15.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Écoute un instant un service que rien n'annonce."""
        if not any(isinstance(appareil, Annonceur) for appareil in banc.appareils.values()):
            return gris(self.nom, "Bluetooth : cette borne n'a pas d'appareil sans fil.")
        try:
            await banc.radio.chercher(Signalement(SERVICE_INCONNU), delai_s=ECOUTE_S)
        except RadioIndisponible:
            return SANS_RADIO.rendre(self.nom)
        except (AppareilAbsent, TimeoutError):
            pass
        except ErreurPeripherique as erreur:
            return Faute("bluetooth-en-erreur", str(erreur), "Rebranchez sa clé Bluetooth.").rendre(self.nom)
        return vert(self.nom, "Le Bluetooth écoute.")


@runtime_checkable
class Sondable(Protocol):
    """Ce qui se laisse sonder : un `Appareil`, ou un lecteur de badge, qui ne mesure rien."""

    async def sonder(self, *, delai_s: float = 20.0) -> Sondage:
        """Voir `contrat.Appareil.sonder`."""


class ControleAppareil:
    """Un appareil, par son `sonder`.

    Son nom commence par le rôle de sa nature (`profils.py`), suivi de son identifiant dans `peripheriques.toml` s'il
    dit autre chose : c'est par la nature qu'une officine a son tensiomètre, quel que soit le nom qu'on lui donne.
    """

    delai_s = SONDAGE_S + 10

    def __init__(self, identifiant: str, appareil: Sondable, *, sans_fil: bool) -> None:
        role, libelle = ROLES[appareil.nature] if isinstance(appareil, Appareil) else AUTRE
        self.groupe = "radio" if sans_fil else "serie"
        self.nom = role if identifiant == role else f"{role}:{identifiant}"
        self.libelle = libelle if identifiant == role else f"{libelle} ({identifiant})"
        self.requiert: tuple[str, ...] = ("bluetooth",) if sans_fil else ()
        self._appareil = appareil

    async def controler(self, banc: Banc) -> Resultat:
        """Le sonde."""
        sondage = await self._appareil.sonder(delai_s=SONDAGE_S)
        valeurs = {}
        if sondage.batterie is not None:
            valeurs["batterie_pct"] = float(sondage.batterie)
        if sondage.ecart_horloge_s is not None:
            valeurs["ecart_horloge_s"] = sondage.ecart_horloge_s
        faute = juger(sondage)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        pile = "" if sondage.batterie is None else f", batterie à {sondage.batterie} %"
        return vert(self.nom, f"{sondage.modele or self.libelle} répond{pile}.", valeurs)

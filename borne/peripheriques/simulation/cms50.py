"""Oxymètres CMS50 simulés : trames de la version 4.5 et paquets de la version 7. Pur."""

from __future__ import annotations

from borne.peripheriques.formats.cms50 import PI_INVALIDE, POULS_INVALIDE, SPO2_INVALIDE, V7_COMMANDE, V7_TEMPS_REEL


def _mot(valeur: int | None, invalide: int) -> int:
    return invalide if valeur is None else valeur


def coder_v4(
    spo2: int | None,
    pouls: int | None,
    pleth: int,
    *,
    signal: int = 8,
    barre: int = 0,
    doigt_absent: bool = False,
    baisse: bool = False,
    bip: bool = False,
    sonde_en_panne: bool = False,
    cherche: bool = False,
) -> bytes:
    """Une trame temps réel de 5 octets ; None : sans valeur. `pleth` 0 à 127, `signal` et `barre` 0 à 15."""
    battements = _mot(pouls, POULS_INVALIDE)
    return bytes(
        (
            0x80 | signal | doigt_absent << 4 | baisse << 5 | bip << 6,
            pleth,
            barre | sonde_en_panne << 4 | cherche << 5 | (battements & 0x80) >> 1,
            battements & 0x7F,
            _mot(spo2, SPO2_INVALIDE),
        )
    )


def coder_v4_memoire(spo2: int | None, pouls: int | None) -> bytes:
    """Une seconde enregistrée, 3 octets."""
    battements = _mot(pouls, POULS_INVALIDE)
    return bytes((0xF0 | battements >> 7, 0x80 | battements & 0x7F, _mot(spo2, SPO2_INVALIDE)))


def coder_v7_paquet(genre: int, charge: bytes) -> bytes:
    """Un paquet de la version 7 : le type, les bits 7 de la charge (7 octets au plus), la charge à bits 7 levés."""
    hauts = sum((octet >> 7) << rang for rang, octet in enumerate(charge))
    return bytes((genre & 0x7F, 0x80 | hauts)) + bytes(octet | 0x80 for octet in charge)


def coder_v7_temps_reel(
    spo2: int | None,
    pouls: int | None,
    pleth: int,
    *,
    perfusion: float | None = None,
    signal: int = 8,
    barre: int = 0,
    bip: bool = False,
    sonde_en_panne: bool = False,
    cherche: bool = False,
    cherche_trop: bool = False,
    spo2_bas: bool = False,
) -> bytes:
    """Un paquet temps réel entier ; None : sans valeur. `perfusion` en %, bit « valide » nul comme le fabricant."""
    indice = PI_INVALIDE if perfusion is None else round(perfusion * 100)
    charge = (
        signal | cherche_trop << 4 | spo2_bas << 5 | bip << 6 | sonde_en_panne << 7,
        pleth | cherche << 7,
        barre | (perfusion is None) << 4,
        _mot(pouls, POULS_INVALIDE),
        _mot(spo2, SPO2_INVALIDE),
        indice & 0xFF,
        indice >> 8,
    )
    return coder_v7_paquet(V7_TEMPS_REEL, bytes(charge))


def coder_v7_commande(ordre: int, donnees: bytes = b"") -> bytes:
    """Un ordre de l'hôte : 0xA1 démarrer, 0xA2 arrêter, 0xAF toujours là ; charge complétée à 7 octets."""
    return coder_v7_paquet(V7_COMMANDE, (bytes((ordre,)) + donnees).ljust(7, b"\0"))

"""Périphériques : des octets, du son et des images vers des mesures."""

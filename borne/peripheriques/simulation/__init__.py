"""Simulation : les encodeurs et les comportements des appareils virtuels."""

"""Interface : les écrans Qt de la borne."""

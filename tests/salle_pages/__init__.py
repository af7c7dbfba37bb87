"""La page du médecin, dans un vrai Chromium, devant la vraie salle et une borne factice en aiortc."""

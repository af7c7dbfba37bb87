proprete-question = Nettoyez avant la prochaine personne.
proprete-phrase = Touchez chaque chose quand elle est propre.
proprete-brassard = Brassard
proprete-stethoscope = Stéthoscope
proprete-ecran = Écran
proprete-siege = Siège
bouton-tout-est-propre = Tout est propre
erreur-proprete-incomplete = Il reste une chose à nettoyer.

# Les mots de tous les écrans : commandes, boutons, nom de la langue.
# Phrases de douze mots au plus, une idée par phrase, sans abréviation (A11Y-FALC).
# L'apostrophe et l'espace avant « ? » et « ! » sont mises en forme par le logiciel.

langue-nom = Français

bouton-revenir = Revenir
bouton-aide = Aide
bouton-quinze = 15
nom-quinze = Appeler le 15
bouton-continuer = Continuer
bouton-commencer = Commencer
bouton-langue = Langue
bouton-repeter = Répéter
nom-moins-fort = Moins fort
nom-plus-fort = Plus fort
nom-grand-texte = Texte plus grand
nom-texte-normal = Texte normal
nom-contraste = Contraste fort
nom-contraste-normal = Couleurs normales
nom-volume = Volume { $volume } sur 4
nom-progression = Étape { $etape } sur { $total }
voix-absente = Voix coupée
bouton-fermer = Fermer
bouton-effacer = Effacer
nom-espace = Espace
nom-apostrophe = Apostrophe
nom-tiret = Tiret
nom-point = Point
nom-virgule = Virgule
nom-point-interrogation = Point d'interrogation
nom-champ = Votre réponse
nom-image-medecin = Image de votre médecin
nom-image-patient = Votre image
nom-cochee = { $nom }, choisi
erreur-dossier = La borne ne peut plus enregistrer. Demandez de l'aide.

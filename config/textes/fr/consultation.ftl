consultation-connexion-question = { $medecin } arrive.
consultation-connexion-phrase = Restez devant l'écran. L'image se prépare.
consultation-connexion-question-sans-nom = Le médecin arrive.
consultation-etablie-question-sans-nom = Le médecin vous voit et vous entend.
consultation-etablie-question = { $medecin } vous voit et vous entend.
consultation-perdu-question = L'image est coupée.
consultation-perdu-phrase = Restez là. La borne rappelle toute seule.
consultation-perdu-suite = Le médecin peut aussi vous téléphoner.
consultation-absent-question = Le médecin a quitté l'écran.
consultation-absent-phrase = Restez là. Il peut revenir.
consultation-son-seul = Votre image est arrêtée.
consultation-son-seul-phrase = Parlez : le médecin vous entend.
consultation-rappel-question = Le médecin va vous téléphoner.
consultation-rappel-question-sans-numero = L'appel ne passe plus.
consultation-rappel-coupure = La liaison est coupée.
consultation-rappel-debit = La liaison est trop faible.
consultation-rappel-echec = L'appel n'a pas pu commencer.
consultation-rappel-numero = Il appelle le { $numero }.
consultation-rappel-sans-numero = Touchez Aide pour prévenir quelqu'un.
consultation-rappel-suite = La borne essaie encore. Restez là.
consultation-medecin-inconnu = Votre médecin
consultation-vous = Vous
consultation-message = « { $texte } »
consultation-message-en-cours = « { $texte }…
consultation-code = Code de sécurité : { $code }
consultation-lien-mauvais = La liaison est faible. L'image peut se figer.
consultation-micro-coupe = { $medecin } a coupé son micro.
consultation-micro-coupe-sans-nom = Le médecin a coupé son micro.
consultation-micro-coupe-phrase = Il vous voit et vous entend toujours.
consultation-parlez = Parlez normalement.

consultation-brassard-recherche = Appuyez sur le bouton du brassard.
consultation-brassard-gonflage = Le brassard se gonfle. Ne bougez pas.
consultation-brassard-fini = La tension est mesurée.

consultation-foyer-aortique = Posez le stéthoscope en haut, à droite du cœur.
consultation-foyer-pulmonaire = Posez le stéthoscope en haut, à gauche du cœur.
consultation-foyer-tricuspide = Posez le stéthoscope en bas, près du milieu.
consultation-foyer-mitral = Posez le stéthoscope sous le sein gauche.
consultation-ecoute = Respirez doucement. Ne parlez pas.
erreur-stethoscope-absent = Le stéthoscope ne répond pas. Vérifiez son câble.

consultation-camera-examen = Approchez la petite caméra de la zone à montrer.
consultation-camera-document = Posez votre papier sous la caméra.
consultation-photo = Le médecin prend une photo.
erreur-camera-examen = La petite caméra ne répond pas. Le médecin voit votre visage.
erreur-camera-document = La caméra des papiers ne répond pas.
incident-photo = Une photo n'est pas arrivée au médecin.

bouton-ecrire = Écrire
bouton-terminer = Terminer
bouton-envoyer = Envoyer
bouton-arreter-brassard = Arrêter le brassard

ecrire-question = Écrivez au médecin.
ecrire-vide = Aucun message pour le moment.
ecrire-de-vous = Vous : { $texte }
ecrire-du-medecin = Médecin : { $texte }

confirmer-fin-question = Voulez-vous terminer ?
confirmer-fin-phrase = Le médecin ne vous verra plus.
confirmer-fin-suite = Vos papiers seront imprimés ensuite.
bouton-oui-terminer = Oui, terminer
bouton-non-rester = Non, je reste

incident-camera-perdue = La caméra s'est arrêtée. Le médecin vous entend encore.
incident-son-perdu = Le son est coupé. Écrivez au médecin.
incident-redemarrage = La borne a redémarré. Rien n'est perdu.
incident-son-seul = L'image s'est arrêtée. Le son passait encore.
incident-rappel-coupure = L'appel n'est pas revenu. Le médecin a dû téléphoner.
incident-rappel-debit = La liaison était trop faible. Le médecin a dû téléphoner.
incident-rappel-echec = L'appel n'a pas pu commencer. Le médecin a dû téléphoner.
incident-appel-perdu = L'appel s'est coupé. La borne rappelle toute seule.
consultation-pression = pression

aide-question = Quelqu'un vient vous aider.
aide-phrase = Une sonnerie a prévenu l'accueil et les médecins.
aide-en-cours = L'aide est prévenue.
bouton-accompagnant = Je suis l'accompagnant
aide-suite = Restez là. Rien n'est perdu.

quinze-question = Appelez le 15 si c'est grave.
quinze-phrase = Dites ces mots au téléphone :
quinze-adresse = L'adresse est : { $adresse }.
quinze-lieu = Je suis ici : { $lieu }.
quinze-adresse-inconnue = L'adresse est écrite sur la borne.
quinze-borne = Borne numéro { $numero }.
quinze-tension = Ma tension : { $systolique } sur { $diastolique }.
quinze-pouls = Mon pouls : { $pouls } par minute.
quinze-pouls-oxygene = Mon pouls : { $pouls }. Mon oxygène : { $oxygene } pour cent.
quinze-sans-mesure = Je n'ai pas encore de mesure.
quinze-prevenu = L'accueil est prévenu. Une sonnerie est en route.
bouton-je-reviens = Fermer

presence-question = Êtes-vous toujours là ?
presence-phrase = Touchez le bouton pour continuer.
presence-derniere = Sans réponse, la visite va s'arrêter.
bouton-je-suis-la = Je suis là

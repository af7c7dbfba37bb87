accueil-bonjour = Bonjour.
accueil-question = Voulez-vous voir un médecin ?
accueil-phrase = Nous vous guidons à chaque étape.
accueil-gratuit = C'est confidentiel. Rien n'est enregistré.
accueil-attente-connue = { $minutes ->
    [one] Un médecin vous reçoit dans une minute environ.
   *[other] Un médecin vous reçoit dans { LETTRES($minutes) } minutes environ.
}
accueil-attente-presente = Un médecin est là. L'attente n'est pas encore connue.
accueil-attente-inconnue = Aucun médecin n'est encore là. Vous pouvez commencer.
accueil-salle-injoignable = La liaison avec les médecins est coupée. Vous pouvez vous préparer.

langue-question = Quelle langue parlez-vous ?
langue-phrase = Touchez votre langue.

# L'accueil d'une borne qui ne peut servir personne.
ferme-panne-question = Cette borne est en panne.
ferme-panne-phrase = Aucun médecin ne peut vous recevoir ici pour le moment.
ferme-liaison-question = Cette borne ne joint plus les médecins.
ferme-liaison-phrase = Aucun médecin ne peut vous recevoir ici pour le moment.
ferme-verification-question = La borne se vérifie.
ferme-verification-phrase = Elle contrôle ses appareils avant de vous recevoir.
ferme-verification-suite = Revenez dans quelques minutes.
ferme-secours = Vous pouvez aller ici : { $lieu }.
ferme-sans-secours = Demandez à l'accueil où voir un médecin.
ferme-quinze = Si c'est grave, appelez le 15.

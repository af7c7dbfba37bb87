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

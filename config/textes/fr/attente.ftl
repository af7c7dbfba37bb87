attente-question = Un médecin va vous appeler.
attente-rang = { $rang ->
    [1] Vous êtes la prochaine personne.
    [one] Vous êtes la prochaine personne.
   *[other] Il y a { LETTRES($avant) } { $avant ->
        [one] personne
       *[other] personnes
    } avant vous.
}
attente-minutes = { $minutes ->
    [one] L'attente est d'une minute environ.
   *[other] L'attente est de { LETTRES($minutes) } minutes environ.
}
attente-minutes-inconnues = L'attente ? Nous ne savons pas encore.
attente-sans-medecin = Aucun médecin n'est encore là. Votre place est gardée.
attente-pret = Tout est prêt. Restez devant l'écran.
attente-medecin-question = { $medecin } vous attend.
attente-medecin-phrase = Touchez « Me préparer ».
attente-valeur = minutes environ
attente-inconnue = Durée inconnue
bouton-me-preparer = Me préparer

attente-injoignable-question = La liaison est coupée.
attente-injoignable-phrase = La borne essaie de nouveau toute seule.
attente-injoignable-suite = Vous pouvez attendre, ou demander de l'aide.
incident-salle-injoignable = La borne ne joint plus les médecins. Elle essaie encore.

preparation-question = Installez-vous bien.
preparation-asseoir = Asseyez-vous au milieu, le dos droit.
preparation-regarder = Regardez le haut de l'écran.
preparation-entendre = M'entendez-vous bien ?
preparation-son-oui = Très bien. Le son marche.
preparation-son-non = Touchez « plus », en haut, puis « Répéter ».
preparation-micro = Votre voix
preparation-camera-absente = La caméra ne répond pas. Le médecin vous entendra.
bouton-entendu-oui = Oui, j'entends
bouton-entendu-non = Non
bouton-pret = Tout est prêt
preparation-medecin = { $medecin } vous attend.

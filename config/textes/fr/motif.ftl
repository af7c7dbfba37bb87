motif-question = Pourquoi venez-vous ?
motif-phrase = Vous pouvez toucher plusieurs images.
motif-douleur = Douleur
motif-fievre = Fièvre
motif-toux = Toux
motif-ventre = Ventre
motif-peau = Peau
motif-fatigue = Fatigue
motif-ordonnance = Ordonnance
motif-autre = Autre chose
motif-autre-question = Que se passe-t-il ?
motif-autre-phrase = Quelques mots suffisent.
bouton-ne-sais-pas = Je ne sais pas

erreur-motif-vide = Touchez au moins une image.
erreur-motif-autre-vide = Écrivez un mot, ou touchez « Je ne sais pas ».

urgence-question = Avez-vous un de ces signes ?
urgence-phrase = Répondez pour maintenant.
urgence-poitrine = Forte douleur dans la poitrine
urgence-souffle = Grand mal à respirer
urgence-parole = Visage, bras ou parole bloqués d'un coup
urgence-sang = Sang qui coule beaucoup
bouton-urgence-oui = Oui
bouton-urgence-non = Non, aucun

consentement-question = Êtes-vous d'accord ?
consentement-phrase-medecin = Un médecin va vous voir et vous entendre.
consentement-phrase-mesures = Vos mesures et vos réponses lui sont envoyées.
consentement-phrase-enregistrement = Rien n'est filmé. Rien ne reste dans cette borne.
consentement-phrase-retrait = Vous pouvez changer d'avis à tout moment.
bouton-accord = Oui, je suis d'accord
bouton-refus = Non

refus-question = C'est noté. Nous arrêtons ici.
refus-phrase = Rien n'a été gardé. Vous pouvez revenir quand vous voulez.
refus-suite = Pour voir un médecin autrement, demandez à l'accueil.

retrait-question = Votre accord est retiré.
retrait-phrase = Tout est arrêté. Vos réponses sont effacées.
retrait-suite = Vous pouvez revenir quand vous voulez.

confirmer-retrait-question = Voulez-vous vraiment tout arrêter ?
confirmer-retrait-phrase = Vos réponses et vos mesures seront effacées de cette borne.
confirmer-retrait-suite = Le médecin sera prévenu.
bouton-tout-arreter = Tout arrêter
bouton-rester = Continuer
bouton-retirer-accord = Retirer mon accord

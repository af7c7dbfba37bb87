# Le lecteur : les mots du patient.

mesure-glycemie-question = Mesurons votre sucre.
mesure-glycemie-nom = Lecteur
mesure-glycemie-preparation-mains-lavees = Lavez et séchez vos mains.
mesure-glycemie-preparation-bandelette = Mettez une bandelette neuve dans le lecteur.

mesure-glycemie-recherche-question = Piquez le côté du doigt.
mesure-glycemie-recherche-phrase = Posez la goutte sur la bandelette.
mesure-glycemie-trouve-question = Le lecteur est trouvé.
mesure-glycemie-trouve-phrase = Attendez le chiffre.
mesure-glycemie-attente-question = Piquez le côté du doigt.
mesure-glycemie-attente-phrase = Posez la goutte sur la bandelette.
mesure-glycemie-mesure-question = Le lecteur mesure.
mesure-glycemie-mesure-phrase = Attendez le chiffre.
mesure-glycemie-retirer = Jetez la bandelette et l'aiguille dans la boîte.

mesure-glycemie-faute-goutte-insuffisante = La goutte est trop petite.
mesure-glycemie-remede-goutte-insuffisante = Prenez une bandelette neuve et une goutte plus grosse.
mesure-glycemie-faute-bandelette-mal-mise = La bandelette est mal mise.
mesure-glycemie-remede-bandelette-mal-mise = Enfoncez la bandelette bien droite.
mesure-glycemie-faute-bandelette-inconnue = Cette bandelette ne convient pas.
mesure-glycemie-remede-bandelette-inconnue = Prenez une bandelette de cette boîte.
mesure-glycemie-faute-bandelette-retiree = La bandelette est partie trop tôt.
mesure-glycemie-remede-bandelette-retiree = Laissez la bandelette jusqu'au chiffre.
mesure-glycemie-faute-trop-haute = Le lecteur ne peut pas lire ce chiffre.
mesure-glycemie-remede-trop-haute = Montrez le lecteur au médecin.
mesure-glycemie-faute-trop-basse = Le lecteur ne peut pas lire ce chiffre.
mesure-glycemie-remede-trop-basse = Montrez le lecteur au médecin.
mesure-glycemie-faute-trop-chaud = Le lecteur est trop chaud.
mesure-glycemie-remede-trop-chaud = Attendez quelques minutes à l'ombre.
mesure-glycemie-faute-trop-froid = Le lecteur est trop froid.
mesure-glycemie-remede-trop-froid = Attendez quelques minutes au chaud.
mesure-glycemie-faute-solution-de-controle = Le lecteur a lu une goutte d'essai.
mesure-glycemie-remede-solution-de-controle = Recommencez avec une goutte de sang.
mesure-glycemie-faute-lecteur-en-panne = Le lecteur est en panne.
mesure-glycemie-remede-lecteur-en-panne = Demandez de l'aide, ou passez.

erreur-glycemie-absent = Le lecteur ne répond pas. Vérifiez qu'il est allumé.
erreur-glycemie-perdu = Le lecteur s'est éteint ou s'est éloigné.
erreur-glycemie-trame = Le lecteur a envoyé un message incomplet.
erreur-glycemie-valeur = Le lecteur n'a pas trouvé de valeur. Prenez une bandelette neuve.
erreur-glycemie-delai = Le lecteur a mis trop de temps.
erreur-glycemie-interrompue = La mesure a été interrompue.
erreur-glycemie-arretee = La mesure a été arrêtée.
erreur-glycemie-ancienne = Le lecteur a envoyé une ancienne mesure.
erreur-glycemie-port = Le câble du lecteur est débranché.
erreur-glycemie-bluetooth = La liaison sans fil de la borne est en panne.
erreur-glycemie-appairage = Le lecteur refuse de se lier à la borne.
erreur-glycemie-occupe = Une mesure est déjà en cours.
erreur-glycemie-peripherique = Le lecteur ne répond pas comme prévu.

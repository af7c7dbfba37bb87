# La pince : les mots du patient.

mesure-saturation-question = Mesurons votre oxygène.
mesure-saturation-nom = Pince
mesure-saturation-preparation-doigt-nu = Choisissez un doigt sans vernis.
mesure-saturation-preparation-main-chaude = Réchauffez votre main si elle est froide.

mesure-saturation-recherche-question = Mettez le doigt dans la pince.
mesure-saturation-recherche-phrase = Posez la main à plat. Ne bougez plus.
mesure-saturation-trouve-question = La pince est trouvée.
mesure-saturation-trouve-phrase = Gardez le doigt au fond de la pince.
mesure-saturation-attente-question = Mettez le doigt dans la pince.
mesure-saturation-attente-phrase = Posez la main à plat. Ne bougez plus.
mesure-saturation-mesure-question = La pince mesure.
mesure-saturation-mesure-phrase = Gardez le doigt immobile.
mesure-saturation-retirer = Vous pouvez retirer la pince.

mesure-saturation-faute-doigt-retire = Le doigt est sorti de la pince.
mesure-saturation-remede-doigt-retire = Remettez le doigt au fond de la pince.
mesure-saturation-faute-doigt-bouge = Le doigt a bougé.
mesure-saturation-remede-doigt-bouge = Posez la main à plat et ne bougez plus.
mesure-saturation-faute-main-froide = Votre main est froide.
mesure-saturation-remede-main-froide = Frottez vos mains, puis remettez la pince.
mesure-saturation-faute-signal-faible = La pince sent mal votre pouls.
mesure-saturation-remede-signal-faible = Essayez un autre doigt.
mesure-saturation-faute-lumiere = Il y a trop de lumière.
mesure-saturation-remede-lumiere = Couvrez la pince avec l'autre main.
mesure-saturation-faute-capteur-en-panne = La pince est en panne.
mesure-saturation-remede-capteur-en-panne = Demandez de l'aide, ou passez.

erreur-saturation-absent = La pince ne répond pas. Vérifiez qu'elle est allumée.
erreur-saturation-perdu = La pince s'est éteinte ou s'est éloignée.
erreur-saturation-trame = La pince a envoyé un message incomplet.
erreur-saturation-valeur = La pince n'a pas trouvé de valeur. Gardez le doigt immobile.
erreur-saturation-delai = La pince a mis trop de temps.
erreur-saturation-interrompue = La mesure a été interrompue.
erreur-saturation-arretee = La mesure a été arrêtée.
erreur-saturation-ancienne = La pince a envoyé une ancienne mesure.
erreur-saturation-port = Le câble de la pince est débranché.
erreur-saturation-bluetooth = La liaison sans fil de la borne est en panne.
erreur-saturation-appairage = La pince refuse de se lier à la borne.
erreur-saturation-occupe = Une mesure est déjà en cours.
erreur-saturation-peripherique = La pince ne répond pas comme prévu.

# La balance : les mots du patient.

mesure-poids-question = Mesurons votre poids.
mesure-poids-nom = Balance
mesure-poids-preparation-chaussures = Enlevez vos chaussures si vous pouvez.
mesure-poids-preparation-poches = Posez votre sac et videz vos poches.

mesure-poids-recherche-question = Montez sur la balance.
mesure-poids-recherche-phrase = Tenez-vous si besoin, puis ne bougez plus.
mesure-poids-trouve-question = La balance est trouvée.
mesure-poids-trouve-phrase = Restez debout, sans bouger.
mesure-poids-attente-question = Montez sur la balance.
mesure-poids-attente-phrase = Restez debout, sans bouger.
mesure-poids-mesure-question = La balance mesure.
mesure-poids-mesure-phrase = Restez debout, sans bouger.
mesure-poids-retirer = Vous pouvez descendre de la balance.

mesure-poids-faute-bouge = Vous avez bougé.
mesure-poids-remede-bouge = Regardez droit devant vous, sans bouger.
mesure-poids-faute-descendu-trop-tot = Vous êtes descendu trop tôt.
mesure-poids-remede-descendu-trop-tot = Restez sur la balance jusqu'au bout.
mesure-poids-faute-pesee-manquee = La balance n'a pas pu peser.
mesure-poids-remede-pesee-manquee = Descendez, attendez un peu, puis remontez.

erreur-poids-absent = La balance ne répond pas. Vérifiez qu'elle est allumée.
erreur-poids-perdu = La balance s'est éteinte ou s'est éloignée.
erreur-poids-trame = La balance a envoyé un message incomplet.
erreur-poids-valeur = La balance n'a pas trouvé de valeur. Restez bien au milieu.
erreur-poids-delai = La balance a mis trop de temps.
erreur-poids-interrompue = La mesure a été interrompue.
erreur-poids-arretee = La mesure a été arrêtée.
erreur-poids-ancienne = La balance a envoyé une ancienne mesure.
erreur-poids-port = Le câble de la balance est débranché.
erreur-poids-bluetooth = La liaison sans fil de la borne est en panne.
erreur-poids-appairage = La balance refuse de se lier à la borne.
erreur-poids-occupe = Une mesure est déjà en cours.
erreur-poids-peripherique = La balance ne répond pas comme prévu.

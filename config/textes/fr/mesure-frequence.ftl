# La ceinture : les mots du patient.

mesure-frequence-question = Mesurons votre pouls.
mesure-frequence-nom = Ceinture
mesure-frequence-preparation-peau-humide = Mouillez un peu l'intérieur de la ceinture.
mesure-frequence-preparation-ceinture = Mettez la ceinture sous la poitrine, sur la peau.

mesure-frequence-recherche-question = Nous cherchons la ceinture.
mesure-frequence-recherche-phrase = Gardez la ceinture bien serrée.
mesure-frequence-trouve-question = La ceinture est trouvée.
mesure-frequence-trouve-phrase = Restez assis, sans parler.
mesure-frequence-attente-question = La ceinture est prête.
mesure-frequence-attente-phrase = Restez assis, sans parler.
mesure-frequence-mesure-question = La ceinture mesure.
mesure-frequence-mesure-phrase = Restez assis, sans parler.
mesure-frequence-retirer = Vous pouvez enlever la ceinture.

mesure-frequence-faute-contact-perdu = La ceinture ne touche plus la peau.
mesure-frequence-remede-contact-perdu = Serrez la ceinture et mouillez-la un peu.
mesure-frequence-faute-bouge = Vous avez bougé.
mesure-frequence-remede-bouge = Restez assis, sans bouger.

erreur-frequence-absent = La ceinture ne répond pas. Vérifiez qu'elle est allumée.
erreur-frequence-perdu = La ceinture s'est éteinte ou s'est éloignée.
erreur-frequence-trame = La ceinture a envoyé un message incomplet.
erreur-frequence-valeur = La ceinture n'a pas trouvé de valeur. Serrez un peu la ceinture.
erreur-frequence-delai = La ceinture a mis trop de temps.
erreur-frequence-interrompue = La mesure a été interrompue.
erreur-frequence-arretee = La mesure a été arrêtée.
erreur-frequence-ancienne = La ceinture a envoyé une ancienne mesure.
erreur-frequence-port = Le câble de la ceinture est débranché.
erreur-frequence-bluetooth = La liaison sans fil de la borne est en panne.
erreur-frequence-appairage = La ceinture refuse de se lier à la borne.
erreur-frequence-occupe = Une mesure est déjà en cours.
erreur-frequence-peripherique = La ceinture ne répond pas comme prévu.

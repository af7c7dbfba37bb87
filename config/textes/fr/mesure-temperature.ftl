# Le thermomètre : les mots du patient.

mesure-temperature-question = Mesurons votre température.
mesure-temperature-nom = Thermomètre
mesure-temperature-preparation-repos = Restez assis au calme un instant.
mesure-temperature-preparation-sonde = Placez le thermomètre contre la peau.
# Quand la fiche de l'appareil dit où il se pose.
mesure-temperature-preparation-sonde-aisselle = Mettez le thermomètre sous le bras.
mesure-temperature-preparation-sonde-bouche = Mettez le thermomètre sous la langue.
mesure-temperature-preparation-sonde-front = Approchez le thermomètre du front.
mesure-temperature-preparation-sonde-oreille = Mettez le thermomètre dans l'oreille.
mesure-temperature-preparation-sonde-rectum = Demandez de l'aide pour ce thermomètre.
mesure-temperature-preparation-sonde-doigt = Posez le doigt sur le thermomètre.

mesure-temperature-recherche-question = Nous cherchons le thermomètre.
mesure-temperature-recherche-phrase = Appuyez sur le bouton du thermomètre.
mesure-temperature-trouve-question = Le thermomètre est trouvé.
mesure-temperature-trouve-phrase = Gardez-le en place.
mesure-temperature-attente-question = Le thermomètre est prêt.
mesure-temperature-attente-phrase = Appuyez sur son bouton. Gardez-le en place.
mesure-temperature-mesure-question = Le thermomètre mesure.
mesure-temperature-mesure-phrase = Gardez-le en place. Ne bougez pas.
mesure-temperature-retirer = Vous pouvez reposer le thermomètre.

mesure-temperature-faute-sonde-mal-placee = Le thermomètre est mal placé.
mesure-temperature-remede-sonde-mal-placee = Replacez-le bien contre la peau.
mesure-temperature-faute-sonde-retiree = Le thermomètre est parti trop tôt.
mesure-temperature-remede-sonde-retiree = Gardez-le en place jusqu'au signal.

erreur-temperature-absent = Le thermomètre ne répond pas. Vérifiez qu'il est allumé.
erreur-temperature-perdu = Le thermomètre s'est éteint ou s'est éloigné.
erreur-temperature-trame = Le thermomètre a envoyé un message incomplet.
erreur-temperature-valeur = Le thermomètre n'a pas trouvé de valeur. Gardez-le en place.
erreur-temperature-delai = Le thermomètre a mis trop de temps.
erreur-temperature-interrompue = La mesure a été interrompue.
erreur-temperature-arretee = La mesure a été arrêtée.
erreur-temperature-ancienne = Le thermomètre a envoyé une ancienne mesure.
erreur-temperature-port = Le câble du thermomètre est débranché.
erreur-temperature-bluetooth = La liaison sans fil de la borne est en panne.
erreur-temperature-appairage = Le thermomètre refuse de se lier à la borne.
erreur-temperature-occupe = Une mesure est déjà en cours.
erreur-temperature-peripherique = Le thermomètre ne répond pas comme prévu.

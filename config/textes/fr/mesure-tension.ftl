# Le brassard : les mots du patient.

mesure-tension-question = Mesurons votre tension.
mesure-tension-nom = Brassard
mesure-tension-preparation-brassard = Mettez le brassard sur votre bras nu.
mesure-tension-preparation-bras-pose = Posez le bras sur la table.
mesure-tension-preparation-assis = Gardez les pieds à plat et le dos droit.

mesure-tension-recherche-question = Nous cherchons le brassard.
mesure-tension-recherche-phrase = Appuyez sur le bouton du brassard.
mesure-tension-trouve-question = Le brassard est trouvé.
mesure-tension-trouve-phrase = Il va se gonfler. Ne bougez pas.
mesure-tension-attente-question = Le brassard est prêt.
mesure-tension-attente-phrase = Appuyez sur le bouton du brassard. Ne bougez pas.
mesure-tension-mesure-question = Le brassard se gonfle.
mesure-tension-mesure-phrase = Ne bougez pas. Ne parlez pas.
mesure-tension-retirer = Vous pouvez enlever le brassard.

mesure-tension-faute-mouvement = Votre bras a bougé.
mesure-tension-remede-mouvement = Restez immobile et ne parlez pas.
mesure-tension-faute-brassard-lache = Le brassard est trop lâche.
mesure-tension-remede-brassard-lache = Serrez un peu plus le brassard.
mesure-tension-faute-position = Le brassard est mal placé.
mesure-tension-remede-position = Posez le bras sur la table, à hauteur du cœur.
mesure-tension-faute-pouls-irregulier = Le brassard n'a pas pu finir.
mesure-tension-remede-pouls-irregulier = Restez calme, puis recommencez.

erreur-tension-absent = Le brassard ne répond pas. Vérifiez qu'il est allumé.
erreur-tension-perdu = Le brassard s'est éteint ou s'est éloigné.
erreur-tension-trame = Le brassard a envoyé un message incomplet.
erreur-tension-valeur = Le brassard n'a pas trouvé de valeur. Restez immobile.
erreur-tension-delai = Le brassard a mis trop de temps.
erreur-tension-interrompue = La mesure a été interrompue.
erreur-tension-arretee = La mesure a été arrêtée.
erreur-tension-ancienne = Le brassard a envoyé une ancienne mesure.
erreur-tension-port = Le câble du brassard est débranché.
erreur-tension-bluetooth = La liaison sans fil de la borne est en panne.
erreur-tension-appairage = Le brassard refuse de se lier à la borne.
erreur-tension-occupe = Une mesure est déjà en cours.
erreur-tension-peripherique = Le brassard ne répond pas comme prévu.

tension-a-faire-question = Mesurons votre tension.
tension-a-faire-phrase = Mettez le brassard sur votre bras nu.
tension-a-faire-bras = Posez le bras sur la table.
tension-a-faire-pieds = Gardez les pieds à plat et le dos droit.
bouton-mesurer = Mesurer
bouton-sans-mesure = Sans mesure

tension-recherche-question = Nous cherchons le brassard.
tension-recherche-phrase = Appuyez sur le bouton du brassard.
tension-trouve-question = Le brassard est trouvé.
tension-trouve-phrase = Il va se gonfler. Ne bougez pas.
tension-attente-question = Le brassard est prêt.
tension-attente-phrase = Appuyez sur le bouton du brassard. Ne bougez pas.
tension-gonflage-question = Le brassard se gonfle.
tension-gonflage-phrase = Ne bougez pas. Ne parlez pas.
tension-pression = pression du brassard

bouton-arreter = Arrêter

tension-finie-question = La mesure est faite.
tension-finie-phrase = Le médecin va la lire avec vous.
tension-finie-retirer = Vous pouvez enlever le brassard.
tension-systolique = tension haute
tension-diastolique = tension basse
tension-pouls = pouls par minute
bouton-recommencer = Recommencer

tension-echouee-question = La mesure n'a pas marché.
tension-echouee-phrase = Vous pouvez recommencer ou continuer sans mesure.
bouton-continuer-sans = Sans mesure

erreur-tension-absent = Le brassard ne répond pas. Vérifiez qu'il est allumé.
erreur-tension-perdu = Le brassard s'est éteint ou s'est éloigné.
erreur-tension-trame = Le brassard a envoyé un message incomplet.
erreur-tension-valeur = Le brassard n'a pas trouvé de valeur. Restez immobile.
erreur-tension-delai = Le brassard a mis trop de temps.
erreur-tension-interrompue = La mesure a été interrompue.
erreur-tension-arretee = La mesure a été arrêtée.
erreur-tension-ancienne = Le brassard a envoyé une ancienne mesure.
erreur-tension-bluetooth = La liaison sans fil de la borne est en panne.
erreur-tension-appairage = Le brassard refuse de se lier à la borne.
erreur-tension-occupe = Une mesure est déjà en cours.

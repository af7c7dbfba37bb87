documents-question = Vos papiers s'impriment.
documents-phrase = Prenez les feuilles sous l'écran.
documents-finis-question = Prenez vos papiers.
documents-finis-phrase = Tout est imprimé.
documents-echec-question = Un papier n'est pas sorti.
documents-echec-phrase = Vous pouvez réessayer ou demander de l'aide.
documents-attente-question = Nous préparons vos papiers.
documents-attente-phrase = Restez encore un instant.
documents-resume = Résumé de votre visite
documents-en-cours = Impression en cours
documents-imprime = Imprimé
documents-echoue = Pas encore imprimé
bouton-reessayer = Réessayer

erreur-imprimante-absente = L'imprimante ne répond pas.
erreur-imprimante-papier = L'imprimante n'a plus de papier.
erreur-imprimante-occupee = L'imprimante est occupée. Attendez un peu.
erreur-imprimante-travail = L'imprimante a arrêté ce papier.
erreur-imprimante-inconnue = L'imprimante a un problème.
erreur-document-pas-pdf = Le papier envoyé ne peut pas être lu.
erreur-document-abime = Le papier envoyé est abîmé.
erreur-document-trop-gros = Le papier envoyé est trop gros.

adieu-question = Au revoir et prenez soin de vous.
adieu-phrase = N'oubliez pas vos papiers ni vos affaires.
adieu-efface = Vos réponses quittent cette borne.
bouton-finir = J'ai fini

expiree-question = Nous avons arrêté la visite.
expiree-phrase = Personne ne répondait. Vos réponses sont effacées.
expiree-suite = Vous pouvez recommencer quand vous voulez.
bouton-retour-accueil = Retour à l'accueil

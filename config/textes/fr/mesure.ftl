# La mesure guidée, ce qui vaut pour tous les appareils. Ce qui suit chaque nature est dans mesure-<nature>.ftl.
# Clés d'un guide : mesure-<nature>-preparation-<geste>, -faute-<maladresse>, -remede-<maladresse>.

bouton-geste-fait = J'ai fini
bouton-mesurer = Mesurer
bouton-passer = Passer
bouton-arreter = Arrêter
bouton-recommencer = Recommencer

mesure-demandee = Votre médecin demande cette mesure.
mesure-courbe = Courbe du pouls
mesure-finie-question = La mesure est faite.
mesure-finie-phrase = Le médecin va la lire avec vous.
mesure-echouee-question = La mesure n'a pas marché.
mesure-passee-question = Nous passons cette mesure.
mesure-passee-phrase = Ce n'est pas grave. Le médecin le saura.

# Les mêmes, à côté de l'image du médecin : la place est étroite.
valeur-courte-8358-4 = pression
valeur-courte-8867-4 = pouls
valeur-courte-59408-5 = oxygène
valeur-courte-8310-5 = degrés
valeur-courte-29463-7 = kilos

# Les légendes des valeurs, par code LOINC.
valeur-8358-4 = pression du brassard
valeur-8480-6 = tension haute
valeur-8462-4 = tension basse
valeur-8867-4 = pouls par minute
valeur-59408-5 = oxygène, pour cent
valeur-8310-5 = degrés
valeur-29463-7 = kilos
valeur-2339-0 = grammes par litre
valeur-15074-8 = millimoles par litre

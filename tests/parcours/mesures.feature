# language: fr
Fonctionnalité: Les mesures
  Une mesure se prépare, se fait, se recommence, se passe. Rien de ce qui a été tenté n'est oublié dans la trace.

  Scénario: Le brassard ne répond pas, je recommence
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-absent"
    Alors la tension est "echouee"
    Et la trace dit "erreur-tension-absent"
    Quand je touche "Mesurer"
    Et le brassard donne 128 sur 76
    Alors la tension est "finie"
    Et la mesure est gardée
    Et la trace a 2 essais

  Scénario: La dernière mesure est celle qu'on montre
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et le brassard donne 150 sur 90
    Et je touche "Mesurer"
    Et le brassard donne 128 sur 76
    Alors la mesure est gardée
    Et la trace a 2 essais

  Scénario: Le brassard ne répond pas, je continue sans mesure
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Et je touche "Continuer"
    Alors je vois l'écran "attente"
    Et aucune mesure n'est gardée

  Scénario: Je passe la mesure
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Continuer"
    Alors je vois l'écran "attente"
    Et la trace a 0 essais

  @exigence:VISITE-TRACE
  Scénario: J'arrête le brassard
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Arrêter"
    Alors le brassard est arrêté
    Et la tension est "echouee"
    Et la trace dit "erreur-tension-arretee"

  Scénario: On ne part pas pendant que le brassard serre
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Continuer"
    Alors je vois l'écran "tension"
    Et le brassard est en marche

  Scénario: Deux touchers sur Mesurer n'arment qu'un essai
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Mesurer"
    Alors l'essai en cours porte le numéro 1

  Scénario: Le brassard n'a trouvé aucune valeur
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et le brassard ne trouve aucune valeur
    Alors la tension est "echouee"
    Et la trace dit "erreur-tension-valeur"
    Et aucune mesure n'est gardée

  Scénario: Le résultat d'un essai arrêté n'est jamais montré
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Arrêter"
    Et je touche "Mesurer"
    Et le résultat de l'essai 1 arrive en retard
    Alors le brassard est en marche
    Et aucune mesure n'est gardée

  Scénario: Le médecin demande la tension, puis l'arrête
    Étant donné que je suis à l'écran "consultation"
    Quand le médecin demande la tension
    Alors le brassard est en marche
    Quand le médecin arrête la mesure
    Alors le brassard est arrêté
    Quand le médecin demande la tension
    Et le brassard donne 128 sur 76
    Alors la mesure est gardée

  Scénario: Le médecin termine pendant que le brassard serre
    Étant donné que je suis à l'écran "consultation"
    Quand le médecin demande la tension
    Et le médecin termine
    Alors le brassard est arrêté
    Et la trace dit "erreur-tension-interrompue"
    Et je vois l'écran "papiers"

  Scénario: Un brassard muet ne bloque pas la borne
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et le temps passe sans que je touche rien
    Alors la question "presence" est posée

  Scénario: Chaque geste de préparation se montre seul
    Étant donné que je suis à l'écran "tension"
    Alors je vois le geste 1
    Quand je touche "J'ai fini"
    Alors je vois le geste 2
    Quand je touche "J'ai fini"
    Et je touche "Revenir"
    Alors je vois le geste 2
    Quand je touche "Mesurer"
    Alors le brassard est en marche
    Quand je touche "J'ai fini"
    Alors le brassard est en marche

  Scénario: Revenir du premier geste mène à l'écran d'avant
    Étant donné que je suis à l'écran "tension"
    Quand je touche "J'ai fini"
    Et je touche "Revenir"
    Alors je vois le geste 1
    Quand je touche "Revenir"
    Alors je vois l'écran "signes graves"

  @exigence:VISITE-TRACE
  Scénario: Après trois essais, la mesure est passée
    Étant donné que je suis à l'écran "tension"
    Quand trois essais échouent : "erreur-tension-perdu"
    Alors la tension est "passee"
    Et la trace a 3 essais
    Et la trace dit "erreur-tension-perdu"
    Quand je touche "Continuer"
    Alors je vois l'écran "attente"

  Scénario: Un essai que j'arrête ne compte pas
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Arrêter"
    Et je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Et je touche "Mesurer"
    Et le brassard échoue : "mesure-tension-faute-mouvement"
    Alors la tension est "echouee"
    Et la trace dit "mesure-tension-faute-mouvement"
    Quand je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Alors la tension est "passee"

  Scénario: Une mesure passée peut se reprendre en revenant
    Étant donné que je suis à l'écran "tension"
    Quand trois essais échouent : "erreur-tension-perdu"
    Et je touche "Revenir"
    Alors la tension est "a-faire"
    Quand je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Alors la tension est "echouee"

  Scénario: Après un résultat, recommencer rend tous les essais
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Et je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Et je touche "Mesurer"
    Et le brassard donne 128 sur 76
    Et je touche "Mesurer"
    Et le brassard échoue : "erreur-tension-perdu"
    Alors la tension est "echouee"

  Scénario: La borne mesure ce que sa configuration demande, dans l'ordre
    Étant donné une borne qui mesure "tension, saturation, temperature"
    Et que je suis à l'écran "mesure"
    Alors l'écran montre la mesure de "tension"
    Quand je touche "Continuer"
    Alors l'écran montre la mesure de "saturation"
    Quand je touche "Mesurer"
    Et l'appareil donne sa mesure de "saturation"
    Et je touche "Continuer"
    Alors l'écran montre la mesure de "temperature"
    Quand je touche "Revenir"
    Alors l'écran montre la mesure de "saturation"
    Et la mesure de "saturation" est "finie"
    Quand je touche "Continuer"
    Et je touche "Continuer"
    Alors je vois l'écran "attente"
    Quand je touche "Revenir"
    Alors l'écran montre la mesure de "temperature"

  Scénario: Une borne sans mesure mène à l'attente
    Étant donné une borne qui ne mesure rien avant l'attente
    Et que je suis à l'écran "attente"
    Quand je touche "Revenir"
    Alors je vois l'écran "signes graves"

  Scénario: Le médecin demande une mesure pendant que j'attends
    Étant donné que je suis à l'écran "préparation"
    Quand le médecin demande la saturation
    Alors l'écran montre la mesure de "saturation"
    Et la mesure a été demandée par le médecin
    Quand je touche "Mesurer"
    Et le médecin demande la saturation
    Et l'appareil donne sa mesure de "saturation"
    Et je touche "Continuer"
    Alors je vois l'écran "préparation"

  Scénario: Le médecin demande de refaire la tension pendant que j'attends
    Étant donné que je suis à l'écran "attente"
    Quand le médecin demande la tension
    Alors l'écran montre la mesure de "tension"
    Et la tension est "a-faire"
    Quand je touche "Continuer"
    Alors je vois l'écran "attente"

  Scénario: Le médecin demande une mesure pendant que je corrige mes réponses
    Étant donné que je suis à l'écran "attente"
    Quand je vais à l'écran "motif"
    Et le médecin demande la saturation
    Alors je vois l'écran "motif"
    Quand je touche "Continuer"
    Et je touche "Aucun de ces signes"
    Alors l'écran montre la mesure de "tension"
    Quand je touche "Continuer"
    Alors l'écran montre la mesure de "saturation"

  Scénario: Une mesure demandée hors de la salle n'a pas lieu
    Étant donné que je suis à l'écran "motif"
    Quand le médecin demande la saturation
    Et je coche le motif "toux"
    Et je touche "Continuer"
    Et je touche "Aucun de ces signes"
    Et je touche "Continuer"
    Alors la mesure de "saturation" est "a-faire"
    Quand je touche "Revenir"
    Alors l'écran montre la mesure de "tension"

  @exigence:VISITE-TRACE
  Scénario: Une mesure à la fois devant le médecin
    Étant donné que je suis à l'écran "consultation"
    Quand le médecin demande la tension
    Et le médecin demande la tension
    Alors l'appareil de "tension" est en marche
    Quand le médecin demande la saturation
    Alors l'appareil de "saturation" est en marche
    Et la trace dit "erreur-tension-arretee"
    Quand un résultat de "temperature" arrive sans qu'on l'attende
    Alors l'appareil de "saturation" est en marche
    Quand l'appareil donne sa mesure de "saturation"
    Alors la mesure de "saturation" est "finie"

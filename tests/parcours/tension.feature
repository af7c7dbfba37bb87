# language: fr
Fonctionnalité: La tension
  Elle se mesure, se recommence, se passe. Rien de ce qui a été tenté n'est oublié dans la trace.

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
    Quand le médecin arrête le brassard
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

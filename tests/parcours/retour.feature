# language: fr
Fonctionnalité: Revenir
  « Revenir » est toujours au même endroit et fait toujours ce qu'on attend.

  Plan du scénario: Revenir depuis l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand je touche "Revenir"
    Alors je vois l'écran "<avant>"

    Exemples:
      | écran             | avant             |
      | langue            | accueil           |
      | accord            | langue            |
      | prénom            | accord            |
      | nom               | prénom            |
      | date de naissance | nom               |
      | téléphone         | date de naissance |
      | motif             | téléphone         |
      | motif à écrire    | motif             |
      | signes graves     | motif             |
      | tension           | signes graves     |
      | attente           | tension           |
      | préparation       | tension           |
      | consultation      | consultation      |
      | papiers           | papiers           |
      | adieu             | papiers           |
      | refus             | accord            |
      | retrait           | retrait           |
      | visite arrêtée    | visite arrêtée    |
      | nettoyage         | nettoyage         |

  Scénario: Mes réponses sont gardées
    Étant donné que je suis à l'écran "téléphone"
    Quand je touche "Revenir"
    Et je touche "Revenir"
    Alors le champ "nom" contient "L’Hôte-Nguyễn"

  Scénario: De la préparation commencée d'avance, on revient attendre
    Étant donné que je suis à l'écran "attente"
    Quand je touche "Continuer"
    Et je touche "Revenir"
    Alors je vois l'écran "attente"

  Scénario: Revenir pendant que le brassard serre l'arrête d'abord
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Revenir"
    Alors le brassard est arrêté
    Et je vois l'écran "tension"
    Et la trace dit "erreur-tension-arretee"
    Quand je touche "Revenir"
    Alors je vois l'écran "signes graves"

  Scénario: Revenir pendant la consultation demande d'abord si je veux terminer
    Étant donné que je suis à l'écran "consultation"
    Quand je touche "Revenir"
    Alors la question "confirmer-fin" est posée
    Quand je touche "Revenir"
    Alors aucune question n'est posée sur l'écran
    Et je vois l'écran "consultation"

  @exigence:VISITE-HYGIENE
  Scénario: Revenir jusqu'à l'accueil après une mesure demande de nettoyer
    Étant donné que je suis à l'écran "attente"
    Quand je reviens jusqu'à l'écran "langue"
    Et je touche "Revenir"
    Alors je vois l'écran "nettoyage"
    Et mon dossier est détruit

  Scénario: Un toucher sur un écran déjà remplacé ne fait rien
    Étant donné que je suis à l'écran "langue"
    Quand je touche deux fois le français d'un seul coup
    Alors je vois l'écran "accord"

# language: fr
Fonctionnalité: Aide et 15
  Sur chaque écran, un geste appelle à l'aide, un autre montre le 15.

  @exigence:VISITE-15
  Plan du scénario: Aide et 15 à l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand je touche "Aide"
    Alors la question "aide" est posée
    Et la sonnerie "aide" retentit
    Quand je touche "15"
    Alors la question "quinze" est posée
    Et la sonnerie "quinze" retentit
    Quand je touche "Fermer"
    Alors aucune sonnerie ne retentit
    Et je vois l'écran "<écran>"
    Et aucune question n'est posée sur l'écran

    Exemples:
      | écran             |
      | accueil           |
      | langue            |
      | accord            |
      | prénom            |
      | nom               |
      | date de naissance |
      | téléphone         |
      | motif             |
      | motif à écrire    |
      | signes graves     |
      | tension           |
      | attente           |
      | préparation       |
      | consultation      |
      | papiers           |
      | adieu             |
      | refus             |
      | retrait           |
      | visite arrêtée    |
      | nettoyage         |

  @exigence:VISITE-15
  Scénario: J'ai un signe grave
    Étant donné que je suis à l'écran "signes graves"
    Quand je touche "J'ai un de ces signes"
    Alors la question "quinze" est posée
    Et la sonnerie "quinze" retentit
    Quand je touche "Revenir"
    Alors je vois l'écran "signes graves"
    Et aucune sonnerie ne retentit

  @exigence:VISITE-15
  Scénario: Le 15 garde les dernières mesures à lire
    Étant donné que je suis à l'écran "attente"
    Quand je touche "15"
    Alors la mesure est gardée

  @exigence:VISITE-15
  Scénario: Le médecin arrive pendant que j'appelle le 15
    Étant donné que je suis à l'écran "attente"
    Quand je touche "15"
    Et "Docteure Martin" me prend en charge
    Alors la question "quinze" est posée
    Et la sonnerie "quinze" retentit
    Quand je touche "Fermer"
    Alors je vois l'écran "préparation"

  @exigence:VISITE-15
  Scénario: Le médecin termine pendant que je demande de l'aide
    Étant donné que je suis à l'écran "consultation"
    Quand je touche "Aide"
    Et le médecin termine
    Alors la question "aide" est posée
    Et la sonnerie "aide" retentit
    Quand je touche "Fermer"
    Alors je vois l'écran "papiers"
    Et aucune sonnerie ne retentit

  @exigence:VISITE-15
  Scénario: Le 15 ne se ferme pas tout seul pendant l'appel au SAMU
    Étant donné que je suis à l'écran "attente"
    Quand je touche "15"
    Alors le 15 reste affiché au moins 20 minutes
    Quand le temps passe sans que je touche rien
    Alors la question "presence" est posée
    Et la sonnerie "quinze" retentit
    Quand je touche "Je suis là"
    Alors la question "quinze" est posée

  Scénario: J'arrête le brassard même pendant que je demande de l'aide
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Aide"
    Et je touche "Arrêter"
    Alors le brassard est arrêté

  Scénario: On ne commence pas une visite sous une demande d'aide
    Étant donné la borne libre
    Quand je touche "Aide"
    Et je touche l'écran d'accueil
    Alors je vois l'écran "accueil"
    Et la sonnerie "aide" retentit

  Scénario: Une aide oubliée à l'accueil finit par se taire
    Étant donné la borne libre
    Quand je touche "Aide"
    Et le temps passe sans que je touche rien
    Alors aucune sonnerie ne retentit
    Et je vois l'écran "accueil"

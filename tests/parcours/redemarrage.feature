# language: fr
Fonctionnalité: La borne s'arrête d'un coup et se relève
  Le patient retrouve le même écran, rien n'est perdu, ce qui était en cours reprend.

  @exigence:DONNEES-DURABLE
  Plan du scénario: Coupure à l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand la borne redémarre
    Alors je vois l'écran "<écran>"
    Et mes réponses sont toutes là

    Exemples:
      | écran             |
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

  @exigence:DONNEES-DURABLE
  Scénario: Coupure au milieu d'un mot
    Étant donné que je suis à l'écran "prénom"
    Quand j'écris "Zo"
    Et la borne redémarre
    Alors le champ "prenom" contient "Zo"

  @exigence:DONNEES-DURABLE
  Scénario: Coupure pendant que le brassard serre
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et la borne redémarre
    Alors le brassard est en marche
    Et l'essai en cours porte le numéro 2
    Et la trace dit "erreur-tension-interrompue"
    Quand le brassard donne 128 sur 76
    Alors la mesure est gardée

  @exigence:DONNEES-DURABLE
  Scénario: Coupure pendant l'appel
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin écoute mon cœur au foyer "mitral"
    Et la borne redémarre
    Alors l'appel est "perdu"
    Et la salle sait que je suis prêt
    Quand la borne rappelle
    Et l'image et le son passent
    Alors l'appel est "etabli"
    Et le stéthoscope est rouvert

  Scénario: Coupure pendant l'appel, le médecin redemande aussitôt
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et la borne redémarre
    Et la page du médecin est prête
    Alors la borne appelle
    Quand la borne rappelle
    Alors la borne n'appelle pas

  @exigence:VISITE-15
  Scénario: Coupure pendant une demande d'aide
    Étant donné que je suis à l'écran "motif"
    Quand je touche "Aide"
    Et la borne redémarre
    Alors la question "aide" est posée
    Et la sonnerie "aide" retentit

  Scénario: Coupure pendant l'impression
    Étant donné que je suis à l'écran "papiers"
    Quand la borne redémarre
    Alors l'imprimante est interrogée avant d'imprimer encore
    Et le résumé est redemandé
    Et le médecin apprend que "ordonnance" est "recu"

  Scénario: Coupure juste après un retrait
    Étant donné que je suis à l'écran "attente"
    Quand je touche "Retirer mon accord"
    Et je touche "Oui, retirer"
    Et la borne redémarre
    Alors je vois l'écran "retrait"
    Et la salle m'oublie
    Et la salle l'apprend de nouveau

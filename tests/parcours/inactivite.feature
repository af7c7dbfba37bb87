# language: fr
Fonctionnalité: Le patient ne touche plus rien
  La borne demande deux fois s'il est là, en le disant, puis ferme et efface.

  @exigence:A11Y-TEMPS
  Plan du scénario: Silence à l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand le temps passe sans que je touche rien
    Alors la question "presence" est posée
    Et elle est dite, et me laisse au moins 20 secondes
    Quand le temps passe sans que je touche rien
    Alors la question "presence" est posée
    Et elle est dite, et me laisse au moins 20 secondes
    Quand le temps passe sans que je touche rien
    Alors je vois l'écran "visite arrêtée"
    Et la salle ne me connaît plus
    Et la borne ne garde rien de moi à l'écran
    Quand le temps passe sans que je touche rien
    Alors mon dossier est détruit

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

  @exigence:A11Y-TEMPS
  Scénario: Je réponds dix fois de suite
    Étant donné que je suis à l'écran "attente"
    Quand je laisse passer le temps et réponds "Je suis là" 10 fois
    Alors je vois l'écran "attente"

  @exigence:A11Y-TEMPS
  Scénario: Une réponse tardive à la première question compte aussi
    Étant donné que je suis à l'écran "attente"
    Quand le temps passe sans que je touche rien
    Et ma réponse part juste avant la deuxième question
    Alors je vois l'écran "attente"
    Et aucune question n'est posée sur l'écran

  @exigence:A11Y-TEMPS
  Scénario: Revenir répond aussi
    Étant donné que je suis à l'écran "attente"
    Quand le temps passe sans que je touche rien
    Et je touche "Revenir"
    Alors je vois l'écran "attente"
    Et aucune question n'est posée sur l'écran

  @exigence:A11Y-TEMPS
  Scénario: Demander de l'aide prouve que je suis là
    Étant donné que je suis à l'écran "attente"
    Quand le temps passe sans que je touche rien
    Et je touche "Aide"
    Et le temps passe sans que je touche rien
    Et le temps passe sans que je touche rien
    Alors la question "presence" est posée

  @exigence:A11Y-TEMPS
  Scénario: Aucun délai pendant une consultation
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Alors aucun délai ne court

  @exigence:A11Y-TEMPS
  Scénario: Le médecin revient pendant la question
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et le temps passe sans que je touche rien
    Et l'image et le son passent
    Alors aucune question n'est posée sur l'écran
    Et aucun délai ne court

  @exigence:VISITE-TRACE
  Scénario: Je pars sans un geste après la consultation
    Étant donné que je suis à l'écran "papiers"
    Quand le résumé est composé
    Et l'imprimante sort tous les papiers
    Et le temps passe 3 fois sans que je touche rien
    Alors je vois l'écran "adieu"
    Quand le temps passe sans que je touche rien
    Alors mon dossier est transmis

  @exigence:VISITE-TRACE
  Scénario: Le médecin et moi partons sans finir
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin ferme sa page
    Et le temps passe 3 fois sans que je touche rien
    Alors je vois l'écran "adieu"
    Et la salle m'oublie
    Quand le temps passe sans que je touche rien
    Alors mon dossier est transmis

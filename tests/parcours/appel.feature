# language: fr
Fonctionnalité: L'appel avec le médecin
  S'il se coupe, le patient voit ce qui se passe, et la borne rappelle toute seule.

  @exigence:VISITE-COUPURE
  Scénario: L'appel se coupe et revient
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin écoute mon cœur au foyer "mitral"
    Et l'appel se coupe
    Alors l'appel est "perdu"
    Et je vois l'écran "consultation"
    Et un incident "incident-appel-perdu" est noté
    Et la borne me le dit
    Quand l'image et le son passent
    Alors l'appel est "etabli"
    Et le stéthoscope est rouvert

  @exigence:VISITE-COUPURE
  Scénario: Une perte déjà dite ne se redit pas
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'appel se coupe
    Et l'appel se coupe
    Alors la borne se tait
    Quand l'image et le son passent
    Alors l'appel est "etabli"

  @exigence:VISITE-COUPURE
  Scénario: Le médecin redemande l'appel, l'image d'avant reste jusqu'à la nouvelle
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et la page du médecin est prête
    Alors la borne appelle
    Et l'appel est "etabli"

  @exigence:VISITE-COUPURE
  Scénario: Le médecin ferme sa page puis revient
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin ferme sa page
    Alors le médecin est absent
    Et la borne ne tente plus rien
    Quand l'appel se coupe
    Et l'appel ne revient pas
    Alors la borne n'appelle pas
    Et personne n'est prié de téléphoner
    Quand "Docteure Martin" me prend en charge
    Et la page du médecin est prête
    Alors la borne appelle
    Quand l'image et le son passent
    Alors l'appel est "etabli"

  @exigence:VISITE-COUPURE
  Scénario: La page du médecin perd la salle, l'appel vit
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin ferme sa page
    Alors l'appel est "etabli"

  @exigence:VISITE-COUPURE @exigence:VISITE-RAPPEL
  Scénario: L'appel ne revient pas, le médecin est prié de téléphoner
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et l'appel se coupe
    Et l'appel ne revient pas
    Alors le médecin est prié de téléphoner pour "coupure"
    Et un incident "incident-rappel-coupure" est noté
    Et la borne me le dit
    Quand la page du médecin est prête
    Alors le médecin est prié de téléphoner pour "coupure"
    Et la borne appelle
    Quand l'image et le son passent
    Alors l'appel est "etabli"
    Et le médecin n'a plus à téléphoner

  @exigence:VISITE-COUPURE @exigence:VISITE-RAPPEL
  Scénario: L'appel n'a jamais pu s'établir
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'appel se coupe
    Et la page du médecin est prête
    Et l'appel ne revient pas
    Alors le médecin est prié de téléphoner pour "echec"

  @exigence:VISITE-COUPURE
  Scénario: L'appel revient avant que l'on doive téléphoner
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et l'appel se coupe
    Et l'image et le son passent
    Et l'appel ne revient pas
    Alors personne n'est prié de téléphoner

  @exigence:VISITE-COUPURE @exigence:VISITE-RAPPEL
  Scénario: Le réseau faiblit : le son seul, puis le téléphone, puis l'image
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et le lien devient "son-seul"
    Alors la borne se tait
    Quand l'image et le son passent
    Et le lien devient "reduit"
    Alors la borne se tait
    Quand le lien devient "son-seul"
    Alors la borne me le dit
    Et un incident "incident-son-seul" est noté
    Quand le lien devient "son-seul"
    Alors la borne se tait
    Quand le lien devient "telephone"
    Alors le médecin est prié de téléphoner pour "debit"
    Quand le lien devient "telephone"
    Alors personne n'est prié de téléphoner
    Quand le lien devient "plein"
    Alors le médecin n'a plus à téléphoner
    Et l'appel est "etabli"

  Scénario: La page du médecin est prête avant moi
    Étant donné que je suis à l'écran "préparation"
    Quand la page du médecin est prête
    Et je touche "Continuer"
    Alors la borne appelle

  Scénario: Le médecin ferme sa page avant que je sois prêt
    Étant donné que je suis à l'écran "préparation"
    Quand la page du médecin est prête
    Et le médecin ferme sa page
    Et je touche "Continuer"
    Alors la borne n'appelle pas
    Et le médecin est absent

  @exigence:VISITE-COUPURE
  Plan du scénario: Le médecin peut finir quand je suis à l'écran <écran>
    Étant donné que je suis à l'écran "attente"
    Quand je vais à l'écran "<écran>"
    Et le médecin termine
    Alors je vois l'écran "papiers"

    Exemples:
      | écran         |
      | motif         |
      | signes graves |
      | tension       |
      | attente       |
      | préparation   |
      | consultation  |

  Scénario: Ce qui arrive pour un patient que la salle ne connaît pas est ignoré
    Étant donné que je suis à l'écran "tension"
    Quand "Docteure Martin" me prend en charge
    Et la page du médecin est prête
    Et le médecin ferme sa page
    Et le médecin demande la tension
    Et le médecin m'écrit "Bonjour"
    Et le médecin écoute mon cœur au foyer "mitral"
    Et le médecin finit son écoute
    Et le médecin envoie le papier "ordonnance"
    Et le médecin termine
    Alors je vois l'écran "tension"
    Et aucun médecin ne me suit
    Et j'ai 0 papiers

  Scénario: Le stéthoscope se débranche
    Étant donné que je suis à l'écran "consultation"
    Quand le médecin écoute mon cœur au foyer "mitral"
    Et le stéthoscope se débranche
    Alors le stéthoscope est fermé
    Et un incident "erreur-stethoscope-absent" est noté

  Scénario: Le médecin examine avec la petite caméra
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin choisit la caméra "examen"
    Alors la borne émet la caméra "examen"
    Et la borne dit "consultation-camera-examen"
    Quand le médecin choisit la caméra "examen"
    Alors la borne ne dit rien
    Quand le médecin choisit la caméra "document"
    Alors la borne dit "consultation-camera-document"
    Quand le médecin choisit la caméra "principale"
    Alors la borne émet la caméra "principale"
    Et la borne ne dit rien

  @exigence:VISITE-TRACE
  Scénario: Les photos d'examen sont dans la trace
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin choisit la caméra "examen"
    Et le médecin prend une photo
    Alors la borne dit "consultation-photo"
    Quand le médecin prend une photo
    Et le médecin termine
    Et le médecin prend une photo
    Alors 2 photos sont dans la trace
    Et la borne émet la caméra "principale"

  @exigence:VISITE-COUPURE
  Scénario: La petite caméra se débranche
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin choisit la caméra "examen"
    Et la caméra choisie se perd, "erreur-camera-examen"
    Alors la borne émet la caméra "principale"
    Et la borne dit "erreur-camera-examen"
    Et un incident "erreur-camera-examen" est noté

  @exigence:VISITE-COUPURE
  Scénario: La petite caméra revient avec l'appel
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin choisit la caméra "examen"
    Et la borne redémarre
    Et la borne rappelle
    Et l'image et le son passent
    Alors la borne émet la caméra "examen"

  Scénario: Hors de la consultation, aucune caméra ne se choisit
    Étant donné que je suis à l'écran "préparation"
    Quand le médecin choisit la caméra "examen"
    Et le médecin prend une photo
    Alors la borne émet la caméra "principale"
    Et 0 photos sont dans la trace

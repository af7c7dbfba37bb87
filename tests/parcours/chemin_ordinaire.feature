# language: fr
Fonctionnalité: Une visite du début à la fin
  Le patient arrive, répond, mesure sa tension, voit le médecin et repart avec ses papiers.

  @exigence:VISITE-CONSENT @exigence:VISITE-RAPPEL @exigence:VISITE-PREPARATION @exigence:VISITE-HYGIENE
  Scénario: Tout se passe bien
    Étant donné la borne libre
    Quand je touche l'écran d'accueil
    Alors je vois l'écran "langue"
    Quand je choisis le français
    Alors je vois l'écran "accord"
    Quand je touche "J'accepte"
    Alors mon accord est daté
    Et je vois l'écran "prénom"
    Quand je réponds "Zoé"
    Et je réponds "L’Hôte-Nguyễn"
    Et je réponds "29021956"
    Alors je vois l'écran "téléphone"
    Quand je réponds "0612345678"
    Et je coche le motif "fievre"
    Et je touche "Continuer"
    Alors je vois l'écran "signes graves"
    Quand je touche "Aucun de ces signes"
    Alors je vois l'écran "tension"
    Quand je touche "Mesurer"
    Alors le brassard est en marche
    Quand le brassard donne 128 sur 76
    Alors la mesure est gardée
    Quand je touche "Continuer"
    Alors je vois l'écran "attente"
    Et la salle me connaît
    Quand "Docteure Martin" me prend en charge
    Alors je vois l'écran "préparation"
    Quand j'entends le son d'essai
    Et je touche "Continuer"
    Alors je vois l'écran "consultation"
    Et la salle sait que je suis prêt
    Quand la page du médecin est prête
    Alors la borne appelle
    Quand l'image et le son passent
    Alors aucun délai ne court
    Quand le médecin écoute mon cœur au foyer "mitral"
    Et le médecin finit son écoute
    Et le médecin m'écrit "Respirez bien"
    Et le médecin envoie le papier "ordonnance"
    Et le médecin termine
    Alors je vois l'écran "papiers"
    Et la borne a raccroché
    Quand le résumé est composé
    Et l'imprimante sort tous les papiers
    Et je touche "Continuer"
    Alors je vois l'écran "adieu"
    Quand je touche "Continuer"
    Alors mon dossier est transmis
    Et je vois l'écran "nettoyage"
    Quand tout est essuyé
    Et je touche "Tout est propre"
    Alors je vois l'écran "accueil"
    Et la borne ne garde rien de moi

  @exigence:VISITE-RAPPEL
  Scénario: Le téléphone est demandé avant l'appel, et l'on peut ne pas savoir
    Étant donné que je suis à l'écran "téléphone"
    Quand je touche "Je ne sais pas"
    Alors je vois l'écran "motif"
    Et mon numéro est inconnu

  Scénario: Un autre motif s'écrit
    Étant donné que je suis à l'écran "motif"
    Quand je coche le motif "autre"
    Et je touche "Continuer"
    Alors je vois l'écran "motif à écrire"
    Quand je réponds "une cicatrice"
    Alors je vois l'écran "signes graves"
    Quand je touche "Revenir"
    Et je touche "Revenir"
    Et je coche le motif "autre"
    Et je coche le motif "peau"
    Et je touche "Continuer"
    Alors le motif écrit est oublié

  Scénario: On se prépare sans attendre le médecin
    Étant donné que je suis à l'écran "attente"
    Quand je touche "Continuer"
    Alors je vois l'écran "préparation"
    Quand je touche "Continuer"
    Alors je vois l'écran "attente"
    Quand "Docteure Martin" me prend en charge
    Alors je vois l'écran "consultation"

  Scénario: Le médecin arrive pendant que je refais ma tension
    Étant donné que je suis à l'écran "attente"
    Quand je touche "Revenir"
    Et "Docteure Martin" me prend en charge
    Alors je vois l'écran "tension"
    Quand je touche "Continuer"
    Alors je vois l'écran "préparation"
    Quand je touche "Revenir"
    Alors je vois l'écran "tension"

  Scénario: Je termine moi-même
    Étant donné que je suis à l'écran "consultation"
    Quand je touche "Terminer"
    Et je touche "Fermer"
    Alors je vois l'écran "consultation"
    Quand je touche "Terminer"
    Et je touche "Oui, terminer"
    Alors je vois l'écran "papiers"
    Et la salle m'oublie

  @exigence:A11Y-SOURDS
  Scénario: Je peux écrire au médecin
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et je touche "Écrire"
    Et j'écris "Je n'entends pas bien"
    Et j'envoie "Je n'entends pas bien"
    Alors le médecin reçoit "Je n'entends pas bien"
    Et aucune question n'est posée sur l'écran
    Quand je touche "Écrire"
    Et j'envoie "   "
    Alors rien n'est envoyé

  Scénario: Le volume, la taille et le contraste se règlent, puis s'oublient
    Étant donné que je suis à l'écran "langue"
    Quand je règle "volume" à 4
    Et je règle "grand-texte" à 1
    Et je règle "contraste" à 1
    Alors les réglages sont ceux que j'ai choisis
    Quand je touche "Répéter"
    Alors l'écran est redit plus fort
    Quand je touche "Revenir"
    Et je touche l'écran d'accueil
    Alors les réglages sont ceux de tout le monde

  Scénario: Un réglage qui n'existe pas ne change rien
    Étant donné que je suis à l'écran "langue"
    Quand je règle "vitesse" à 3
    Alors les réglages sont ceux de tout le monde

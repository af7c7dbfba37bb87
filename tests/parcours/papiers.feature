# language: fr
Fonctionnalité: Les papiers
  Le patient part avec ses papiers. Aucun ne sort deux fois, ni devant le patient suivant.

  Scénario: L'imprimante n'a plus de papier, puis en a
    Étant donné que je suis à l'écran "papiers"
    Quand l'impression échoue : "erreur-imprimante-papier"
    Alors un incident "erreur-imprimante-papier" est noté
    Et le médecin apprend que "ordonnance" est "echec"
    Quand je touche "Réessayer"
    Alors le papier "ordonnance" est retiré de l'imprimante
    Quand le résumé est composé
    Et l'imprimante sort tous les papiers
    Alors tous mes papiers sont sortis

  Scénario: Le papier annoncé perdu sort quand même
    Étant donné que je suis à l'écran "papiers"
    Quand l'impression échoue : "erreur-imprimante-occupee"
    Et le papier "ordonnance" sort
    Alors le médecin apprend que "ordonnance" est "imprime"

  Scénario: Une vieille nouvelle de l'imprimante est ignorée
    Étant donné que je suis à l'écran "papiers"
    Quand l'impression échoue : "erreur-imprimante-papier"
    Et je touche "Réessayer"
    Et l'imprimante parle d'un essai dépassé
    Alors 1 papier s'imprime encore

  Scénario: Le même papier reçu deux fois ne s'imprime qu'une fois
    Étant donné que je suis à l'écran "consultation"
    Quand le médecin envoie le papier "ordonnance"
    Et le médecin envoie le papier "ordonnance"
    Alors j'ai 1 papiers
    Et le médecin apprend que "ordonnance" est "recu"

  Scénario: Ce n'est pas un papier
    Étant donné que je suis à l'écran "consultation"
    Quand le médecin envoie un fichier illisible
    Alors le médecin apprend que "ordonnance" est "refuse"
    Et j'ai 0 papiers
    Et un incident "erreur-document-pas-pdf" est noté

  Scénario: Un fichier illisible hors visite ne laisse rien
    Étant donné la borne libre
    Quand le médecin envoie un fichier illisible
    Alors la borne ne garde rien de moi

  Scénario: Un papier arrive avant que je sois devant le médecin
    Étant donné que je suis à l'écran "préparation"
    Quand le médecin envoie le papier "arret"
    Alors j'ai 1 papiers
    Et je vois l'écran "préparation"

  Scénario: Le médecin envoie encore un papier pendant l'adieu
    Étant donné que je suis à l'écran "adieu"
    Quand le médecin envoie le papier "arret"
    Alors je vois l'écran "papiers"

  Scénario: L'adieu attend un papier qui sort encore
    Étant donné que je suis à l'écran "papiers"
    Quand le résumé est composé
    Et je touche "Continuer"
    Et le temps passe sans que je touche rien
    Alors je vois l'écran "adieu"
    Quand l'imprimante sort tous les papiers
    Et le temps passe sans que je touche rien
    Alors je vois l'écran "nettoyage"
    Et mon dossier est transmis

  @exigence:DONNEES-PURGE
  Scénario: Un papier bloqué ne sortira pas devant le suivant
    Étant donné que je suis à l'écran "papiers"
    Quand le résumé est composé
    Et je touche "Continuer"
    Et je touche "Continuer"
    Alors le papier "resume" est retiré de l'imprimante
    Et mon dossier est transmis

  Scénario: Le résumé n'est pas composé avant la fin
    Étant donné que je suis à l'écran "consultation"
    Quand le résumé est composé
    Alors j'ai 0 papiers

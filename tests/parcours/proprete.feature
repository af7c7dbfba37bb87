# language: fr
Fonctionnalité: La propreté
  Ce qui a touché un patient est essuyé avant le suivant.

  @exigence:VISITE-HYGIENE
  Scénario: Il manque une chose
    Étant donné que je suis à l'écran "nettoyage"
    Quand le médiateur coche "brassard"
    Et je touche "Tout est propre"
    Alors je vois l'écran "nettoyage"
    Et l'erreur "erreur-proprete-incomplete" est écrite et dite
    Quand tout est essuyé
    Et je touche "Tout est propre"
    Alors je vois l'écran "accueil"

  @exigence:VISITE-HYGIENE
  Scénario: Une case cochée par mégarde se décoche
    Étant donné que je suis à l'écran "nettoyage"
    Quand le médiateur coche "brassard"
    Et le médiateur coche "brassard"
    Alors rien n'est encore essuyé

  @exigence:VISITE-HYGIENE
  Scénario: Personne ne commence sur une borne à nettoyer
    Étant donné que je suis à l'écran "nettoyage"
    Quand je touche l'écran d'accueil
    Alors je vois l'écran "nettoyage"

  @exigence:VISITE-HYGIENE
  Scénario: La propreté reste due après une coupure
    Étant donné que je suis à l'écran "nettoyage"
    Quand le médiateur coche "siege"
    Et la borne redémarre
    Alors je vois l'écran "nettoyage"
    Et "siege" est essuyé

  @exigence:VISITE-HYGIENE
  Scénario: Rien n'a touché le patient, rien n'est à nettoyer
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Retirer mon accord"
    Et je touche "Oui, retirer"
    Et je touche "Continuer"
    Alors je vois l'écran "accueil"

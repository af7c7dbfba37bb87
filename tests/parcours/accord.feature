# language: fr
Fonctionnalité: L'accord du patient
  Il est demandé avant tout, peut être refusé, et repris à tout moment.

  @exigence:VISITE-CONSENT
  Scénario: Je refuse
    Étant donné que je suis à l'écran "accord"
    Quand je touche "Je refuse"
    Alors je vois l'écran "refus"
    Et la borne ne garde rien de moi à l'écran
    Quand je touche "Continuer"
    Alors je vois l'écran "accueil"
    Et mon dossier est détruit

  @exigence:VISITE-CONSENT
  Scénario: Je refuse puis je change d'avis
    Étant donné que je suis à l'écran "refus"
    Quand je touche "Revenir"
    Et je touche "J'accepte"
    Alors je vois l'écran "prénom"

  @exigence:VISITE-CONSENT
  Scénario: Le refus cède la place tout seul
    Étant donné que je suis à l'écran "refus"
    Quand le temps passe sans que je touche rien
    Alors je vois l'écran "accueil"
    Et mon dossier est détruit

  @exigence:VISITE-CONSENT
  Plan du scénario: Je retire mon accord à l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand je touche "Retirer mon accord"
    Alors la question "confirmer-retrait" est posée
    Quand je touche "Oui, retirer"
    Alors je vois l'écran "retrait"
    Et la salle ne me connaît plus
    Et la borne ne garde rien de moi à l'écran
    Quand je touche "Continuer"
    Alors mon dossier est détruit
    Et je vois l'écran "<ensuite>"

    Exemples:
      | écran             | ensuite   |
      | prénom            | accueil   |
      | nom               | accueil   |
      | date de naissance | accueil   |
      | téléphone         | accueil   |
      | motif             | accueil   |
      | motif à écrire    | accueil   |
      | signes graves     | accueil   |
      | tension           | accueil   |
      | attente           | nettoyage |
      | préparation       | nettoyage |
      | consultation      | nettoyage |
      | papiers           | nettoyage |
      | adieu             | nettoyage |

  Scénario: Je garde mon accord
    Étant donné que je suis à l'écran "nom"
    Quand je touche "Retirer mon accord"
    Et je touche "Fermer"
    Alors je vois l'écran "nom"
    Et aucune question n'est posée sur l'écran

  Scénario: Avant l'accord il n'y a rien à retirer
    Étant donné que je suis à l'écran "langue"
    Quand je touche "Retirer mon accord"
    Alors aucune question n'est posée sur l'écran

  @exigence:VISITE-CONSENT
  Scénario: Je me retire pendant que le brassard serre
    Étant donné que je suis à l'écran "tension"
    Quand je touche "Mesurer"
    Et je touche "Retirer mon accord"
    Et je touche "Oui, retirer"
    Alors le brassard est arrêté
    Et je vois l'écran "retrait"
    Quand le brassard donne 128 sur 76
    Alors aucune mesure n'est gardée

  @exigence:VISITE-CONSENT
  Scénario: Je me retire pendant que le médecin m'écoute
    Étant donné que je suis à l'écran "consultation"
    Quand la page du médecin est prête
    Et l'image et le son passent
    Et le médecin écoute mon cœur au foyer "aortique"
    Et le médecin envoie le papier "ordonnance"
    Et je touche "Retirer mon accord"
    Et je touche "Oui, retirer"
    Alors la borne a raccroché
    Et le stéthoscope est fermé
    Et le papier "ordonnance" est retiré de l'imprimante

  @exigence:VISITE-CONSENT
  Scénario: Revenir jusqu'à l'accord le reprend, et la salle m'oublie
    Étant donné que je suis à l'écran "attente"
    Quand je reviens jusqu'à l'écran "accord"
    Alors la salle m'oublie
    Et mon accord n'est plus donné

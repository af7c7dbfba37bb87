# language: fr
Fonctionnalité: Les réponses écrites
  Une réponse fausse est dite en clair, sur le même écran, sans rien effacer.

  Plan du scénario: <saisie> à l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand je réponds "<saisie>"
    Alors je vois l'écran "<écran>"
    Et l'erreur "<erreur>" est écrite et dite

    Exemples:
      | écran             | saisie     | erreur                     |
      | prénom            |            | erreur-prenom-vide         |
      | prénom            | 123        | erreur-prenom-vide         |
      | prénom            | -Zoé       | erreur-prenom-vide         |
      | nom               | Martin2    | erreur-nom-vide            |
      | date de naissance | 0101       | erreur-naissance-invalide  |
      | date de naissance | 31021980   | erreur-naissance-invalide  |
      | date de naissance | 01011850   | erreur-naissance-invalide  |
      | date de naissance | 01012100   | erreur-naissance-future    |
      | téléphone         | 06123      | erreur-telephone-invalide  |
      | téléphone         | 0012345678 | erreur-telephone-invalide  |
      | téléphone         | 1612345678 | erreur-telephone-invalide  |
      | motif à écrire    |            | erreur-motif-autre-vide    |

  Plan du scénario: <saisie> est un nom
    Étant donné que je suis à l'écran "nom"
    Quand je réponds "<saisie>"
    Alors je vois l'écran "date de naissance"

    Exemples:
      | saisie            |
      | Ng                |
      | d’Ornano          |
      | Saint-Exupéry     |
      | Müller Lüdenscheidt |
      | الخطيب            |
      | Шевченко          |
      | Zé                |

  Scénario: Aucun motif n'est coché
    Étant donné que je suis à l'écran "motif"
    Quand je touche "Continuer"
    Alors l'erreur "erreur-motif-vide" est écrite et dite
    Quand je coche le motif "douleur"
    Alors aucune erreur n'est écrite

  Scénario: Un motif coché par mégarde se décoche
    Étant donné que je suis à l'écran "motif"
    Quand je coche le motif "douleur"
    Et je coche le motif "toux"
    Et je coche le motif "douleur"
    Alors mes motifs sont "toux"

  Scénario: La même erreur se redit quand on insiste
    Étant donné que je suis à l'écran "prénom"
    Quand je touche "Continuer"
    Et je touche "Continuer"
    Alors l'erreur "erreur-prenom-vide" est écrite et dite

  Scénario: L'erreur disparaît dès que j'écris
    Étant donné que je suis à l'écran "prénom"
    Quand je touche "Continuer"
    Et j'écris "Z"
    Alors aucune erreur n'est écrite

  Plan du scénario: Le clavier n'accepte pas <saisie> à l'écran <écran>
    Étant donné que je suis à l'écran "<écran>"
    Quand j'écris "<saisie>"
    Alors le champ "<champ>" contient ""

    Exemples:
      | écran             | saisie        | champ     |
      | date de naissance | 1er mai       | naissance |
      | téléphone         | +33612345678  | telephone |
      | téléphone         | 061234567890  | telephone |

  Scénario: Je ne sais pas ne se dit pas partout
    Étant donné que je suis à l'écran "nom"
    Quand je touche "Je ne sais pas"
    Alors je vois l'écran "nom"

"""Ce que la page du protocole dit en prose, autour des tables tirées de `borne/protocole.py`."""

from __future__ import annotations

from typing import Final

OUVERTURE: Final = """
# Le protocole entre borne, salle et médecin (version {version})

Cette page est écrite par `borne protocole`, à partir de `borne/protocole.py`. Elle suffit pour écrire une autre
plateforme de médecin ou une autre borne.

Trois acteurs : la **borne** (le patient), la **salle** (un serveur), le **médecin** (une page, ou tout autre client
WebRTC). La salle fait passer la signalisation ; l'image, le son et les données vont directement de l'un à l'autre.

- Messages WebSocket : texte, un objet JSON par message, UTF-8, {taille_mo} Mio au plus. Le champ `type` donne le
  nom du message, tel qu'en titre ici (`{{"type": "Prendre", "visite": "…"}}`) ; un champ inconnu est ignoré ; un
  champ qui a une valeur ordinaire peut manquer.
- Instants : secondes Unix (UTC), avec décimales. Octets : base64 (RFC 4648, section 4). Empreintes : hexadécimal.
- Hors de la machine même, HTTPS et WSS seulement.
- Ce qui se signe commence par un contexte : `CONTEXTE_DEFI` vaut `{contexte_defi}`, `CONTEXTE_CERTIFICAT`
  `{contexte_certificat}`.
- Un message malformé est ignoré et journalisé sans son contenu ; trop de messages malformés ferment la liaison.
"""

MEDECIN: Final = """
## Le médecin, pas à pas

1. `POST /api/session`, corps JSON `{{"identifiant": …, "mot_de_passe": …}}`. La réponse 200 pose le cookie
   `{cookie}` (à renvoyer partout ; il est « Secure » : un client qui n'est pas un navigateur le renvoie aussi sur
   `http://127.0.0.1`). 401 : refusé, `raison` le dit en français ; 429 : attendre `attendre_s` secondes. Toute
   écriture et la WebSocket portent l'en-tête `Origin` de la salle elle-même (`https://hôte:port`).
2. WebSocket `/ws/medecin`, avec ce cookie et cet `Origin`. La salle dit `Bienvenue`, puis `ListeAttente` à chaque
   changement. Une fermeture de code 4401 : la session est finie.
3. `Prendre` un patient ; la salle répond `Prise`. `acceptee` faux : un autre médecin le suit.
4. Caméra et micro ouverts, `PretARecevoir` : la borne fera son `Offre` dès que le patient est installé.
   `PretARecevoir` de nouveau (page rechargée, liaison perdue) : la borne refait une offre, avec un autre `appel` ;
   l'ancien appel reste ouvert jusqu'à ce que le nouveau passe (faire avant de défaire).
5. Vérifier l'offre (plus bas), répondre par `Reponse` avec le même `appel`, échanger des `Candidat` (au fil de
   l'eau ; `candidat` vide : fin). La borne met tous les siens dans son offre. Sans réponse au bout de 4 s, puis de
   10 s, elle remplace son offre par une autre : répondre à la dernière reçue, les `appel` passés sont ignorés.
   Elle offre aussi un nouvel appel quand elle n'entend plus le médecin ; une photo demandée sur l'appel remplacé
   est à redemander.
6. `Terminer` ; la salle répond `VisiteFinie`. `VisiteFinie` peut aussi arriver d'elle-même (patient parti…).

Un document à imprimer : `POST /api/visites/VISITE/documents`, `multipart/form-data`, une partie `fichier` (PDF,
{document_mo} Mo au plus). Réponse 201 `{{"document", "empreinte"}}` ; la suite arrive par `EtatDocument`.
"""

APPEL: Final = """
## L'appel WebRTC

La borne offre, le médecin répond (RFC 8829). Sections, toujours dans cet ordre :

{sections}

- `bundlePolicy` « max-bundle » des deux côtés : tout passe par un seul transport. Avec une autre politique, une
  bibliothèque peut répondre une section à part (« balanced », l'ordinaire d'aiortc : section 2 sans transport, et
  ni voix ni cœur). Garder l'ordre et les `mid`.
- Serveurs ICE : ceux de `Prise.glace` (ou de `Bienvenue`), et aucun autre. Les secrets TURN expirent :
  `GlaceRenouvelee` les remplace pour le prochain appel.
- L'image de la borne arrive en H.264 (baseline contraint), taille et cadence variables selon le réseau,
  sans renégociation quand le médecin change de caméra ou de zoom. La borne répond aux NACK (RTX), aux PLI et FIR,
  et lit transport-wide-cc ou REMB : les accepter dans la réponse. Réparation FlexFEC-03 offerte : l'accepter si
  possible.
- La section 2 est du silence hors d'une écoute. Ne lui appliquer aucun traitement, et un tampon de lecture large.

### La sécurité de l'appel

1. `Offre.signature` : la vérifier (Ed25519) avec `Prise.cle_borne` sur les octets UTF-8 de `{contexte_offre}` suivi,
   sans rien entre, de `visite`, `appel`, `empreinte`, `engagement` séparés par un saut de ligne (LF), où `empreinte`
   est `sha-256 ` suivi de la valeur de la ligne `a=fingerprint:sha-256` de l'offre, en majuscules. L'offre n'en porte
   qu'une : s'il y en a une autre, ou si la signature est fausse, ne pas répondre.
2. `Reponse.alea` : 16 octets au hasard, en 32 chiffres hexadécimaux minuscules. La réponse porte une empreinte
   SHA-256, la même dans toutes ses sections ; d'autres (SHA-384…) peuvent l'accompagner.
3. À l'ouverture du canal, la borne envoie `Revelation` : SHA-256 des 16 octets d'`alea` (décodés) doit donner
   `Offre.engagement` ; sinon fermer l'appel.
4. Code à quatre chiffres, montré des deux côtés : SHA-256 de `{contexte_code}` suivi, sans rien entre, de
   l'empreinte de la borne, de celle du médecin, de l'aléa de la borne, de celui du médecin (textes séparés par LF ;
   empreintes écrites comme en 1, aléas en hexadécimal tels que transmis) ; les huit premiers octets lus comme un
   entier gros-boutiste, modulo 10 000, sur quatre chiffres.

Un client qui ne donne pas d'`alea` est servi sans code de sécurité.

### Les canaux de données

La borne ouvre `{donnees}` (ordonné, fiable : messages JSON de la table « Canal »), `{auscultation}` (sans ordre ni
retransmission, binaire) et `{examen}` (ordonné, fiable, binaire).

**Signe de vie** : chaque côté envoie des `Battement` ; à chacun, répondre aussitôt `EchoBattement` avec le même
`numero` et le même `instant`. Un médecin qui n'y répond pas est tenu pour perdu en quelques secondes : la borne
refait une offre.

Les mesures : la borne annonce à l'ouverture ce qu'elle sait mesurer (`AppareilsMesure`) ; `DemandeMesure` et
`ArretMesure` valent pour toute nature. Une borne d'avant ces messages ne les annonce pas : seuls `DemandeTension` et
`ArretTension`, que toute borne comprend encore, lui parlent. Avant l'appel, une fois le patient pris,
`MesureSouhaitee` passe par la salle : `Patient.natures` dit ce qui peut se demander. Un type ou un champ de message
inconnu s'ignore : c'est ainsi que le protocole grandit sans changer de version.

Le médecin demande (`DemandeMesure`, `DemandeEcoute`, `ChoixCamera`, `Cadrage`, `DemandePhoto`…) ; la borne répond
par des états (`EtatMesure`, `EtatEcoute`, `EtatCameras`…), des valeurs vivantes (`EchantillonTransmis`) et des
résultats (`MesureTransmise`). Un texte resté sans écho pendant une coupure peut être renvoyé au même `instant` : la
borne ne le montre qu'une fois.
"""

BINAIRE: Final = """
## Les trames binaires

### Canal `auscultation` : `TrameSon`

{son}

Chaque trame répète jusqu'à {manque} blocs déjà envoyés : lire ceux que l'on n'a pas encore. Un bloc qui manque
toujours se redemande par `BlocsManquants` ; il revient dans une trame du même format. Un filtre d'écoute s'applique
chez le médecin.

### Canal `examen` : `MorceauPhoto`

{morceau}

Les morceaux d'une photo arrivent dans l'ordre, après son `PhotoAnnoncee` (sur `donnees` : les deux canaux sont
indépendants, des morceaux peuvent la précéder). Vérifier `octets` et `empreinte` avant de montrer la photo.
"""

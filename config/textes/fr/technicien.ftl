# Le mode du technicien. Ce que disent les contrôles eux-mêmes vient du logiciel.

nom-technicien = Technicien
technicien-code-question = Code du technicien
technicien-code-phrase = Tapez votre code, puis validez.
erreur-technicien-faux = Ce code est faux.
erreur-technicien-attendre = Trop d'essais. Attendez { $secondes } secondes.
erreur-technicien-sans-code = Aucun code n'est posé sur cette borne.
erreur-technicien-impossible = Le code ne peut pas être vérifié. Voyez le journal.
technicien-question = Contrôles de la borne
technicien-jamais = Cette borne n'a jamais été contrôlée.
technicien-prete = Borne prête
technicien-reserves = Borne prête, avec réserves
technicien-pas-prete = Borne pas prête
technicien-avancee = { $finis } contrôles finis sur { $total }
technicien-choisir = Touchez un contrôle pour voir le détail.
technicien-mire-question = Touchez chaque case.
nom-case = Case { $rang }
nom-case-touchee = Case { $rang }, touchée
nom-ecran-uni = Écran uni. Touchez pour continuer.
bouton-valider = Valider
bouton-quitter = Quitter
bouton-mire = Mire
bouton-suite = Suite { $feuille }/{ $feuilles }
bouton-tout-relancer = Tout relancer
bouton-relancer = Relancer

# Ce que voit le médiateur, derrière le même code, depuis l'écran d'aide.
mediateur-code-question = Code de l'accompagnant
mediateur-question = Pour l'accompagnant
mediateur-phrase = Le médecin voit aussi ces repères.
mediateur-rien = Rien à signaler pour le moment.
mediateur-regarder = À regarder par le médecin
mediateur-alerte = À dire au médecin sans tarder
mediateur-inconnu = En mémoire, patient inconnu

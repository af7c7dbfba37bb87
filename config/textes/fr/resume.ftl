# Le résumé imprimé que le patient emporte.

resume-titre = Résumé de votre visite
resume-quand = Le { $jour }, de { $debut } à { $fin }
resume-identite = Vous
resume-prenom = Prénom
resume-nom = Nom
resume-naissance = Né ou née le
resume-motifs = Pourquoi vous êtes venu
resume-mesures = Vos mesures
resume-tension = Tension
resume-echec = Pas de résultat
resume-pouls = Pouls : { $pouls } par minute
resume-consultation = Votre consultation
resume-medecin = Médecin
resume-photos = Photos vues par le médecin
resume-fin = Fin à
resume-document = Papier remis
resume-incidents = Ce qui s'est passé
resume-rappel = Le médecin peut vous rappeler au
resume-pied = Montrez ce papier à votre médecin. Vous avez dit votre identité.

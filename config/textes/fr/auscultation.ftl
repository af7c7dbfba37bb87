# Les conseils pendant l'écoute. Sans suffixe : pour le patient, qui tient le stéthoscope ; -infirmiere : pour qui l'aide.
conseil-auscultation-appuyer = Appuyez un peu plus sur le stéthoscope.
conseil-auscultation-appuyer-infirmiere = Le son est trop faible. Appuyez le pavillon bien à plat.
conseil-auscultation-bruit = Il y a trop de bruit. Ne parlez pas.
conseil-auscultation-bruit-infirmiere = Trop de bruit autour. Faites le silence, fermez la porte.
conseil-auscultation-deplacer = Déplacez un peu le stéthoscope.
conseil-auscultation-deplacer-infirmiere = Aucun battement net. Déplacez le pavillon de deux doigts.
conseil-auscultation-frottement = Ne bougez plus le stéthoscope.
conseil-auscultation-frottement-infirmiere = Le pavillon frotte. Tenez-le immobile, sur la peau nue.
conseil-auscultation-sature = Appuyez un peu moins sur le stéthoscope.
conseil-auscultation-sature-infirmiere = Le son est trop fort. Appuyez moins, ou baissez le gain.

// Changer son mot de passe : le premier est tiré par la salle, il n'est pas fait pour durer.

import { avis } from "./alertes.js";
import { $, ecrire } from "./dom.js";
import { changerMotDePasse } from "./session.js";

export function signalerProvisoire(provisoire) {
  avis("provisoire", provisoire ? "Votre mot de passe est provisoire. Changez-le par le bouton « Mot de passe », en haut." : "");
}

export function installerMotDePasse() {
  const dialogue = $("dialogue-mot-de-passe");
  const formulaire = $("formulaire-mot-de-passe");
  const refuser = (raison) => {
    $("mot-de-passe-refus").hidden = !raison;
    ecrire($("mot-de-passe-refus"), raison);
  };
  $("mot-de-passe-bouton").addEventListener("click", () => {
    formulaire.reset();
    refuser("");
    dialogue.showModal();
  });
  $("mot-de-passe-annuler").addEventListener("click", () => dialogue.close());
  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    const raison = await changerMotDePasse($("ancien").value, $("nouveau").value);
    refuser(raison);
    if (raison) return;
    dialogue.close();
    formulaire.reset();
    signalerProvisoire(false);
    avis("prise", "Votre mot de passe est changé.", { dureeMs: 6000 });
  });
}

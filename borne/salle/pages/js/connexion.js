// Écran 1 : identifiant, mot de passe, refus clairs, attente annoncée quand la salle limite les essais.

import { $, ecrire } from "./dom.js";
import { ouvrirSession } from "./session.js";

export class Connexion {
  #surConnecte;
  #compteur = null;

  constructor(surConnecte) {
    this.#surConnecte = surConnecte;
    this.formulaire = $("formulaire-connexion");
    this.refus = this.formulaire.querySelector(".refus");
    this.bouton = this.formulaire.querySelector("[type=submit]");
    this.formulaire.addEventListener("submit", (evenement) => {
      evenement.preventDefault();
      this.#envoyer();
    });
  }

  montrer(raison = "") {
    $("ecran-connexion").hidden = false;
    $("mot-de-passe").value = "";
    this.#refuser(raison);
    $("identifiant").focus();
  }

  async #envoyer() {
    if (this.bouton.disabled) return;
    const identifiant = $("identifiant").value.trim();
    const motDePasse = $("mot-de-passe").value;
    if (!identifiant) return this.#refuser("Écrivez votre identifiant.", "identifiant");
    if (!motDePasse) return this.#refuser("Écrivez votre mot de passe.", "mot-de-passe");
    this.bouton.disabled = true;
    ecrire(this.bouton, "Connexion…");
    const reponse = await ouvrirSession(identifiant, motDePasse);
    this.bouton.disabled = false;
    ecrire(this.bouton, "Se connecter");
    if (reponse.medecin) {
      $("mot-de-passe").value = "";
      this.#refuser("");
      return this.#surConnecte(reponse);
    }
    if (reponse.attendreS) return this.#patienter(reponse.attendreS);
    return this.#refuser(reponse.raison, "mot-de-passe");
  }

  #refuser(raison, champ = null) {
    this.refus.hidden = !raison;
    ecrire($("refus-texte"), raison);
    for (const id of ["identifiant", "mot-de-passe"]) {
      $(id).toggleAttribute("aria-invalid", false);
      if (raison && champ === id) $(id).setAttribute("aria-invalid", "true");
    }
    if (champ) {
      $(champ).focus();
      $(champ).select();
    }
  }

  #patienter(secondes) {
    clearInterval(this.#compteur);
    const fin = Date.now() + secondes * 1000;
    this.bouton.disabled = true;
    const dire = () => {
      const reste = Math.ceil((fin - Date.now()) / 1000);
      if (reste > 0) {
        ecrire(this.bouton, `Réessayer dans ${reste} s`);
        return;
      }
      clearInterval(this.#compteur);
      this.bouton.disabled = false;
      ecrire(this.bouton, "Se connecter");
      this.#refuser("");
    };
    this.#refuser(`Trop d’essais. Attendez ${secondes} secondes avant de réessayer.`);
    dire();
    this.#compteur = setInterval(dire, 500);
  }
}

// Envoyer un PDF à imprimer, et dire ce qu'il devient : envoyé, reçu, imprimé, refusé et pourquoi.

import { $, creer, ecrire, icone, pastille } from "./dom.js";
import { taille } from "./util.js";

const TAILLE_MAX = 10 * 1024 * 1024; // octets, borne/protocole.py TAILLE_MAX_DOCUMENT
const ETATS = {
  envoi: ["Envoi…", "actif"],
  envoye: ["Envoyé à la borne…", "actif"],
  recu: ["Reçu par la borne, impression…", "actif"],
  imprime: ["Imprimé", "bon"],
  refuse: ["Refusé", "urgence"],
  echec: ["Pas imprimé", "urgence"],
};

export class Documents {
  #visite = null;
  #parId = new Map();
  #enAvance = new Map();
  #enVol = 0;

  constructor() {
    this.liste = $("documents");
    const champ = $("fichier");
    $("envoyer-pdf").addEventListener("click", () => champ.click());
    champ.addEventListener("change", () => {
      const [fichier] = champ.files;
      if (fichier) this.#envoyer(fichier);
      champ.value = "";
    });
    this.#glisser(document.querySelector(".depot"));
  }

  commencer(visite) {
    this.#visite = visite;
    this.#parId.clear();
    this.#enAvance.clear();
    this.liste.replaceChildren();
    this.#refuser("");
  }

  /** EtatDocument de la borne. Il peut précéder la réponse à l'envoi : on le garde. */
  recevoir({ document, etat, raison }) {
    const ligne = this.#parId.get(document);
    if (ligne) this.#etat(ligne, etat, raison);
    else if (this.#enVol) this.#enAvance.set(document, { etat, raison });
    else this.#parId.set(document, this.#etat(this.#ajouter("Document envoyé plus tôt", ""), etat, raison));
  }

  async #envoyer(fichier) {
    this.#refuser("");
    const refus = await refuserAvantEnvoi(fichier);
    if (refus) return this.#refuser(refus);
    const visite = this.#visite;
    const ligne = this.#etat(this.#ajouter(fichier.name, taille(fichier.size)), "envoi");
    this.#enVol += 1;
    const { document, raison } = await televerser(visite, fichier);
    this.#enVol -= 1;
    if (visite !== this.#visite) return null;
    if (!document) return this.#etat(ligne, "refuse", raison);
    this.#parId.set(document, ligne);
    const avance = this.#enAvance.get(document);
    return avance ? this.#etat(ligne, avance.etat, avance.raison) : this.#etat(ligne, "envoye");
  }

  #ajouter(nom, note) {
    const ligne = creer(
      "li",
      {},
      creer("span", { class: "nom", title: nom }, nom),
      creer("span", { class: "pastille" }, ""),
      creer("span", { class: "aide" }, note),
    );
    this.liste.prepend(ligne);
    return ligne;
  }

  #etat(ligne, etat, raison = "") {
    const [texte, ton] = ETATS[etat];
    const marque = ligne.querySelector(".pastille");
    pastille(marque, texte, ton);
    if (etat === "imprime") marque.prepend(icone("coche"));
    if (raison) ecrire(ligne.querySelector(".aide"), raison);
    return ligne;
  }

  #refuser(raison) {
    $("documents-refus").hidden = !raison;
    ecrire($("documents-refus"), raison);
  }

  #glisser(zone) {
    zone.addEventListener("dragover", (evenement) => {
      evenement.preventDefault();
      zone.toggleAttribute("data-survol", true);
    });
    zone.addEventListener("dragleave", () => zone.toggleAttribute("data-survol", false));
    zone.addEventListener("drop", (evenement) => {
      evenement.preventDefault();
      zone.toggleAttribute("data-survol", false);
      const [fichier] = evenement.dataTransfer.files;
      if (fichier) this.#envoyer(fichier);
    });
  }
}

/** Ce qui est sûr d'être refusé l'est tout de suite, avec la raison. */
async function refuserAvantEnvoi(fichier) {
  if (fichier.size > TAILLE_MAX) return `« ${fichier.name} » fait ${taille(fichier.size)}. Au plus : 10 Mo.`;
  const debut = new TextDecoder("latin1").decode(await fichier.slice(0, 1024).arrayBuffer());
  // ISO 32000-1, annexe H.3.4.1 : l'en-tête est cherché dans les 1 024 premiers octets.
  return debut.includes("%PDF-") ? "" : `« ${fichier.name} » n’est pas un PDF. Enregistrez-le en PDF, puis renvoyez-le.`;
}

async function televerser(visite, fichier) {
  const corps = new FormData();
  corps.append("fichier", fichier, fichier.name);
  try {
    const reponse = await fetch(`/api/visites/${encodeURIComponent(visite)}/documents`, { method: "POST", body: corps });
    const contenu = await reponse.json().catch(() => ({}));
    if (reponse.ok) return contenu;
    return { raison: contenu.raison ?? `La salle a répondu par une erreur (${reponse.status}).` };
  } catch {
    return { raison: "La salle ne répond pas. Le document n’est pas parti : renvoyez-le." };
  }
}

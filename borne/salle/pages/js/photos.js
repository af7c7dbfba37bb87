// Les photos d'examen : prises au capteur par la borne, reçues en morceaux, montrées seulement si leur empreinte est
// juste. Elles ne vivent que dans cette page, et en partent à la fin de la visite.

import { CAMERAS } from "./examen.js";
import { $, creer, ecrire, permettre, permis } from "./dom.js";
import { heure, nombre, taille } from "./util.js";
import { Visionneuse } from "./visionneuse.js";

const SANS_REPONSE_MS = 12000;
const SANS_MORCEAU_MS = 30000;
const REPRISE_MS = 20000;
const OCTETS_MAX = 64 * 1024 * 1024;
const ENTETE = 8; // numéro et rang, 4 octets chacun, gros-boutistes
const NATURES = { "image/webp": "webp", "image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf" };

export class Photos {
  #demande = null; // identifiant de la photo attendue
  #annonce = null;
  #morceaux = [];
  #recus = 0;
  #avance = []; // morceaux arrivés avant leur annonce : les deux canaux ne s'attendent pas
  #patience = null;
  #possible = false;
  #photos = [];
  #pdf = []; // adresses des PDF reçus
  #pages = 0; // numérisées, que la borne tient pour le prochain PDF
  #camera = "principale";
  #session = 0;

  constructor(dire) {
    this.dire = dire;
    this.bouton = $("photo");
    this.visionneuse = new Visionneuse();
    this.bouton.addEventListener("click", () => permis(this.bouton) && (this.#demande ? this.#annuler() : this.#demander("photo")));
    this.numeriser = $("numeriser");
    this.relier = $("pdf-pages");
    this.numeriser.addEventListener("click", () => permis(this.numeriser) && this.#demander("page"));
    this.relier.addEventListener("click", () => permis(this.relier) && this.#demander("pdf"));
  }

  /** Tout effacer : plus une image du patient ne reste dans la page. */
  commencer() {
    this.#session += 1;
    this.#oublierEnvoi();
    this.visionneuse.fermer();
    for (const photo of this.#photos) URL.revokeObjectURL(photo.adresse);
    for (const adresse of this.#pdf) URL.revokeObjectURL(adresse);
    this.#photos = [];
    this.#pdf = [];
    this.#pages = 0;
    this.#camera = "principale";
    $("vignettes").replaceChildren();
    this.#dire("");
    this.#dessiner();
  }

  /** Numériser n’a de sens que sous la caméra de documents. */
  camera(active) {
    this.#camera = active;
    this.#dessiner();
  }

  possible(ouvert) {
    this.#possible = ouvert;
    if (!ouvert && this.#demande) {
      this.#patienter(null);
      this.#dire("L’appel est coupé : la photo reprendra avec lui.", "attention");
    }
    this.#dessiner();
  }

  /** L'appel est revenu : la borne reprend la photo, ou ne la connaît plus. */
  reprendre() {
    if (this.#demande) this.#patienter(REPRISE_MS, "La photo s’est perdue dans la coupure. Reprenez-la.");
  }

  annonce(message) {
    if (message.photo !== this.#demande) return;
    if (!(message.octets > 0 && message.octets <= OCTETS_MAX) || !NATURES[message.nature]) {
      this.#echouer("La borne annonce une photo que cette page ne sait pas montrer.");
      return;
    }
    this.#annonce = message;
    this.#morceaux = [];
    this.#recus = 0;
    this.#dire("");
    this.#patienter(SANS_MORCEAU_MS, "La photo n’avance plus. Reprenez-la.");
    for (const octets of this.#avance.splice(0)) this.morceau(octets);
    this.#dessiner();
  }

  echec({ photo, raison }) {
    if (photo === this.#demande) this.#echouer(raison || "La borne n’a pas pu prendre la photo.");
  }

  morceau(octets) {
    if (!this.#demande || octets.byteLength <= ENTETE) return;
    const vue = new DataView(octets);
    const [numero, rang] = [vue.getUint32(0), vue.getUint32(4)];
    if (!this.#annonce || numero > this.#annonce.numero) {
      // La suivante, après une reprise, ou la première : son annonce arrive.
      if (this.#avance.length < 64) this.#avance.push(octets);
      return;
    }
    if (numero !== this.#annonce.numero) return; // reste d'un envoi interrompu
    if (rang !== this.#morceaux.length) {
      this.#echouer("Un morceau de la photo manque. Reprenez-la.");
      return;
    }
    this.#morceaux.push(octets.slice(ENTETE));
    this.#recus += octets.byteLength - ENTETE;
    this.#patienter(SANS_MORCEAU_MS, "La photo n’avance plus. Reprenez-la.");
    if (this.#recus >= this.#annonce.octets) this.#verifier();
    this.#dessiner();
  }

  #demander(forme) {
    const photo = crypto.randomUUID();
    if (!this.dire("DemandePhoto", { photo, forme })) return;
    this.#demande = photo;
    this.#dire("");
    this.#patienter(SANS_REPONSE_MS, "La borne n’a pas répondu à la demande de photo.");
    this.#dessiner();
  }

  #annuler() {
    this.dire("ArretPhoto", { photo: this.#demande });
    this.#oublierEnvoi();
    this.#dire("Photo annulée.");
    this.#dessiner();
  }

  async #verifier() {
    const [annonce, session] = [this.#annonce, this.#session];
    const fichier = new Blob(this.#morceaux, { type: annonce.nature });
    this.#oublierEnvoi();
    const condense = await crypto.subtle.digest("SHA-256", await fichier.arrayBuffer());
    const empreinte = [...new Uint8Array(condense)].map((o) => o.toString(16).padStart(2, "0")).join("");
    if (session !== this.#session) return;
    if (fichier.size !== annonce.octets || empreinte !== annonce.empreinte.toLowerCase()) {
      this.#dire("Photo refusée : ce n’est pas celle que la borne a prise (empreinte différente). Reprenez-la.", "urgence");
      return;
    }
    this.#garder(annonce, fichier);
  }

  #garder(annonce, fichier) {
    const numerisee = (annonce.pages ?? 0) > this.#pages;
    this.#pages = annonce.pages ?? 0;
    if (annonce.nature === "application/pdf") {
      this.#garderPdf(annonce, fichier);
      return;
    }
    const instant = heure(annonce.instant);
    const photo = {
      adresse: URL.createObjectURL(fichier),
      largeur: annonce.largeur,
      hauteur: annonce.hauteur,
      titre: `${CAMERAS[annonce.camera] ?? "Photo"}, ${instant}`,
      details: [
        `${nombre(annonce.largeur)} × ${nombre(annonce.hauteur)}`,
        annonce.nature === "image/jpeg" ? "JPEG" : "sans perte",
        taille(annonce.octets),
        "empreinte vérifiée",
      ].join(" · "),
      nom: `photo-examen-${instant.replace(":", "h")}-${this.#photos.length + 1}.${NATURES[annonce.nature]}`,
    };
    this.#photos.push(photo);
    const image = creer("img", { src: photo.adresse, alt: "" });
    const nom = `Photo ${this.#photos.length} : ${photo.titre}`;
    const bouton = creer("button", { type: "button", class: "vignette", title: nom, surClic: () => this.#voir(photo) }, image, creer("span", { class: "cache" }, nom));
    $("vignettes").prepend(bouton);
    const remarques = annonce.remarques ?? [];
    this.#dire([numerisee ? "Page numérisée." : "Photo reçue.", ...remarques].join(" "), remarques.length ? "attention" : "");
    this.#dessiner();
  }

  #garderPdf(annonce, fichier) {
    const adresse = URL.createObjectURL(fichier);
    this.#pdf.push(adresse);
    const nom = `document-${heure(annonce.instant).replace(":", "h")}-${this.#pdf.length}.pdf`;
    const lien = creer("a", { href: adresse, download: nom, class: "bouton pdf", title: `Enregistrer ${nom} : il restera sur cet ordinateur` }, `PDF ${this.#pdf.length} · ${taille(annonce.octets)}`);
    $("vignettes").prepend(lien);
    this.#dire("PDF reçu.");
    this.#dessiner();
  }

  #voir(photo) {
    this.visionneuse.ouvrir(this.#photos, this.#photos.indexOf(photo));
  }

  #echouer(raison) {
    this.#oublierEnvoi();
    this.#dire(raison, "urgence");
    this.#dessiner();
  }

  #oublierEnvoi() {
    clearTimeout(this.#patience);
    this.#demande = this.#annonce = this.#patience = null;
    this.#morceaux = [];
    this.#avance = [];
    this.#recus = 0;
  }

  #patienter(delai, raison) {
    clearTimeout(this.#patience);
    this.#patience = delai === null ? null : setTimeout(() => this.#echouer(raison), delai);
  }

  #dire(texte, ton = "") {
    const etat = $("photo-etat");
    ecrire(etat, texte);
    etat.dataset.ton = ton;
  }

  #dessiner() {
    const part = this.#annonce ? Math.floor((100 * this.#recus) / this.#annonce.octets) : 0;
    ecrire($("photo-mot"), this.#demande ? `Annuler · ${part}\u00a0%` : "Photo d’examen");
    this.bouton.classList.toggle("plein", !this.#demande);
    this.bouton.style.setProperty("--part", `${this.#demande ? part : 0}%`);
    permettre(this.bouton, this.#possible || Boolean(this.#demande));
    this.numeriser.hidden = this.#camera !== "document";
    this.relier.hidden = !this.#pages;
    ecrire(this.relier, this.#pages > 1 ? `PDF (${this.#pages} pages)` : "PDF (1 page)");
    for (const bouton of [this.numeriser, this.relier]) permettre(bouton, this.#possible && !this.#demande);
  }
}

// L'assemblage : une session, une liaison avec la salle, trois écrans. Le seul module qui les connaît tous.

import { Alertes, avis } from "./alertes.js";
import { Attente } from "./attente.js";
import { Connexion } from "./connexion.js";
import { Consultation } from "./consultation.js";
import { $, changerIcone, demander, ecrire } from "./dom.js";
import { installerMotDePasse, signalerProvisoire } from "./motdepasse.js";
import { installerRaccourcis } from "./raccourcis.js";
import { Salle } from "./salle.js";
import { fermerSession, sessionOuverte } from "./session.js";
import { finDeVisite, telephone } from "./util.js";

const REESSAI_MS = 3000;
const AILLEURS = "reprise dans une autre fenêtre"; // borne/salle/liaison_medecin.py
const ECRANS = ["ecran-connexion", "ecran-attente", "ecran-consultation"];

let glace = [];
const salle = new Salle();
const connexion = new Connexion((session) => entrer(session));
const consultation = new Consultation(salle);
const alertes = new Alertes((type, champs) => salle.envoyer(type, champs));
const attente = new Attente({
  surPrendre: (visite) => salle.envoyer("Prendre", { visite }),
  surArrivee: () => localStorage.getItem("son-arrivee") !== "non" && alertes.arrivee(),
});

function montrer(ecran) {
  for (const id of ECRANS) $(id).hidden = id !== ecran;
  document.body.dataset.ecran = ecran;
  titrer();
}

function titrer() {
  const titres = { "ecran-connexion": "Connexion", "ecran-attente": "Salle d’attente", "ecran-consultation": "Consultation" };
  const ecran = ECRANS.find((id) => !$(id).hidden);
  const attendent = ecran === "ecran-attente" && attente.nombre ? `(${attente.nombre}) ` : "";
  document.title = `${alertes.nombre ? "ALERTE · " : attendent}${titres[ecran] ?? "Salle de téléconsultation"}`;
}

function entrer({ medecin, mot_de_passe_a_changer: provisoire = false }) {
  signalerProvisoire(provisoire);
  ecrire($("medecin"), medecin);
  attente.medecin = medecin;
  montrer("ecran-attente");
  attente.montrer();
  attente.liaison(false);
  salle.demarrer();
}

function sortir(raison = "") {
  salle.arreter();
  if (consultation.visite !== null) consultation.quitter();
  sessionStorage.clear();
  alertes.vider();
  attente.vider();
  avis("salle", "");
  signalerProvisoire(false);
  montrer("ecran-connexion");
  connexion.montrer(raison);
}

function revenirEnSalle() {
  consultation.quitter();
  montrer("ecran-attente");
  attente.montrer();
}

function surPrise(prise) {
  const { visite, acceptee, medecin, notes } = prise;
  if (prise.glace?.length) glace = prise.glace;
  if (!acceptee) {
    sessionStorage.removeItem("visite");
    if (consultation.visite === visite) revenirEnSalle();
    attente.liberer();
    const texte = medecin ? `Ce patient est suivi par ${medecin}.` : "Ce patient n’attend plus.";
    return avis("prise", texte, { dureeMs: 8000 });
  }
  if (consultation.visite === visite) return consultation.reprendre({ notes });
  montrer("ecran-consultation");
  return consultation.commencer(prise, attente.ligne(visite), () => glace);
}

async function surFin({ visite, raison }) {
  if (consultation.visite === null) sessionStorage.removeItem("visite");
  if (visite !== consultation.visite) return;
  const numero = attente.ligne(visite)?.patient.telephone ?? $("p-telephone").textContent;
  consultation.raccrocher();
  if (raison !== "medecin" && raison !== AILLEURS) {
    await demander({
      titre: "Le patient est parti",
      texte: `${finDeVisite(raison)}${numero ? ` Pour le rappeler : ${telephone(numero)}.` : ""}`,
      boutons: [{ nom: "Revenir à la salle d’attente", valeur: "oui", classe: "plein" }],
    });
    if (visite !== consultation.visite) return;
  }
  revenirEnSalle();
  if (raison === "medecin" || raison === AILLEURS) avis("prise", finDeVisite(raison), { dureeMs: 6000 });
}

function surMessage(message) {
  switch (message.type) {
    case "Bienvenue":
      return surBienvenue(message);
    case "ListeAttente":
      attente.recevoir(message.lignes);
      if (consultation.visite !== null && attente.ligne(consultation.visite)) consultation.patient(attente.ligne(consultation.visite));
      return titrer();
    case "Prise":
      return surPrise(message);
    case "VisiteFinie":
      return surFin(message);
    case "GlaceRenouvelee":
      glace = message.glace;
      return null;
    case "AlerteBorne":
      return alertes.recevoir(message);
    case "Erreur":
      if (consultation.visite === null) sessionStorage.removeItem("visite");
      attente.liberer();
      return avis("erreur", message.raison, { ton: "urgence", dureeMs: 10000 });
    default:
      return message.visite === consultation.visite ? consultation.recevoir(message) : null;
  }
}

function surBienvenue(message) {
  glace = message.glace;
  ecrire($("medecin"), message.medecin);
  attente.medecin = message.medecin;
  const visite = consultation.visite ?? sessionStorage.getItem("visite");
  if (visite) salle.envoyer("Prendre", { visite });
}

function surEtatSalle(etat) {
  const ouverte = etat === "ouverte";
  if (!ouverte) consultation.sallePerdue();
  attente.liaison(ouverte);
  const enConsultation = consultation.visite !== null;
  avis("salle", ouverte || !enConsultation ? "" : "Liaison avec la salle perdue. L’appel continue ; la reprise se fait toute seule.");
  if (!ouverte) attente.liberer();
}

function installerTheme() {
  const boutons = document.querySelectorAll("[data-theme-bouton]");
  const dessiner = () => {
    const sombre = document.documentElement.dataset.theme === "sombre";
    for (const bouton of boutons) {
      const nom = sombre ? "Passer au thème clair" : "Passer au thème sombre";
      changerIcone(bouton, sombre ? "soleil" : "lune");
      ecrire(bouton.querySelector(".cache"), nom);
      bouton.title = nom;
    }
  };
  window.addEventListener("theme", dessiner);
  for (const bouton of boutons) {
    bouton.addEventListener("click", () => {
      const theme = document.documentElement.dataset.theme === "sombre" ? "clair" : "sombre";
      localStorage.setItem("theme", theme);
      document.documentElement.dataset.theme = theme;
      window.dispatchEvent(new Event("theme"));
    });
  }
  dessiner();
}

function installerSonArrivee() {
  const bouton = $("son-arrivee");
  const dessiner = () => {
    const coupe = localStorage.getItem("son-arrivee") === "non";
    bouton.setAttribute("aria-pressed", String(coupe));
    changerIcone(bouton, coupe ? "cloche-coupee" : "cloche");
    ecrire(bouton.querySelector(".cache"), coupe ? "Rétablir le son d’arrivée" : "Couper le son d’arrivée");
  };
  bouton.addEventListener("click", () => {
    localStorage.setItem("son-arrivee", localStorage.getItem("son-arrivee") === "non" ? "oui" : "non");
    dessiner();
  });
  dessiner();
}

async function demarrer() {
  const session = await sessionOuverte();
  if (session.injoignable) {
    avis("salle", "La salle ne répond pas. Nouvel essai dans un instant…", { ton: "urgence" });
    setTimeout(demarrer, REESSAI_MS);
    return;
  }
  avis("salle", "");
  if (session.medecin) entrer(session);
  else sortir();
}

salle.addEventListener("message", ({ detail }) => surMessage(detail));
salle.addEventListener("etat", ({ detail }) => surEtatSalle(detail));
salle.addEventListener("anonyme", () => sortir("Votre session est finie. Reconnectez-vous."));
window.addEventListener("alertes", titrer);
$("deconnexion").addEventListener("click", async () => {
  await fermerSession();
  sortir();
});
installerTheme();
installerSonArrivee();
installerMotDePasse();
installerRaccourcis();
demarrer();

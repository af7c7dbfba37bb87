// Fonctions pures : ce que la page calcule et comment elle l'écrit. Sans DOM, donc faciles à éprouver.

const NBSP = "\u00a0";

const MOTIFS = {
  douleur: "douleur",
  fievre: "fièvre",
  toux: "toux",
  ventre: "mal au ventre",
  peau: "problème de peau",
  fatigue: "fatigue",
  ordonnance: "renouvellement d’ordonnance",
  autre: "autre motif",
};

const FINS = {
  medecin: "La consultation est terminée.",
  patient: "Le patient a quitté la consultation.",
  consentement: "Le patient a retiré son consentement. L’appel est arrêté.",
  retrait: "Le patient a retiré son consentement. L’appel est arrêté.",
  expiree: "Le patient ne répondait plus à la borne. La visite est fermée.",
  expiration: "Le patient ne répondait plus à la borne. La visite est fermée.",
  inactivite: "Le patient ne répondait plus à la borne. La visite est fermée.",
  dossier: "La borne a fermé la visite et transmis son dossier.",
  "reprise dans une autre fenêtre": "Vous avez repris cette consultation dans une autre fenêtre.",
  quinze: "Le patient a demandé le 15. La visite est fermée.",
  urgence: "Le patient a été orienté vers le 15. La visite est fermée.",
  borne: "La borne a fermé la visite.",
};

/** Date de naissance ISO 8601 complète, ou null. */
export function lireNaissance(iso) {
  const trouve = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso ?? "");
  if (!trouve) return null;
  const [annee, mois, jour] = trouve.slice(1).map(Number);
  const date = new Date(annee, mois - 1, jour);
  return date.getMonth() === mois - 1 && date.getDate() === jour ? date : null;
}

/** Âge en clair : « 77 ans », « 18 mois » avant trois ans, « âge inconnu » sans date valable. */
export function age(iso, maintenant = new Date()) {
  const naissance = lireNaissance(iso);
  if (!naissance || naissance > maintenant) return "âge inconnu";
  let mois = (maintenant.getFullYear() - naissance.getFullYear()) * 12 + maintenant.getMonth() - naissance.getMonth();
  if (maintenant.getDate() < naissance.getDate()) mois -= 1;
  if (mois < 36) return `${mois}${NBSP}mois`;
  return `${Math.floor(mois / 12)}${NBSP}ans`;
}

/** « 14 mars 1949 », ou chaîne vide. */
export function dateLongue(iso) {
  const date = lireNaissance(iso);
  return date ? date.toLocaleDateString("fr-FR", { day: "numeric", month: "long", year: "numeric" }) : "";
}

export function nomComplet(patient) {
  return `${patient.prenom} ${patient.nom}`.trim();
}

/** Durée d'attente : « < 1 min », « 6 min », « 1 h 05 ». Une horloge en avance ne donne jamais de négatif. */
export function attente(depuisS, maintenantMs = Date.now()) {
  const minutes = Math.max(0, Math.floor((maintenantMs / 1000 - depuisS) / 60));
  if (minutes < 1) return `< 1${NBSP}min`;
  if (minutes < 60) return `${minutes}${NBSP}min`;
  return `${Math.floor(minutes / 60)}${NBSP}h${NBSP}${String(minutes % 60).padStart(2, "0")}`;
}

/** Chronomètre : « 06:42 », puis « 1:06:42 ». */
export function chrono(millisecondes) {
  const s = Math.max(0, Math.floor(millisecondes / 1000));
  const deux = (n) => String(n).padStart(2, "0");
  const heures = Math.floor(s / 3600);
  const reste = `${deux(Math.floor(s / 60) % 60)}:${deux(s % 60)}`;
  return heures ? `${heures}:${reste}` : reste;
}

export function heure(secondes) {
  return new Date(secondes * 1000).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });
}

/** Numéro français par paires ; les autres formes restent comme saisies. */
export function telephone(numero) {
  const chiffres = (numero ?? "").replace(/[^\d+]/g, "");
  const national = chiffres.replace(/^(\+33|0033)0?/, "0");
  if (/^0\d{9}$/.test(national)) return national.match(/\d\d/g).join(NBSP);
  return numero ?? "";
}

/** Motifs en clair, première lettre en capitale ; le motif écrit par le patient entre guillemets. */
export function motifs(patient) {
  const cles = patient.motifs ?? [];
  const mots = cles
    .filter((cle) => cle !== "autre" || !patient.motif_libre)
    .map((cle) => MOTIFS[cle] ?? cle.replaceAll(/[_-]/g, " "));
  if (patient.motif_libre) mots.push(`«${NBSP}${patient.motif_libre}${NBSP}»`);
  const phrase = mots.join(", ");
  return phrase ? phrase[0].toUpperCase() + phrase.slice(1) : "Motif non précisé";
}

/** Nombre à la française, `decimales` au plus. */
export function nombre(valeur, decimales = 0) {
  return valeur.toLocaleString("fr-FR", { maximumFractionDigits: decimales }).replaceAll("\u202f", NBSP);
}

/** Taille de fichier : « 84 ko », « 1,2 Mo ». */
export function taille(octets) {
  if (octets < 1000) return `${octets}${NBSP}octets`;
  if (octets < 1e6) return `${nombre(octets / 1000)}${NBSP}ko`;
  return `${nombre(octets / 1e6, 1)}${NBSP}Mo`;
}

/** Pourquoi la visite est finie : une clé connue en phrase, sinon la phrase de la salle telle quelle. */
export function finDeVisite(raison) {
  if (FINS[raison]) return FINS[raison];
  return /\s/.test(raison) ? raison : `Le patient a quitté la consultation${raison ? ` (${raison})` : ""}.`;
}

/** « 1 patient », « 3 patients ». */
export function accord(n, mot) {
  return `${n}${NBSP}${mot}${n > 1 ? "s" : ""}`;
}

/** « 1080p » pour une image 16/9, sinon « 640 × 480 ». */
export function definition(largeur, hauteur) {
  if (!largeur || !hauteur) return "pas d’image";
  return Math.abs(largeur / hauteur - 16 / 9) < 0.02 ? `${hauteur}p` : `${largeur}${NBSP}×${NBSP}${hauteur}`;
}

/**
 * La liaison en un mot. Seuils : ITU-T G.114 (400 ms aller-retour gênent une conversation), EN 301 549 6.5
 * (20 images/s pour la langue des signes), 2 % de pertes audibles au stéthoscope (VISIO.md).
 */
export function qualifier({ ips, allerRetourMs, pertes }) {
  if (ips < 1) return { mot: "image figée", ton: "urgence" };
  if (ips < 12 || allerRetourMs > 600 || pertes > 0.08) return { mot: "faible", ton: "urgence" };
  if (ips < 20 || allerRetourMs > 400 || pertes > 0.02) return { mot: "moyenne", ton: "attention" };
  return { mot: "bonne", ton: "bon" };
}

/** Les chiffres de la liaison : « 1080p · 30 i/s · 34 ms · pertes 0 % ». */
export function chiffresLiaison({ largeur, hauteur, ips, allerRetourMs, pertes }) {
  const morceaux = [definition(largeur, hauteur), `${Math.round(ips)}${NBSP}i/s`];
  if (allerRetourMs !== null) morceaux.push(`${Math.round(allerRetourMs)}${NBSP}ms`);
  morceaux.push(`pertes${NBSP}${nombre(pertes * 100, 1)}${NBSP}%`);
  return morceaux.join(" · ");
}

// La sécurité de l'appel, de bout en bout (borne/protocole.py : Offre, Prise, Reponse, Revelation) : l'empreinte DTLS
// signée par la borne, l'engagement, et le code que médecin et patient peuvent se lire. Pur, sauf la clé retenue.

const CONTEXTE_OFFRE = "borne-medecin/1/offre:";
const CONTEXTE_CODE = "borne-medecin/1/code:";

/** Un appel refusé ; le texte est une phrase à montrer au médecin. */
export class AppelRefuse extends Error {}

const octets = (texte) => new TextEncoder().encode(texte);
const enHexa = (suite) => Array.from(suite, (x) => x.toString(16).padStart(2, "0")).join("");
const deHexa = (texte) => Uint8Array.from(texte.match(/../g) ?? [], (x) => parseInt(x, 16));
const deBase64 = (texte) => Uint8Array.from(atob(texte), (x) => x.charCodeAt(0));
const condenser = async (suite) => new Uint8Array(await crypto.subtle.digest("SHA-256", suite));

/** 16 octets au hasard, en hexadécimal. */
export function tirerAlea() {
  return enHexa(crypto.getRandomValues(new Uint8Array(16)));
}

/** L'empreinte du SDP, « sha-256 AB:CD… » ; null s'il n'y en a pas une, et une seule, en SHA-256. */
export function empreinte(sdp) {
  const toutes = new Set(sdp.split(/\r?\n/).filter((ligne) => ligne.startsWith("a=fingerprint:")).map(normaliser));
  const [seule] = toutes;
  return toutes.size === 1 && /^sha-256 [0-9A-F]{2}(:[0-9A-F]{2}){31}$/.test(seule) ? seule : null;
}

function normaliser(ligne) {
  const [algorithme, valeur = ""] = ligne.slice("a=fingerprint:".length).trim().split(/\s+/);
  return `${algorithme.toLowerCase()} ${valeur.toUpperCase()}`;
}

/** Vérifie l'offre avec la clé de la borne (base64) et rend son empreinte ; lève `AppelRefuse`. */
export async function verifierOffre({ visite, appel, sdp, engagement, signature }, cleBorne) {
  const trouvee = empreinte(sdp);
  if (!cleBorne || !signature || !engagement) throw new AppelRefuse("La borne n’a pas signé son appel : il est refusé.");
  if (!trouvee) throw new AppelRefuse("L’appel de la borne porte plusieurs clés : il est refusé.");
  const message = octets(CONTEXTE_OFFRE + [visite, appel, trouvee, engagement].join("\n"));
  if (!(await signatureJuste(cleBorne, signature, message)))
    throw new AppelRefuse("L’appel a été modifié en chemin : il est refusé. Prévenez votre technicien.");
  return trouvee;
}

async function signatureJuste(cleBorne, signature, message) {
  try {
    const cle = await crypto.subtle.importKey("raw", deBase64(cleBorne), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", cle, deBase64(signature), message);
  } catch (erreur) {
    if (erreur.name === "NotSupportedError")
      throw new AppelRefuse("Ce navigateur est trop ancien pour vérifier l’appel. Mettez-le à jour.");
    return false; // clé ou signature illisible : autant dire fausse
  }
}

/** Vrai si cet aléa (hexadécimal) est bien celui de l'engagement. */
export async function engagementTenu(alea, engagement) {
  return /^[0-9a-f]{32}$/.test(alea) && enHexa(await condenser(deHexa(alea))) === engagement;
}

/** Les quatre chiffres. */
export async function code(empreinteBorne, empreinteMedecin, aleaBorne, aleaMedecin) {
  const contenu = [empreinteBorne, empreinteMedecin, aleaBorne, aleaMedecin].join("\n");
  const condensat = await condenser(octets(CONTEXTE_CODE + contenu));
  return String(new DataView(condensat.buffer).getBigUint64(0) % 10000n).padStart(4, "0");
}

/** Retient la clé de cette borne sur ce poste ; vrai si elle a changé depuis la dernière consultation. */
export function cleChangee(borne, cle) {
  const nom = `cle-borne-${borne}`;
  const avant = localStorage.getItem(nom);
  localStorage.setItem(nom, cle);
  return avant !== null && avant !== cle;
}

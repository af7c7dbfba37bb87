// La session du médecin, par HTTP. Chaque échec est dit en français clair.

const INJOIGNABLE = "La salle ne répond pas. Vérifiez votre connexion, puis réessayez.";
const PATIENCE_MS = 6000;

/** @returns {Promise<{medecin: string} | {anonyme: true} | {injoignable: true}>} */
export async function sessionOuverte(patienceMs = PATIENCE_MS) {
  try {
    const reponse = await fetch("/api/session", { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
    if (reponse.ok) return await reponse.json();
    return reponse.status === 401 ? { anonyme: true } : { injoignable: true };
  } catch {
    return { injoignable: true };
  }
}

/** @returns {Promise<{medecin: string} | {raison: string, attendreS?: number}>} */
export async function ouvrirSession(identifiant, motDePasse) {
  let reponse;
  try {
    reponse = await fetch("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ identifiant, mot_de_passe: motDePasse }),
    });
  } catch {
    return { raison: INJOIGNABLE };
  }
  const corps = await reponse.json().catch(() => ({}));
  if (reponse.ok) return corps;
  if (reponse.status === 429) return { raison: corps.raison, attendreS: Math.ceil(corps.attendre_s ?? 30) };
  if (reponse.status === 401) return { raison: corps.raison ?? "Identifiant ou mot de passe incorrect." };
  return { raison: corps.raison ?? `La salle a répondu par une erreur (${reponse.status}). Réessayez.` };
}

/** Vide si c'est fait, sinon la raison. */
export async function changerMotDePasse(ancien, nouveau) {
  try {
    const reponse = await fetch("/api/mot_de_passe", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ancien, nouveau }),
    });
    if (reponse.ok) return "";
    const { raison } = await reponse.json().catch(() => ({}));
    return raison ?? `La salle a répondu par une erreur (${reponse.status}). Réessayez.`;
  } catch {
    return INJOIGNABLE;
  }
}

export async function fermerSession() {
  await fetch("/api/session", { method: "DELETE" }).catch(() => null);
}

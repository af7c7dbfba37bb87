// L'état de la liaison en mots et en chiffres, par getStats (W3C WebRTC Statistics), chaque seconde.

import { $, ecrire, pastille } from "./dom.js";
import { chiffresLiaison, qualifier } from "./util.js";

const FENETRE = 5; // secondes de pertes moyennées

export class Liaison {
  #pc = null;
  #avant = null;
  #pertes = [];

  /** Mesure et écrit ; `etat` est celui de l'appel. */
  async relever(appel) {
    if (appel.etat !== "etabli") return this.#sansChiffres(appel.etat);
    const releve = await this.#mesurer(appel);
    if (!releve || appel.etat !== "etabli") return null;
    const { mot, ton } = qualifier(releve);
    pastille($("liaison-mot"), mot[0].toUpperCase() + mot.slice(1), ton);
    ecrire($("liaison-chiffres"), chiffresLiaison(releve));
    return releve;
  }

  #sansChiffres(etat) {
    const mots = { attente: ["En attente", ""], etablissement: ["Appel en cours…", "actif"], coupe: ["Liaison perdue", "urgence"] };
    pastille($("liaison-mot"), ...mots[etat]);
    ecrire($("liaison-chiffres"), "");
    this.#avant = null;
    return null;
  }

  async #mesurer({ pc, allerRetourMs }) {
    if (pc !== this.#pc) {
      this.#pc = pc;
      this.#avant = null;
      this.#pertes = [];
    }
    const tous = [...(await pc.getStats()).values()];
    const entrants = tous.filter((s) => s.type === "inbound-rtp");
    const video = entrants.find((s) => s.kind === "video");
    const paire = tous.find((s) => s.type === "candidate-pair" && s.nominated && s.state === "succeeded");
    const somme = (champ) => entrants.reduce((total, s) => total + (s[champ] ?? 0), 0);
    const maintenant = {
      instant: performance.now(),
      images: video?.framesDecoded ?? 0,
      recus: somme("packetsReceived"),
      perdus: somme("packetsLost"),
    };
    const avant = this.#avant;
    this.#avant = maintenant;
    if (!avant) return null;
    this.#pertes = [...this.#pertes, [maintenant.perdus - avant.perdus, maintenant.recus - avant.recus]].slice(-FENETRE);
    const [perdus, recus] = this.#pertes.reduce(([p, r], [dp, dr]) => [p + Math.max(0, dp), r + dr], [0, 0]);
    return {
      largeur: video?.frameWidth ?? 0,
      hauteur: video?.frameHeight ?? 0,
      ips: ((maintenant.images - avant.images) * 1000) / (maintenant.instant - avant.instant),
      // L'aller-retour du canal de données vaut de bout en bout ; celui d'ICE, à défaut.
      allerRetourMs: allerRetourMs ?? (paire?.currentRoundTripTime === undefined ? null : paire.currentRoundTripTime * 1000),
      pertes: recus + perdus > 0 ? perdus / (perdus + recus) : 0,
    };
  }
}

// L'appel, qui survit à ses tentatives : une nouvelle offre remplace l'ancienne liaison sans recharger la page,
// et l'ancienne image reste jusqu'à ce que la nouvelle en ait une (faire avant de défaire).

import { AppelRefuse, verifierOffre } from "./securite.js";
import { Tentative } from "./tentative.js";

const SURVEILLANCE_MS = 100;
const SANS_IMAGE_MS = 5000;
const SANS_RETOUR_MS = 1500;
const REDEMANDER_MS = 10000;
const GARDER_MS = 4000;

/**
 * Émet `etat` (detail : « attente », « etablissement », « etabli », « coupe »), `pistes` (detail : les pistes de la
 * tentative qui parle), `message` (detail : message du canal), `octets` (detail : `canal`, `octets` d'un canal binaire), `ouvert` (le canal de la tentative qui parle s'ouvre),
 * `code` (detail : le code de sécurité, ou vide), `refus` (detail : pourquoi une offre est refusée, ou vide).
 */
export class Appel extends EventTarget {
  #courante = null;
  #prochaine = null;
  #ancienne = null;
  #etat = "attente";
  #minuterie = null;
  #demandeLe = 0;
  #orphelins = new Map();
  #ferme = false;

  /** `glace()` : les serveurs ICE du moment, dont les secrets changent. `cleBorne` : clé publique de la borne
   * (base64), que ses offres doivent porter. */
  constructor({ visite, glace, cleBorne, envoyer, camera }) {
    super();
    Object.assign(this, { visite, glace, cleBorne, envoyer, camera });
    this.surReseau = () => this.#courante && this.demander();
    window.addEventListener("online", this.surReseau);
    navigator.connection?.addEventListener("change", this.surReseau);
    this.surPistesLocales = () => this.#poserPistes();
    camera.addEventListener("pistes", this.surPistesLocales);
    this.#minuterie = setInterval(() => this.#surveiller(), SURVEILLANCE_MS);
  }

  get etat() {
    return this.#etat;
  }

  get code() {
    return this.#courante?.code ?? "";
  }

  get pc() {
    return this.#courante?.pc ?? null;
  }

  get allerRetourMs() {
    return this.#courante?.battement.allerRetourMs ?? null;
  }

  /** Que la borne fasse (ou refasse) son offre. */
  demander() {
    this.#demandeLe = Date.now();
    this.envoyer("PretARecevoir", { visite: this.visite });
  }

  async recevoirOffre(offre) {
    const empreinteBorne = await this.#verifier(offre);
    if (!empreinteBorne || this.#ferme) return;
    const { appel, sdp, engagement } = offre;
    this.#prochaine?.fermer();
    const tentative = new Tentative({
      visite: this.visite,
      appel,
      glace: this.glace(),
      empreinteBorne,
      engagement,
      envoyer: this.envoyer,
      surMessage: (message) => this.#emettre("message", message),
      surOctets: (canal, octets) => this.#emettre("octets", { canal, octets }),
      surChangement: () => this.#surveiller(),
      surRefus: (refus) => this.#emettre("refus", refus.message),
    });
    this.#prochaine = tentative;
    for (const candidat of this.#orphelins.get(appel) ?? []) tentative.recevoirCandidat(candidat);
    this.#orphelins.clear();
    await tentative.repondre(sdp, this.camera);
    if (!this.#courante) this.#basculer();
  }

  /** L'empreinte signée de l'offre ; null, et rien ne s'ouvre, si la signalisation l'a changée. */
  async #verifier(offre) {
    try {
      const empreinteBorne = await verifierOffre({ ...offre, visite: this.visite }, this.cleBorne);
      this.#emettre("refus", "");
      return empreinteBorne;
    } catch (erreur) {
      if (!(erreur instanceof AppelRefuse)) throw erreur;
      this.#emettre("refus", erreur.message);
      return null;
    }
  }

  async recevoirCandidat(message) {
    const tentative = [this.#prochaine, this.#courante].find((t) => t?.appel === message.appel);
    if (tentative) await tentative.recevoirCandidat(message);
    else this.#orphelins.set(message.appel, [...(this.#orphelins.get(message.appel) ?? []), message]);
  }

  /** Envoie sur le canal de données ; vrai si le message est parti sur une liaison qui vit. */
  dire(type, champs = {}) {
    // Un canal muet reste « ouvert » de longues secondes : ce qu'on y mettrait serait perdu sans un mot.
    return this.#courante?.vivante ? this.#courante.dire({ type, ...champs }) : false;
  }

  fermer() {
    this.#ferme = true;
    clearInterval(this.#minuterie);
    this.camera.removeEventListener("pistes", this.surPistesLocales);
    window.removeEventListener("online", this.surReseau);
    navigator.connection?.removeEventListener("change", this.surReseau);
    for (const tentative of [this.#prochaine, this.#courante, this.#ancienne]) tentative?.fermer();
    this.#prochaine = this.#courante = this.#ancienne = null;
  }

  #poserPistes() {
    for (const tentative of [this.#courante, this.#prochaine]) tentative?.poserPistes(this.camera);
  }

  #basculer() {
    this.#ancienne?.fermer();
    this.#ancienne = this.#courante;
    this.#courante = this.#prochaine;
    this.#prochaine = null;
    this.#courante.enService = Date.now();
    this.#emettre("pistes", this.#courante.pistes);
    this.#surveiller();
  }

  /** La borne a pu revenir à la liaison d'avant au moment où la page passait à la nouvelle : c'est elle qui choisit. */
  #rendreAncienne() {
    if (!this.#ancienne) return;
    if (!this.#courante.vivante && this.#courante.rompue && this.#ancienne.vivante) {
      this.#courante.fermer();
      this.#courante = this.#ancienne;
      this.#ancienne = null;
      this.#emettre("pistes", this.#courante.pistes);
    } else if (this.#courante.vivante && Date.now() - this.#courante.enService > GARDER_MS) {
      this.#ancienne.fermer();
      this.#ancienne = null;
    }
  }

  async #surveiller() {
    if (this.#prochaine && (await this.#aUneImage(this.#prochaine))) this.#basculer();
    if (this.#ferme) return;
    if (this.#courante) this.#rendreAncienne();
    if (this.#prochaine?.rompue) {
      this.#prochaine.fermer();
      this.#prochaine = null;
    }
    this.#emettre("code", this.code);
    this.#changer(this.#calculerEtat());
    if (this.#etat === "coupe" && Date.now() - this.#demandeLe > REDEMANDER_MS) this.demander();
  }

  async #aUneImage(tentative) {
    if (!tentative.vivante) return false;
    // Caméra de la borne en panne : la voix et les mesures n'attendent pas une image qui ne viendra pas. Une liaison
    // muette garde pourtant sa chance un instant : au retour du réseau, c'est souvent elle qui montre l'image la première.
    const patience = this.#courante?.vivante ? SANS_IMAGE_MS : SANS_RETOUR_MS;
    if (!this.#courante || Date.now() - tentative.naissance > patience) return tentative === this.#prochaine;
    const statistiques = await tentative.pc.getStats(tentative.pistes.video);
    const decodees = [...statistiques.values()].some((s) => s.type === "inbound-rtp" && s.framesDecoded > 0);
    return decodees && tentative === this.#prochaine; // elle a pu être remplacée pendant la mesure
  }

  #calculerEtat() {
    if (!this.#courante) return "attente";
    if (this.#courante.vivante) return "etabli";
    // Tant que la toute première liaison se fait, rien n'est coupé ; au-delà, on le dit.
    const jeune = !this.#courante.canal && Date.now() - this.#courante.naissance < REDEMANDER_MS;
    return jeune && this.#etat !== "coupe" ? "etablissement" : "coupe";
  }

  #changer(etat) {
    if (etat === this.#etat) return;
    const avant = this.#etat;
    this.#etat = etat;
    if (etat === "coupe") this.#demandeLe = Date.now();
    this.#emettre("etat", etat);
    if (etat === "etabli" && avant !== "etabli") this.#emettre("ouvert");
  }

  #emettre(nom, detail) {
    this.dispatchEvent(new CustomEvent(nom, { detail }));
  }
}

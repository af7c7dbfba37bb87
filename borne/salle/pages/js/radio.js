// Un groupe de radios (ARIA APG) : une seule tabulation, les flèches choisissent.

export class GroupeRadio {
  #choisi = null;

  constructor(boutons, surChoix) {
    this.boutons = boutons;
    this.surChoix = surChoix;
    for (const bouton of boutons) {
      bouton.addEventListener("click", () => this.#choisir(bouton));
      bouton.addEventListener("keydown", (evenement) => this.#fleches(evenement));
    }
  }

  /** La valeur (`data-…`) du bouton choisi. */
  get valeur() {
    return this.#choisi && valeur(this.#choisi);
  }

  /** Montre ce choix sans l'annoncer. */
  montrer(nom) {
    this.#choisi = this.boutons.find((b) => valeur(b) === nom) ?? this.#choisi;
    for (const bouton of this.boutons) {
      bouton.setAttribute("aria-checked", String(bouton === this.#choisi));
      bouton.tabIndex = bouton === this.#choisi ? 0 : -1;
    }
  }

  #choisir(bouton) {
    this.montrer(valeur(bouton));
    this.surChoix(bouton);
  }

  #fleches(evenement) {
    const sens = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[evenement.key];
    if (!sens || evenement.altKey) return;
    evenement.preventDefault();
    const atteints = this.boutons.filter((b) => b.checkVisibility());
    const rang = atteints.indexOf(this.#choisi);
    const suivant = atteints[(rang + sens + atteints.length) % atteints.length];
    this.#choisir(suivant);
    suivant.focus();
  }
}

const valeur = (bouton) => bouton.dataset.foyer ?? bouton.dataset.filtre ?? bouton.dataset.mode;

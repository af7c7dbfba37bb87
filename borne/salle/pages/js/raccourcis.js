// Raccourcis : chaque contrôle qui porte aria-keyshortcuts="Alt+X" répond à Alt+X et le dit dans son infobulle.

const visible = (element) => element.checkVisibility() && !element.closest("[hidden]");

export function installerRaccourcis() {
  const controles = [...document.querySelectorAll("[aria-keyshortcuts]")];
  for (const controle of controles) annoncer(controle);
  window.addEventListener("keydown", (evenement) => {
    if (!evenement.altKey || evenement.ctrlKey || evenement.metaKey || document.querySelector("dialog[open]")) return;
    // Sur un clavier français, la rangée des chiffres donne « & é " » : c'est la touche qui compte.
    const chiffre = /^Digit(\d)$/.exec(evenement.code)?.[1];
    const touche = `Alt+${chiffre ?? evenement.key.toUpperCase()}`;
    const controle = controles.find((c) => c.getAttribute("aria-keyshortcuts") === touche && visible(c));
    if (!controle) return;
    evenement.preventDefault();
    controle.focus();
    if (controle.matches("button")) controle.click();
  });
}

/** Dit son raccourci dans l'infobulle d'un contrôle ; à refaire quand son nom change. */
export function annoncer(controle) {
  const touche = controle.getAttribute("aria-keyshortcuts").replace("+", " + ");
  const titre = document.getElementById(controle.getAttribute("aria-labelledby"))?.textContent.trim();
  const nom = controle.title || titre || controle.getAttribute("aria-label") || controle.textContent.trim();
  controle.title = `${nom.replaceAll(/\s+/g, " ")} (${touche})`;
}

// Le peu de DOM que tous les modules partagent.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** Élément avec ses attributs et ses enfants (le texte reste du texte : rien de reçu n'est lu comme du HTML). */
export function creer(balise, attributs = {}, ...enfants) {
  const element = document.createElement(balise);
  for (const [nom, valeur] of Object.entries(attributs)) {
    if (nom === "surClic") element.addEventListener("click", valeur);
    else if (valeur !== null && valeur !== undefined) element.setAttribute(nom, valeur);
  }
  element.append(...enfants.filter((enfant) => enfant !== null));
  return element;
}

export function icone(nom) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icone");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/pages/icones.svg#${nom}`);
  svg.append(use);
  return svg;
}

/** Change l'icône d'un bouton déjà dessiné. */
export function changerIcone(element, nom) {
  element.querySelector("use").setAttribute("href", `/pages/icones.svg#${nom}`);
}

/** N'écrit que ce qui change : une région vivante ne répète pas ce qu'elle a déjà dit. */
export function ecrire(element, texte) {
  if (element.textContent !== texte) element.textContent = texte;
}

export function pastille(element, texte, ton = "") {
  ecrire(element, texte);
  element.dataset.ton = ton;
}

/** Bouton empêché sans perdre le focus (un `disabled` le ferait tomber au début de la page). */
export function permettre(bouton, permis) {
  bouton.setAttribute("aria-disabled", String(!permis));
}

export const permis = (bouton) => bouton.getAttribute("aria-disabled") !== "true";

export const couleur = (role) => getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim();

/** Canvas à la densité de l'écran ; rend [contexte, largeur, hauteur] en pixels CSS. */
export function preparerCanvas(canvas) {
  const densite = window.devicePixelRatio || 1;
  const { clientWidth: largeur, clientHeight: hauteur } = canvas;
  const [l, h] = [Math.round(largeur * densite), Math.round(hauteur * densite)];
  if (canvas.width !== l || canvas.height !== h) {
    canvas.width = l;
    canvas.height = h;
  }
  const contexte = canvas.getContext("2d");
  contexte.setTransform(densite, 0, 0, densite, 0, 0);
  return [contexte, largeur, hauteur];
}

/** Un dialogue court ; rend la valeur du bouton choisi, ou `null` si le médecin l'a fermé. */
export function demander({ titre, texte, boutons }) {
  const dialogue = $("dialogue");
  ecrire($("dialogue-titre"), titre);
  ecrire($("dialogue-texte"), texte);
  dialogue.querySelector(".actions").replaceChildren(
    ...boutons.map(({ nom, valeur, classe = "" }) =>
      creer("button", { type: "button", class: `bouton grand ${classe}`, surClic: () => dialogue.close(valeur) }, nom),
    ),
  );
  dialogue.returnValue = "";
  if (!dialogue.open) dialogue.showModal();
  return new Promise((resoudre) => {
    dialogue.addEventListener("close", () => resoudre(dialogue.returnValue || null), { once: true });
  });
}

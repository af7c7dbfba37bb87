// Pose le thème avant le premier dessin (script classique : un module arriverait trop tard et la page clignoterait).
(() => {
  const sombreSysteme = window.matchMedia("(prefers-color-scheme: dark)");
  const racine = document.documentElement;
  const choisi = () => localStorage.getItem("theme");
  const poser = () => {
    racine.dataset.theme = choisi() ?? (sombreSysteme.matches ? "sombre" : "clair");
    window.dispatchEvent(new Event("theme"));
  };
  sombreSysteme.addEventListener("change", poser);
  poser();
})();

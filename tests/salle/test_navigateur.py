"""Ce que seul un vrai navigateur prouve : il garde le cookie `__Host-` en http local et applique la CSP."""

from __future__ import annotations

from playwright.async_api import async_playwright

from borne.salle import administration
from tests.salle.outils import Banc

CONNEXION = """async ([identifiant, mot_de_passe]) => {
  const corps = JSON.stringify({identifiant, mot_de_passe});
  const entetes = {"Content-Type": "application/json"};
  await fetch("/api/session", {method: "POST", headers: entetes, body: corps});
  const session = await (await fetch("/api/session")).json();
  const premier = await new Promise((fini, echec) => {
    const ws = new WebSocket(`ws://${location.host}/ws/medecin`);
    ws.onmessage = (m) => fini(JSON.parse(m.data));
    ws.onerror = () => echec(new Error("liaison refusée"));
  });
  const fin = (await fetch("/api/session", {method: "DELETE"})).status;
  const apres = (await fetch("/api/session")).status;
  return {session, premier, fin, apres, visible: document.cookie};
}"""
INJECTION = """() => new Promise((fini) => {
  document.addEventListener("securitypolicyviolation", (e) => fini([e.effectiveDirective, window.fuite === 1]));
  const script = document.createElement("script");
  script.textContent = "window.fuite = 1";
  document.head.append(script);
})"""


async def test_chromium(banc: Banc) -> None:
    mot_de_passe = await administration.ajouter_medecin(banc.stockage, "Dr Claire Martin", "martin")
    async with async_playwright() as moteur:
        chromium = await moteur.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await chromium.new_page()
        await page.goto(banc.url)
        await page.wait_for_function("document.title === 'salle'")
        vu = await page.evaluate(CONNEXION, ["martin", mot_de_passe])
        assert vu["session"]["medecin"] == "Dr Claire Martin"
        assert vu["premier"] == {"type": "Bienvenue", "medecin": "Dr Claire Martin", "glace": []}
        assert (vu["fin"], vu["apres"], vu["visible"]) == (204, 401, "")
        assert await page.evaluate(INJECTION) == ["script-src-elem", False]
        await chromium.close()

// La barre du haut : qui est le patient, quel âge, quel numéro rappeler, où, pourquoi. Rien d'autre à chercher.

import { $, ecrire } from "./dom.js";
import { age, dateLongue, motifs, nomComplet, telephone } from "./util.js";

export function montrerIdentite({ patient, lieu, borne }) {
  ecrire($("p-nom"), nomComplet(patient));
  $("p-nom").title = nomComplet(patient);
  ecrire($("p-age"), age(patient.naissance));
  const naissance = dateLongue(patient.naissance);
  ecrire($("p-naissance"), naissance ? `· ${naissance}` : "");
  const numero = $("p-telephone");
  ecrire(numero, telephone(patient.telephone) || "non donné");
  if (patient.telephone) numero.setAttribute("href", `tel:${patient.telephone.replace(/[^\d+]/g, "")}`);
  else numero.removeAttribute("href");
  ecrire($("p-lieu"), lieu);
  $("p-lieu").title = `${lieu}, borne ${borne}`;
  ecrire($("p-motifs"), motifs(patient));
  $("p-motifs").title = motifs(patient);
}

export function effacerIdentite() {
  for (const id of ["p-nom", "p-age", "p-naissance", "p-telephone", "p-lieu", "p-motifs"]) {
    ecrire($(id), "");
    $(id).removeAttribute("title");
    $(id).removeAttribute("href");
  }
}

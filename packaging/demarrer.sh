#!/usr/bin/env bash
# Installe ce qui manque, puis démarre la salle des médecins et la borne, avec des appareils virtuels.
# Avec un écran : la borne et la page du médecin s'ouvrent. Sans écran, ou avec --automatique : des robots font
# toute la visite et tout est écrit dans un dossier (rapport.json, images, document imprimé).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/installer.sh"

installer
cd "$racine"
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [[ " $* " != *" --automatique "* ]]; then
  set -- --automatique "$@"
fi
exec "$environnement/bin/python" -m borne.demonstration "$@"

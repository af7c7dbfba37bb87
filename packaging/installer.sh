# Ce que les deux commandes partagent : installer ce qui manque, et rien de plus. À inclure (`.`), pas à lancer.
# Une seconde exécution n'installe rien : les paquets sont cherchés d'abord, l'environnement porte l'empreinte
# de ce dont il a été fait.

racine=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
environnement="$racine/.venv"

paquets_debian=(
  ca-certificates python3-venv
  libgl1 libegl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxkbcommon-x11-0
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0
  pulseaudio pulseaudio-utils libportaudio2 libasound2-plugins espeak-ng
  chromium dbus avahi-daemon cups-ipp-utils
  procps strace libopus0
)

dire() { printf '\n== %s\n' "$*"; }

en_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

installer_paquets() {
  local manquants=()
  for paquet in "${paquets_debian[@]}"; do
    dpkg-query -W -f='${Status}' "$paquet" 2>/dev/null | grep -q 'install ok installed' || manquants+=("$paquet")
  done
  [ ${#manquants[@]} -eq 0 ] && return 0
  dire "Installation des paquets Debian : ${manquants[*]}"
  en_root apt-get update -q
  en_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${manquants[@]}"
}

installer_environnement() {
  local empreinte
  empreinte=$(cat "$racine/packaging/requirements.lock" "$racine/pyproject.toml" | sha256sum | cut -d' ' -f1)
  [ -f "$environnement/empreinte" ] && [ "$(cat "$environnement/empreinte")" = "$empreinte" ] && return 0
  dire "Environnement Python (versions et empreintes verrouillées)"
  # PYTHON permet de choisir un autre interpréteur 3.11.
  "${PYTHON:-python3}" -m venv "$environnement"
  "$environnement/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$racine/packaging/requirements.lock"
  "$environnement/bin/pip" install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e "$racine"
  echo "$empreinte" > "$environnement/empreinte"
}

installer() {
  installer_paquets
  installer_environnement
}

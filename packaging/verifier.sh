#!/usr/bin/env bash
# Tout ce qui doit passer avant de livrer : style, types, murs, tests, visite automatique, bancs en forme courte.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/installer.sh"

# Le vrai serveur TURN, pour les essais seulement : une borne n'a pas à en faire tourner un.
paquets_debian+=(coturn)
export RUNLEVEL=1  # invoke-rc.d ne lance alors aucun service : les essais lancent le leur, sur 127.0.0.1

installer
cd "$racine"
export QT_QPA_PLATFORM=offscreen PYTHONUNBUFFERED=1
python="$environnement/bin/python"

# Des essais jouent de vrais appels sur une machine partagée : ce qui échoue est rejoué une fois, en le disant ; deux
# échecs sont un échec.
rejouer() {
  "$@" && return 0
  dire "échec, rejoué une fois : $*"
  "$@"
}
essais() {
  "$python" -m pytest -q "$@" && return 0
  dire "échecs ci-dessus, rejoués une fois"
  "$python" -m pytest -q --last-failed --last-failed-no-failures=none "$@"
}

dire "ruff";         "$environnement/bin/ruff" check . ; "$environnement/bin/ruff" format --check .
dire "mypy";         "$environnement/bin/mypy"
dire "import-linter"; "$environnement/bin/lint-imports" --no-cache
dire "pytest";       essais --ignore=tests/parcours --ignore=tests/peripheriques/formats
dire "pytest, parcours et formats : toutes leurs branches couvertes"
rejouer "$python" -m pytest -q tests/parcours tests/peripheriques/formats --cov=borne.parcours \
  --cov=borne.peripheriques.formats --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered
visite=$(mktemp -d)
trap 'rm -rf "$visite"' EXIT
dire "visite automatique"
rejouer "$python" -m borne.demonstration --automatique --dossier "$visite/visite"
dire "la même, sans purge : la recherche de restes doit tout retrouver"
rejouer "$python" -m borne.demonstration --automatique --sans-purge --dossier "$visite/sans-purge"
dire "bancs, forme courte"
for banc in tests/bancs/[a-z]*.py; do
  nom=$(basename "$banc" .py)
  grep -q '^if __name__ == "__main__"' "$banc" || continue
  rejouer "$python" -m "tests.bancs.$nom" --court
done
dire "tout passe"

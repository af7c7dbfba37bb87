#!/usr/bin/env bash
# Tout ce qui doit passer avant de livrer : style, types, murs, tests, visite automatique, bancs en forme courte.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/installer.sh"

installer
cd "$racine"
export QT_QPA_PLATFORM=offscreen PYTHONUNBUFFERED=1
python="$environnement/bin/python"

dire "ruff";         "$environnement/bin/ruff" check . ; "$environnement/bin/ruff" format --check .
dire "mypy";         "$environnement/bin/mypy"
dire "import-linter"; "$environnement/bin/lint-imports" --no-cache
dire "pytest";       "$python" -m pytest -q --ignore=tests/parcours --ignore=tests/peripheriques/formats
dire "pytest, parcours et formats : toutes leurs branches couvertes"
"$python" -m pytest -q tests/parcours tests/peripheriques/formats --cov=borne.parcours \
  --cov=borne.peripheriques.formats --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered
visite=$(mktemp -d)
trap 'rm -rf "$visite"' EXIT
dire "visite automatique"
"$python" -m borne.demonstration --automatique --dossier "$visite/visite"
dire "la même, sans purge : la recherche de restes doit tout retrouver"
"$python" -m borne.demonstration --automatique --sans-purge --dossier "$visite/sans-purge"
dire "bancs, forme courte"
for banc in tests/bancs/[a-z]*.py; do
  nom=$(basename "$banc" .py)
  grep -q '^if __name__ == "__main__"' "$banc" || continue
  "$python" -m "tests.bancs.$nom" --court
done
dire "tout passe"

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
dire "import-linter"; "$environnement/bin/lint-imports" --no-logo 2>/dev/null || "$environnement/bin/lint-imports"
dire "pytest";       "$python" -m pytest -q
dire "couverture du parcours et des formats (branches, 100 %)"
"$python" -m pytest -q tests/parcours tests/peripheriques/formats --cov=borne.parcours \
  --cov=borne.peripheriques.formats --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered
dire "visite automatique"
visite=$(mktemp -d)
"$python" -m borne.demonstration --automatique --dossier "$visite"
dire "bancs, forme courte"
for banc in tests/bancs/[a-z]*.py; do
  nom=$(basename "$banc" .py)
  grep -q '^if __name__ == "__main__"' "$banc" || continue
  "$python" -m "tests.bancs.$nom" --court
done
dire "tout passe"

#!/usr/bin/env bash
# Refait packaging/requirements.lock : versions et empreintes, sans adresse de registre.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/installer.sh"
cd "$racine"
"$environnement/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --all-extras \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
  --output-file packaging/requirements.lock pyproject.toml "$@"

#!/usr/bin/env bash
# Tout ce qui doit passer avant de livrer : style, types, murs, tests, visite automatique, bancs en forme courte.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/installer.sh"

# Pour les essais seulement : le vrai serveur TURN, et de quoi voir une page imprimée.
paquets_debian+=(coturn poppler-utils)
export RUNLEVEL=1  # invoke-rc.d ne lance alors aucun service : les essais lancent le leur, sur 127.0.0.1

installer
cd "$racine"
export QT_QPA_PLATFORM=offscreen PYTHONUNBUFFERED=1
python="$environnement/bin/python"
travail=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$travail"' EXIT

# De vrais appels, de vrais appareils virtuels, de vrais navigateurs : eux ont besoin de la machine à l'heure.
temps_reel=(tests/assemblage tests/autotest tests/bancs tests/demonstration tests/pannes tests/visio)
appareils=(tests/peripheriques --ignore=tests/peripheriques/formats)
pages_1=(tests/salle_pages --ignore=tests/salle_pages/test_pannes.py --ignore=tests/salle_pages/test_aspect.py)
pages_2=(tests/salle_pages/test_pannes.py tests/salle_pages/test_aspect.py)
# Le reste ne craint pas d'attendre : il passe en même temps, sans rien prendre à ceux-là.
reste=(tests)
for dossier in "${temps_reel[@]}" tests/peripheriques tests/salle_pages tests/parcours; do
  reste+=("--ignore=$dossier")
done

# Une machine partagée peut manquer un rendez-vous : ce qui échoue est rejoué une fois, en le disant ; deux échecs sont
# un échec.
rejouer() {
  "$@" && return 0
  dire "échec, rejoué une fois : $*"
  "$@"
}
# `essais NOM …` : le nom est celui de la mémoire des échecs, deux séries pouvant tourner ensemble.
essais() {
  local memoire="cache_dir=$travail/$1"
  shift
  "$python" -m pytest -q -o "$memoire" "$@" && return 0
  dire "échecs ci-dessus, rejoués une fois"
  "$python" -m pytest -q -o "$memoire" --last-failed --last-failed-no-failures=none "$@"
}
couverture() {
  "$python" -m pytest -q -o "cache_dir=$travail/couverture" tests/parcours tests/peripheriques/formats \
    --cov=borne.parcours --cov=borne.peripheriques.formats --cov-branch --cov-fail-under=100 \
    --cov-report=term:skip-covered
}
# Des bancs ne mesurent qu'un compte ou une justesse : ils n'ont pas besoin non plus de la machine à l'heure.
bancs_sans_hate=" appareils disque documents "
# Une donnée perdue ou une fuite est un échec. Un délai, un débit, une alarme sur une machine chargée se lisent dans les
# figures (« tenu ») : là, seul un banc qui n'a pas pu mesurer en est un.
bancs_justes=" appareils coupure disque "
banc() {
  local sortie="$travail/banc-$1.txt" statut=0
  "$python" -m "tests.bancs.$1" --court 2>&1 | tee "$sortie" || statut=$?
  [ "$statut" -eq 0 ] && return 0
  [[ "$bancs_justes" == *" $1 "* ]] && return 1
  grep -q '^{"figure"' "$sortie" && ! grep -q '^Traceback' "$sortie"
}
bancs() {
  local banc nom
  for banc in tests/bancs/[a-z]*.py; do
    nom=$(basename "$banc" .py)
    grep -q '^if __name__ == "__main__"' "$banc" || continue
    "$1" "$nom" || continue
    rejouer banc "$nom" || return
  done
}
peut_attendre() { [[ "$bancs_sans_hate" == *" $1 "* ]]; }
ne_peut_attendre() { ! peut_attendre "$1"; }
sans_hate() {
  dire "ruff"; "$environnement/bin/ruff" check . && "$environnement/bin/ruff" format --check . || return
  dire "mypy"; "$environnement/bin/mypy" || return
  dire "import-linter"; "$environnement/bin/lint-imports" --no-cache || return
  dire "pytest, parcours et formats : toutes leurs branches couvertes"; rejouer couverture || return
  dire "pytest, ce qui n'est pas à l'heure"; essais reste "${reste[@]}" || return
  dire "bancs, forme courte : ceux qui peuvent attendre"; bancs peut_attendre
}

(renice -n 19 -p $BASHPID > "$travail/priorite"; sans_hate) > "$travail/sans_hate.txt" 2>&1 &
a_part=$!
dire "pytest, à l'heure";            essais temps_reel "${temps_reel[@]}"
dire "pytest, appareils";            essais appareils "${appareils[@]}"
dire "pytest, pages du médecin"
essais pages_2 "${pages_2[@]}" > "$travail/pages_2.txt" 2>&1 &
pages=$!
essais pages_1 "${pages_1[@]}"
wait "$pages" && statut=0 || statut=$?
cat "$travail/pages_2.txt"
[ "$statut" -eq 0 ]
wait "$a_part" && statut=0 || statut=$?
cat "$travail/sans_hate.txt"
[ "$statut" -eq 0 ]
dire "visite automatique"
rejouer "$python" -m borne.demonstration --automatique --dossier "$travail/visite"
dire "la même, sans purge : la recherche de restes doit tout retrouver"
rejouer "$python" -m borne.demonstration --automatique --sans-purge --dossier "$travail/sans-purge"
dire "bancs, forme courte : ceux qui mesurent le temps"
bancs ne_peut_attendre
dire "tout passe"

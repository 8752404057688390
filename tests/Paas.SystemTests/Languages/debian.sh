#!/bin/bash
# debian.sh FOLDER PACKAGE...: packages of Debian 13 unpacked side by side in FOLDER/<package>, for sample apps whose language's own
# package index cannot be reached from here. What was fetched once stays in the cache of the tests.
set -euo pipefail
folder=$1
shift
cache=${PAAS_CACHE:-/var/cache/paas}/tests/debian
mkdir -p "$cache/lists/partial" "$cache/archives/partial" "$cache/none" "$folder"
exec 9> "$cache/lock"
flock 9
touch "$cache/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" > "$cache/sources.list"
apt() {
  apt-get -o Dir::Etc::sourcelist="$cache/sources.list" -o Dir::Etc::sourceparts="$cache/none" -o Dir::State="$cache" -o Dir::State::lists="$cache/lists" \
    -o Dir::State::status="$cache/status" -o Dir::Cache="$cache" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User= -o Acquire::Languages=none -q "$@"
}
for package in "$@"; do
  compgen -G "$cache/archives/${package}_*.deb" > /dev/null || missing+=("$package")
done
if [ -n "${missing:-}" ]; then
  compgen -G "$cache/lists/*_Packages*" > /dev/null || apt update
  (cd "$cache/archives" && apt download "${missing[@]}") || { apt update && (cd "$cache/archives" && apt download "${missing[@]}"); }
fi
for package in "$@"; do
  for file in "$cache/archives/${package}"_*.deb; do dpkg-deb -x "$file" "$folder/$package"; done
done

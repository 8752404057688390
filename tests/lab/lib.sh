# shellcheck shell=bash
# Shared by the tests on throw-away servers: sourced, never run.

lab_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=install/lib.sh
. "$lab_root/install/lib.sh"
export PAAS_CACHE=${PAAS_CACHE:-/var/cache/paas}

# server_files: a folder with what a server gets beside its packages: this checkout, and this machine's way to packages.
# The .NET SDK is handed over too: a machine without a network could not fetch it, and that path is the distribution's.
server_files() {
  local files=$work/files sdk file
  sdk=$(dirname "$(realpath "$(command -v dotnet)")")
  mkdir -p "$files/opt/paas" "$files/usr/share/dotnet" "$files/usr/local/bin"
  (cd "$lab_root" && git ls-files -z --cached --others --exclude-standard | xargs -0 -I{} sh -c '[ ! -e "$1" ] || printf "%s\0" "$1"' sh {} | tar --null -T - -cf -) | tar -C "$files/opt/paas" -xf -
  cp -a --reflink=auto "$sdk/." "$files/usr/share/dotnet/"
  ln -s /usr/share/dotnet/dotnet "$files/usr/local/bin/dotnet"
  for file in ~/.nuget/NuGet/NuGet.Config ~/.npmrc /etc/npmrc; do
    [ ! -f "$file" ] || install -D -m 0600 "$file" "$files/${file/#"$HOME"/root}"
  done
  chmod 0700 "$files/root" 2>/dev/null || true
}

on() { "$lab_root/tests/lab/server.sh" run "$server" "$@"; }

# server_up NAME: its files are ready afterwards, and it goes with this script.
server_up() {
  need_root
  server=$1
  work=$(mktemp -d /var/tmp/paas-lab-files.XXXXXX)
  trap server_down EXIT
  server_files
}

server_down() {
  "$lab_root/tests/lab/server.sh" down "$server"
  rm -rf "$work"
}

#!/usr/bin/env bash
# rebase.sh: 20 apps on a new run image: making their images (builds.rebase20.time), and rolling all of them out. As root; a platform of its own.
set -euo pipefail
# shellcheck source=install/lib.sh
. "$(dirname "$0")/../../install/lib.sh"

root=$(cd "$(dirname "$0")/../.." && pwd)
need_root
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=${PAAS_CACHE:-/var/cache/paas}
publish_platform "$root" "$cache" >&2
PAAS_PLATFORM=$cache/platform/$(source_id "$root")
export PAAS_PLATFORM
PAAS_BENCH_REBASE=$work/figures dotnet run --project "$root/tests/Paas.SystemTests" -- --filter-class '*RebaseBench' --no-progress --no-ansi >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; die "the bench failed"; }
cat "$work/figures"

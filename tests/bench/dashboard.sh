#!/usr/bin/env bash
# dashboard.sh [FIGURE...]: what the dashboard costs who looks at it; without names all figures.
#   figure dashboard.log100k.fps        frames per second while one scrolls through 100,000 lines of log, in a headless chromium
#   figure dashboard.log100k.wrapped.fps   the same with long lines wrapped
#   figure dashboard.empty.fps          what the same chromium draws of an empty page: more is not to be had on this machine
#   figure dashboard.first-visit.size   KB over the wire of a first visit, nothing cached
#   figure dashboard.click.time         ms from a click on a place to its heading, median
#   figure dashboard.open50.cpu         % of a core that control takes with 50 open pages at rest
#   figure dashboard.open50.mem         MB (Pss of all paasd) that those pages add
#   figure dashboard.apps500.first.time   ms from the request to the whole page of 500 apps, median
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$bench_root"
work=$(mktemp -d)
pids=()

# Ends what a figure started, and a platform if one was brought up.
finish() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ -n "${saved_cli:-}" ]; then bench_down; fi
  # A chromium that ends writes its profile until the last moment.
  rm -rf "$work" || { sleep 1; rm -rf "$work"; }
}
trap finish EXIT

# Whatever chromium the tests use: Debian's.
ensure_browser() {
  command -v chromium >/dev/null || { need_root; apt-get install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; }
}

# browse URL: in the background, until the end of the script.
browse() {
  chromium --headless=new --no-sandbox --disable-gpu --no-first-run --disable-extensions --disable-background-networking --no-proxy-server \
    --user-data-dir="$work/profile" --window-size=1440,900 "$1" >"$work/chromium.log" 2>&1 &
  pids+=($!)
}

log100k() {
  local port figures
  ensure_browser
  mkfifo "$work/told"
  python3 tests/bench/dashboard/serve.py "$bench_root" >"$work/told" &
  pids+=($!)
  exec 3<"$work/told"
  read -r port <&3
  browse "http://127.0.0.1:$port/log100k.html"
  read -t 180 -r -a figures <&3 || { tail -n 5 "$work/chromium.log" >&2; die "the page with 100,000 lines did not say how fast it was"; }
  exec 3<&-
  figure dashboard.log100k.fps "${figures[0]}" fps
  figure dashboard.log100k.wrapped.fps "${figures[2]}" fps
  figure dashboard.empty.fps "${figures[1]}" fps
}

# platform: up, once for all figures that need it.
platform() {
  [ -z "${saved_cli:-}" ] || return 0
  ensure_browser
  bench_up
  trap finish EXIT
}

# visit_page COMMAND: what visit.py says of it.
visit_page() { python3 tests/bench/dashboard/visit.py "$url" "$(install/quickstart.sh signin-link | grep -o 'http[^ ]*/signin/[^ ]*')" "$(mktemp -d "$work/visit.XXXX")" "$@"; }

first_visit() {
  platform
  figure dashboard.first-visit.size "$(visit_page first)" KB
}

click() {
  platform
  figure dashboard.click.time "$(visit_page click)" ms
}

open50() {
  local figures
  platform
  read -r -a figures <<<"$(visit_page open50)"
  figure dashboard.open50.cpu "${figures[0]}" %
  figure dashboard.open50.mem "${figures[1]}" MB
}

# The last: its apps would be in the others' way.
apps500() {
  local token number
  platform
  token=$(paas tokens create --name apps500)
  for ((number = 1; number <= 500; number++)); do
    curl -fsS --noproxy '*' -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "{\"name\":\"app-$number\"}" "$url/api/v1/apps"
  done
  figure dashboard.apps500.first.time "$(visit_page apps)" ms
}

all=(log100k first_visit click open50 apps500)
for name in "${@:-${all[@]}}"; do
  declare -F "$name" >/dev/null || die "dashboard.sh knows ${all[*]}, not '$name'" 2
  "$name"
done

#!/usr/bin/env bash
# dashboard.sh [FIGURE...]: what the dashboard costs who looks at it; without names all figures.
#   figure dashboard.log100k.fps        frames per second while one scrolls through 100,000 lines of log, in a headless chromium
#   figure dashboard.log100k.wrapped.fps   the same with long lines wrapped
#   figure dashboard.empty.fps          what the same chromium draws of an empty page: more is not to be had on this machine
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

all=(log100k)
for name in "${@:-${all[@]}}"; do
  declare -F "$name" >/dev/null || die "dashboard.sh knows ${all[*]}, not '$name'" 2
  "$name"
done

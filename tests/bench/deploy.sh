#!/usr/bin/env bash
# deploy.sh [ROUNDS]: push to live, cold and warm, for the static and the node sample. As root; loopback only.
# Cold: a new app without any cache of its own. Warm: code changed only; the new page must be served when the push returns.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${1:-5}
work=$(mktemp -d)
bench_up

declare -A warm cold
overheads=()

# phases APP: seconds of each phase of the newest deploy.
phases() { paas deploys --app "$1" --json | python3 -c 'import json,sys; print(" ".join("%s=%.2f" % (p["name"], p["seconds"] or 0) for p in json.load(sys.stdin)[0]["phases"]))'; }

measure() {
  local sample=$1 kind=$2 app=$3 folder began seconds round page
  cold[$kind]="" warm[$kind]=""
  folder=$(repository "$sample" "$app")
  began=$(date +%s.%N)
  push "$folder" "$app"
  cold[$kind]=$(since "$began")
  printf '%s cold: %s s (%s)\n' "$kind" "${cold[$kind]}" "$(phases "$app")" >&2
  for ((round = 1; round <= rounds; round++)); do
    if [ "$kind" = static ]; then
      page="<h1>round $round</h1>"
      printf '%s' "$page" >"$folder/index.html"
    else
      page="round $round"
      sed -i "s|response.end(.*|response.end('$page');|" "$folder/server.js"
    fi
    (cd "$folder" && git -c user.name=bench -c user.email=bench@localhost commit --quiet -a -m "Round $round")
    began=$(date +%s.%N)
    push "$folder" "$app"
    seconds=$(since "$began")
    visit "$app" | grep -qF "$page" || die "the push returned, but the old page was served"
    printf '%s warm: %s s (%s)\n' "$kind" "$seconds" "$(phases "$app")" >&2
    warm[$kind]+=" $seconds"
    overheads+=("$(phases "$app" | awk -v t="$seconds" '{ for (i = 1; i <= NF; i++) { split($i, p, "="); if (p[1] == "build" || p[1] == "detect") t -= p[2] } printf "%.3f", t }')")
  done
}

measure hello-static static bench-static
measure hello-node node bench-node
for kind in static node; do
  # shellcheck disable=SC2086
  figure "deploy.$kind.warm.time" "$(median ${warm[$kind]})" s
  figure "deploy.$kind.cold.time" "${cold[$kind]}" s
done
figure deploy.overhead.warm.time "$(median "${overheads[@]}")" s

for _ in $(seq 20); do
  paas status >/dev/null
  sleep 1
done
pss=0
for pid in $(pgrep -x paasd); do
  tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "PAAS_HOME=$PAAS_HOME" || continue
  pss=$((pss + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
done
figure idle.mem "$(awk -v k="$pss" 'BEGIN { printf "%.1f", k / 1024 }')" MB

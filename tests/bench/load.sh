#!/usr/bin/env bash
# load.sh [DEPLOYS] [RATE]: RATE requests/s (1,000) to one app while it is deployed again and again (10). As root; loopback only.
#   figure deploy.under-load.errors   requests that got no answer or not a 2xx; must be 0
#   figure deploy.under-load.rate     requests/s that were answered
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

deploys=${1:-10} rate=${2:-1000} app=bench-load
work=$(mktemp -d)
gcc -O2 -Wall -Wextra -o "$work/load" "$bench_root/tests/bench/load.c"
bench_up

folder=$(repository hello-static "$app")
push "$folder" "$app"
mkfifo "$work/stop"
"$work/load" "$app.localhost" "$PAAS_HTTP_PORT" "$rate" <"$work/stop" >"$work/result" 2>"$work/errors" & load_pid=$!
exec 7>"$work/stop"
began=$(date +%s.%N)
sleep 1
for ((number = 1; number <= deploys; number++)); do
  page="<h1>under load $number</h1>"
  printf '%s' "$page" >"$folder/index.html"
  (cd "$folder" && git -c user.name=bench -c user.email=bench@localhost commit --quiet -a -m "Round $number")
  at=$(date +%s.%N)
  push "$folder" "$app"
  printf 'deploy %s: %s s\n' "$number" "$(since "$at")" >&2
  visit "$app" | grep -qF "$page" || die "the push returned, but the old page was served"
done
sleep 1
# The last instances drain: keep the load on until then would take the drain time; what is routed away gets none.
exec 7>&-
rc=0
wait "$load_pid" || rc=$?
seconds=$(since "$began")
read -r requests bad errors median tail most <"$work/result"
printf '%s requests in %s s: %s not 2xx, %s connection errors; median %s ms, p99 %s ms, longest %s ms\n' "$requests" "$seconds" "$bad" "$errors" "$median" "$tail" "$most" >&2
sort "$work/errors" | uniq -c | sort -rn | head -n 10 >&2
figure deploy.under-load.errors "$((bad + errors))" requests
figure deploy.under-load.rate "$(awk -v r="$requests" -v s="$seconds" 'BEGIN { printf "%.0f", r / s }')" requests/s
exit "$rc"

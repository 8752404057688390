#!/usr/bin/env bash
# builds.sh [ROUNDS] [PART...]: what builds take. As root. Each figure is the least of the rounds (5): whatever else the machine does can
# only add to it. Parts (all): overhead, node, rebase, greedy.
#   figure builds.overhead.warm.time, .cold.time   the platform's own milliseconds of all phases of a build whose buildpack does nothing
#   figure builds.node-express.warm.time           a push of Express with one line of code changed, to the new page being served
#   figure builds.unchanged.time                   a push of a commit without a change, to its release serving
#   figure builds.rebase20.time                    twenty apps put on a new run image, without rolling them out
#   figure builds.greedy.errors, builds.greedy.p99 requests that a neighbour's visitors lost while builds take all that they can get, and
#                                                  by how much the slowest hundredth became slower (x); PAAS_BENCH_RATE requests/s (200)
#   figure builds.greedy.wrk.errors, .wrk.p99      the same by wrk, which asks as fast as it is answered (8 connections)
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

# A full disk is to be met within the build's minute.
export PAAS_BUILD_DISK_MB=1024
rounds=${1:-5}
shift || true
parts=("${@:-overhead node rebase greedy}")
work=$(mktemp -d)

has_part() { [[ " ${parts[*]} " == *" $1 "* ]]; }

least() { printf '%s\n' "$@" | sort -g | head -n 1; }

# last_build APP FILTER: of the newest build's JSON.
last_build() { (cd "$work" && paas builds --app "$1" --json) | jq -r ".[0] | $2"; }

# phases APP: for people.
phases() { last_build "$1" '[.phases[] | "\(.name)=\(.milliseconds)ms"] | join(" ")'; }

commit() { (cd "$1" && git add --all && git -c user.name=bench -c user.email=bench@localhost commit --quiet --allow-empty -m "$2"); }

# ---- a build whose buildpack does nothing ----

overhead() {
  local folder=$work/nothing app=bench-nothing round warm='' cold=''
  mkdir -p "$work/pack/bin"
  printf 'api = "0.11"\n[buildpack]\nid = "bench/nothing"\nversion = "1.0.0"\ndescription = "anything"\n' >"$work/pack/buildpack.toml"
  printf '#!/bin/sh\nexit 0\n' | tee "$work/pack/bin/detect" >"$work/pack/bin/build"
  chmod 0755 "$work/pack/bin/detect" "$work/pack/bin/build"
  (cd "$work" && paas buildpacks add "$work/pack" >/dev/null && paas apps create "$app" --buildpack bench/nothing >/dev/null)
  mkdir "$folder" && (cd "$folder" && git init --quiet --initial-branch main)
  for ((round = 0; round <= rounds; round++)); do
    # Without a process it cannot be started: the push fails after the build, which is what is measured.
    echo "$round" >"$folder/file"
    commit "$folder" "Round $round"
    (cd "$folder" && git -c credential.helper= -c "credential.helper=!'$bench_root/bin/paas' git-credential" push --quiet "$url/git/$app.git" main) >"$work/push.log" 2>&1 || true
    [ "$(last_build "$app" .state)" = built ] || { cat "$work/push.log" >&2; die "the build of $app failed"; }
    printf 'overhead %s: %s\n' "$round" "$(phases "$app")" >&2
    seconds=$(last_build "$app" '([.phases[].milliseconds] | add) / 1000')
    if [ "$round" = 0 ]; then cold=$seconds; else warm+=" $seconds"; fi
  done
  # shellcheck disable=SC2086
  figure builds.overhead.warm.time "$(least $warm)" s
  figure builds.overhead.cold.time "$cold" s
}

# ---- Express ----

node() {
  local folder=$work/express app=bench-express round began warm='' same='' page
  mkdir "$folder"
  (cd "$work" && paas apps create "$app" >/dev/null)
  printf '{ "name": "bench", "private": true, "scripts": { "start": "node server.js" }, "dependencies": { "express": "5" } }\n' >"$folder/package.json"
  printf 'const app = require("express")();\napp.get("/", (request, response) => response.end("round 0"));\napp.listen(process.env.PORT, "0.0.0.0");\n' >"$folder/server.js"
  (cd "$folder" && npm install --package-lock-only --silent --no-audit --no-fund >/dev/null && git init --quiet --initial-branch main)
  commit "$folder" First
  began=$(date +%s.%N)
  push "$folder" "$app"
  printf 'express cold: %s s (%s)\n' "$(since "$began")" "$(phases "$app")" >&2
  for ((round = 1; round <= rounds; round++)); do
    page="round $round"
    sed -i "s|response.end(.*|response.end('$page'));|" "$folder/server.js"
    commit "$folder" "$page"
    began=$(date +%s.%N)
    push "$folder" "$app"
    seconds=$(since "$began")
    visit "$app" | grep -qF "$page" || die "the push returned, but the old page was served"
    warm+=" $seconds"
    printf 'express warm: %s s (%s)\n' "$seconds" "$(phases "$app")" >&2
    commit "$folder" "Nothing new"
    began=$(date +%s.%N)
    push "$folder" "$app"
    seconds=$(since "$began")
    [ "$(last_build "$app" .sameAs)" != null ] || die "an unchanged push was built"
    same+=" $seconds"
    printf 'unchanged: %s s (%s)\n' "$seconds" "$(cd "$work" && paas deploys --app "$app" --json | jq -r '.[0].phases | map("\(.name)=\(.seconds)s") | join(" ")')" >&2
  done
  # shellcheck disable=SC2086
  figure builds.node-express.warm.time "$(least $warm)" s
  # shellcheck disable=SC2086
  figure builds.unchanged.time "$(least $same)" s
}

# ---- a neighbour of greedy builds ----

# loaded SECONDS COMMAND...: load on the neighbour while the command runs, and for SECONDS at least; prints what load.c prints.
loaded() {
  local least=$1
  shift
  mkfifo "$work/stop"
  "$work/load" bench-neighbour.localhost "$PAAS_HTTP_PORT" "${PAAS_BENCH_RATE:-200}" <"$work/stop" 2>>"$work/errors" & load_pid=$!
  exec 7>"$work/stop"
  "$@" >&2 &
  sleep "$least"
  wait $! || touch "$work/failed"
  exec 7>&-
  wait "$load_pid" || true
  rm "$work/stop"
}

# saturated SECONDS COMMAND...: the same with wrk, for exactly SECONDS: what the command takes is about that.
saturated() {
  local seconds=$1
  shift
  wrk -t 1 -c 8 -d "${seconds}s" --timeout 10s --latency -H "Host: bench-neighbour.localhost:$PAAS_HTTP_PORT" "http://127.0.0.1:$PAAS_HTTP_PORT/" >"$work/wrk" & load_pid=$!
  "$@" >&2 || touch "$work/failed"
  wait "$load_pid"
  awk 'function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
    $2 == "requests" { requests = $1 }
    /Non-2xx or 3xx/ { refused = $NF }
    /Socket errors/ { gsub(",", ""); errors = $4 + $6 + $8 + $10 }
    $1 == "50%" { p50 = ms($2) }
    $1 == "99%" { p99 = ms($2) }
    $1 == "Latency" && $4 ~ /s$/ { longest = ms($4) }
    END { print requests + 0, refused + 0, errors + 0, p50, p99, longest }' "$work/wrk"
}

# greed SENTENCE SCRIPT: a push whose build script takes what it can get, and what it is told.
greed() {
  local app=bench-greedy folder=$work/greedy said
  jq -n --arg build "$2" '{ scripts: { build: $build } }' >"$folder/package.json"
  commit "$folder" "$1"
  (cd "$folder" && git -c credential.helper= -c "credential.helper=!'$bench_root/bin/paas' git-credential" push --quiet "$url/git/$app.git" main) >"$work/push.log" 2>&1 && die "a greedy build ended well"
  said=$(last_build "$app" .failure.sentence)
  printf 'greedy: %s\n' "$said"
  [[ $said == *"$1"* ]] || { cat "$work/push.log" >&2; die "expected: $1"; }
}

all_greed() {
  greed 'more than 1024 processes and threads' "bash -c ':(){ :|:& };: ; sleep 600'"
  greed 'filled its disk' 'dd if=/dev/zero of=big bs=1M count=20000'
  greed '8192 files open at once' "node -e \"const fs = require('fs'); let n = 0; try { for (;;) { fs.openSync('/workspace/package.json'); n++ } } catch (e) { console.log(n, e.code); process.exit(24) }\""
  greed 'stopped after its limit' 'sleep 100000'
}

greedy() {
  local before after
  gcc -O2 -Wall -Wextra -o "$work/load" "$bench_root/tests/bench/load.c"
  push "$(repository hello-static bench-neighbour)" bench-neighbour
  mkdir "$work/greedy" && (cd "$work/greedy" && git init --quiet --initial-branch main)
  (cd "$work" && paas apps create bench-greedy >/dev/null && paas apps set --app bench-greedy --build-timeout 60 >/dev/null)
  before=$(loaded 20 true)
  after=$(loaded 20 all_greed)
  [ ! -e "$work/failed" ] || die "a greedy build was not told why it ended"
  printf 'alone:    %s\nneighbour: %s (requests, not 2xx, errors, p50 ms, p99 ms, longest ms)\n' "$before" "$after" >&2
  figure builds.greedy.errors "$(awk '{ print $2 + $3 }' <<<"$after")" requests
  figure builds.greedy.p99 "$(slower "$before" "$after")" x
  before=$(saturated 20 true)
  after=$(saturated 150 all_greed)
  [ ! -e "$work/failed" ] || die "a greedy build was not told why it ended"
  printf 'wrk alone: %s\nneighbour: %s (requests, not 2xx, errors, p50 ms, p99 ms, longest ms)\n' "$before" "$after" >&2
  figure builds.greedy.wrk.errors "$(awk '{ print $2 + $3 }' <<<"$after")" requests
  figure builds.greedy.wrk.p99 "$(slower "$before" "$after")" x
}

slower() { awk -v a="$1" -v b="$2" 'BEGIN { split(a, x, " "); split(b, y, " "); printf "%.2f", y[5] / x[5] }'; }

bench_up
if has_part overhead; then overhead; fi
if has_part node; then node; fi
# Rebase: tests/bench/rebase.sh has it to itself where it is there.
if has_part rebase && [ -x "$bench_root/tests/bench/rebase.sh" ]; then "$bench_root/tests/bench/rebase.sh"; fi
if has_part greedy; then ensure_packages wrk >&2 && greedy; fi

#!/usr/bin/env bash
# registry.sh [ROUNDS] [PART...]: the registry through the edge beside Debian's docker-registry (on loopback, open, the same disk), turn
# and turn about in one run with one client. Ours asks for a token on every request, as clients send it. As root.
# Parts (all): image, get, small, upload.
#   figure registry.push.rate, registry.pull.rate        skopeo with an image of 180 MB in 6 gzip layers
#   figure registry.get100m.c1.rate, .c8.rate, .c64.rate   bytes/s of a 100 MB blob at 1, 8, 64 clients
#   figure registry.get100m.cpu                          the server's CPU time per byte over those three
#   figure registry.get10k.c64.rate, registry.manifest.c64.rate   requests/s of 64 keep-alive clients
#   figure registry.upload500m.put.rate, .patch.rate, .chunked.rate   one PUT, 50 PATCHes and a PUT, one chunked PATCH and a PUT
#   figure registry.mem                                  memory (Pss) at its highest with 64 clients of the 100 MB blob, of a 500 MB one too
# Each is ours (edge and control together) divided by theirs, the median of the rounds; of skopeo there are three times as many.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${1:-5}
shift || true
parts=("${@:-image get small upload}")
seconds=${BENCH_SECONDS:-3}
# Repositories below it; an administrator needs no app for them.
app=bench-registry
work=$(mktemp -d -p "$(dirname "$PAAS_HOME")")
theirs_pid=''

finish() {
  [ -z "$theirs_pid" ] || kill "$theirs_pid" 2>/dev/null || true
  bench_down
}

has_part() { [[ " ${parts[*]} " == *" $1 "* ]]; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_theirs() {
  theirs_port=$(free_port)
  cat >"$work/theirs.yml" <<TEXT
version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $work/theirs }, delete: { enabled: true } }
http: { addr: "127.0.0.1:$theirs_port" }
TEXT
  docker-registry serve "$work/theirs.yml" >"$work/theirs.log" 2>&1 &
  theirs_pid=$!
  until curl -fs --noproxy '*' -o /dev/null "http://127.0.0.1:$theirs_port/v2/"; do
    [ -d "/proc/$theirs_pid" ] || { cat "$work/theirs.log" >&2; die "docker-registry did not start"; }
    sleep 0.1
  done
}

pids_of() { if [ "$1" = ours ]; then cat "$PAAS_HOME/run/edge.pid" "$PAAS_HOME/run/control.pid" | cut -d' ' -f1; else echo "$theirs_pid"; fi; }

# client SIDE ARGUMENT...
client() {
  if [ "$1" = ours ]; then "$work/client" "$PAAS_HTTP_PORT" "$authorization" "${@:2}"; else "$work/client" "$theirs_port" '' "${@:2}"; fi
}

# Ticks of user and system time.
cpu_ticks() {
  local pid total=0
  for pid in $(pids_of "$1"); do total=$((total + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }'))); done
  echo "$total"
}

memory_kb() {
  local pid total=0
  for pid in $(pids_of "$1"); do total=$((total + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"))); done
  echo "$total"
}

# peak_memory SIDE COMMAND...: KB at the highest while it runs.
peak_memory() {
  local side=$1 peak=0 now pid
  shift
  "$@" >/dev/null & pid=$!
  while [ -d "/proc/$pid" ]; do
    now=$(memory_kb "$side")
    peak=$((now > peak ? now : peak))
    sleep 0.05
  done
  wait "$pid"
  echo "$peak"
}

# ratio NAME: ours by theirs of what note wrote, as medians of the rounds' own ratios.
ratio() { awk -v n="$1" '$1 == n { print $2 / $3 }' "$work/rounds" | sort -g | awk '{ v[NR] = $1 } END { printf "%.2f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# note NAME OURS THEIRS: of one round; larger is better, or smaller, as the figure says.
note() {
  echo "$1 $2 $3" >>"$work/rounds"
  awk -v n="$1" -v a="$2" -v b="$3" 'BEGIN { printf "%-26s ours %10.1f   theirs %10.1f   %.2f x\n", n, a, b, a / b }' >&2
}

ratios() { local name; for name in "$@"; do figure "$name" "$(ratio "$name")" x; done; }

# sides ROUND: who goes first changes from round to round.
sides() { if [ $(($1 % 2)) = 1 ]; then echo theirs ours; else echo ours theirs; fi; }

digest_of() { sha256sum "$1" | cut -d' ' -f1; }

# random SIZE FILE: bytes, K and M as head knows them.
random() { head -c "$1" /dev/urandom >"$2"; }

# A later upload of the same bytes writes them again.
forget_blob() {
  rm -f "$PAAS_HOME/blobs/sha256/${1:0:2}/$1"
  rm -rf "$work/theirs/docker/registry/v2/blobs/sha256/${1:0:2}/$1"
}

# ---- an image of 180 MB with skopeo ----

make_image() {
  local layout=$work/image number digest size diff config layers='' diffs=''
  mkdir -p "$layout/blobs/sha256"
  for number in 1 2 3 4 5 6; do
    mkdir "$work/layer"
    random 30M "$work/layer/part$number"
    tar -C "$work/layer" -cf "$work/layer.tar" .
    diff=$(digest_of "$work/layer.tar")
    gzip -1 "$work/layer.tar"
    digest=$(digest_of "$work/layer.tar.gz") size=$(stat -c %s "$work/layer.tar.gz")
    mv "$work/layer.tar.gz" "$layout/blobs/sha256/$digest"
    rm -r "$work/layer"
    layers+=",{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:$digest\",\"size\":$size}"
    diffs+=",\"sha256:$diff\""
  done
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s]}}' "${diffs#,}" >"$work/document"
  config=$(digest_of "$work/document") size=$(stat -c %s "$work/document")
  mv "$work/document" "$layout/blobs/sha256/$config"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
    "$config" "$size" "${layers#,}" >"$work/document"
  digest=$(digest_of "$work/document") size=$(stat -c %s "$work/document")
  mv "$work/document" "$layout/blobs/sha256/$digest"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"1"}}]}' \
    "$digest" "$size" >"$layout/index.json"
}

# Without the cache of where a blob was seen: skopeo would mount instead of pushing.
skopeo_copy() {
  rm -f /var/lib/containers/cache/blob-info-cache-v1.boltdb "$HOME/.local/share/containers/cache/blob-info-cache-v1.boltdb"
  local began
  began=$(date +%s.%N)
  skopeo --insecure-policy copy --quiet "$@" >&2
  since "$began"
}

push_image() {
  local blob
  for blob in "$work"/image/blobs/sha256/*; do forget_blob "$(basename "$blob")"; done
  if [ "$1" = ours ]; then
    skopeo_copy --dest-tls-verify=false --dest-creds "bench:$token" "oci:$work/image:1" "docker://localhost:$PAAS_HTTP_PORT/$app/r$2:1"
  else
    skopeo_copy --dest-tls-verify=false "oci:$work/image:1" "docker://localhost:$theirs_port/bench/r$2:1"
  fi
}

pull_image() {
  rm -rf "$work/pulled"
  if [ "$1" = ours ]; then
    skopeo_copy --src-tls-verify=false --src-creds "bench:$token" "docker://localhost:$PAAS_HTTP_PORT/$app/r$2:1" "dir:$work/pulled"
  else
    skopeo_copy --src-tls-verify=false "docker://localhost:$theirs_port/bench/r$2:1" "dir:$work/pulled"
  fi
}

image() {
  local round side
  local -A pushed pulled
  # Most of the time is skopeo's own, on both sides, and one round is as much as 0.2 x off: the median needs three times as many.
  for round in $(seq 0 "$((3 * rounds))"); do
    for side in $(sides "$round"); do
      pushed[$side]=$(push_image "$side" "$round")
      pulled[$side]=$(pull_image "$side" "$round")
    done
    # The first one warms up. A rate is the inverse of the time.
    [ "$round" -gt 0 ] || continue
    note registry.push.rate "$(rate 180 "${pushed[ours]}")" "$(rate 180 "${pushed[theirs]}")"
    note registry.pull.rate "$(rate 180 "${pulled[ours]}")" "$(rate 180 "${pulled[theirs]}")"
  done
  ratios registry.push.rate registry.pull.rate
}

rate() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.1f", n / s }'; }

# ---- blobs and manifests ----

# put_blob NAME SIZE: the same random bytes into both; prints the digest.
put_blob() {
  random "$2" "$work/$1"
  local digest side
  digest=$(digest_of "$work/$1")
  for side in ours theirs; do client "$side" put "$app/blobs" "$work/$1" "sha256:$digest" >/dev/null; done
  rm "$work/$1"
  echo "sha256:$digest"
}


large() {
  local round side clients ticks path out
  local -A speed cost total
  path=/v2/$app/blobs/blobs/$(put_blob hundred 100M)
  for round in $(seq 0 "$rounds"); do
    cost=([ours]=0 [theirs]=0) total=([ours]=0 [theirs]=0)
    for clients in 1 8 64; do
      for side in $(sides "$round"); do
        ticks=$(cpu_ticks "$side")
        out=$(client "$side" get "$path" "$clients" "$seconds")
        cost[$side]=$((${cost[$side]} + $(cpu_ticks "$side") - ticks))
        total[$side]=$((${total[$side]} + $(cut -d' ' -f2 <<<"$out")))
        speed[$side]=$(awk '{ printf "%.1f", $2 / $3 / 1e6 }' <<<"$out")
      done
      [ "$round" = 0 ] || note "registry.get100m.c$clients.rate" "${speed[ours]}" "${speed[theirs]}"
    done
    [ "$round" = 0 ] || note registry.get100m.cpu "$(ms_per_gb "${cost[ours]}" "${total[ours]}")" "$(ms_per_gb "${cost[theirs]}" "${total[theirs]}")"
  done
  ratios registry.get100m.c1.rate registry.get100m.c8.rate registry.get100m.c64.rate registry.get100m.cpu
  memory "$path"
}

ms_per_gb() { awk -v t="$1" -v b="$2" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", t / hz * 1000 / (b / 1e9) }'; }

# memory PATH-OF-100-MB
memory() {
  local large side
  local -A peak
  large=/v2/$app/blobs/blobs/$(put_blob half 500M)
  for side in ours theirs; do peak[$side]=$(peak_memory "$side" client "$side" get "$1" 64 "$((2 * seconds))"); done
  note registry.mem "$((${peak[ours]} / 1024))" "$((${peak[theirs]} / 1024))"
  for side in ours theirs; do peak[$side]=$(peak_memory "$side" client "$side" get "$large" 64 "$((2 * seconds))"); done
  note registry.mem-of-500m "$((${peak[ours]} / 1024))" "$((${peak[theirs]} / 1024))"
  ratios registry.mem
}

small() {
  local round path side name out
  local -A speed paths
  paths[registry.get10k.c64.rate]=/v2/$app/blobs/blobs/$(put_blob ten 10K)
  paths[registry.manifest.c64.rate]=/v2/$app/manifests/manifests/1
  put_manifest
  for round in $(seq 0 "$rounds"); do
    for name in registry.get10k.c64.rate registry.manifest.c64.rate; do
      for side in $(sides "$round"); do
        out=$(client "$side" get "${paths[$name]}" 64 "$seconds")
        speed[$side]=$(awk '{ printf "%.1f", $1 / $3 }' <<<"$out")
      done
      [ "$round" = 0 ] || note "$name" "${speed[ours]}" "${speed[theirs]}"
    done
  done
  ratios registry.get10k.c64.rate registry.manifest.c64.rate
}

# The image's blobs are small files here: only the manifest is asked for.
put_manifest() {
  local side digest base
  digest=$(put_config)
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[],"annotations":{"filled":"%s"}}' \
    "$digest" "$(head -c 900 /dev/zero | tr '\0' x)" >"$work/manifest"
  for side in ours theirs; do
    if [ "$side" = ours ]; then base=http://localhost:$PAAS_HTTP_PORT; else base=http://localhost:$theirs_port; fi
    curl -fsS --noproxy '*' -X PUT -H "Authorization: $([ "$side" = theirs ] || echo "$authorization")" -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
      --data-binary "@$work/manifest" "$base/v2/$app/manifests/manifests/1"
  done
}

put_config() {
  local side digest
  printf '{}' >"$work/config"
  digest=$(digest_of "$work/config")
  for side in ours theirs; do client "$side" put "$app/manifests" "$work/config" "sha256:$digest" >/dev/null; done
  echo "sha256:$digest"
}

# ---- uploads ----

upload() {
  local round side way digest
  local -A took
  random 500M "$work/upload"
  digest=$(digest_of "$work/upload")
  for round in $(seq 0 "$rounds"); do
    for way in put patch chunked; do
      for side in $(sides "$round"); do
        forget_blob "$digest"
        took[$side]=$(client "$side" "$way" "$app/u$round$way" "$work/upload" "sha256:$digest")
      done
      [ "$round" = 0 ] || note "registry.upload500m.$way.rate" "$(rate 524 "${took[ours]}")" "$(rate 524 "${took[theirs]}")"
    done
  done
  forget_blob "$digest"
  ratios registry.upload500m.put.rate registry.upload500m.patch.rate registry.upload500m.chunked.rate
}

# The first touch of a guest's memory costs its host more than anything measured here.
warm_memory() {
  head -c 3G /dev/zero >"$work/warm"
  rm "$work/warm"
}

trap finish EXIT
ensure_packages docker-registry skopeo gcc libc6-dev python3 curl >&2
gcc -O2 -Wall -Wextra -o "$work/client" "$bench_root/tests/bench/registry.c" -lpthread
bench_up
trap finish EXIT
start_theirs
warm_memory
# Anybody's name: an API token is the password.
token=$(curl -fsS --max-time 30 --unix-socket "$PAAS_HOME/run/admin.sock" -H 'Content-Type: application/json' \
  -d '{"user":"admin","tokenName":"bench"}' http://admin/admin/bootstrap | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
authorization="Basic $(printf 'bench:%s' "$token" | base64 -w0)"
printf 'load before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)" >&2
if has_part image; then make_image; image; fi
if has_part get; then large; fi
if has_part small; then small; fi
if has_part upload; then upload; fi
printf 'load after: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)" >&2

#!/usr/bin/env bash
# edge.sh [rounds] [seconds]: the edge beside Debian's nginx in front of the same upstream (nginx that returns 1 KB), alternated in one run.
#   figure edge.vs-nginx.cpu    CPU time per request, ours divided by theirs (user + system of all its processes)
#   figure edge.vs-nginx.rate   requests per second, ours divided by theirs
# Loopback only; wrk, upstream and proxy share the machine, so only the ratios mean something.
set -euo pipefail
cd "$(dirname "$0")/../.."

rounds=${1:-5} seconds=${2:-4} connections=64

missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v wrk >/dev/null || missing+=(wrk)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

paasd=src/Paas/bin/Release/net10.0/paasd
dotnet build src/Paas -c Release -v q -clp:NoSummary >/dev/null

work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
upstream_port=$(free_port) nginx_port=$(free_port) edge_port=$(free_port)

page=$(head -c 1024 /dev/zero | tr '\0' x)
cat >"$work/upstream.conf" <<EOF
pid $work/upstream.pid; error_log /dev/null; worker_processes 1; daemon off;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; default_type text/plain;
  server { listen 127.0.0.1:$upstream_port backlog=4096; return 200 "$page"; }
}
EOF
cat >"$work/proxy.conf" <<EOF
pid $work/proxy.pid; error_log /dev/null; worker_processes auto; daemon off;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000;
  upstream app { server 127.0.0.1:$upstream_port; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:$nginx_port backlog=4096;
    server_name app.localhost;
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host \$http_host;
      proxy_set_header X-Forwarded-For \$remote_addr;
      proxy_set_header X-Real-IP \$remote_addr;
      proxy_set_header X-Forwarded-Proto \$scheme;
      proxy_set_header X-Forwarded-Host \$http_host;
      proxy_set_header X-Forwarded-Port \$server_port;
    }
  }
}
EOF
nginx -c "$work/upstream.conf" & pids+=($!)
nginx -c "$work/proxy.conf" & nginx_pid=$!; pids+=("$nginx_pid")

# The edge starts with its last table from disk; one of this boot is enough to serve without control.
mkdir -p "$work/home/edge"
cat >"$work/home/edge/routes.json" <<EOF
{"number":1,"bootId":"$(cat /proc/sys/kernel/random/boot_id)","platformHosts":["localhost"],
 "routes":{"app.localhost":{"app":"app","endpoints":[{"id":"i1","address":"127.0.0.1","port":$upstream_port}],"sentence":null}},
 "dns":{"listen":null,"upstreams":[]}}
EOF
PAAS_HOME="$work/home" PAAS_HTTP_PORT=$edge_port DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1 "$paasd" edge >"$work/edge.log" 2>&1 & edge_pid=$!
pids+=("$edge_pid")

for port in "$nginx_port" "$edge_port"; do
  for _ in $(seq 300); do
    curl -fs -o /dev/null -H 'Host: app.localhost' "http://127.0.0.1:$port/" && continue 2
    sleep 0.1
  done
  echo "Nothing serves on port $port." >&2
  cat "$work/edge.log" >&2
  exit 1
done

# Ticks of user and system time of a process and its children that still run.
cpu_ticks() {
  local pid total=0 fields
  for pid in "$1" $(pgrep -P "$1" || true); do
    fields=$(sed 's/.*) //' "/proc/$pid/stat")
    total=$((total + $(awk '{ print $12 + $13 }' <<<"$fields")))
  done
  echo "$total"
}

# measure <port> <pid> <seconds>: "<requests> <requests/s> <microseconds of CPU per request>"
measure() {
  local before after out
  before=$(cpu_ticks "$2")
  out=$(wrk -t2 -c"$connections" -d"${3}s" -H 'Host: app.localhost' "http://127.0.0.1:$1/")
  after=$(cpu_ticks "$2")
  if grep -Eq 'Non-2xx|Socket errors' <<<"$out"; then
    echo "$out" >&2
    return 1
  fi
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '
    / requests in / { requests = $1 }
    /^Requests\/sec:/ { rate = $2 }
    END { printf "%d %.0f %.2f\n", requests, rate, ticks / hz * 1e6 / requests }' <<<"$out"
}

# Tiered compilation settles within the first tens of thousands of requests.
measure "$edge_port" "$edge_pid" 5 >/dev/null
measure "$nginx_port" "$nginx_pid" 2 >/dev/null

for round in $(seq "$rounds"); do
  theirs=$(measure "$nginx_port" "$nginx_pid" "$seconds")
  ours=$(measure "$edge_port" "$edge_pid" "$seconds")
  echo "round $round: nginx ${theirs#* } (req/s, us/req), edge ${ours#* }"
  awk -v t="$theirs" -v o="$ours" 'BEGIN { split(t, a, " "); split(o, b, " "); print b[2] / a[2], b[3] / a[3] }' >>"$work/ratios"
done

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
printf 'figure edge.vs-nginx.cpu %.2f x\n' "$(awk '{ print $2 }' "$work/ratios" | median)"
printf 'figure edge.vs-nginx.rate %.2f x\n' "$(awk '{ print $1 }' "$work/ratios" | median)"

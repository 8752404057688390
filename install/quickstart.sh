#!/usr/bin/env bash
# quickstart.sh [up|stop|status|reset]: a running platform on this machine, as root. See docs/quickstart.md.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=install/lib.sh
. "$root/install/lib.sh"

export PAAS_HOME=${PAAS_HOME:-/var/lib/paas}
export PAAS_HTTP_PORT=${PAAS_HTTP_PORT:-8080}
export PAAS_BIND=${PAAS_BIND:-127.0.0.1}
export PAAS_BASE_DOMAIN=${PAAS_BASE_DOMAIN:-localhost}
export PAAS_CACHE=${PAAS_CACHE:-/var/cache/paas}
url="http://$PAAS_BASE_DOMAIN:$PAAS_HTTP_PORT"

usage() {
  cat <<'TEXT'
usage: install/quickstart.sh [up|stop|status|reset]
  up       install what is missing, build, start, deploy the sample app (default; run it again at any time)
  stop     end the platform and its instances; all data stays
  status   say whether it runs
  reset    stop, and remove everything it made but the shared cache
settings (environment): PAAS_HOME, PAAS_HTTP_PORT, PAAS_BIND, PAAS_BASE_DOMAIN, PAAS_CACHE
TEXT
}

keep_pid() {
  local pid
  pid=$(cat "$PAAS_HOME/run/keep.pid" 2>/dev/null | cut -d' ' -f1) || return 1
  [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = paasd ] && echo "$pid"
}

control() { curl -fsS --max-time "${2:-5}" --unix-socket "$PAAS_HOME/run/control.sock" "http://control$1"; }

check_home() {
  case $PAAS_HOME in /*) ;; *) die "PAAS_HOME is '$PAAS_HOME', but it must be an absolute path." ;; esac
  mkdir -p "$PAAS_HOME"
  chmod 0711 "$PAAS_HOME"
  local folder
  folder=$(dirname "$PAAS_HOME")
  while [ "$folder" != / ]; do
    # shellcheck disable=SC2012
    case $(stat -c %A "$folder") in
      *x | *t) ;;
      *) die "the folder $folder may be entered by root only, but the platform's edge and git run as users of their own. Choose a PAAS_HOME elsewhere (under /var/lib or /srv), or run: chmod o+x $folder" ;;
    esac
    folder=$(dirname "$folder")
  done
}

warn_open() {
  case $PAAS_BIND in
    127.* | ::1 | localhost) ;;
    *) printf '\nwarning: the platform listens on %s without TLS: passwords and tokens travel in the clear. Keep PAAS_BIND at 127.0.0.1 and reach it with: ssh -L %s:localhost:%s\n\n' "$PAAS_BIND" "$PAAS_HTTP_PORT" "$PAAS_HTTP_PORT" >&2 ;;
  esac
}

write_cli() {
  mkdir -p "$root/bin"
  cat >"$root/bin/paas.new" <<TEXT
#!/bin/sh
# Made by install/quickstart.sh: the CLI of the platform that it started last.
export PAAS_HOME="\${PAAS_HOME:-$PAAS_HOME}" PAAS_COMMAND="$root/bin/paas"
exec "$platform/cli/paas" "\$@"
TEXT
  chmod 0755 "$root/bin/paas.new"
  mv -f "$root/bin/paas.new" "$root/bin/paas"
}

make_stack() { "$platform/paasd" stack; }

start_keep() {
  if [ -n "$(keep_pid)" ] && [ "$(readlink "/proc/$(keep_pid)/exe")" = "$platform/paasd" ] && [ "$(cat "$PAAS_HOME/settings" 2>/dev/null)" = "$(settings)" ]; then
    return 0
  fi
  stop_keep
  settings >"$PAAS_HOME/settings"
  printf '%s\n' "$url" >"$PAAS_HOME/url"
  mkdir -p "$PAAS_HOME/logs"
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit "paas-$(printf %s "$PAAS_HOME" | sha256sum | cut -c1-4)" \
      --property=KillMode=process --property=Delegate=yes --property=Restart=always \
      --setenv=PAAS_HOME="$PAAS_HOME" --setenv=PAAS_HTTP_PORT="$PAAS_HTTP_PORT" --setenv=PAAS_BIND="$PAAS_BIND" \
      --setenv=PAAS_BASE_DOMAIN="$PAAS_BASE_DOMAIN" --setenv=PAAS_CACHE="$PAAS_CACHE" "$platform/paasd" keep
  else
    (cd / && exec setsid -f "$platform/paasd" keep >>"$PAAS_HOME/logs/keep.log" 2>&1 </dev/null 8>&-)
  fi
}

settings() { printf '%s %s %s %s\n' "$platform" "$PAAS_HTTP_PORT" "$PAAS_BIND" "$PAAS_BASE_DOMAIN"; }

wait_ready() {
  local tries=0
  until control /readyz >/dev/null 2>&1 && curl -fsS --max-time 5 --noproxy '*' -H "Host: $PAAS_BASE_DOMAIN" "http://$(edge_address)/readyz" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ]; then
      tail -n 20 "$PAAS_HOME/logs/"*.log
      echo "The platform did not become ready within 60 s; its logs are in $PAAS_HOME/logs."
      return 1
    fi
    sleep 0.2
  done
}

edge_address() {
  case $PAAS_BIND in
    0.0.0.0) echo "127.0.0.1:$PAAS_HTTP_PORT" ;;
    *:*) echo "[$PAAS_BIND]:$PAAS_HTTP_PORT" ;;
    *) echo "$PAAS_BIND:$PAAS_HTTP_PORT" ;;
  esac
}

sign_in() {
  "$root/bin/paas" whoami >/dev/null 2>&1 && return 0
  curl -fsS --max-time 10 --unix-socket "$PAAS_HOME/run/admin.sock" -H 'Content-Type: application/json' \
    -d "{\"user\":\"admin\",\"tokenName\":\"cli-$(hostname)\"}" http://admin/admin/bootstrap |
    sed -n 's/.*"token":"\([^"]*\)".*/\1/p' | "$root/bin/paas" login --url "$url" --token-stdin
}

deploy_sample() {
  local work=$PAAS_HOME/quickstart/hello
  "$root/bin/paas" apps info --app hello >/dev/null 2>&1 || "$root/bin/paas" apps create hello
  mkdir -p "$work"
  find "$work" -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +
  cp -r "$root/tests/apps/hello-node/." "$work/"
  cd "$work"
  [ -d .git ] || git init --quiet --initial-branch main
  git add --all
  git diff --cached --quiet || git -c user.name=quickstart -c user.email=quickstart@localhost commit --quiet -m "Hello from the quickstart"
  git -c "credential.helper=" -c "credential.helper=!'$root/bin/paas' git-credential" push "$url/git/hello.git" main
}

stop_keep() {
  local pid
  pid=$(keep_pid) || return 0
  [ -n "$pid" ] || return 0
  [ -d /run/systemd/system ] && systemctl stop "paas-$(printf %s "$PAAS_HOME" | sha256sum | cut -c1-4)" 2>/dev/null || true
  kill -TERM "$pid" 2>/dev/null || true
  local tries=0
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 150 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

up() {
  local began
  began=$(date +%s)
  need_root
  check_home
  warn_open
  # shellcheck disable=SC2046
  step "Debian packages" ensure_packages $(platform_packages)
  step ".NET SDK" ensure_dotnet
  step "users paas-edge and paas-git" ensure_users
  mkdir -p "$PAAS_CACHE"
  chmod 0755 "$PAAS_CACHE"
  step "build" publish_platform "$root" "$PAAS_CACHE"
  platform=$PAAS_CACHE/platform/$(source_id "$root")
  write_cli
  step "base images (about 3 min the first time)" make_stack
  step "start" start_keep
  step "ready" wait_ready
  step "sign in" sign_in
  step "deploy the sample app by git push" deploy_sample
  printf '\nThe platform runs (%s s).\n\n  sample app   http://hello.%s:%s\n  API          %s/api/v1\n\n' "$(($(date +%s) - began))" "$PAAS_BASE_DOMAIN" "$PAAS_HTTP_PORT" "$url"
  cat <<TEXT
Next, in the git repository of an app of yours:
  $root/bin/paas apps create myapp     makes the app and a git remote named paas
  git push paas main                   builds it and makes it live
  $root/bin/paas logs -f               what it says
TEXT
}

stop() {
  need_root
  if [ -e "$PAAS_HOME/settings" ]; then
    platform=$(cut -d' ' -f1 "$PAAS_HOME/settings")
    step "stop the platform" stop_keep
    [ -x "$platform/paasd" ] && step "stop the instances" "$platform/paasd" down
  fi
}

status() {
  local pid
  pid=$(keep_pid) || true
  if [ -n "${pid:-}" ] && control /readyz >/dev/null 2>&1; then
    echo "The platform in $PAAS_HOME runs (keep is process $pid): $url"
  else
    echo "The platform in $PAAS_HOME does not run. Start it with: install/quickstart.sh"
    exit 3
  fi
}

reset() {
  stop
  step "remove $PAAS_HOME" rm -rf --one-file-system "$PAAS_HOME"
  rm -f "$root/bin/paas"
}

case ${1:-up} in
  up | stop | status | reset) "${1:-up}" ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac

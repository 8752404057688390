#!/usr/bin/env bash
# quickstart.sh [up|stop|status|signin-link|reset]: a running platform on this machine, as root. See docs/quickstart.md.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=install/lib.sh
. "$root/install/lib.sh"

export PAAS_HOME=${PAAS_HOME:-/var/lib/paas}
export PAAS_HTTP_PORT=${PAAS_HTTP_PORT:-8080}
export PAAS_BIND=${PAAS_BIND:-127.0.0.1}
export PAAS_BASE_DOMAIN=${PAAS_BASE_DOMAIN:-localhost}
export PAAS_CACHE=${PAAS_CACHE:-/var/cache/paas}
cli=${PAAS_COMMAND:-$root/bin/paas}

usage() {
  cat <<'TEXT'
usage: install/quickstart.sh [up|stop|status|signin-link|reset]
  up       install what is missing, build, start, deploy the sample app (default; run it again at any time)
  stop     end the platform and its instances; all data stays
  status   say whether it runs: exit 0 yes, 1 it starts or does not answer, 3 no
  signin-link   print a link that signs one browser in to the dashboard, once
  reset    stop, and remove everything it made but the shared cache
settings (environment): PAAS_HOME, PAAS_HTTP_PORT, PAAS_BIND, PAAS_BASE_DOMAIN, PAAS_CACHE, PAAS_COMMAND
TEXT
}

# ---- the settings ----

check_settings() {
  case $PAAS_HOME in /*) ;; *) die "PAAS_HOME is '$PAAS_HOME', but it must be an absolute path." 2 ;; esac
  case $PAAS_HOME in *[[:space:]:,\\]*) die "PAAS_HOME is '$PAAS_HOME', but blanks, colons, commas and backslashes cannot be part of it: mounts are made below it." 2 ;; esac
  [[ $PAAS_HTTP_PORT =~ ^[1-9][0-9]{0,4}$ ]] && [ "$PAAS_HTTP_PORT" -le 65535 ] || die "PAAS_HTTP_PORT is '$PAAS_HTTP_PORT', but a port is a number from 1 to 65535." 2
  # Layers are never followed through a symbolic link, and two names of one home would be two platforms.
  PAAS_HOME=$(realpath -m -- "$PAAS_HOME")
  PAAS_CACHE=$(realpath -m -- "$PAAS_CACHE")
  url="http://$PAAS_BASE_DOMAIN:$PAAS_HTTP_PORT"
  unit="paas-$(printf %s "$PAAS_HOME" | sha256sum | cut -c1-4)"
}

# What a running platform was started with: another line means another start.
settings() { printf '%s %s %s %s %s\n' "$platform" "$PAAS_HTTP_PORT" "$PAAS_BIND" "$PAAS_BASE_DOMAIN" "$PAAS_CACHE"; }

setting() { cut -d' ' -f"$1" "$PAAS_HOME/settings" 2>/dev/null; }

is_home() { [ -e "$PAAS_HOME/settings" ] || [ -e "$PAAS_HOME/keep.lock" ]; }

check_home() {
  if ! is_home && [ -n "$(ls -A "$PAAS_HOME" 2>/dev/null)" ]; then
    die "PAAS_HOME is $PAAS_HOME, and that folder holds other things. Choose one that is empty or does not exist yet."
  fi
  mkdir -p "$PAAS_HOME" "$PAAS_CACHE"
  chmod 0711 "$PAAS_HOME"
  chmod 0755 "$PAAS_CACHE"
  local folder
  for folder in "$PAAS_HOME" "$PAAS_CACHE"; do
    folder=$(dirname "$folder")
    while [ "$folder" != / ]; do
      case $(stat -c %A "$folder") in
        *x | *t) ;;
        *) die "the folder $folder may be entered by root only, but the platform's edge and git run as users of their own. Choose a PAAS_HOME elsewhere (under /var/lib or /srv), or run: chmod o+x $folder" ;;
      esac
      folder=$(dirname "$folder")
    done
  done
}

warn_open() {
  case $PAAS_BIND in
    127.* | ::1 | localhost) ;;
    *) printf '\nwarning: the platform listens on %s without TLS: passwords and tokens travel in the clear. Keep PAAS_BIND at 127.0.0.1 and reach it with: ssh -L %s:localhost:%s\n\n' "$PAAS_BIND" "$PAAS_HTTP_PORT" "$PAAS_HTTP_PORT" >&2 ;;
  esac
}

# ---- the running platform ----

keep_pid() {
  local pid
  pid=$(cut -d' ' -f1 "$PAAS_HOME/run/keep.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = paasd ] && echo "$pid"
}

with_systemd() { [ -d /run/systemd/system ]; }

edge_address() {
  case $PAAS_BIND in
    0.0.0.0 | '*') echo "127.0.0.1:$PAAS_HTTP_PORT" ;;
    ::) echo "[::1]:$PAAS_HTTP_PORT" ;;
    *:*) echo "[$PAAS_BIND]:$PAAS_HTTP_PORT" ;;
    *) echo "$PAAS_BIND:$PAAS_HTTP_PORT" ;;
  esac
}

# ask HOST PATH: through the edge, whatever the name resolves to.
ask() { curl -fsS --max-time 5 --noproxy '*' -H "Host: $1" "http://$(edge_address)$2"; }

# Where programs on this machine reach the API: a base domain may point somewhere else, or nowhere yet.
local_url() {
  if [ "$PAAS_BASE_DOMAIN" = localhost ] || getent ahosts "$PAAS_BASE_DOMAIN" >/dev/null; then echo "$url"; else echo "http://$(edge_address)"; fi
}

write_cli() {
  mkdir -p "$(dirname "$cli")" &&
    cat >"$cli.new" <<TEXT &&
#!/bin/sh
# Made by install/quickstart.sh: the CLI of the platform that it started last.
export PAAS_HOME="\${PAAS_HOME:-$PAAS_HOME}" PAAS_COMMAND="$cli"
exec "$platform/cli/paas" "\$@"
TEXT
    chmod 0755 "$cli.new" && mv -f "$cli.new" "$cli"
}

make_stack() { "$platform/paasd" stack; }

same_as_running() {
  local pid
  pid=$(keep_pid) && [ "$(readlink "/proc/$pid/exe")" = "$platform/native/keep" ] && [ "$(cat "$PAAS_HOME/settings" 2>/dev/null)" = "$(settings)" ]
}

check_port() {
  local taken
  taken=$(ss -Hltnp "sport = :$PAAS_HTTP_PORT" | awk -v bind="$PAAS_BIND" '{ a = $4; sub(/:[0-9]*$/, "", a); if (a == bind || a ~ /^(\*|0\.0\.0\.0|\[::\])$/ || bind ~ /^(0\.0\.0\.0|::|\*)$/) print $6 }' | head -n 1)
  [ -z "$taken" ] || {
    echo "Port $PAAS_HTTP_PORT is taken by another program: $taken. End it, or choose another with PAAS_HTTP_PORT=18080 install/quickstart.sh"
    return 1
  }
}

# The way to package registries that this machine is set to, for builds under systemd, which hands nothing on by itself.
write_environment() {
  (umask 077 && env -0 | awk 'BEGIN { RS = "\0" }
    !/\n/ && /^(PAAS_(HOME|HTTP_PORT|BIND|BASE_DOMAIN|CACHE)|[A-Za-z]+_(proxy|PROXY)|(npm_config|NPM_CONFIG|YARN|PIP|BUNDLE)_[A-Za-z_]+|GOPROXY|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|GIT_SSL_CAINFO|HOME|LANG|TZ)=/ {
      name = value = $0; sub(/=.*/, "", name); sub(/^[^=]*=/, "", value); gsub(/[\\"$`]/, "\\\\&", value); print name "=\"" value "\"" }' >"$PAAS_HOME/environment")
}

start_keep() {
  same_as_running && return 0
  end_keep && check_port || return 1
  mkdir -p "$PAAS_HOME/logs" && settings >"$PAAS_HOME/settings" && local_url >"$PAAS_HOME/url" && echo "$PAAS_HOME" >>"$platform/used-by" || return 1
  if with_systemd; then
    write_environment &&
      systemd-run --quiet --collect --unit "$unit" --description "paas in $PAAS_HOME" \
        --property=KillMode=process --property=Delegate=yes --property=Restart=always --property=RestartSec=1 --property=TimeoutStopSec=90 \
        --property=LimitNOFILE=524288 --property=EnvironmentFile="$PAAS_HOME/environment" \
        --property=StandardOutput="append:$PAAS_HOME/logs/keep.log" --property=StandardError="append:$PAAS_HOME/logs/keep.log" "$platform/paasd" keep
  else
    (cd / && exec setsid -f "$platform/paasd" keep >>"$PAAS_HOME/logs/keep.log" 2>&1 </dev/null)
  fi
}

wait_ready() {
  local tries=0
  until ask "$PAAS_BASE_DOMAIN" /readyz >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 600 ]; then
      tail -n 20 "$PAAS_HOME/logs/"{keep,control,edge}.log
      echo "The platform did not become ready within two minutes. Its logs are in $PAAS_HOME/logs; the last lines are above."
      return 1
    fi
    sleep 0.2
  done
}

sign_in() {
  signed_in_as_root || return 1
  # With sudo, the CLI is for the person who called it.
  if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
    as_caller whoami >/dev/null 2>&1 || new_token "$SUDO_USER@$(hostname)" | as_caller login --url "$(cat "$PAAS_HOME/url")" --token-stdin || return 1
  fi
}

signed_in_as_root() { "$cli" whoami >/dev/null 2>&1 || new_token "cli@$(hostname)" | "$cli" login --url "$(cat "$PAAS_HOME/url")" --token-stdin; }

as_caller() { runuser -u "$SUDO_USER" -- env HOME="$(getent passwd "$SUDO_USER" | cut -d: -f6)" PAAS_HOME="$PAAS_HOME" "$platform/cli/paas" "$@"; }

# new_token NAME: root's door makes the first administrator, and tokens for it.
new_token() {
  curl -fsS --max-time 30 --unix-socket "$PAAS_HOME/run/admin.sock" -H 'Content-Type: application/json' \
    -d "{\"user\":\"admin\",\"tokenName\":\"$1\"}" http://admin/admin/bootstrap | sed -n 's/.*"token":"\([^"]*\)".*/\1/p'
}

# A one-time link into the dashboard; the platform says on stderr how long it is good for.
new_link() { PAAS_BASE_DOMAIN=$(setting 4) PAAS_HTTP_PORT=$(setting 2) "$platform/paasd" signin-link; }

# Once for each home: afterwards the app is its owner's, who may have changed or destroyed it.
deploy_sample() {
  local work=$PAAS_HOME/quickstart/hello
  [ ! -e "$PAAS_HOME/quickstart/deployed" ] || return 0
  "$cli" apps info --app hello >/dev/null 2>&1 || (cd / && "$cli" apps create hello) || return 1
  mkdir -p "$work" && find "$work" -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} + &&
    cp -r "$root/tests/apps/hello-node/." "$work/" || return 1
  [ -d "$work/.git" ] || git init --quiet --initial-branch main "$work" || return 1
  git -C "$work" add --all || return 1
  git -C "$work" diff --cached --quiet ||
    git -C "$work" -c user.name=quickstart -c user.email=quickstart@localhost commit --quiet -m "Hello from the quickstart" || return 1
  git -C "$work" -c credential.helper= -c credential.helper="!'$cli' git-credential" push "$(cat "$PAAS_HOME/url")/git/hello.git" main &&
    touch "$PAAS_HOME/quickstart/deployed"
}

# ---- stop ----

# What a keeper that was killed left running: of another build or with other settings perhaps, and on the port that is wanted.
end_left() {
  local role pid start
  for role in control edge; do
    read -r pid start 2>/dev/null <"$PAAS_HOME/run/$role.pid" || continue
    # With the start time the pid names one process for good (proc(5), stat, field 22).
    [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)" = "$start" ] || continue
    kill -TERM "$pid" 2>/dev/null || continue
    timeout 60 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
  done
}

end_keep() {
  local pid
  # Between two tries of a unit that fails, it is "activating".
  if with_systemd; then
    case $(systemctl is-active "$unit") in
      inactive | failed | unknown | '') ;;
      *) systemctl stop "$unit" || return 1 ;;
    esac
  fi
  if pid=$(keep_pid) && kill -TERM "$pid" 2>/dev/null; then
    timeout 90 tail --pid="$pid" -f /dev/null || {
      echo "The platform's keeper, process $pid, did not stop within 90 s. Look into $PAAS_HOME/logs; 'kill -9 $pid' ends it, and this can be run again."
      return 1
    }
  fi
  end_left
}

end_all() {
  end_keep || return 1
  if [ ! -x "$platform/paasd" ]; then
    echo "The build that this platform was started with is gone ($platform). Run 'install/quickstart.sh' once more, then stop it."
    return 1
  fi
  PAAS_HTTP_PORT=$(setting 2) PAAS_BASE_DOMAIN=$(setting 4) PAAS_CACHE=$(setting 5) "$platform/paasd" down
}

# ---- the calls ----

up() {
  local began
  began=$(date +%s)
  need_root
  need_debian
  check_home
  warn_open
  # shellcheck disable=SC2046
  step "Debian packages" ensure_packages $(platform_packages)
  step ".NET SDK" ensure_dotnet
  step "users paas-edge and paas-git" ensure_users
  source=$(source_id "$root")
  step "build (about 1 min when sources changed)" publish_platform "$root" "$PAAS_CACHE" "$source"
  platform=$PAAS_CACHE/platform/$source
  write_cli
  step "base images (about 3 min the first time)" make_stack
  step "start" start_keep
  step "ready" wait_ready
  step "sign in" sign_in
  step "deploy the sample app by git push" deploy_sample
  printf '\nThe platform runs (%s s).\n\n' "$(($(date +%s) - began))"
  if ask "hello.$PAAS_BASE_DOMAIN" / >/dev/null 2>&1; then
    printf '  sample app   http://hello.%s:%s\n' "$PAAS_BASE_DOMAIN" "$PAAS_HTTP_PORT"
  fi
  printf '  dashboard    %s\n' "$(new_link 2>/dev/null || echo "$url")"
  cat <<TEXT
               (this link signs one browser in, once, within 15 minutes; another: $cli login --browser)
  API          $url/api/v1

Next, in the git repository of an app of yours:
  $cli apps create myapp     makes the app and a git remote named paas
  git push paas main     builds it and makes it live
  $cli logs -f     what it says
TEXT
}

stop() {
  need_root
  if ! is_home; then
    echo "There is no platform in $PAAS_HOME." >&2
    return 0
  fi
  platform=$(setting 1)
  step "stop the platform and its instances" end_all
}

status() {
  local pid
  if ! pid=$(keep_pid); then
    echo "The platform in $PAAS_HOME does not run. Start it with: install/quickstart.sh"
    exit 3
  fi
  PAAS_HTTP_PORT=$(setting 2) PAAS_BIND=$(setting 3) PAAS_BASE_DOMAIN=$(setting 4)
  if ! ask "$PAAS_BASE_DOMAIN" /readyz >/dev/null 2>&1; then
    echo "The platform in $PAAS_HOME runs (keep is process $pid) but does not answer yet. Its logs are in $PAAS_HOME/logs."
    exit 1
  fi
  echo "The platform in $PAAS_HOME runs (keep is process $pid): http://$PAAS_BASE_DOMAIN:$PAAS_HTTP_PORT"
}

signin_link() {
  need_root
  is_home || die "There is no platform in $PAAS_HOME. Start one with: install/quickstart.sh"
  platform=$(setting 1)
  new_link
}

reset() {
  need_root
  if ! is_home; then
    [ -z "$(ls -A "$PAAS_HOME" 2>/dev/null)" ] || die "$PAAS_HOME is not the home of a platform: nothing is removed."
  else
    stop
    sign_out
    step "remove $PAAS_HOME" rm -rf --one-file-system "$PAAS_HOME"
  fi
  ! grep -qsF "{PAAS_HOME:-$PAAS_HOME}" "$cli" || rm -f "$cli"
}

sign_out() {
  [ -e "$PAAS_HOME/url" ] || return 0
  "$platform/cli/paas" logout >/dev/null 2>&1 || true
  [ -z "${SUDO_USER:-}" ] || [ "$SUDO_USER" = root ] || as_caller logout >/dev/null 2>&1 || true
}

check_settings
case ${1:-up} in
  up | stop | status | reset) "${1:-up}" ;;
  signin-link) signin_link ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac

# shellcheck shell=bash
# Shared by the benchmarks: sourced, never run. A platform of their own, ended with everything it made.

bench_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=install/lib.sh
. "$bench_root/install/lib.sh"

export PAAS_HOME=${BENCH_HOME:-/var/tmp/paas-bench}
export PAAS_HTTP_PORT=${BENCH_PORT:-18980}
url=http://localhost:$PAAS_HTTP_PORT

figure() { printf 'figure %s %s %s\n' "$1" "$2" "$3"; }

# median NUMBER...
median() { printf '%s\n' "$@" | sort -n | awk '{ a[NR] = $1 } END { print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }

since() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.3f", b - a }'; }

paas() { "$bench_root/bin/paas" "$@"; }

bench_up() {
  need_root
  trap bench_down EXIT
  saved_cli=$(mktemp)
  cp --preserve=mode "$bench_root/bin/paas" "$saved_cli" 2>/dev/null || rm -f "$saved_cli"
  "$bench_root/install/quickstart.sh" up >&2
}

bench_down() {
  "$bench_root/install/quickstart.sh" reset >&2 || true
  [ -f "${saved_cli:-}" ] && mv "$saved_cli" "$bench_root/bin/paas"
  rm -rf "${work:-}"
}

# repository SAMPLE APP: an app, and a repository with the sample committed; prints the folder.
repository() {
  local folder=$work/$2
  mkdir -p "$folder"
  cp -r "$bench_root/tests/apps/$1/." "$folder/"
  # From outside any repository: it would get a remote.
  (cd "$work" && paas apps create "$2" >/dev/null)
  (cd "$folder" && git init --quiet --initial-branch main && git add --all && git -c user.name=bench -c user.email=bench@localhost commit --quiet -m First)
  printf '%s' "$folder"
}

# push FOLDER APP: the push, which must succeed.
push() {
  (cd "$1" && git -c credential.helper= -c "credential.helper=!'$bench_root/bin/paas' git-credential" push --quiet "$url/git/$2.git" main) >"$work/push.log" 2>&1 ||
    { cat "$work/push.log" >&2; die "the push of $2 failed"; }
}

visit() { curl -fsS --noproxy '*' --max-time 10 -H "Host: $1.localhost" "http://127.0.0.1:$PAAS_HTTP_PORT${2:-/}"; }

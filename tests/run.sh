#!/usr/bin/env bash
# run.sh [--all] [--unit]: installs what is missing and runs the tests, as root; the last line counts them.
#   --all   the long ones too, which the plain run counts as skipped
#   --unit  only those that need neither root nor the kernel
# PAAS_TESTS_SCREENSHOTS: a folder for the pictures that the browser tests make; else they lie beside the test program.
# PAAS_OCI_SUITES: a folder with the official conformance suites of the OCI distribution specification (tests/lab/oci-conformance.sh).
# CI=true: packages exactly as the lock files name them.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=install/lib.sh
. "$root/install/lib.sh"
cd "$root" || exit 1

long=0
unit_only=0
for option in "$@"; do
  case $option in
    --all) long=1 ;;
    --unit) unit_only=1 ;;
    *) die "run.sh knows --all and --unit, not '$option'." 2 ;;
  esac
done

export PAAS_TESTS_LONG=$long
PAAS_CACHE=$(realpath -m -- "${PAAS_CACHE:-/var/cache/paas}")
export PAAS_CACHE
# The platform that this shell works with, if any, is not the tests'.
unset PAAS_HOME PAAS_HTTP_PORT PAAS_BIND PAAS_BASE_DOMAIN PAAS_URL PAAS_TOKEN PAAS_COMMAND
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0

# fail WHAT: counted, and told again at the end, where it is looked for.
fail() {
  failed=$((failed + 1))
  printf 'failed: %s\n' "$@" >>"$results/failures"
}

prepare() {
  need_root
  need_debian
  mkdir -p "$PAAS_CACHE"
  # shellcheck disable=SC2046
  step "Debian packages" ensure_packages $(platform_packages) skopeo podman buildah docker-registry nginx-light wrk jq unzip shellcheck nodejs chromium default-jdk-headless || exit 1
  # Without it the tests that need it say so and are skipped.
  [ "$unit_only" -eq 1 ] || step "docker, unpacked only" unpack docker usr/sbin/dockerd docker.io containerd || true
  [ "$unit_only" -eq 1 ] || step "PostgreSQL, unpacked only" unpack_postgresql || true
  step ".NET SDK" ensure_dotnet || exit 1
  step "users" ensure_users || exit 1
  step "native programs" make -s -C src/native || exit 1
  step "packages of the build" restore || exit 1
  step "build without a warning" dotnet build Paas.sln --no-restore -v quiet --nologo --disable-build-servers || exit 1
}

# unpack NAME FILE PACKAGE...: packages of the machine's Debian in the cache, as tests/NAME, unless FILE is there. Installed, docker and
# PostgreSQL would start their daemons (and docker would write rules into the machine's firewall); the tests start their own.
unpack() {
  local target=$PAAS_CACHE/tests/$1 file=$2 new result
  shift 2
  [ ! -e "$target/$file" ] || return 0
  new=$(mktemp -d "$PAAS_CACHE/.unpacked.XXXXXX") || return 1
  (
    cd "$new" || exit 1
    # _apt may not write here, and need not.
    apt-get -o APT::Sandbox::User=root download "$@" || exit 1
    for package in *.deb; do dpkg-deb --extract "$package" unpacked || exit 1; done
    mkdir -p "${target%/*}"
    rm -rf "$target"
    mv -T unpacked "$target"
  )
  result=$?
  rm -rf "$new"
  return "$result"
}

# With the libraries that this machine lacks, but for the compiler of queries, which is large and not needed.
unpack_postgresql() {
  local missing
  ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || return 0
  missing=$(apt-get install --simulate --no-install-recommends postgresql | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -v '^libllvm')
  # shellcheck disable=SC2086
  unpack postgresql usr/share/postgresql-common $missing
}

# Nothing is fetched when all is there: then no package source is asked, and it works without the network.
restore() {
  if [ "${CI:-}" = true ]; then
    dotnet restore Paas.sln -v quiet --locked-mode --disable-build-servers
  else
    dotnet restore Paas.sln -v quiet --disable-build-servers
  fi
}

# check TITLE COMMAND...: a test that is one command.
check() {
  if step "$@"; then passed=$((passed + 1)); else fail "$1"; fi
}

# long_check TITLE COMMAND...: one that only --all runs.
long_check() {
  if [ "$long" -eq 1 ]; then
    check "$@"
  else
    skipped=$((skipped + 1))
    printf '%-44s  skipped: only with --all\n' "  $1" >&2
  fi
}

format() { dotnet format Paas.sln --no-restore --verify-no-changes; }

shell_scripts() { find install tests .ci buildpacks -type f \( -name '*.sh' -o -path .ci/run -o -path 'buildpacks/*/bin/*' \) -exec grep -lIE '^#!.*\b(ba)?sh|^# shellcheck shell=' {} +; }

lint() { shell_scripts | xargs shellcheck -x -S warning; }

# suite NAME PROJECT: runs one test program and adds its counts.
suite() {
  local name=$1 project=$2 log=$results/$1.log line rc=0
  printf '\n== %s\n' "$name"
  dotnet run --no-build --project "$project" -- --no-progress --no-ansi 2>&1 | tee "$log"
  rc=${PIPESTATUS[0]}
  count() { sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1; }
  line=$(count succeeded)
  grep -A 12 '^failed ' "$log" >>"$results/failures"
  if [ -z "$line" ]; then
    fail "$name ended without a summary (exit $rc): counted as one failure"
    return
  fi
  passed=$((passed + line))
  failed=$((failed + $(count failed)))
  skipped=$((skipped + $(count skipped)))
  if [ "$rc" -ne 0 ] && [ "$(count failed)" = 0 ]; then
    fail "$name ended with exit $rc though no test failed: counted as one failure"
  fi
}

began=$SECONDS
prepare
check "formatted as .editorconfig says" format
check "shell scripts (shellcheck)" lint
check "scripts of the dashboard" node --test tests/dashboard/
suite unit tests/Paas.Tests/Paas.Tests.csproj
if [ "$unit_only" -eq 0 ]; then
  source=$(source_id "$root")
  if step "platform for the system tests" publish_platform "$root" "$PAAS_CACHE" "$source"; then
    export PAAS_PLATFORM=$PAAS_CACHE/platform/$source
    check "base images" "$PAAS_PLATFORM/paasd" stack
    suite system tests/Paas.SystemTests/Paas.SystemTests.csproj
    long_check "quickstart on a fresh Debian 12" tests/lab/fresh-machine.sh bookworm
    long_check "quickstart on a fresh Debian 13" tests/lab/fresh-machine.sh trixie
    long_check "engine on cgroup v2 (virtual machine)" tests/lab/cgroup-v2.sh
    if [ "$long" -eq 1 ] && [ ! -d "${PAAS_OCI_SUITES:-}" ]; then
      skipped=$((skipped + 1))
      printf '%-44s  skipped: PAAS_OCI_SUITES names no folder with the suites\n' "  official suites of the registry" >&2
    else
      long_check "official suites of the registry" tests/lab/oci-conformance.sh
    fi
  else
    fail "platform for the system tests"
  fi
fi

[ ! -s "$results/failures" ] || { printf '\n== what failed\n' && cat "$results/failures"; }
printf '\nin %s s\n%s passed, %s failed, %s skipped\n' "$((SECONDS - began))" "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]

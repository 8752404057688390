#!/usr/bin/env bash
# run.sh [--all] [--unit]: installs what is missing and runs the tests, as root; the last line counts them.
#   --all   the long ones too, which the plain run counts as skipped
#   --unit  only those that need neither root nor the kernel
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
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
export PAAS_CACHE=${PAAS_CACHE:-/var/cache/paas}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0

prepare() {
  need_root
  # shellcheck disable=SC2046
  step "Debian packages" ensure_packages $(platform_packages) skopeo nginx-light wrk || exit 1
  step ".NET SDK" ensure_dotnet || exit 1
  step "users" ensure_users || exit 1
  step "native programs" make -s -C src/native || exit 1
  step "build" dotnet build Paas.sln -v quiet --nologo || exit 1
}

# suite NAME PROJECT: runs one test program and adds its counts.
suite() {
  local name=$1 project=$2 log=$results/$1.log line rc=0
  printf '\n== %s\n' "$name"
  dotnet run --no-build --project "$project" -- --no-progress --no-ansi 2>&1 | tee "$log"
  rc=${PIPESTATUS[0]}
  count() { sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1; }
  line=$(count succeeded)
  if [ -z "$line" ]; then
    echo "$name ended without a summary (exit $rc): counted as one failure"
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + line))
  failed=$((failed + $(count failed)))
  skipped=$((skipped + $(count skipped)))
  if [ "$rc" -ne 0 ] && [ "$(count failed)" = 0 ]; then
    echo "$name ended with exit $rc though no test failed: counted as one failure"
    failed=$((failed + 1))
  fi
}

prepare
suite unit tests/Paas.Tests/Paas.Tests.csproj
if [ "$unit_only" -eq 0 ]; then
  step "platform for the system tests" publish_platform "$root" "$PAAS_CACHE" || failed=$((failed + 1))
  PAAS_PLATFORM=$PAAS_CACHE/platform/$(source_id "$root")
  export PAAS_PLATFORM
  step "base images" "$PAAS_PLATFORM/paasd" stack || failed=$((failed + 1))
  suite system tests/Paas.SystemTests/Paas.SystemTests.csproj
fi

printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]

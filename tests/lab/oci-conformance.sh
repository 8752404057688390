#!/usr/bin/env bash
# oci-conformance.sh: the official conformance suites of the OCI distribution specification against a platform that runs on this
# machine for that, through its edge. As root. The suites are programs of others and no part of this repository; PAAS_OCI_SUITES names a
# folder that has them, each with all of its workflows in one file:
#   conformance-v1.1   the test binary of the suite tagged v1.1.1
#   conformance-main   the program of the suite on the specification's main branch
# What is not there is passed over; with neither it says so and ends with 77.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=install/lib.sh
. "$root/install/lib.sh"

suites=${PAAS_OCI_SUITES:-}
if [ ! -x "$suites/conformance-v1.1" ] && [ ! -x "$suites/conformance-main" ]; then
  echo "skipped: PAAS_OCI_SUITES names no folder with conformance-v1.1 or conformance-main"
  exit 77
fi

need_root
work=$(mktemp -d /var/tmp/paas-oci.XXXXXX)
# Edge and git run as users of their own.
chmod o+x "$work"
export PAAS_HOME=$work/home PAAS_HTTP_PORT=${OCI_PORT:-18981}
finish() {
  "$root/install/quickstart.sh" reset >/dev/null 2>&1 || true
  [ ! -f "$work/paas" ] || mv "$work/paas" "$root/bin/paas"
  rm -rf "$work"
}
trap finish EXIT
# It makes its own.
cp "$root/bin/paas" "$work/paas" 2>/dev/null || true
"$root/install/quickstart.sh" up
token=$(curl -fsS --max-time 30 --unix-socket "$PAAS_HOME/run/admin.sock" -H 'Content-Type: application/json' \
  -d '{"user":"admin","tokenName":"conformance"}' http://admin/admin/bootstrap | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
[ -n "$token" ] || die "the platform gave no token"
failed=0

# The suite of v1.1.1 exits with 0 also when steps were skipped: only those that exclude each other, or need what is pushed before, may be.
if [ -x "$suites/conformance-v1.1" ]; then
  export OCI_ROOT_URL=http://localhost:$PAAS_HTTP_PORT OCI_NAMESPACE=conformance/one OCI_CROSSMOUNT_NAMESPACE=conformance/two \
    OCI_AUTOMATIC_CROSSMOUNT=1 OCI_USERNAME=x OCI_PASSWORD=$token OCI_REPORT_DIR=none OCI_HIDE_SKIPPED_WORKFLOWS=0 \
    OCI_TEST_PULL=1 OCI_TEST_PUSH=1 OCI_TEST_CONTENT_DISCOVERY=1 OCI_TEST_CONTENT_MANAGEMENT=1
  "$suites/conformance-v1.1" >"$work/v1.1.log" 2>&1 || failed=1
  summary=$(sed 's/\x1b\[[0-9;]*m//g' "$work/v1.1.log" | grep -E '^(SUCCESS|FAIL)!' || true)
  echo "v1.1.1: ${summary:-it ended without a summary}"
  [[ $summary == *' 0 Failed '* && $summary =~ \ ([0-4])\ Skipped ]] || failed=1
  [ "$failed" -eq 0 ] || tail -n 60 "$work/v1.1.log"
fi

if [ -x "$suites/conformance-main" ]; then
  for version in 1.1 dev; do
    log=$work/main-$version.log
    (cd "$work" && OCI_REGISTRY=localhost:$PAAS_HTTP_PORT OCI_TLS=disabled OCI_USERNAME=x OCI_PASSWORD=$token OCI_VERSION=$version \
      OCI_REPO1=conformance/three OCI_REPO2=conformance/four OCI_RESULTS_DIR=$work "$suites/conformance-main") >"$log" 2>&1 || failed=1
    echo "main, version $version: $(grep -A 7 '^OCI Conformance Result' "$log" | tr -s ' .\n' ' ')"
    grep -q '^OCI Conformance Result: Pass' "$log" && grep -Eq '^  Skip\.*: +0$' "$log" || failed=1
    grep -E ': (FAIL|Error|Skip)$' "$log" | head -n 40 || true
  done
fi

[ "$failed" -eq 0 ] || die "the registry does not pass"

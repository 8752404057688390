#!/usr/bin/env bash
# fresh-machine.sh [bookworm|trixie]: quickstart on a fresh Debian server with systemd, down to the URL that answers.
# As root; 5 to 10 minutes; installs what the lab needs.
set -euo pipefail
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

export LAB_SUITE=${1:-bookworm}
server_up "fresh-$LAB_SUITE-$$"
ensure_packages mmdebstrap runc slirp4netns iproute2 jq
LAB_FILES=$work/files "$lab_root/tests/lab/server.sh" up "$server"

on /opt/paas/install/quickstart.sh
on 'curl -fsS http://hello.localhost:8080' | grep -q '^Hello from hello' || die "the sample app does not answer"
on /opt/paas/bin/paas status
on /opt/paas/install/quickstart.sh status

began=$SECONDS
on /opt/paas/install/quickstart.sh
[ $((SECONDS - began)) -le 30 ] || die "the second run took $((SECONDS - began)) s"

on /opt/paas/install/quickstart.sh stop
left=$(on 'grep " /var/lib/paas/" /proc/mounts; nft list tables | grep paas_; ls /sys/class/net | grep -x "p[0-9a-f]*"; find /sys/fs/cgroup -maxdepth 2 -name "paas-????"; pgrep -ax "paasd|conmon" || true' || true)
[ -z "$left" ] || die "stop left this behind: $left"
on /opt/paas/install/quickstart.sh reset
on 'test ! -e /var/lib/paas && test -e /var/cache/paas' || die "reset removes the home and leaves the cache"

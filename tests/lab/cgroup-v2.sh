#!/usr/bin/env bash
# cgroup-v2.sh: the engine for real on Debian's own kernel with cgroup v2, in a virtual machine. As root; slow (no hardware
# virtualisation is asked for): 10 to 20 minutes. Build, base images and SDK come from this machine.
set -euo pipefail
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

export LAB_KIND=vm
server_up "cgroup2-$$"
ensure_packages mmdebstrap qemu-system-x86 e2fsprogs openssh-client perl
source=$(source_id "$lab_root")
publish_platform "$lab_root" "$PAAS_CACHE" "$source"
platform=$PAAS_CACHE/platform/$source
"$platform/paasd" stack
mkdir -p "$work/files/var/cache/paas/platform"
cp -a "$platform" "$work/files/var/cache/paas/platform/"
cp -a "$PAAS_CACHE/blobs" "$PAAS_CACHE/snapshots" "$PAAS_CACHE/stacks" "$work/files/var/cache/paas/"
LAB_PACKAGES=$(platform_packages) LAB_FILES=$work/files "$lab_root/tests/lab/server.sh" up "$server"

on 'test "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs' || die "this server has no cgroup v2"
on /opt/paas/install/quickstart.sh
on 'curl -fsS --max-time 60 http://hello.localhost:8080' | grep -q '^Hello from hello' || die "the sample app does not answer"
on /opt/paas/bin/paas status
limits=$(on 'cd /sys/fs/cgroup/paas-????/*.web.1 && cat memory.max pids.max && cat memory.events | grep oom_kill && wc -l <cgroup.procs')
echo "$limits"
[ "$(head -n 2 <<<"$limits" | tr '\n' ' ')" = "536870912 512 " ] || die "the limits are not in the control group"
on /opt/paas/install/quickstart.sh stop
on '! ls -d /sys/fs/cgroup/paas-????' || die "stop left control groups behind"

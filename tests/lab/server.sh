#!/usr/bin/env bash
# server.sh: throw-away Debian servers on this machine, to try an installation on.
#   server.sh up NAME        a fresh, booted server
#   server.sh run NAME CMD   a shell command in it, as root
#   server.sh down NAME      end it and remove its files
# Settings (environment):
#   LAB_KIND      container: systemd in runc, this machine's kernel and cgroup version; vm: qemu, Debian's kernel, slow
#   LAB_SUITE     bookworm | trixie
#   LAB_FILES     a folder whose content is laid over the server's root before it starts
#   LAB_PACKAGES  more packages in its base image
#   LAB_DIR       where all is kept; base images stay in it (/var/tmp/paas-lab)
# Package sources, their proxies and CA certificates are this machine's. Nothing here changes this machine's network.
set -euo pipefail

kind=${LAB_KIND:-container}
suite=${LAB_SUITE:-bookworm}
lab=${LAB_DIR:-/var/tmp/paas-lab}
packages=${LAB_PACKAGES:-}
call=${1:?up, run or down}
name=${2:?the name of a server}
server=$lab/$name
base=$lab/base-$suite-$kind-$(printf %s "$packages" | sha256sum | cut -c1-8)
space=paaslab-$name

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# until_true SECONDS COMMAND...
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.5
  done
}

# archive WORD: the address of this machine's Debian archive, the security one or the other.
archive() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -nE 's#^(deb +(\[[^]]*\] *)?|URIs: *)([a-z+]+://[^ ]+).*#\3#p' | if [ "$1" = security ]; then grep -m1 -- -security; else grep -v -m1 -- -security; fi
}

make_base() {
  [ ! -e "$base/made" ] || return 0
  say "making the base system of $suite ($kind): one to three minutes, once"
  rm -rf "$base"
  mkdir -p "$base"
  local include=systemd,systemd-sysv,dbus,ca-certificates,iproute2,kmod,procps,curl
  [ "$kind" = container ] || include+=,openssh-server,ifupdown,isc-dhcp-client,linux-image-cloud-amd64,initramfs-tools,udev
  mmdebstrap --quiet --variant=minbase --include="$include${packages:+,${packages// /,}}" "$suite" "$base/root" \
    "deb $(archive main) $suite main" "deb $(archive main) $suite-updates main" "deb $(archive security) $suite-security main" >"$base/log" 2>&1 ||
    die "mmdebstrap failed, see $base/log"
  cp -r /usr/local/share/ca-certificates/. "$base/root/usr/local/share/ca-certificates/" 2>/dev/null || true
  chroot "$base/root" update-ca-certificates >/dev/null 2>&1
  rm -f "$base/root/etc/systemd/system/timers.target.wants/"apt-*
  printf '127.0.0.1 localhost server\n::1 localhost\n' >"$base/root/etc/hosts"
  echo server >"$base/root/etc/hostname"
  : >"$base/root/etc/machine-id"
  if [ "$kind" = vm ]; then
    ssh-keygen -q -t ed25519 -N '' -C lab -f "$base/key"
    install -D -m 0600 "$base/key.pub" "$base/root/root/.ssh/authorized_keys"
    printf 'auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n' >"$base/root/etc/network/interfaces"
    echo '/dev/vda / ext4 noatime 0 1' >"$base/root/etc/fstab"
    cp "$base"/root/boot/vmlinuz-* "$base/vmlinuz"
    cp "$base"/root/boot/initrd.img-* "$base/initrd"
  else
    rm -f "$base/root/etc/resolv.conf"
    echo 'nameserver 10.0.2.3' >"$base/root/etc/resolv.conf"
  fi
  touch "$base/made"
}

make_server() {
  mkdir -p "$server"
  echo "$kind" >"$server/kind"
  cp -a --reflink=auto "$base/root" "$server/rootfs"
  [ -z "${LAB_FILES:-}" ] || cp -a "$LAB_FILES/." "$server/rootfs/"
  chown root:root "$server/rootfs"
}

# ---- container ----

# Every capability that we have but those over the machine itself.
capabilities() {
  setpriv --dump | sed -n 's/^Capability bounding set: //p' | tr ',' '\n' |
    grep -vxE 'sys_time|sys_module|sys_rawio|sys_boot|mac_.*|wake_alarm|block_suspend|syslog|\[none\]' | tr '[:lower:]' '[:upper:]' | jq -R '"CAP_" + .' | jq -cs .
}

# /proc/sys is writable below net only: the rest is the machine's. A runtime inside may allow no device that is not allowed here (cgroup v1), and crun
# allows every container the console and tun.
container_config() {
  runc spec --bundle "$server"
  jq --argjson caps "$(capabilities)" --arg space "/run/netns/$space" --arg group "/paas-lab-$name" '
    .hostname = "server" | .root.readonly = false | .process.terminal = false | .process.noNewPrivileges = false | del(.process.rlimits)
    | .process.capabilities = {bounding: $caps, effective: $caps, permitted: $caps}
    | .process.env = ["container=runc", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    | .process.args = ["/bin/sh", "-c", "mount --bind /proc/sys /proc/sys && mount --bind /proc/sys/net /proc/sys/net && mount -o remount,bind,ro /proc/sys && exec /sbin/init SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 --show-status=0"]
    | .mounts = ([.mounts[] | if .destination == "/sys/fs/cgroup" then .options -= ["ro"] else . end]
        + [("/run", "/run/lock", "/tmp") | {destination: ., type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=1777"]}])
    | .linux.readonlyPaths -= ["/proc/sys"] | .linux.cgroupsPath = $group
    | .linux.namespaces = ([.linux.namespaces[] | select(.type != "network")] + [{type: "network", path: $space}])
    | .linux.devices = ([range(16) | {path: "/dev/loop\(.)", type: "b", major: 7, minor: ., fileMode: 432}] + [{path: "/dev/loop-control", type: "c", major: 10, minor: 237, fileMode: 432}])
    | .linux.resources.devices += ([{allow: true, type: "b", major: 7, access: "rwm"}, {allow: true, type: "c", access: "m"}, {allow: true, type: "b", access: "m"}]
        + [([5, 1], [10, 200], [10, 237]) | {allow: true, type: "c", major: .[0], minor: .[1], access: "rwm"}])
    ' "$server/config.json" >"$server/config.new"
  mv "$server/config.new" "$server/config.json"
}

container_up() {
  ip netns add "$space"
  ip -n "$space" link set lo up
  setsid slirp4netns --configure --mtu=1500 --netns-type=path "/run/netns/$space" eth0 >"$server/network.log" 2>&1 </dev/null &
  echo $! >"$server/network.pid"
  container_config
  runc --root "$server/runc" run --detach --bundle "$server" "$name" >"$server/console.log" 2>&1 </dev/null
  until_true 60 on 'systemctl is-system-running --wait | grep -E "running|degraded"' || die "$name does not boot, see $server/console.log"
}

container_down() {
  runc --root "$server/runc" delete --force "$name" 2>/dev/null || true
  end_process network
  ip netns del "$space" 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path "*/paas-lab-$name*" -exec rmdir {} + 2>/dev/null || true
}

# ---- virtual machine ----

vm_up() {
  mke2fs -q -t ext4 -d "$server/rootfs" "$server/disk" 12G
  rm -rf --one-file-system "$server/rootfs"
  # A port that nobody has: the kernel is asked for one by binding to 0.
  perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport' >"$server/port"
  cp "$base/key" "$server/key"
  setsid qemu-system-x86_64 -accel tcg,thread=multi,tb-size=512 -cpu Nehalem -machine pc -smp 2 -m "${LAB_MEMORY:-3072}" -nodefaults -no-user-config -display none \
    -kernel "$base/vmlinuz" -initrd "$base/initrd" -append "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off quiet" \
    -drive "if=virtio,file=$server/disk,format=raw,cache=unsafe" -netdev "user,id=n0,hostfwd=tcp:127.0.0.1:$(cat "$server/port")-:22" \
    -device virtio-net-pci,netdev=n0,romfile= -device virtio-rng-pci -serial "file:$server/console.log" >"$server/qemu.log" 2>&1 </dev/null &
  echo $! >"$server/qemu.pid"
  until_true 600 on true || die "$name does not boot, see $server/console.log"
  on "date -s @$(date +%s)" >/dev/null
}

# ---- both ----

end_process() {
  local pid
  pid=$(cat "$server/$1.pid" 2>/dev/null) || return 0
  grep -qaF -e "$space" -e "$server" "/proc/$pid/cmdline" 2>/dev/null || return 0
  kill "$pid" 2>/dev/null || return 0
  timeout 20 tail --pid="$pid" -f /dev/null || kill -9 "$pid"
}

on() {
  if [ "$(cat "$server/kind")" = vm ]; then
    ssh -i "$server/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes -o ConnectTimeout=10 \
      -p "$(cat "$server/port")" root@127.0.0.1 "$@"
  else
    runc --root "$server/runc" exec --env HOME=/root "$name" bash -c "$*"
  fi
}

case $call in
  up)
    [ ! -e "$server" ] || die "$name exists: $0 down $name"
    make_base
    make_server
    "${kind}_up"
    ;;
  run)
    shift 2
    on "$@"
    ;;
  down)
    [ -e "$server" ] || exit 0
    if [ "$(cat "$server/kind")" = vm ]; then end_process qemu; else container_down; fi
    rm -rf --one-file-system "$server"
    ;;
  *) die "up, run or down, not '$call'" ;;
esac

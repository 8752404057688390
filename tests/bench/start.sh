#!/usr/bin/env bash
# start.sh [ROUNDS]: instance start to first answered request of the same image, alternating in one run: the native engine, the same
# runtime by hand (byhand.c: conmon, runtime and system calls, nothing else), `docker run` and `podman run`. As root.
#   figure start.vs-hand.time, start.vs-docker.time, start.vs-podman.time   medians, ours divided by theirs
# Docker and podman live in a network namespace and folders of this run's own; docker's programs are unpacked from Debian's packages
# when it is not installed. One that cannot run here is named on stderr and its figure left out.
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${1:-21}
need_root
work=$(mktemp -d)
space=paas-bench-$$
# Interface names have 15 characters at most.
cable=pbench$(($$ % 100000))
host_address=10.213.77.1
export BENCH_PEERS_ADDRESS=10.213.77.2 BENCH_ROUNDS=$rounds BENCH_BYHAND=$work/byhand PAAS_BENCH=$work/medians
dockerd_pid=''
podman=()

cleanup() {
  [ "${#podman[@]}" -eq 0 ] || "${podman[@]}" rm --force --all >/dev/null 2>&1 || true
  if [ -n "$dockerd_pid" ]; then
    kill "$dockerd_pid" 2>/dev/null || true
    for _ in $(seq 100); do [ -d "/proc/$dockerd_pid" ] && sleep 0.1; done
  fi
  ip link del "$cable" 2>/dev/null || true
  ip netns del "$space" 2>/dev/null || true
  # What docker or podman left mounted goes first, the deepest first.
  { awk -v w="$work/" 'index($5, w) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r umount -l; } 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT

peers_network() {
  ip netns add "$space"
  ip -n "$space" link set lo up
  ip link add "$cable" type veth peer name eth0 netns "$space"
  ip addr add "$host_address/30" dev "$cable"
  ip link set "$cable" up
  ip -n "$space" addr add "$BENCH_PEERS_ADDRESS/30" dev eth0
  ip -n "$space" link set eth0 up
  ip -n "$space" route add default via "$host_address"
}

# Prints the folders of docker's programs, for PATH; nothing when they are installed.
docker_programs() {
  command -v dockerd >/dev/null && return 0
  mkdir "$work/debs"
  (cd "$work/debs" && apt-get download docker.io containerd >/dev/null 2>&1) || return 1
  local package
  for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$work/docker-programs"; done
  printf '%s' "$work/docker-programs/usr/sbin:$work/docker-programs/usr/bin:"
}

# A daemon of its own: own data, own network namespace (its firewall rules stay there), own /run.
docker_up() {
  local path socket=$work/docker.sock
  path=$(docker_programs)$PATH || { echo "docker is not installed, and Debian's packages cannot be fetched" >&2; return 1; }
  # shellcheck disable=SC2016
  PATH=$path nsenter --net="/run/netns/$space" unshare --mount --propagation private bash -c \
    'mount -t tmpfs tmpfs /run && exec dockerd -H "unix://$0/docker.sock" --data-root "$0/docker" --exec-root "$0/docker-run" --pidfile "$0/docker.pid" --exec-opt native.cgroupdriver=cgroupfs' \
    "$work" >"$work/docker.log" 2>&1 &
  dockerd_pid=$!
  local tries
  for tries in $(seq 300); do
    PATH=$path docker -H "unix://$socket" version >/dev/null 2>&1 && break
    if [ ! -d "/proc/$dockerd_pid" ] || [ "$tries" = 300 ]; then tail -n 5 "$work/docker.log" >&2; return 1; fi
    sleep 0.1
  done
  BENCH_DOCKER="$(PATH=$path command -v docker) -H unix://$socket"
  export BENCH_DOCKER
}

podman_up() {
  command -v podman >/dev/null || ensure_packages podman >&2 || return 1
  mkdir "$work/podman-net"
  podman=(nsenter "--net=/run/netns/$space" podman --root "$work/podman" --runroot "$work/podman-run" --runtime /usr/sbin/runc
    --cgroup-manager cgroupfs --network-config-dir "$work/podman-net" --tmpdir "$work/podman-tmp")
  "${podman[@]}" info >/dev/null || return 1
  export BENCH_PODMAN="${podman[*]}"
}

cd "$bench_root"
make -s -C src/native >&2
dotnet build tests/Paas.SystemTests -c Release -v quiet --nologo -clp:NoSummary >&2
gcc -static -O2 -Wall -Wextra -o "$BENCH_BYHAND" tests/bench/byhand.c
peers_network
docker_up || echo "start.vs-docker.time is left out: docker cannot run here." >&2
podman_up || { podman=(); echo "start.vs-podman.time is left out: podman cannot run here." >&2; }

# PAAS_PLATFORM stays unset: the bench needs no platform.
env -u PAAS_PLATFORM dotnet run --no-build -c Release --project tests/Paas.SystemTests -- --filter-class '*StartBench' --no-progress --no-ansi >"$work/log" 2>&1 ||
  { tail -n 40 "$work/log" >&2; die "the bench did not run to its end"; }

median_of() { awk -v name="$1" '$1 == name { print $2 }' "$PAAS_BENCH"; }
while read -r name middle least; do
  printf '%s: median %s ms, least %s ms\n' "$name" "$middle" "$least" >&2
  [ "$name" = native ] || figure "start.vs-$name.time" "$(awk -v ours="$(median_of native)" -v theirs="$middle" 'BEGIN { printf "%.3f", ours / theirs }')" x
done <"$PAAS_BENCH"

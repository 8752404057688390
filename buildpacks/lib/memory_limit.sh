# What an instance, or a build, may use: sourced by scripts of exec.d (POSIX sh), beside which add_exec_d lays it, and by bin/build.
# shellcheck shell=sh

# memory_limit: in bytes; nothing where there is none.
memory_limit() {
  for memory_limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    [ ! -r "$memory_limit" ] || { read -r memory_limit < "$memory_limit" && break; }
  done
  # "max", or version 1's number near 2^63.
  case $memory_limit in '' | *[!0-9]* | ????????????????*) ;; *) echo "$memory_limit" ;; esac
}

# shellcheck shell=bash
# Shared by quickstart.sh, tests/run.sh and the benchmarks: sourced, never run. Needs bash.

# No build servers that live on, no messages of its own, and no ICU library: a bare machine has none.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
# What this machine asks of itself never goes through a proxy.
export no_proxy="${no_proxy:-${NO_PROXY:-}},localhost,.localhost,127.0.0.1,::1"
no_proxy=${no_proxy#,}
export NO_PROXY=$no_proxy

# step TITLE COMMAND...: runs it, shows how long it took; its output is shown only when it fails.
# Commands are functions that end with the first failure by themselves: bash ignores `set -e` in here.
step() {
  local title=$1 began log rc=0
  shift
  began=$(date +%s.%N)
  log=$(mktemp)
  printf '%-44s' "  $title" >&2
  "$@" >"$log" 2>&1 || rc=$?
  awk -v a="$began" -v b="$(date +%s.%N)" -v rc="$rc" 'BEGIN { printf "%7.1f s%s\n", b - a, rc ? "  failed" : "" }' >&2
  [ "$rc" -eq 0 ] || tail -n 40 "$log" >&2
  rm -f "$log"
  return "$rc"
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

need_root() {
  [ "$(id -u)" -eq 0 ] || die "this needs root: it installs packages, makes users, mounts and network. Run it again with sudo."
}

need_debian() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    die "this machine has no apt-get: the platform runs on Debian 12 and 13 (Ubuntu 22.04 and 24.04 are not yet tried)."
}

# ensure_packages PACKAGE...: installs those that are missing, and nothing when none is.
ensure_packages() {
  local missing
  # dpkg-query fails when it knows one not at all, and still names those that are there.
  missing=$(printf '%s\n' "$@" | sort -u | comm -23 - <(dpkg-query -W -f='${binary:Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/:[a-z0-9]* installed$//p; s/ installed$//p' | sort -u))
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086
  install_packages $missing && return 0
  # shellcheck disable=SC2086
  apt-get -o DPkg::Lock::Timeout=300 update && install_packages $missing && return 0
  echo "These packages could not be installed: ${missing//$'\n'/ }. Check the package sources (/etc/apt) and the network, then run this again."
  return 1
}

install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

# What the platform itself needs; each is named in docs/install.md with its purpose.
platform_packages() {
  echo conmon crun runc nftables libnftables1 iproute2 git mmdebstrap debian-archive-keyring musl-tools gcc libc6-dev make \
    libsqlite3-0 libseccomp2 tini e2fsprogs util-linux mount curl ca-certificates zstd procps
}

ensure_dotnet() {
  has_dotnet && return 0
  install_packages dotnet-sdk-10.0 && has_dotnet && return 0
  local script rc=1
  script=$(mktemp)
  if curl -fsSL --connect-timeout 10 --max-time 60 https://dot.net/v1/dotnet-install.sh -o "$script" &&
    bash "$script" --channel 10.0 --install-dir /usr/share/dotnet; then
    ln -sf /usr/share/dotnet/dotnet /usr/local/bin/dotnet
    has_dotnet && rc=0
  fi
  rm -f "$script"
  [ "$rc" -eq 0 ] || echo "The .NET 10 SDK is missing, and neither the distribution's packages (dotnet-sdk-10.0) nor Microsoft's installer (https://dot.net) could be reached. Install the .NET 10 SDK (so that 'dotnet --list-sdks' names a 10.0), then run this again."
  return "$rc"
}

has_dotnet() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

ensure_users() {
  local user
  for user in paas-edge paas-git; do
    id "$user" >/dev/null 2>&1 ||
      useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user" || return 1
  done
}

# What the platform is built from, in the checkout that is the current folder.
built_from() {
  local item
  for item in src web buildpacks docs Directory.Build.props Directory.Packages.props global.json BannedSymbols.txt .editorconfig; do
    [ ! -e "$item" ] || echo "$item"
  done
}

# source_sums FOLDER: digest and name of each file that the build is made from.
source_sums() {
  # shellcheck disable=SC2046
  (cd "$1" && find $(built_from) \
    \( -path 'src/*/bin' -o -path 'web/*/bin' -o -name obj -o -path src/native/out -o -path 'web/*/wwwroot/lib' -o -path 'web/*/wwwroot/_framework' \) -prune -o -type f ! -name '*.swp' -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum)
}

# source_id ROOT: changes when anything changes that the build is made from.
source_id() { source_sums "$1" | sha256sum | cut -c1-16; }

# publish_platform ROOT CACHE [SOURCE_ID]: builds Release once for these sources into the shared cache, CACHE/platform/<source id>.
# Whoever looks there afterwards gives the id, so that a file edited meanwhile cannot make it another.
# One build at a time for all checkouts; the folder is made whole under another name first, so that a build which was
# cut off leaves nothing that looks finished.
publish_platform() {
  local root=$1 cache=$2 target
  target=$cache/platform/${3:-$(source_id "$root")}
  mkdir -p "$cache/platform" || return 1
  (
    flock 8 || exit 1
    if [ ! -e "$target/paasd" ]; then
      build_platform "$root" "$cache/platform" "$target" 8>&- || exit 1
    fi
    touch "$target"
    prune_platforms "$cache/platform"
  ) 8>"$cache/platform/.lock"
}

# build_platform ROOT FOLDER TARGET: under the lock. The build has a tree of its own, FOLDER/.tree, into which only files
# that changed are copied: nothing is compiled twice, and no checkout's obj folders are touched. On x86-64 machine code is
# made too (starts take half the time); there is no such compiler for the others.
build_platform() {
  local root=$1 tree=$2/.tree out=$2/.new target=$3 buildpack machine=()
  [ "$(uname -m)" != x86_64 ] || machine=(--runtime linux-x64 --no-self-contained)
  # A build that was cut off may have left half a file that looks newer than its sources.
  [ ! -e "$2/.unfinished" ] || rm -rf "$tree"
  mkdir -p "$tree" && touch "$2/.unfinished" && rm -rf "$out" && mkdir "$out" || return 1
  copy_sources "$root" "$tree" &&
    make -s -C "$tree/src/native" &&
    dotnet publish "$tree/src/Paas/Paas.csproj" -c Release -o "$out" "${machine[@]}" -v quiet --disable-build-servers &&
    dotnet publish "$tree/src/Paas.Cli/Paas.Cli.csproj" -c Release -o "$out/cli" "${machine[@]}" -v quiet --disable-build-servers ||
    { echo "The build failed; the lines above say why. If a package could not be fetched, check NuGet's sources (dotnet nuget list source) and the network."; return 1; }
  mkdir -p "$out/native" && cp "$tree"/src/native/out/* "$out/native/" && cp -rT "$tree/buildpacks" "$out/buildpacks" || return 1
  for buildpack in "$out"/buildpacks/*/bin; do
    cp "$out/native/bp" "$buildpack/bp" && cp -rT "$out/buildpacks/lib" "${buildpack%/bin}/lib" || return 1
  done
  rm -rf "$out/buildpacks/lib"
  chmod -R go+rX "$out" && rm -rf "$target" && mv -T "$out" "$target" && sync -f "$target" && rm -f "$2/.unfinished"
}

# copy_sources FROM TO: what changed is copied, what is gone is removed.
copy_sources() {
  local from=$1 to=$2 old new
  new=$(source_sums "$from" | LC_ALL=C sort) || return 1
  old=$(source_sums "$to" 2>/dev/null | LC_ALL=C sort)
  LC_ALL=C comm -13 <(cut -c67- <<<"$new" | LC_ALL=C sort) <(cut -c67- <<<"$old" | LC_ALL=C sort) | (cd "$to" && xargs -r -d '\n' rm -f)
  # Fresh time stamps: the compiler goes by them. A program that is gone from the sources would stay in out.
  LC_ALL=C comm -23 <(echo "$new") <(echo "$old") | cut -c67- | tar -C "$from" -cf - -T - | tar -C "$to" -xmf - || return 1
  rm -rf "$to/src/native/out"
}

# prune_platforms FOLDER: removes old builds. The newest three stay, and those that a process runs, a home was started
# with, or somebody used within the hour.
prune_platforms() {
  local build home newer=0 running
  running=$(readlink /proc/[0-9]*/exe 2>/dev/null || true)
  while read -r build; do
    newer=$((newer + 1))
    [ "$newer" -gt 3 ] && [ -z "$(find "$build" -maxdepth 0 -mmin -60)" ] && ! grep -qF "$build/" <<<"$running" || continue
    while read -r home; do
      [ "$(cut -d' ' -f1 "$home/settings" 2>/dev/null)" != "$build" ] || continue 2
    done < <(cat "$build/used-by" 2>/dev/null)
    rm -rf "$build"
  done < <(find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2-)
}

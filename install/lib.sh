# shellcheck shell=bash
# Shared by quickstart.sh and tests/run.sh: sourced, never run. Needs bash.

# step TITLE COMMAND...: runs it, shows how long it took; its output is shown only when it fails.
step() {
  local title=$1 began log rc=0
  shift
  began=$(date +%s.%N)
  log=$(mktemp)
  printf '%-44s' "  $title" >&2
  "$@" >"$log" 2>&1 || rc=$?
  awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "%7.1f s\n", b - a }' >&2
  if [ "$rc" -ne 0 ]; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    return "$rc"
  fi
  rm -f "$log"
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

need_root() {
  [ "$(id -u)" -eq 0 ] || die "this needs root: it installs packages, makes users, mounts and network. Run it again with sudo."
}

# ensure_packages PACKAGE...: installs those that are missing, and nothing when none is.
ensure_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "${missing[@]}" && return 0
  apt-get update && apt-get install -y --no-install-recommends "${missing[@]}" && return 0
  echo "These packages could not be installed: ${missing[*]}. Check the package sources and the network, then run this again."
  return 1
}

# What the platform itself needs; each is named in docs/install.md with its purpose.
platform_packages() {
  echo conmon crun runc nftables libnftables1 iproute2 git mmdebstrap debian-archive-keyring musl-tools gcc make \
    libsqlite3-0 libseccomp2 tini e2fsprogs util-linux curl ca-certificates zstd procps
}

ensure_dotnet() {
  if command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    return 0
  fi
  export DEBIAN_FRONTEND=noninteractive
  if apt-get install -y --no-install-recommends dotnet-sdk-10.0; then
    return 0
  fi
  local script
  script=$(mktemp)
  if curl -fsSL --max-time 60 https://dot.net/v1/dotnet-install.sh -o "$script" &&
    bash "$script" --channel 10.0 --install-dir /usr/share/dotnet; then
    ln -sf /usr/share/dotnet/dotnet /usr/local/bin/dotnet
    rm -f "$script"
    return 0
  fi
  rm -f "$script"
  echo "The .NET 10 SDK is missing, and neither the distribution's packages (dotnet-sdk-10.0) nor Microsoft's installer (https://dot.net) could be reached. Install the .NET 10 SDK, then run this again."
  return 1
}

ensure_users() {
  local user
  for user in paas-edge paas-git; do
    id "$user" >/dev/null 2>&1 || useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
  done
}

# What the platform is built from, in the checkout that is the current folder.
built_from() {
  local item
  for item in src web buildpacks Directory.Build.props Directory.Packages.props global.json BannedSymbols.txt .editorconfig; do
    [ ! -e "$item" ] || echo "$item"
  done
}

# source_id ROOT: changes when anything changes that the build is made from.
source_id() {
  # shellcheck disable=SC2046
  (cd "$1" && find $(built_from) \
    \( -path 'src/*/bin' -o -path 'web/*/bin' -o -name obj -o -path src/native/out -o -name node_modules \) -prune -o -type f ! -name '*.swp' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}

# publish_platform ROOT CACHE: builds Release once for these sources into the shared cache; prints nothing.
# The folder is made whole under another name first: a build that was cut off leaves nothing that looks finished.
publish_platform() {
  local root=$1 cache=$2 id target work buildpack
  id=$(source_id "$root")
  target=$cache/platform/$id
  mkdir -p "$cache/platform"
  exec 8>"$cache/platform/.lock"
  flock 8
  if [ ! -e "$target/paasd" ]; then
    work=$(mktemp -d "$cache/platform/.new.XXXXXX")
    # A copy of the sources: a build in the checkout and this one never share obj folders.
    mkdir "$work/src-tree"
    # shellcheck disable=SC2046
    (cd "$root" && tar -cf - --exclude='src/*/bin' --exclude='web/*/bin' --exclude=obj --exclude=src/native/out --exclude=node_modules \
      $(built_from)) | tar -xf - -C "$work/src-tree"
    (cd "$work/src-tree" &&
      make -s -C src/native &&
      dotnet publish src/Paas/Paas.csproj -c Release -o "$work/out" -v quiet --nologo &&
      dotnet publish src/Paas.Cli/Paas.Cli.csproj -c Release -o "$work/out/cli" -v quiet --nologo) || { rm -rf "$work"; return 1; }
    mkdir -p "$work/out/native"
    cp "$work/src-tree"/src/native/out/* "$work/out/native/"
    cp -rT "$work/src-tree/buildpacks" "$work/out/buildpacks"
    for buildpack in "$work"/out/buildpacks/*/bin; do
      cp "$work/out/native/bp" "$buildpack/bp"
    done
    chmod -R go+rX "$work/out"
    mv -T "$work/out" "$target"
    rm -rf "$work"
  fi
  flock -u 8
}

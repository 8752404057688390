# Packages of Debian as layers: sourced by bin/build after say.sh, never run. They are unpacked, not installed: no package's script runs.
# shellcheck shell=bash

# The platform's shared lists, an hour old at most, and archives that builds before this one have fetched; both read-only.
# Under another lifecycle there are none: then the image's own sources are asked.
apt_shared=/cnb/apt
# What nothing in a container needs, though packages depend on it.
apt_unwanted=' systemd libsystemd-shared systemd-sysv dbus init-system-helpers adduser passwd mount procps psmisc ucf sensible-utils libtext-charwidth-perl libtext-wrapi18n-perl debconf logrotate cron '

# apt_setup FOR: FOR is run or build, whose packages count as installed. Sets APT_CONFIG and apt_lists_id (changes when Debian's lists do).
apt_setup() {
  local work=/tmp/apt-$1 status=/var/lib/dpkg/status lists=$apt_shared/lists shared=true
  [ "$1" = build ] || [ ! -f /cnb/run/dpkg-status ] || status=/cnb/run/dpkg-status
  compgen -G "$lists/*_InRelease" > /dev/null || shared=false lists=$work/state/lists
  export APT_CONFIG=$work/apt.conf
  if [ ! -f "$APT_CONFIG" ]; then
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/none"
    {
      [ ! -f "$apt_shared/apt.conf" ] || cat "$apt_shared/apt.conf"
      printf 'Dir::State "%s/state";\nDir::State::status "%s";\nDir::Cache "%s/cache";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' "$work" "$status" "$work"
      printf 'Dir::Etc::parts "%s/none";\nDir::Etc::preferencesparts "%s/none";\n' "$work" "$work"
      printf 'APT::Install-Recommends "false";\nAPT::Sandbox::User "";\nAcquire::Languages "none";\nAcquire::ForceHash "SHA256";\nDebug::NoLocking "true";\n'
      if $shared; then
        printf 'Dir::State::lists "%s";\nDir::Etc::sourcelist "%s/sources.list";\nDir::Etc::sourceparts "%s/none";\n' "$lists" "$apt_shared" "$work"
      fi
    } > "$APT_CONFIG"
    if ! $shared; then
      apt-get update -q > "$work/update" 2>&1 || { tail -n 5 "$work/update" >&2; fail packages_unreachable "Debian's package lists could not be fetched: the lines above say why. Push again when the mirror answers."; }
    fi
  fi
  apt_lists_id=$(cat "$lists"/*_InRelease "$status" | sha256sum | cut -c1-32)
}

# debian_version PACKAGE: the version that a layer would get; 1 when Debian has no such package.
debian_version() {
  local found
  [ -n "${APT_CONFIG:-}" ] || apt_setup run
  found=$(apt-cache policy "$1" | sed -n 's/^  Candidate: //p')
  [ -n "$found" ] && [ "$found" != '(none)' ] && printf '%s' "$found"
}

# debian_layer NAME TYPES FOR PACKAGE...: the packages with all that they need beyond the run image (FOR run) or the build image
# (FOR build), unpacked in layer NAME with the TYPES of layer_toml; later buildpacks and the app find usr/bin by PATH, the libraries
# by LD_LIBRARY_PATH; the calling script itself sets both where it needs them. What came back from the last build is kept while Debian
# has nothing newer. A function debian_trim, where there is one, gets the fresh folder before it is kept. The layer's packages are in
# NAME/.packages, "name version" each. The buildpack.toml needs debian = "..." under [metadata]: then the platform shows its lists.
debian_layer() {
  local name=$1 types=$2 for=$3 layer=$CNB_LAYERS_DIR/$1 wish wanted work
  shift 3
  apt_setup "$for"
  wish="$for $*"
  if layer_has "$name" wish "$wish" && debian_unchanged "$name" && [ -f "$layer/.packages" ]; then
    debian_made "$name" "$types" "$wish"
    return
  fi
  work=$(mktemp -d)
  apt-get install -y -qq --print-uris "$@" > "$work/uris" 2> "$work/said" || {
    cat "$work/said" >&2
    fail package_missing "Debian cannot give the packages $*: the lines above say why."
  }
  while read -r uri file _ hash; do
    case $apt_unwanted in *" ${file%%_*} "*) continue ;; esac
    uri=${uri//\'/}
    # As the mirror's lists name it: without the escapes of a URL.
    printf '%s %b %s %s\n' "$uri" "$(tmp=${uri##*/}; printf %s "${tmp//%/\\x}")" "$hash" "${file//%3a/:}"
  done < "$work/uris" | LC_ALL=C sort -k2 > "$work/wanted"
  cut -d' ' -f4 "$work/wanted" | sed 's/_/ /; s/_.*//' > "$work/packages"
  if layer_has "$name" wish "$wish" && cmp -s "$work/packages" "$layer/.packages"; then
    debian_made "$name" "$types" "$wish"
    rm -rf "$work"
    return
  fi
  rm -rf "$layer"
  mkdir -p "$layer" "$work/debs"
  debian_fetch "$work/wanted" "$work/debs"
  debian_unpack "$work/debs" "$layer"
  if declare -F debian_trim > /dev/null; then debian_trim "$layer"; fi
  cp "$work/packages" "$layer/.packages"
  rm -rf "$work"
  debian_made "$name" "$types" "$wish"
}

# debian_unchanged NAME: Debian's lists are still those that layer NAME was made by, or compared with.
debian_unchanged() { [ -d "$CNB_LAYERS_DIR/$1" ] && [ "$(cat "$CNB_LAYERS_DIR/debian-lists/$1" 2> /dev/null)" = "$apt_lists_id" ]; }

# debian_made NAME TYPES WISH: the layer's file. Which lists it was made by is noted in a layer of the cache: the metadata of a layer
# are part of its image, whose digest would change with Debian's lists though every package is the same.
debian_made() {
  local notes=$CNB_LAYERS_DIR/debian-lists
  layer_toml "$1" "$2" wish "$3"
  mkdir -p "$notes"
  debian_unchanged "$1" || printf '%s' "$apt_lists_id" > "$notes/$1"
  layer_toml debian-lists cache
}

# debian_fetch WANTED TO: lines "uri file hash ...". What the platform keeps is taken first; the rest is fetched, its hash checked by
# apt against Debian's signed lists, and laid where the platform finds it after the build and keeps it for all.
debian_fetch() {
  local wanted=$1 to=$2 uri file hash missing=() kept=$CNB_LAYERS_DIR/.fetched/debian
  while read -r uri file hash _; do
    if [ -f "$apt_shared/archives/$file" ] && sha256sum -c --status <<< "${hash#SHA256:}  $apt_shared/archives/$file"; then
      ln -s "$apt_shared/archives/$file" "$to/$file"
      # So that the platform knows what is in use: of what it keeps, that goes first which no build used for longest.
      mkdir -p "$kept.used"
      : > "$kept.used/$file"
    elif [ -f "$kept/$file" ]; then
      ln -s "$kept/$file" "$to/$file"
    else
      mkdir -p "$kept"
      missing+=("$uri" "$kept/$file" "$hash")
      ln -s "$kept/$file" "$to/$file"
    fi
  done < "$wanted"
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "fetching $((${#missing[@]} / 3)) packages from Debian"
  /usr/lib/apt/apt-helper -q download-file "${missing[@]}" > /tmp/apt-fetch 2>&1 || {
    rm -rf "$kept"
    grep -v '^Get:' /tmp/apt-fetch | tail -n 5 >&2
    fail packages_unreachable "Packages could not be fetched from Debian: the lines above say why. Push again when the mirror answers."
  }
}

# debian_unpack DEBS LAYER: side by side, and links mended that were meant for the root.
debian_unpack() {
  local debs=$1 layer=$2 triplet link target
  triplet=$(gcc -print-multiarch 2> /dev/null || echo "$(uname -m)-linux-gnu")
  # shellcheck disable=SC2016
  find "$debs" -name '*.deb' -print0 | sort -z |
    xargs -0 -r -n 1 -P 4 sh -c 'dpkg-deb --fsys-tarfile "$2" | tar -xf - -C "$1" --no-same-owner --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/share/info --exclude=./usr/share/lintian --exclude=./usr/share/bug --exclude=./lib/systemd --exclude=./usr/lib/systemd' sh "$layer" ||
    fail package_damaged "A package of Debian could not be unpacked: the lines above name it."
  find "$layer" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    target=$(readlink "$link")
    if [ -e "$layer$target" ] || [ -L "$layer$target" ]; then
      ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$layer$target")" "$link"
    fi
  done
  chmod -R u+rwX "$layer"
  mkdir -p "$layer/usr/bin" "$layer/usr/lib/$triplet" "$layer/env"
  [ -e "$layer/lib" ] || ln -s "usr/lib/$triplet" "$layer/lib"
  # No link named bin: programs that look for their files beside themselves (Python) would look in the wrong place.
  printf '%s/usr/bin' "$layer" > "$layer/env/PATH.prepend"
  printf : > "$layer/env/PATH.delim"
}

# debian_components NAME...: the packages of these layers as a JSON array of CycloneDX 1.5 components.
debian_components() {
  local name
  for name in "$@"; do
    [ ! -f "$CNB_LAYERS_DIR/$name/.packages" ] || cat "$CNB_LAYERS_DIR/$name/.packages"
  done | sort -u | jq -Rn '[inputs | split(" ") | {type: "library", "bom-ref": "deb:\(.[0])@\(.[1])", name: .[0], version: .[1], purl: "pkg:deb/debian/\(.[0])@\(.[1] | @uri)?distro=trixie"}]'
}

# cyclonedx < JSON array of components: the document (CycloneDX 1.5), for launch.sbom.cdx.json or a layer's.
cyclonedx() { jq -S '{bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components: unique_by(."bom-ref")}'; }

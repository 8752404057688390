# Archives that are used only when they have the hash that their makers promise: sourced by bin/build after say.sh, never run.
# The buildpack.toml needs archives = "kept" under [metadata]: then the platform shows what it keeps, and keeps what is new.
# shellcheck shell=bash

# What builds of any app have fetched, read-only, each archive named by its own hash. Under another lifecycle there is no such folder.
archives_shared=/cnb/archives

# archive_name HASH: "sha512-<hex>" of a hash as makers write it: sha256 or sha512 in hex digits, or with base64 as npm's registry does
# (W3C Subresource Integrity). 1: it is none of these.
archive_name() {
  local hash=$1
  case $hash in sha256-* | sha512-*) hash=$(base64 -d <<< "${hash#*-}" 2> /dev/null | od -An -v -tx1 | tr -d ' \n') ;; esac
  hash=${hash,,}
  case ${#hash}:$hash in
    *:*[!0-9a-f]*) return 1 ;;
    64:*) printf 'sha256-%s' "$hash" ;;
    128:*) printf 'sha512-%s' "$hash" ;;
    *) return 1 ;;
  esac
}

# has_hash FILE NAME: the file has the content that archive_name's NAME says.
has_hash() { "${2%%-*}sum" -c --status <<< "${2#*-}  $1" 2> /dev/null; }

# fetch_archive URL HASH FILE TITLE WHO: makes FILE, with the content for which WHO promises HASH; from what the platform keeps, else from
# URL. 1: URL gives nothing; curl has said why. Content that is another ends the build.
fetch_archive() {
  local url=$1 file=$3 title=$4 who=$5 name got=$3 left=$CNB_LAYERS_DIR/.fetched/archives
  name=$(archive_name "$2") || fail package_unchecked "$title cannot be checked, because $who promises neither a sha256 nor a sha512 of it: it is not used."
  rm -f "$file"
  # A copy, for what is kept may go while this build runs.
  if [ -f "$archives_shared/$name" ] && cp "$archives_shared/$name" "$file" 2> /dev/null && has_hash "$file" "$name"; then
    # So that the platform knows what is in use: of what it keeps, that goes first which no build used for longest.
    mkdir -p "$left.used"
    : > "$left.used/$name"
    echo "$title: a build has fetched it before" >&2
    return
  fi
  if [ -d "$archives_shared" ]; then
    mkdir -p "$left"
    got=$left/$name
  fi
  if [ ! -f "$got" ] || ! has_hash "$got" "$name"; then
    # Less than 1 kB a second for half a minute is no answer any more.
    curl -fsSL --retry 2 --connect-timeout 15 --speed-limit 1000 --speed-time 30 --max-time 800 -o "$got.part" "$url" || {
      rm -f "$got.part"
      return 1
    }
    has_hash "$got.part" "$name" || {
      rm -f "$got.part"
      fail package_damaged "$title does not have the content that $who promises: it is not used."
    }
    mv "$got.part" "$got"
  fi
  [ "$got" = "$file" ] || ln -sf "$got" "$file"
}

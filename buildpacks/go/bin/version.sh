# Which Go builds the app, and where it comes from: sourced by bin/build after lib/say.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# Where Go's own makers publish it, for versions that Debian does not have: /?mode=json lists them with the sha256 of each file.
go_site=${BP_GO_SITE:-https://go.dev/dl}

# mod_value KEY: the value of a one-word line of go.mod ("go", "toolchain"); comments and Windows line endings are no part of it.
mod_value() { tr -d '\r' < go.mod | sed -n "s/^$1[[:space:]]\{1,\}\([^[:space:]]\{1,\}\).*/\1/p" | head -n 1; }

# go_wish: "RANGE ASKED": what is asked for and by whom. A version in go.mod is the oldest that will do (Go modules reference,
# "go directive" and "toolchain directive").
go_wish() {
  local go toolchain file
  go=$(mod_value go)
  toolchain=$(mod_value toolchain)
  toolchain=${toolchain#go}
  if [ -n "${BP_GO_VERSION:-}" ]; then
    printf '%s BP_GO_VERSION=%s' "${BP_GO_VERSION#go}" "$BP_GO_VERSION"
    return
  fi
  if [ -s .go-version ]; then
    file=$(tr -d ' \r\n' < .go-version)
    printf '%s .go-version: %s' "${file#go}" "$file"
    return
  fi
  if [[ $toolchain =~ ^[0-9] ]]; then
    printf '>=%s go.mod: toolchain go%s' "${toolchain%%-*}" "$toolchain"
  elif [ -n "$go" ]; then
    printf '>=%s go.mod: go %s' "$go" "$go"
  else
    printf '* go.mod, which names no version'
  fi
}

# debian_go: "1.24 1.24.4": the line that Debian maintains and its patch level.
debian_go() {
  local line version
  line=$(debian_version golang-go | sed 's/^[0-9]*://; s/~.*//; s/-.*//')
  version=$(debian_version "golang-$line-go") || return 1
  version=${version#*:}
  printf '%s %s' "$line" "${version%%[-+~]*}"
}

# patch_level RANGE: what to ask the makers for: the newest patch of the line that is named, so that its mended faults are in.
patch_level() {
  local floor=${1#>=} major minor
  case $1 in
    '>='*)
      IFS=. read -r major minor _ <<< "$floor"
      printf '>=%s <%s.%s' "$floor" "$major" "$((${minor%%[!0-9]*} + 1))"
      ;;
    *) printf '%s' "$1" ;;
  esac
}

# go_releases: "VERSION FILE SHA256" a line, newest first, of the list that the makers publish (read from standard input) for this machine.
go_releases() {
  local arch=amd64
  case $(uname -m) in aarch64) arch=arm64 ;; esac
  jq -r --arg arch "$arch" '.[] | select(.stable) | (.version | ltrimstr("go")) as $version | .files[]
    | select(.os == "linux" and .arch == $arch and .kind == "archive") | "\($version) \(.filename) \(.sha256)"'
}

# warn_of_age VERSION < RELEASES: the makers mend the two newest lines only (go.dev/doc/devel/release, "Release Policy").
warn_of_age() { cut -d' ' -f1 | warn_of_lines Go "$1" 2 "Raise the version in go.mod."; }

# install_go: Go in the layer "go" (a tool: it does not reach the launch image). Sets goroot and go_version.
install_go() {
  local wish range asked debian line have
  wish=$(go_wish)
  range=${wish%% *}
  asked=${wish#* }
  debian=$(debian_go) || fail packages_unreachable "Debian's package lists name no Go. Push again when the mirror answers."
  line=${debian% *}
  have=${debian#* }
  bp semver "$range" <<< "$have" > /dev/null 2>&1 || {
    [ $? -ne 2 ] || fail version_not_found "'${asked}' is not a version of Go. Write one like 1.24, or 1.24.4, there."
    install_go_from_site "$(patch_level "$range")" "$asked" "$have"
    return
  }
  debian_trim() { trim_go "$1/usr/share/go-$line"; }
  debian_layer go 'build cache' build "golang-$line-go"
  unset -f debian_trim
  goroot=$CNB_LAYERS_DIR/go/usr/lib/go-$line
  go_version=$have
  echo "Go $have from Debian ($asked)"
  warn_of_debian "Go $line"
}

# trim_go FOLDER: what no build of an app reads: the sources of Go's own tools, tests and their data. About a third.
trim_go() {
  rm -rf "$1/test" "$1/api" "$1/doc" "$1/misc" "$1/src/cmd"
  find "$1/src" -depth \( -name testdata -o -name '*_test.go' \) -exec rm -rf {} +
}

# install_go_from_site RANGE ASKED DEBIAN: checked against the sha256 that the makers publish.
install_go_from_site() {
  local range=$1 asked=$2 debian=$3 layer=$CNB_LAYERS_DIR/go work list best file sum
  work=$(mktemp -d)
  list=$work/releases
  curl -fsSL --retry 2 --max-time 60 -o "$work/json" "$go_site/?mode=json&include=all" && go_releases < "$work/json" > "$list" && [ -s "$list" ] || {
    if [ -x "$layer/bin/go" ] && layer_has go range "$range"; then
      goroot=$layer go_version=$(layer_value go version)
      layer_toml go 'build cache' range "$range" version "$go_version"
      echo "Go $go_version (kept: $go_site does not answer)"
      return
    fi
    fail version_not_found "$asked needs a Go that Debian does not have (it has $debian), and $go_site cannot be reached for others. Ask for $debian or older in go.mod, or push again when it can."
  }
  best=$(cut -d' ' -f1 "$list" | sed 's/^\([0-9]*\.[0-9]*\)$/\1.0/' | bp semver "$range" 2> /dev/null) ||
    fail version_not_found "There is no Go for '$asked'. The newest of each line: $(cut -d' ' -f1 "$list" | sort -t. -k1,1nr -k2,2nr -k3,3nr | awk -F. '!seen[$1"."$2]++' | head -n 6 | paste -sd' ' | sed 's/ /, /g'). Debian's $debian does for all older ones."
  warn_of_age "$best" < "$list"
  read -r _ file sum < <(grep -m1 -E "^${best//./\\.} |^${best%.0} " "$list")
  if layer_has go sha256 "$sum" && [ -x "$layer/bin/go" ]; then
    echo "Go $best ($asked; kept)"
  else
    echo "Go $best from $go_site ($asked; Debian has $debian)"
    fetch_archive "$go_site/$file" "$sum" "$work/go.tgz" "Go $best" "$go_site" || fail version_unreachable "Go $best could not be fetched from $go_site. Push again when it answers."
    rm -rf "$layer"
    mkdir -p "$layer"
    tar -xzf "$work/go.tgz" -C "$layer" --strip-components=1 --no-same-owner
    trim_go "$layer"
  fi
  layer_toml go 'build cache' range "$range" version "$best" sha256 "$sum"
  rm -rf "$work"
  goroot=$layer
  go_version=$best
}

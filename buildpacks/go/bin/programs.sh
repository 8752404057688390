# Which of the module's programs are built, and which answers the web: sourced by bin/build after lib/say.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# targets < "FOLDER" lines of all main packages, relative to the module: those to build. BP_GO_TARGETS or a line
# "// +heroku install ./cmd/..." in go.mod chooses; else the top folder's and those of cmd/, else all.
targets() {
  local all chosen
  all=$(cat)
  chosen=${BP_GO_TARGETS:-$(tr -d '\r' < go.mod | sed -n 's/^[[:space:]]*\/\/[[:space:]]*+heroku install[[:space:]]\{1,\}//p' | head -n 1)}
  if [ -n "$chosen" ]; then
    tr ': ' '\n\n' <<< "$chosen" | sed '/^$/d'
  elif grep -qxE '\.|\./cmd/.*' <<< "$all"; then
    grep -xE '\.|\./cmd/.*' <<< "$all"
  else
    printf '%s\n' "$all"
  fi
}

# web_program ROOT NAME...: the one that answers web requests: the only one, the top folder's (ROOT, may be empty), or one of a usual name; else empty.
web_program() {
  local root=$1 name wanted
  shift
  if [ $# -eq 1 ]; then
    printf '%s' "$1"
    return
  fi
  for wanted in web "$root" server api app httpd http; do
    for name in "$@"; do
      [ -z "$wanted" ] || [ "$name" != "$wanted" ] || { printf '%s' "$name"; return; }
    done
  done
}

# warn_of_port: a port that is written down is not the one that the platform asks.
warn_of_port() {
  local found
  # shellcheck disable=SC2016
  grep -rqsE --include='*.go' --exclude-dir=vendor '"PORT"|\$\{?PORT' . && return
  found=$(grep -rnsE -m1 --include='*.go' --exclude='*_test.go' --exclude-dir=vendor '(ListenAndServe(TLS)?|net\.Listen|\.Run|\.Start|\.Listen)\([^)]*":[0-9]{2,5}"|Addr:[[:space:]]*":[0-9]{2,5}"' . | head -n 1) || true
  [ -z "$found" ] || warn "$(cut -d: -f1,2 <<< "${found#./}") names its port itself. Listen on the one in the environment: \":\" + os.Getenv(\"PORT\")."
}

# modules_sbom BINARY...: Go's own library and the modules that are in the programs, as a JSON array of CycloneDX components.
modules_sbom() {
  {
    echo "stdlib $go_version"
    "$goroot/bin/go" version -m "$@" | awk -F'\t' '$2 == "dep" || $2 == "=>" { print $3, $4 }' | LC_ALL=C sort -u
  } |
    jq -Rn '[inputs | split(" ") | {type: "library", "bom-ref": "go:\(.[0])@\(.[1])", name: .[0], version: .[1], purl: "pkg:golang/\(.[0])@\(.[1] | @uri)"}]'
}

# Which programs the workspace has, and which answers the web: sourced by bin/build after lib/say.sh, never run.
# shellcheck shell=bash

# programs < METADATA: the names of the binaries of the members that cargo builds, one a line. BP_RUST_BINS (with ':' between) chooses.
programs() {
  if [ -n "${BP_RUST_BINS:-}" ]; then
    cat > /dev/null
    tr ':' '\n' <<< "$BP_RUST_BINS"
  else
    jq -r '(.workspace_default_members // .workspace_members) as $members | .packages[] | select(.id as $id | $members | index($id)) | .targets[] | select(.kind | index("bin")) | .name' | LC_ALL=C sort -u
  fi
}

# web_program PREFERRED NAME...: the only one, one named web, the one that Cargo.toml prefers (default-run, or the package's name), or one of
# a usual name; else empty.
web_program() {
  local preferred=$1 name wanted
  shift
  if [ $# -eq 1 ]; then
    printf '%s' "$1"
    return
  fi
  for wanted in web "$preferred" server api app; do
    for name in "$@"; do
      [ -z "$wanted" ] || [ "$name" != "$wanted" ] || { printf '%s' "$name"; return; }
    done
  done
}

# warn_of_port: an address that is written down is not the one that the platform asks.
warn_of_port() {
  local found
  grep -rqsE --include='*.rs' --exclude-dir=vendor --exclude-dir=target '"PORT"|env = "PORT"' . && return
  [ ! -f Rocket.toml ] || return 0
  found=$(grep -rnsE -m1 --include='*.rs' --exclude-dir=vendor --exclude-dir=target --exclude-dir=tests '(bind|listen|serve|parse|from)[a-z_]*(::<[^>]*>)?\(&?"?[^)]*"(0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]):[0-9]{2,5}"|\(\[(0, 0, 0, 0|127, 0, 0, 1)\], *[0-9]{2,5}\)' . | head -n 1) || true
  [ -z "$found" ] || warn "$(cut -d: -f1,2 <<< "${found#./}") names its address itself. Listen on 0.0.0.0 and the port in the environment: std::env::var(\"PORT\")."
}

# crates_sbom: the crates that are in the programs, as a JSON array of CycloneDX components.
crates_sbom() {
  cargo tree --workspace --locked --edges normal --prefix none --format '{p}' 2> /dev/null | awk 'NF > 1 && !/\(\// { sub(/^v/, "", $2); print $1, $2 }' | LC_ALL=C sort -u |
    jq -Rn '[inputs | split(" ") | {type: "library", "bom-ref": "cargo:\(.[0])@\(.[1])", name: .[0], version: .[1], purl: "pkg:cargo/\(.[0])@\(.[1] | @uri)"}]'
}

# Which Node: what the project's files ask for, what there is, what is taken and why. Sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

# Node used when the app names no version, and within an open range like ">=18": a line with long support.
default_range=24.x

# line, end of life: https://github.com/nodejs/release, schedule.json, as of 2026.
end_of_life='16 2023-09-11
17 2022-06-01
18 2025-04-30
19 2023-06-01
20 2026-04-30
21 2024-06-01
22 2027-04-30
23 2025-06-01
24 2028-04-30
25 2026-06-01
26 2029-04-30'

# as_range WORD: what version managers understand, as npm's range.
as_range() {
  case ${1,,} in
    node | stable | latest | current | '*') printf '*' ;;
    lts | lts/\* | 'lts/-0' | --lts) printf '%s' "$default_range" ;;
    lts/dubnium) printf 10.x ;;
    lts/erbium) printf 12.x ;;
    lts/fermium) printf 14.x ;;
    lts/gallium) printf 16.x ;;
    lts/hydrogen) printf 18.x ;;
    lts/iron) printf 20.x ;;
    lts/jod) printf 22.x ;;
    lts/krypton) printf 24.x ;;
    *) printf '%s' "$1" ;;
  esac
}

first_word() { sed 's/#.*//; s/\r$//; s/^[[:space:]]*//; s/[[:space:]]*$//' "$1" | grep -m 1 . || true; }

# asked_node: sets asked_range and asked_where; a developer's own choice first, which engines then only limits.
asked_node() {
  local file word
  engines=$(jq -r '.engines.node // "" | strings' package.json)
  asked_range='' asked_where=''
  for file in .node-version .nvmrc .tool-versions volta; do
    case $file in
      volta) word=$(jq -r '.volta.node // "" | strings' package.json) file='package.json, under volta' ;;
      .tool-versions) word=$([ ! -f $file ] || sed -n 's/\r$//; s/^node\(js\)\{0,1\}[[:space:]]\{1,\}\([^[:space:]#]*\).*/\2/p' $file | head -n 1) ;;
      *) word=$([ ! -f "$file" ] || first_word "$file") ;;
    esac
    if [ -n "$word" ]; then
      asked_range=$(as_range "$word") asked_where=$file
      break
    fi
  done
  if [ -z "$asked_range" ] && [ -n "$engines" ]; then
    asked_range=$engines asked_where='package.json, under engines' engines=''
  fi
}

# warn_of_age VERSION [TODAY]
warn_of_age() {
  local end
  end=$(awk -v line="${1%%.*}" '$1 == line { print $2 }' <<< "$end_of_life")
  [ -n "$end" ] || [ "${1%%.*}" -ge 16 ] || end=2022-04-30
  warn_of_end "Node ${1%%.*}" "$end" "Ask for ${default_range%.x}.x or newer." "${2:-}"
}

# launch_settings LAYER: the environment of what runs, where the user says nothing else.
launch_settings() {
  mkdir -p "$1/env.launch"
  printf production > "$1/env.launch/NODE_ENV.default"
  # Servers of frameworks listen on it; without it some choose localhost.
  printf 0.0.0.0 > "$1/env.launch/HOST.default"
}

# install_node: layer node, and $version.
install_node() {
  local node=$layers/node arch=x64 kept why
  asked_node
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  local wish="${asked_range:-$default_range} / $engines"
  version=$(layer_value node version)
  # The layer says which range it was made for: the same wish takes it as it is, unless the platform has a newer one at hand.
  kept=$(kept_version "node-linux-$arch" "${asked_range:-$default_range}" || true)
  if [ -x "$node/bin/node" ] && layer_has node range "$wish" && { [ -z "$kept" ] || [ "$(printf '%s\n' "$kept" "$version" | sort -V | tail -n 1)" = "$version" ]; }; then
    why=kept
  else
    rm -rf "$node"
    version=$(install_package "node-linux-$arch" "${asked_range:-$default_range}" "$node.new" node "${asked_where:-package.json, under engines}" "$default_range")
    if [ -n "$engines" ] && ! choose "$engines" <<< "$version" > /dev/null; then
      warn "$asked_where asks for Node $asked_range, but package.json says '$engines' under engines, and that wins. Let both agree."
      rm -rf "$node.new"
      version=$(install_package "node-linux-$arch" "$engines" "$node.new" node 'package.json, under engines' "$default_range")
      asked_range=$engines asked_where='package.json, under engines'
    fi
    mkdir -p "$node/bin"
    mv "$node.new/bin/node" "$node/bin/node"
    chmod 0755 "$node/bin/node"
    # Symbols for debuggers: a sixth of the file. (Its bytes have been checked before.)
    strip --strip-unneeded "$node/bin/node" 2> /dev/null || true
    rm -rf "$node.new"
    if [ -z "$asked_range" ]; then
      why="the default, for neither engines nor .nvmrc asks for one"
    else
      why="for '$asked_range' in $asked_where"
    fi
    launch_settings "$node"
  fi
  add_exec_d "$node" memory
  echo "Node $version ($why)"
  warn_of_age "$version"
  layer_toml node 'launch build cache' range "$wish" version "$version"
  export PATH=$node/bin:$PATH
}

# install_headers: what native modules are compiled against, where the lock file has such; sets headers_setting for the installation.
install_headers() {
  local headers=$layers/node-headers arch=x64
  headers_setting=()
  [ -n "$lock" ] && grep -qsE '(^|["/])(nan|node-addon-api|node-gyp|node-gyp-build|bindings|prebuild-install|@mapbox/node-pre-gyp)["@:]' "$lock" || return 0
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  if ! layer_has node-headers version "$version"; then
    rm -rf "$headers"
    install_package "node-linux-$arch" "$version" "$headers.new" node package.json > /dev/null
    mkdir -p "$headers"
    mv "$headers.new/include" "$headers/include"
    rm -rf "$headers.new"
    # OpenSSL's for every other processor: most of their bytes.
    find "$headers" -path '*/openssl/archs/*' -prune ! -name linux-x86_64 ! -name linux-aarch64 -exec rm -rf {} +
  fi
  layer_toml node-headers cache version "$version"
  headers_setting=("npm_config_nodedir=$headers")
}

# node_for_builds: nothing of Node is in the image.
node_for_builds() { [ -z "$version" ] || layer_toml node 'build cache' range "$(layer_value node range)" version "$version"; }

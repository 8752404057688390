# What a buildpack says, and TOML that it writes: sourced by bin/build, never run.
# shellcheck shell=bash

# fail CODE SENTENCE: the last word of the build, which becomes the push's verdict. CODE: words_joined_like_this.
fail() {
  printf '%s: %s\n' "$1" "$2" >&2
  exit 1
}

# warn SENTENCE: something to mend one day; the build goes on.
warn() { printf 'WARNING: %s\n' "$1" >&2; }

bp() { "$CNB_BUILDPACK_DIR/bin/bp" "$@"; }

# toml_array WORD...
toml_array() {
  local first=true word
  printf '['
  for word in "$@"; do
    $first || printf ', '
    first=false
    printf '%s' "$(bp quote "$word")"
  done
  printf ']'
}

# layer_toml NAME "launch cache build" [KEY VALUE]...: writes the layer's file. A value is a text.
layer_toml() {
  local file=$CNB_LAYERS_DIR/$1.toml type
  {
    printf '[types]\n'
    for type in $2; do printf '%s = true\n' "$type"; done
    shift 2
    [ $# -eq 0 ] || printf '\n[metadata]\n'
    while [ $# -gt 1 ]; do
      printf '%s = %s\n' "$1" "$(bp quote "$2")"
      shift 2
    done
  } > "$file"
}

# layer_has NAME KEY VALUE: the layer that came back from the last build was made with this value.
layer_has() { [ -d "$CNB_LAYERS_DIR/$1" ] && grep -qxF "$2 = $(bp quote "$3")" "$CNB_LAYERS_DIR/$1.toml" 2>/dev/null; }

# layer_value NAME KEY: what the layer's file says; empty when it says nothing. For values without quotes and backslashes.
layer_value() { sed -n "s/^$2 = \"\(.*\)\"\$/\1/p" "$CNB_LAYERS_DIR/$1.toml" 2>/dev/null || true; }

# add_exec_d LAYER SCRIPT: a script of bin/ that runs before each process of the image (CNB buildpack spec 0.10, "exec.d"), with
# memory_limit.sh at hand. What is there already is not written again.
add_exec_d() {
  mkdir -p "$1/exec.d"
  cmp -s "$CNB_BUILDPACK_DIR/lib/memory_limit.sh" "$1/memory_limit.sh" || install -m 0644 "$CNB_BUILDPACK_DIR/lib/memory_limit.sh" "$1/memory_limit.sh"
  cmp -s "$CNB_BUILDPACK_DIR/bin/$2" "$1/exec.d/$2" || install -m 0755 "$CNB_BUILDPACK_DIR/bin/$2" "$1/exec.d/$2"
}

# add_process TYPE DEFAULT WORD...: a process of the image, started without a shell; DEFAULT is true or false.
add_process() {
  local type=$1 default=$2
  shift 2
  printf '[[processes]]\ntype = "%s"\ncommand = %s\ndefault = %s\n\n' "$type" "$(toml_array "$@")" "$default" >> "$CNB_LAYERS_DIR/launch.toml"
}

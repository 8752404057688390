# Which Rust builds the app, and where it comes from: sourced by bin/build after lib/say.sh and lib/debian.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# Where Rust's own makers publish it: channel-rust-<version>.toml names each part with its sha256.
rust_site=${BP_RUST_SITE:-https://static.rust-lang.org}

# toml_value FILE KEY...: the text at a path of keys; empty when there is none. 1 when the file is no TOML.
toml_value() {
  python3 - "$@" << 'PYTHON'
import sys, tomllib
try:
    value = tomllib.loads(open(sys.argv[1], encoding="utf-8-sig").read().replace("\r\n", "\n"))
except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
    print(fault)
    sys.exit(1)
for key in sys.argv[2:]:
    value = value.get(key) if isinstance(value, dict) else None
print(value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else "")
PYTHON
}

# rust_wish: "RANGE ASKED". A rust-version is the oldest that will do (The Cargo Book, "rust-version"); a channel is meant exactly.
rust_wish() {
  local channel file
  if [ -n "${BP_RUST_VERSION:-}" ]; then
    printf '%s BP_RUST_VERSION=%s' "$BP_RUST_VERSION" "$BP_RUST_VERSION"
    return
  fi
  for file in rust-toolchain.toml rust-toolchain; do
    [ -s "$file" ] || continue
    # The old form of the file is the channel alone.
    if ! channel=$(toml_value "$file" toolchain channel) || [ -z "$channel" ]; then channel=$(tr -d ' \r\n' < "$file"); fi
    case $channel in
      [0-9]*) printf '%s %s: %s' "$channel" "$file" "$channel" ;;
      stable*) printf '* %s: stable' "$file" ;;
      *) printf '%s %s: %s' "$channel" "$file" "$channel" ;;
    esac
    return
  done
  channel=$(toml_value Cargo.toml package rust-version)
  [ -n "$channel" ] || channel=$(toml_value Cargo.toml workspace package rust-version)
  if [ -n "$channel" ]; then
    printf '>=%s Cargo.toml: rust-version %s' "$channel" "$channel"
  else
    printf '* no file asks for another'
  fi
}

# warn_of_age VERSION [TODAY]: the makers mend the newest alone, and the next one comes every six weeks since 1.0
# (doc.rust-lang.org/book/appendix-07-nightly-rust.html).
warn_of_age() {
  local line
  line=$(cut -d. -f2 <<< "$1")
  warn_of_end "Rust 1.$line" "$(date -d "2015-05-14 + $((42 * (line + 1))) days" +%F)" "Its makers mend the newest version alone: ask for a newer one." "${2:-}" '14 days'
}

# install_rust: rustc and cargo in the layer "rust" (tools: they do not reach the launch image). Sets rust_version.
install_rust() {
  local wish range asked have layer=$CNB_LAYERS_DIR/rust
  wish=$(rust_wish)
  range=${wish%% *}
  asked=${wish#* }
  case $range in
    nightly* | beta*) fail version_not_found "$asked is a version of Rust that changes each day, and builds do not have it. Take a stable one, like 1.85, in the toolchain file." ;;
  esac
  have=$(debian_version rustc) || fail packages_unreachable "Debian's package lists name no Rust. Push again when the mirror answers."
  have=${have%%[-+~]*}
  if bp semver "$range" <<< "$have" > /dev/null 2>&1; then
    debian_trim() { rm -rf "$1/usr/bin/rustdoc" "$1/usr/libexec" "$1/usr/share/zsh" "$1/usr/share/bash-completion" "$1"/usr/bin/rust-{gdb,gdbgui,lldb,clang}; }
    debian_layer rust 'build cache' build rustc cargo
    unset -f debian_trim
    rust_version=$have
    PATH=$layer/usr/bin:$PATH
    LD_LIBRARY_PATH=$layer/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export PATH LD_LIBRARY_PATH
    echo "Rust $have from Debian ($asked)"
    warn_of_debian "Rust $have"
  else
    [ $? -ne 2 ] || fail version_not_found "'$asked' is not a version of Rust. Write one like 1.85 there."
    install_rust_from_site "${range#>=}" "$asked" "$have"
  fi
}

# install_rust_from_site VERSION ASKED DEBIAN: each part checked against the sha256 that the makers publish.
install_rust_from_site() {
  local version=${1#[~^=]} asked=$2 debian=$3 layer=$CNB_LAYERS_DIR/rust work triple part url sum
  triple=$(uname -m)-unknown-linux-gnu
  work=$(mktemp -d)
  if layer_has rust wanted "$version" && [ -x "$layer/bin/cargo" ]; then
    rust_version=$(layer_value rust version)
    echo "Rust $rust_version ($asked; kept)"
  else
    curl -fsL --retry 1 --max-time 60 -o "$work/channel" "$rust_site/dist/channel-rust-$version.toml" ||
      fail version_not_found "$asked needs a Rust that Debian does not have (it has $debian), and $rust_site cannot be reached for it or has none. Ask for $debian, or push again when it can."
    rust_version=$(toml_value "$work/channel" pkg rustc version)
    rust_version=${rust_version%% *}
    echo "Rust $rust_version from $rust_site ($asked; Debian has $debian)"
    rm -rf "$layer"
    mkdir -p "$layer"
    for part in rustc cargo rust-std; do
      url=$(toml_value "$work/channel" pkg "$part" target "$triple" xz_url)
      sum=$(toml_value "$work/channel" pkg "$part" target "$triple" xz_hash)
      fetch_archive "${url/https:\/\/static.rust-lang.org/$rust_site}" "$sum" "$work/$part" "Rust $rust_version ($part)" "$rust_site" ||
        fail version_unreachable "Rust $rust_version could not be fetched from $rust_site. Push again when it answers."
      mkdir "$work/x"
      tar -xJf "$work/$part" -C "$work/x" --strip-components=2 --no-same-owner --exclude='*/share/*' --exclude=components --exclude=manifest.in
      cp -rT "$work/x" "$layer"
      rm -rf "${work:?}/x" "${work:?}/$part"
    done
  fi
  warn_of_age "$rust_version"
  layer_toml rust 'build cache' wanted "$version" version "$rust_version"
  rm -rf "$work"
  export PATH=$layer/bin:$PATH
}

# Which Elixir compiles the app, and where it comes from; Erlang is always Debian's: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# Where Elixir's own makers publish it compiled, for versions that Debian does not have: builds.txt names each build with its sha256.
elixir_site=${BP_ELIXIR_SITE:-https://builds.hex.pm/builds/elixir}

# asked_elixir: "version<TAB>place" of the file that names one; nothing when none does.
asked_elixir() {
  local text
  if [ -f .tool-versions ]; then
    text=$(tr -d '\r' < .tool-versions | sed -n 's/^elixir[[:space:]]\{1,\}v\{0,1\}\([0-9][0-9.]*\).*/\1/p' | head -n 1)
    if [ -n "$text" ]; then printf '%s\t.tool-versions' "$text"; return; fi
  fi
  if [ -f elixir_buildpack.config ]; then
    text=$(tr -d "\r\"'" < elixir_buildpack.config | sed -n 's/^elixir_version=v\{0,1\}\([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [ -z "$text" ] || printf '%s\telixir_buildpack.config' "$text"
  fi
}

# required_elixir: what mix.exs allows.
required_elixir() { tr -d '\r' < mix.exs | sed -n 's/\(.*[^a-z_]\)\{0,1\}elixir: *"\([^"]*\)".*/\2/p' | head -n 1; }

# npm_range REQUIREMENT: Elixir's words for ranges (hexdocs.pm/elixir/Version.html, "Requirements") in npm's.
npm_range() { sed -E 's/-[a-z][a-z0-9.]*//g; s/ and / /g; s/ or / || /g; s/~> *([0-9]+\.[0-9]+)( |$)/^\1\2/g; s/~> */~/g; s/!= *[^ ]+//g; s/== */=/g; s/([<>]=?) */\1/g' <<< "$1"; }

# builds_for OTP < BUILDS: "version sha256" of each that was compiled with this line of Erlang; no candidates of releases.
builds_for() { sed -n "s/^v\([0-9]*\.[0-9]*\.[0-9]*\)-otp-$1 .* \([0-9a-f]\{64\}\)\$/\1 \2/p"; }

# newest_of_lines < VERSIONS: the newest patch of each line that is still named, newest first: "1.19.5, 1.18.4".
newest_of_lines() { cut -d' ' -f1 | sort -t. -k1,1nr -k2,2nr -k3,3nr | awk -F. '!seen[$1"."$2]++ && ++count <= 6 { printf "%s%s", comma, $0; comma = ", " }'; }

# warn_of_age VERSION < BUILDS: security patches are for the five newest lines (hexdocs.pm/elixir/compatibility-and-deprecations.html).
warn_of_age() { sed -n 's/^v\([0-9]*\.[0-9]*\.[0-9]*\) .*/\1/p' | warn_of_lines Elixir "$1" 5 "Ask for a newer one."; }

# version_in_debian PACKAGE: by the last build's layer while Debian's lists are the same, which is faster.
version_in_debian() {
  local found=''
  ! debian_unchanged erlang || found=$(sed -n "s/^$1 //p" "$layers/erlang/.packages")
  [ -n "$found" ] || found=$(debian_version "$1") || fail package_missing "Debian's lists have no package $1."
  printf '%s' "${found#*:}"
}

# install_elixir: in layers that do not reach the image. Sets version.
install_elixir() {
  local have otp asked place range said='' code=0 why_not='' best='' hash=''
  apt_setup build
  have=$(version_in_debian elixir)
  have=$(sed 's/^\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/' <<< "$have")
  otp=$(version_in_debian erlang-base)
  otp=${otp%%.*}
  IFS=$'\t' read -r asked place < <(asked_elixir; echo)
  if [ -n "$asked" ]; then
    # Of its line the newest patch, with all its security fixes.
    range=$(cut -d. -f1,2 <<< "$asked") said="$place asks for $asked"
  else
    said=$(required_elixir)
    range=$(npm_range "${said:-*}") place=mix.exs said=${said:+mix.exs asks for $said}
  fi
  # A requirement that cannot be understood is mix's to explain.
  bp semver "$range" <<< "$have" > /dev/null 2>&1 || code=$?
  if [ "$code" -ne 1 ]; then
    install_debians_elixir "$have" "$said"
  elif find_elixir "$range" "$otp"; then
    install_elixir_from_site "$range" "$otp" "$said; Debian has $have"
  elif [ -n "$asked" ] && bp semver "<$have" <<< "$range.0" > /dev/null 2>&1; then
    install_debians_elixir "$have" "$said, but $why_not; Elixir 1.x understands what was written for an older one"
  else
    fail version_not_found "$said, and Debian has Elixir $have; $why_not. Ask for $(cut -d. -f1,2 <<< "$have") in $place, try the app with it, and commit $place; or push again when there is another."
  fi
}

# install_erlang PACKAGE...: layer "erlang".
install_erlang() {
  debian_trim() {
    # Scripts of Erlang know their place only as the system would have it.
    grep -rlIZ '/usr/lib/erlang' "$1"/usr/lib/erlang/bin "$1"/usr/lib/erlang/erts*/bin | xargs -0 sed -i "s#/usr/lib/erlang#$1/usr/lib/erlang#g"
  }
  debian_layer erlang cache build "$@" erlang-base erlang-dev erlang-crypto erlang-ssl erlang-public-key erlang-asn1 erlang-inets erlang-syntax-tools erlang-xmerl erlang-runtime-tools erlang-os-mon erlang-parsetools erlang-eunit
  unset -f debian_trim
  export PATH=$layers/erlang/usr/lib/erlang/bin:$PATH LD_LIBRARY_PATH=$layers/erlang/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# install_debians_elixir VERSION WHY
install_debians_elixir() {
  version=$1
  echo "Elixir $version from Debian${2:+ ($2)}"
  warn_of_debian "Elixir $(cut -d. -f1,2 <<< "$version")"
  install_erlang elixir
  export PATH=$layers/erlang/usr/lib/elixir/bin:$PATH
}

# find_elixir RANGE OTP: sets best and hash, of the makers' list, file elixir_list; hash is empty when the last build's has to do. 1: why_not
# says why there is none.
find_elixir() {
  elixir_list=$(mktemp)
  if ! curl -fsSL --retry 2 --connect-timeout 15 --max-time 60 -o "$elixir_list" "$elixir_site/builds.txt"; then
    why_not="others come from $elixir_site, which cannot be reached from here"
    best=$(layer_value elixir version)
    [ -x "$layers/elixir/bin/mix" ] && layer_has elixir range "$1 for $2"
    return
  fi
  best=$(builds_for "$2" < "$elixir_list" | cut -d' ' -f1 | bp semver "$1" 2> /dev/null) || {
    why_not="for Erlang $2, which Debian has, there are $(builds_for "$2" < "$elixir_list" | newest_of_lines)"
    return 1
  }
  hash=$(builds_for "$2" < "$elixir_list" | sed -n "s/^$best //p")
}

# install_elixir_from_site RANGE OTP WHY: as find_elixir found it, in layer "elixir"; checked against the sha256 that the makers publish.
install_elixir_from_site() {
  local layer=$layers/elixir archive=$elixir_list.zip
  elixir_source=$elixir_site
  version=$best
  if [ -z "$hash" ]; then
    hash=$(layer_value elixir sha256)
    echo "Elixir $version (kept: $elixir_site does not answer)"
  elif layer_has elixir sha256 "$hash" && [ -x "$layer/bin/mix" ]; then
    echo "Elixir $version ($3; kept)"
  else
    echo "Elixir $version for Erlang $2 from $elixir_site ($3)"
    fetch_archive "$elixir_site/v$version-otp-$2.zip" "$hash" "$archive" "Elixir $version" "$elixir_site" || fail version_unreachable "Elixir $version could not be fetched from $elixir_site. Push again when it answers."
    rm -rf "$layer"
    mkdir -p "$layer"
    unzip -q "$archive" -d "$layer"
    chmod 0755 "$layer"/bin/*
  fi
  layer_toml elixir 'build cache' range "$1 for $2" version "$version" sha256 "$hash"
  warn_of_age "$version" < "$elixir_list"
  rm -f "$elixir_list" "$archive"
  install_erlang
  export PATH=$layer/bin:$PATH
}

# Ruby and Bundler, Debian's or compiled from the makers' sources: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

ruby=$layers/ruby
# Not empty: Ruby is not Debian's.
compiled=

# trim_ruby LAYER: documentation and tools for authors go; the rest learns where it is.
trim_ruby() {
  rm -rf "${1:?}"/usr/share/{bash-completion,systemtap,ri,zsh,doc-base} "$1"/usr/bin/{ri,rdoc,rdbg,typeprof,rbs,syntax_suggest,update_rubygems}* "$1"/usr/lib/ruby/gems/3.3.0/gems/{rbs,typeprof,debug,minitest,power_assert,test-unit}-* \
    "$1"/usr/lib/ruby/gems/3.3.0/specifications/{rbs,typeprof,debug,minitest,power_assert,test-unit}-*
  find "$1/usr/bin" -type f -exec sed -i '1s|^#!/usr/bin/ruby.*|#!/usr/bin/env ruby|' {} +
  find "$1" -name operating_system.rb -exec sed -i "s#\([\"']\)/usr/\(lib\|share\)#\1$1/usr/\2#g" {} +
}

# install_debians_ruby: layer "ruby".
install_debians_ruby() {
  debian_trim() { trim_ruby "$1"; }
  debian_layer ruby "launch build cache" run ruby3.3 ruby ruby-bundler bundler
  unset -f debian_trim
  multiarch=$(cd "$ruby/usr/lib" && echo ./*-linux-gnu*)
  multiarch=${multiarch#./}
  printf '%s/usr/lib/ruby/vendor_ruby:%s/usr/lib/ruby/3.3.0:%s/usr/lib/%s/ruby/3.3.0:%s/usr/lib/%s/ruby/vendor_ruby/3.3.0' "$ruby" "$ruby" "$ruby" "$multiarch" "$ruby" "$multiarch" > "$ruby/env/RUBYLIB"
  RUBYLIB=$(< "$ruby/env/RUBYLIB")
  export RUBYLIB PATH=$ruby/usr/bin:$PATH LD_LIBRARY_PATH=$ruby/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# install_ruby_from_source DEBIAN: layer "ruby", compiled here and kept for the next builds of this app; what it links to in layer "ruby-libs".
install_ruby_from_source() {
  compiled=1
  debian_layer ruby-libs "launch build cache" run libyaml-0-2 libffi8 libgmp10 libssl3t64 zlib1g
  export LD_LIBRARY_PATH=$layers/ruby-libs/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  if [ -z "$url" ]; then
    hash=$(layer_value ruby sha256)
    echo "Ruby $version (kept: $ruby_site does not answer)"
  elif layer_has ruby sha256 "$hash" && [ -x "$ruby/bin/ruby" ] && [ -d "$layers/ruby-headers/include" ]; then
    echo "Ruby $version (kept)"
  else
    echo "compiling Ruby $version from $ruby_site, for Debian has $1; this takes some minutes, once"
    compile_ruby
  fi
  layer_toml ruby "launch build cache" version "$version" sha256 "$hash"
  layer_toml ruby-headers cache version "$version"
  export PATH=$ruby/bin:$PATH
}

# compile_ruby: in a folder that is always the same, for its name gets into the programs.
compile_ruby() {
  local work=/tmp/ruby-source said=/tmp/ruby-said archive jobs
  archive=$(mktemp)
  fetch_archive "$url" "$hash" "$archive" "Ruby $version" "$ruby_site" || fail version_unreachable "Ruby $version could not be fetched from $ruby_site. Push again when it answers."
  rm -rf "$work" "$ruby" "$layers/ruby-headers"
  mkdir -p "$work" "$ruby"
  tar -xf "$archive" -C "$work" --strip-components=1 --no-same-owner
  source_headers
  # Each may need half a gigabyte of memory.
  jobs=$(nproc)
  [ "$jobs" -le 4 ] || jobs=4
  (
    cd "$work"
    # Symbols for debuggers are three quarters of the bytes.
    ./configure --prefix="$ruby" --disable-install-doc --disable-install-static-library debugflags=-g0 && make -j "$jobs" && make install
  ) > "$said" 2>&1 || {
    tail -n 20 "$said"
    fail ruby_not_compiled "Ruby $version could not be compiled: the lines above say why. Write 'ruby \"~> 3.3\"' into the Gemfile, try the app with it, run 'bundle lock', and commit."
  }
  "$ruby/bin/ruby" -ropenssl -rpsych -rzlib -e '' || fail ruby_not_compiled "Ruby $version was compiled, but a part of it does not load: the lines above say which. Ask for another version."
  mkdir -p "$layers/ruby-headers"
  mv "$ruby/include" "$layers/ruby-headers/"
  rm -rf "$work" "$archive" "$ruby"/share "$ruby"/lib/pkgconfig "$ruby"/lib/ruby/gems/*/{cache,doc} "$ruby"/bin/{ri,rdoc,rbs,typeprof,rdbg,racc,syntax_suggest} \
    "$ruby"/lib/ruby/gems/*/gems/{rbs,typeprof,debug,minitest,power_assert,test-unit}-* "$ruby"/lib/ruby/gems/*/specifications/{rbs,typeprof,debug,minitest,power_assert,test-unit}-*
  find "$ruby" \( -name '*.so' -o -name ruby -path '*/bin/*' \) -exec strip --strip-unneeded {} + 2> /dev/null || true
}

# source_headers: of the libraries that Ruby itself is compiled with, and with it gems.
source_headers() {
  multiarch=$(gcc -print-multiarch)
  debian_trim() { find "$1" -name '*.a' -delete; }
  debian_layer headers cache build libyaml-dev libffi-dev libgmp-dev libssl-dev zlib1g-dev
  unset -f debian_trim
  CPATH=$layers/headers/usr/include:$layers/headers/usr/include/$multiarch${CPATH:+:$CPATH}
  LIBRARY_PATH=$layers/headers/usr/lib/$multiarch${LIBRARY_PATH:+:$LIBRARY_PATH}
  export CPATH LIBRARY_PATH
}

# need_headers: for gems that are compiled; they look for them beside Ruby, and do not reach the image.
need_headers() {
  headers_there=1
  if [ -n "$compiled" ]; then
    source_headers
    ln -sfn "$layers/ruby-headers/include" "$ruby/include"
    return
  fi
  debian_trim() { find "$1" -name '*.a' -delete; }
  debian_layer headers cache build ruby3.3-dev libyaml-dev libffi-dev libgmp-dev
  unset -f debian_trim
  CPATH=$layers/headers/usr/include/ruby-3.3.0:$layers/headers/usr/include/$multiarch/ruby-3.3.0:$layers/headers/usr/include:$layers/headers/usr/include/$multiarch${CPATH:+:$CPATH}
  LIBRARY_PATH=$ruby/usr/lib/$multiarch:$layers/headers/usr/lib/$multiarch${LIBRARY_PATH:+:$LIBRARY_PATH}
  export CPATH LIBRARY_PATH
  # mkmf asks Ruby where its headers are.
  mkdir -p "$ruby/usr/include"
  ln -sfn "$layers/headers/usr/include/ruby-3.3.0" "$ruby/usr/include/ruby-3.3.0"
  mkdir -p "$ruby/usr/include/$multiarch"
  ln -sfn "$layers/headers/usr/include/$multiarch/ruby-3.3.0" "$ruby/usr/include/$multiarch/ruby-3.3.0"
}

# drop_headers: as if they had never been there.
drop_headers() { rm -rf "$ruby/usr/include" "$ruby/include"; }

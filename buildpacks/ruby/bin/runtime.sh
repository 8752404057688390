# Ruby and Bundler, Debian's: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

ruby=$layers/ruby

# trim_ruby LAYER: documentation and tools for authors go; the rest learns where it is.
trim_ruby() {
  rm -rf "${1:?}"/usr/share/{bash-completion,systemtap,ri,zsh,doc-base} "$1"/usr/bin/{ri,rdoc,rdbg,typeprof,rbs,syntax_suggest,update_rubygems}* "$1"/usr/lib/ruby/gems/3.3.0/gems/{rbs,typeprof,debug,minitest,power_assert,test-unit}-* \
    "$1"/usr/lib/ruby/gems/3.3.0/specifications/{rbs,typeprof,debug,minitest,power_assert,test-unit}-*
  find "$1/usr/bin" -type f -exec sed -i '1s|^#!/usr/bin/ruby.*|#!/usr/bin/env ruby|' {} +
  find "$1" -name operating_system.rb -exec sed -i "s#\([\"']\)/usr/\(lib\|share\)#\1$1/usr/\2#g" {} +
}

# asked_ruby: "version<TAB>place" of the project's own files; nothing when nobody asks.
asked_ruby() {
  local text
  text=$(sed -n "s/^[[:space:]]*ruby[[:space:]]*(\{0,1\}[\"']\([^\"']*\)[\"'].*/\1/p" Gemfile | tr -d '\r' | head -n 1)
  if [ -n "$text" ]; then printf '%s\tGemfile' "$text"; return; fi
  if [ -f .ruby-version ]; then
    text=$(tr -d '\r' < .ruby-version | sed -n 's/^[[:space:]]*\(ruby-\)\{0,1\}\([^[:space:]]*\).*/\2/p' | head -n 1)
    if [ -n "$text" ]; then printf '%s\t.ruby-version' "$text"; return; fi
  fi
  if [ -f .tool-versions ]; then
    text=$(tr -d '\r' < .tool-versions | sed -n 's/^ruby[[:space:]]*\([^[:space:]]*\).*/\1/p' | head -n 1)
    if [ -n "$text" ]; then printf '%s\t.tool-versions' "$text"; return; fi
  fi
  [ -z "${BP_RUBY_VERSION:-}" ] || printf '%s\tBP_RUBY_VERSION' "$BP_RUBY_VERSION"
}

# allows_ruby ASKED VERSION: RubyGems' words (~> 3.3, >= 3.1, 3.3.5); a patch level asks for its line.
allows_ruby() {
  local range
  case $1 in
    [0-9]*.[0-9]*.[0-9]*) range="~${1%%-*}"; range=${range%.*} ;;
    *) range=$(sed -E 's/~> *([0-9]+\.[0-9]+)( |,|$)/^\1\2/g; s/~> *([0-9]+\.[0-9]+)\.[0-9]+/~\1/g; s/,/ /g; s/(^| )= */\1/g' <<< "$1") ;;
  esac
  bp semver "$range" <<< "$2" > /dev/null 2>&1
}

install_ruby() {
  local wish text place
  apt_setup run
  if debian_unchanged ruby; then
    version=$(sed -n 's/^ruby3\.3 //p' "$layers/ruby/.packages")
  else
    version=$(debian_version ruby3.3) || fail package_missing "Debian's lists have no Ruby 3.3."
  fi
  version=${version%%-*}
  wish=$(asked_ruby)
  text=${wish%%$'\t'*} place=${wish#*$'\t'}
  case $text in jruby* | truffleruby* | mruby*) fail version_not_found "$place asks for $text, and there is CRuby $version only. Write 'ruby \"~> 3.3\"' into the Gemfile, run 'bundle lock', and commit." ;; esac
  if [ -n "$text" ] && ! allows_ruby "$text" "$version"; then
    fail version_not_found "$place asks for Ruby $text, and there is Ruby $version only, which Debian 13 supports until 2030. Write 'ruby \"~> 3.3\"' into the Gemfile, try the app with it, run 'bundle lock', and commit."
  fi
  case $text in
    '') echo "Ruby $version: the version that Debian has" ;;
    [0-9]*.[0-9]*.[0-9]*)
      if [ "$text" != "$version" ]; then
        # Bundler compares to the last digit.
        sed -i "s/^\([[:space:]]*ruby[[:space:]]*(\{0,1\}[\"']\)$text\([\"']\)/\1$version\2/" Gemfile
        [ ! -f .ruby-version ] || sed -i "s/$text/$version/" .ruby-version
        echo "Ruby $version: $place asks for $text, and of its line the one with all security fixes is taken"
      else
        echo "Ruby $version: as $place asks"
      fi
      ;;
    *) echo "Ruby $version: $place asks for $text" ;;
  esac
  debian_trim() { trim_ruby "$1"; }
  debian_layer ruby "launch build cache" run ruby3.3 ruby ruby-bundler bundler
  unset -f debian_trim
  multiarch=$(cd "$ruby/usr/lib" && echo ./*-linux-gnu*)
  multiarch=${multiarch#./}
  printf '%s/usr/lib/ruby/vendor_ruby:%s/usr/lib/ruby/3.3.0:%s/usr/lib/%s/ruby/3.3.0:%s/usr/lib/%s/ruby/vendor_ruby/3.3.0' "$ruby" "$ruby" "$ruby" "$multiarch" "$ruby" "$multiarch" > "$ruby/env/RUBYLIB"
  RUBYLIB=$(< "$ruby/env/RUBYLIB")
  export RUBYLIB PATH=$ruby/usr/bin:$PATH LD_LIBRARY_PATH=$ruby/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# need_headers: for gems that are compiled; they look for them beside Ruby, and do not reach the image.
need_headers() {
  headers_there=1
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

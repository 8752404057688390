# Which Ruby the app gets: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# Where Ruby's own makers publish its sources, for lines that Debian does not have: index.txt names each archive with its sha256.
ruby_site=${BP_RUBY_SITE:-https://cache.ruby-lang.org/pub/ruby}

# line_ends LINE: the last day of its security fixes (ruby-lang.org/en/downloads/branches): three years and three months after Christmas.
line_ends() {
  case $1 in
    1.* | 2.[0-6]) echo 2022-04-12 ;; 2.7) echo 2023-03-31 ;; 3.0) echo 2024-04-23 ;; 3.1) echo 2025-03-31 ;;
    3.2) echo 2026-03-31 ;; 3.3) echo 2027-03-31 ;; 3.4) echo 2028-03-31 ;; 4.0) echo 2029-03-31 ;;
  esac
}

# warn_of_age VERSION [TODAY]
warn_of_age() { warn_of_end "Ruby $(cut -d. -f1,2 <<< "$1")" "$(line_ends "$(cut -d. -f1,2 <<< "$1")")" "Ask for a newer one, like 4.0, in the Gemfile." "${2:-}"; }

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

# ruby_range ASKED: RubyGems' words (~> 3.3, >= 3.1, 3.3.5) in npm's; a patch level asks for its line.
ruby_range() {
  local range
  case $1 in
    [0-9]*.[0-9]*.[0-9]*) range="~${1%%-*}"; range=${range%.*} ;;
    *) range=$(sed -E 's/~> *([0-9]+\.[0-9]+)( |,|$)/^\1\2/g; s/~> *([0-9]+\.[0-9]+)\.[0-9]+/~\1/g; s/,/ /g; s/(^| )= */\1/g' <<< "$1") ;;
  esac
  printf '%s' "$range"
}

# allows_ruby ASKED VERSION
allows_ruby() { bp semver "$(ruby_range "$1")" <<< "$2" > /dev/null 2>&1; }

# releases < INDEX: "version sha256 url" of each source archive; no previews.
releases() { awk -F '\t' '$1 ~ /^ruby-[0-9]+\.[0-9]+\.[0-9]+$/ && $2 ~ /\.tar\.xz$/ { print substr($1, 6), $4, $2 }'; }

# newest_of_lines < VERSIONS: the newest patch of each line that is still named, newest first: "4.0.1, 3.4.8".
newest_of_lines() { cut -d' ' -f1 | sort -t. -k1,1nr -k2,2nr -k3,3nr | awk -F. '!seen[$1"."$2]++ && ++count <= 4 { printf "%s%s", comma, $0; comma = ", " }'; }

# find_ruby ASKED SAID DEBIAN: sets version, url and hash of a source archive; both are empty when what the last build compiled has to do.
find_ruby() {
  local range list advice
  advice="Write 'ruby \"~> $(cut -d. -f1,2 <<< "$3")\"' into the Gemfile, try the app with it, run 'bundle lock', and commit"
  range=$(ruby_range "$1") url='' hash=''
  list=$(mktemp)
  if ! curl -fsSL --retry 2 --connect-timeout 15 --max-time 60 -o "$list.index" "$ruby_site/index.txt"; then
    version=$(layer_value ruby version)
    if [ -x "$layers/ruby/bin/ruby" ] && [ -n "$version" ] && allows_ruby "$1" "$version"; then return; fi
    fail version_not_found "$2, and Debian has Ruby $3; the sources of others come from $ruby_site, which cannot be reached from here. $advice; or push again when it can."
  fi
  releases < "$list.index" > "$list"
  version=$(cut -d' ' -f1 "$list" | bp semver "$range" 2> /dev/null) ||
    fail version_not_found "$2, and there is no such Ruby. There are $(newest_of_lines < "$list"), older ones, and Debian's $3. $advice."
  # The first line for the OpenSSL that Debian has.
  bp semver '>=3.1' <<< "$version" > /dev/null ||
    fail version_not_found "$2, which needs OpenSSL 1.1, and Debian 13 has OpenSSL 3 only; Debian's Ruby is $3. $advice."
  read -r _ hash url < <(grep -m 1 "^${version//./\\.} " "$list")
  # A mirror has the same folders.
  url=$ruby_site${url#https://cache.ruby-lang.org/pub/ruby}
  rm -f "$list" "$list.index"
}

# install_ruby: sets version; Debian's where it does, else the newest of the makers that does.
install_ruby() {
  local have wish text place
  apt_setup run
  if debian_unchanged ruby && [ -f "$layers/ruby/.packages" ]; then
    have=$(sed -n 's/^ruby3\.3 //p' "$layers/ruby/.packages")
  else
    have=$(debian_version ruby3.3) || fail package_missing "Debian's lists have no Ruby 3.3."
  fi
  have=${have%%-*}
  wish=$(asked_ruby)
  text=${wish%%$'\t'*} place=${wish#*$'\t'}
  case $text in jruby* | truffleruby* | mruby*) fail version_not_found "$place asks for $text, and there is CRuby only. Write 'ruby \"~> 3.3\"' into the Gemfile, run 'bundle lock', and commit." ;; esac
  if [ -z "$text" ] || allows_ruby "$text" "$have"; then
    version=$have
    say_ruby
    warn_of_debian "Ruby $(cut -d. -f1,2 <<< "$version")"
    install_debians_ruby
  else
    find_ruby "$text" "$place asks for Ruby $text" "$have"
    say_ruby
    warn_of_age "$version"
    install_ruby_from_source "$have"
  fi
}

# say_ruby: what was asked and taken; where it is another patch, the copies of the files that Bundler and the app read say so.
say_ruby() {
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
}

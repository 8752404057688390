# The gems of Gemfile.lock, layer "gems": sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# has GEM: the lock file has it.
has() { grep -qE "^    $1 \(" Gemfile.lock; }

# native: some gem may have to be compiled. Most apps have one; only those that have none are spared the headers.
native() { grep -qE '^    (puma|nio4r|nokogiri|bcrypt|pg|mysql2|sqlite3|msgpack|bootsnap|racc|date|stringio|bigdecimal|json|ffi|io-console|strscan|websocket-driver|unf_ext|redcarpet|hiredis|oj|yajl-ruby|eventmachine|thin|unicorn|kgio|raindrops|http_parser\.rb|llhttp-ffi|snappy|rugged|curb|byebug|debug|psych|digest-crc|ed25519|rbtree|jaro_winkler|google-protobuf|grpc|sassc|mini_racer|charlock_holmes|levenshtein-ffi|[a-z0-9_-]*_ext) \(' Gemfile.lock; }

install_gems() {
  local key offline=()
  [ -f Gemfile.lock ] || fail lock_file_missing "There is a Gemfile but no Gemfile.lock, so nobody can say which versions to install. Run 'bundle install' and commit Gemfile.lock."
  if grep -qE '^(<<<<<<<|=======|>>>>>>>)' Gemfile.lock; then
    fail lock_file_invalid "Gemfile.lock has the marks of a merge in it. Run 'bundle lock' and commit it."
  fi
  export BUNDLE_PATH=$layers/gems BUNDLE_WITHOUT=${BUNDLE_WITHOUT:-development:test} BUNDLE_FROZEN=true BUNDLE_VERSION=system BUNDLE_JOBS=4 BUNDLE_RETRY=2 BUNDLE_TIMEOUT=20 \
    BUNDLE_GLOBAL_GEM_CACHE=false BUNDLE_IGNORE_FUNDING_REQUESTS=true BUNDLE_SILENCE_ROOT_WARNING=true BUNDLE_USER_HOME=/tmp/bundle BUNDLE_APP_CONFIG=${BUNDLE_APP_CONFIG:-$PWD/.bundle} BUNDLE_CACHE_ALL=true
  # Sentences in one line each, for hints.tsv.
  export THOR_COLUMNS=9999
  # Settings of a developer's machine would win over the environment where they say more.
  [ ! -f .bundle/config ] || sed -i '/^BUNDLE_\(PATH\|WITHOUT\|DEPLOYMENT\|FROZEN\|WITH\|BIN\|JOBS\|CACHE_PATH\)[:_]/d' .bundle/config
  rm -rf vendor/bundle
  if ! grep -qE "^  (x86_64-linux|aarch64-linux|ruby)" <(sed -n '/^PLATFORMS/,/^$/p' Gemfile.lock); then
    fail lock_file_differs "Gemfile.lock was made for another system only ($(sed -n '/^PLATFORMS/,/^$/p' Gemfile.lock | sed -n 's/^  //p' | paste -sd, | sed 's/,/, /g')). Run 'bundle lock --add-platform $(uname -m)-linux' and commit Gemfile.lock."
  fi
  key=$({ cat Gemfile Gemfile.lock; find vendor/cache -type f -print0 2> /dev/null | sort -z | xargs -0 -r sha256sum; echo "2 $version $BUNDLE_WITHOUT"; } | sha256sum | cut -c1-32)
  if layer_has gems key "$key"; then
    echo "gems: unchanged (kept)"
  else
    rm -rf "$layers/gems"
    mkdir -p "$layers/gems"
    if native; then need_headers; fi
    if compgen -G 'vendor/cache/*.gem' > /dev/null; then
      echo "gems, from vendor/cache"
      if bundle install --local < /dev/null > /tmp/gems-said 2>&1; then
        grep -v '^\(Using\|Fetching\) ' /tmp/gems-said || true
        offline=(enough)
      else
        tail -n 3 /tmp/gems-said
        echo "vendor/cache is not enough: the gem server is asked too"
        use_cached_gems
      fi
    fi
    [ ${#offline[@]} -gt 0 ] || bundle_install
    # What compiling left behind has times and places in it.
    find "$layers/gems" \( -name '*.o' -o -name 'gem_make.out' -o -name 'mkmf.log' -o -name 'Makefile' -path '*/ext/*' \) -delete
    rm -rf "$layers"/gems/ruby/*/cache "$layers"/gems/ruby/*/doc
    drop_headers
  fi
  mkdir -p "$layers/gems/env"
  printf '%s' "$BUNDLE_PATH" > "$layers/gems/env/BUNDLE_PATH"
  printf '%s' "$BUNDLE_WITHOUT" > "$layers/gems/env/BUNDLE_WITHOUT.default"
  printf system > "$layers/gems/env/BUNDLE_VERSION"
  printf true > "$layers/gems/env/BUNDLE_FROZEN"
  layer_toml gems "launch build cache" key "$key"
}

# use_cached_gems: where there is a vendor/cache, a frozen Bundler asks nobody else (its cli/install.rb). So what is there and locked is
# installed, and the folder put out of its sight.
use_cached_gems() {
  local file home
  home=$BUNDLE_PATH/ruby/$(ruby -e 'print RbConfig::CONFIG["ruby_version"]')
  for file in vendor/cache/*.gem; do
    if grep -qxF "$(basename "$file" .gem)" <(sed -n 's/^    \([^ ]*\) (\([^)]*\))$/\1-\2/p' Gemfile.lock); then
      otherwise="The gem $(basename "$file" .gem) of vendor/cache could not be installed: the lines above say why." \
        run_step '' native_failed gem install --silent --local --force --ignore-dependencies --no-document --install-dir "$home" "$file"
    fi
  done
  export BUNDLE_CACHE_PATH=/tmp/no-cache
}

# bundle_install: a gem that nobody knew to be compiled gets the headers too, and a second try.
bundle_install() {
  local ended=0
  step_said=${step_said:-$(mktemp)}
  echo "gems of Gemfile.lock"
  bundle install < /dev/null 2>&1 | tee "$step_said" || ended=${PIPESTATUS[0]}
  if [ "$ended" -ne 0 ] && [ -z "${headers_there:-}" ] && grep -q "can't find header files for ruby" "$step_said"; then
    echo "a gem is compiled: Ruby's header files are fetched, and once more"
    need_headers
    otherwise="Bundler could not install the gems: the lines above say why." run_step '' bundler_failed bundle install
  elif [ "$ended" -ne 0 ]; then
    fail_step "$ended" bundler_failed "Bundler could not install the gems: the lines above say why."
  fi
}

# components: what is inside, for the image's bill of materials (CNB buildpack spec 0.10, "Software-Bill-of-Materials").
components() {
  {
    if [ -n "$compiled" ]; then
      debian_components ruby-libs
      jq -n --arg version "$version" '[{type: "application", "bom-ref": "ruby@\($version)", name: "ruby", version: $version, purl: "pkg:generic/ruby@\($version)"}]'
    else
      debian_components ruby
    fi
    sed -n '/^GEM/,/^$/s/^    \([^ ]*\) (\([^)]*\))$/\1 \2/p' Gemfile.lock |
      jq -Rn --arg folder "$layers/gems" '[inputs | split(" ") | {type: "library", "bom-ref": "gem:\(.[0])@\(.[1])", name: .[0], version: .[1], purl: "pkg:gem/\(.[0])@\(.[1] | @uri)"}]'
  } | jq -s add | cyclonedx > "$layers/launch.sbom.cdx.json"
}

# The steps of bin/build: sourced by it.
# What is not assigned here is bin/build's.
# shellcheck shell=bash disable=SC2154,SC2034

# settings_of_mix: where it keeps what the next build shall find.
settings_of_mix() {
  export MIX_ENV=${MIX_ENV:-prod} MIX_HOME=$layers/compiled/mix HEX_HOME=$layers/compiled/hex MIX_DEPS_PATH=$layers/compiled/deps MIX_BUILD_PATH=$layers/compiled/build ERL_COMPILER_OPTIONS=deterministic HEX_HTTP_TIMEOUT=20
  mkdir -p "$layers/compiled"
  # What another Elixir compiled is of no use.
  if ! layer_has compiled version "$version $MIX_ENV"; then rm -rf "$layers/compiled"/{build,deps}; fi
  layer_toml compiled cache version "$version $MIX_ENV"
}

# get_packages: by mix.lock. Hex and rebar come from hex.pm, once.
get_packages() {
  if [ ! -f mix.lock ]; then
    if grep -qE '^[[:space:]]*\{:[a-z_0-9]+, *"' mix.exs; then
      fail lock_file_missing "mix.exs has packages but there is no mix.lock, so nobody can say which versions to install. Run 'mix deps.get' and commit mix.lock."
    fi
    return
  fi
  if ! grep -q '^  "' mix.lock; then return; fi
  rm -rf deps _build
  step_said=$(mktemp)
  otherwise="Hex, Elixir's package manager, could not be fetched: the lines above say why." run_step "packages of mix.lock" hex_unreachable mix local.hex --force --if-missing
  otherwise="rebar, Erlang's build tool, could not be fetched: the lines above say why." run_step '' hex_unreachable mix local.rebar --force --if-missing
  otherwise="The packages of mix.lock could not be fetched: the lines above say why." run_step '' packages_failed mix deps.get --only "$MIX_ENV" --check-locked
  otherwise="A package could not be compiled: the lines above say why." run_step '' compile_failed mix deps.compile
}

# make_release: layer "release", the only one of the app's that the image gets.
make_release() {
  local name=${BP_ELIXIR_RELEASE:-}
  if grep -qE "\"?assets\.deploy\"?:" mix.exs; then
    if [ -f assets/package-lock.json ] && command -v npm > /dev/null; then
      otherwise="npm could not install the packages of assets/: the lines above say why." run_step "packages of assets/" npm_failed npm ci --prefix assets --no-progress
    fi
    otherwise="mix assets.deploy failed: the lines above say why." run_step "mix assets.deploy" assets_failed mix assets.deploy
  fi
  rm -rf "$layers/release"
  # shellcheck disable=SC2086
  otherwise="mix release failed: the lines above say why." run_step "mix release" release_failed mix release $name --overwrite --path "$layers/release" --quiet
  rm -f "$layers"/release/bin/*.bat
  # A cookie that is made up by each build would make equal releases differ: bin/instance makes one up for each instance.
  printf none > "$layers/release/releases/COOKIE"
  mkdir -p "$layers/release/exec.d" "$layers/release/env.launch"
  cp "$here/bin/instance" "$layers/release/exec.d/instance"
  for name in LANG=C.UTF-8 MIX_ENV="$MIX_ENV" PHX_SERVER=true RELEASE_DISTRIBUTION=none RELEASE_TMP=/tmp ERL_CRASH_DUMP_SECONDS=0; do
    printf '%s' "${name#*=}" > "$layers/release/env.launch/${name%%=*}.default"
  done
  layer_toml release launch
}

say_start() {
  local file name=''
  for file in "$layers"/release/bin/*; do
    [ ! -d "$layers/release/releases" ] || ! grep -q RELEASE_ROOT "$file" || { name=$(basename "$file"); break; }
  done
  [ -n "$name" ] || fail start_missing "The release has no program to start. Look at 'releases' in mix.exs."
  if [ "${BP_ELIXIR_MIGRATE:-}" = true ]; then
    [ -x "$layers/release/bin/migrate" ] || fail migrate_missing "BP_ELIXIR_MIGRATE asks for a migration, but the release has no bin/migrate. Run 'mix phx.gen.release' and commit what it writes."
    add_process release false migrate
    echo "release: bin/migrate, because BP_ELIXIR_MIGRATE says so"
  fi
  if grep -q '"phoenix":' mix.lock 2> /dev/null && [ -z "${SECRET_KEY_BASE:-}" ]; then
    warn "Phoenix wants a SECRET_KEY_BASE when it runs: paas config set SECRET_KEY_BASE=<the output of: openssl rand -base64 48>."
  fi
  if [ -f Procfile ] && grep -q '^web:' Procfile; then return; fi
  add_process web true "$name" start
  echo "web: $name start"
}

# components: what is inside, for the image's bill of materials (CNB buildpack spec 0.10, "Software-Bill-of-Materials").
components() {
  {
    debian_components erlang | jq 'map(select(.name | test("^(elixir|erlang-)")))'
    if [ -n "${elixir_source:-}" ]; then jq -n --arg version "$version" '[{type: "library", "bom-ref": "elixir@\($version)", name: "elixir", version: $version, purl: "pkg:generic/elixir@\($version)"}]'; fi
    if [ -f mix.lock ]; then
      sed -n 's/^  "\([^"]*\)": {:hex, :\([a-z0-9_]*\), "\([^"]*\)".*/\2 \3/p' mix.lock | jq -Rn '[inputs | split(" ") | {type: "library", "bom-ref": "hex:\(.[0])@\(.[1])", name: .[0], version: .[1], purl: "pkg:hex/\(.[0])@\(.[1])"}]'
    fi
  } | jq -s add | cyclonedx > "$layers/launch.sbom.cdx.json"
}

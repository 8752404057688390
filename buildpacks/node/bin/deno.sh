# An app with a deno.json and no package.json. Sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154 # variables are those of bin/build

# deno_setting FILTER: of deno.json, which may have comments on lines of their own.
deno_setting() { sed 's/\r$//; /^[[:space:]]*\/\//d' deno.json | jq -r "$1" 2> /dev/null || true; }

build_deno() {
  local range arch=x64 layer=$layers/deno cache=$layers/deno-dir entry start frozen=() text
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  range=$([ ! -f .tool-versions ] || sed -n 's/\r$//; s/^deno[[:space:]]\{1,\}\([^[:space:]#]*\).*/\1/p' .tool-versions | head -n 1)
  range=${range:-2}
  if layer_has deno range "$range" && [ -x "$layer/bin/deno" ]; then
    version=$(layer_value deno version)
    echo "Deno $version (kept)"
  else
    rm -rf "$layer"
    version=$(install_package "@deno/linux-$arch-glibc" "$range" "$layer.new" deno .tool-versions)
    mkdir -p "$layer/bin" "$layer/env"
    mv "$layer.new/deno" "$layer/bin/deno"
    rm -rf "$layer.new"
    chmod 0755 "$layer/bin/deno"
    printf '%s' "$cache" > "$layer/env/DENO_DIR.default"
    echo "Deno $version (for '$range')"
  fi
  layer_toml deno 'launch cache' range "$range" version "$version"
  mkdir -p "$cache"
  layer_toml deno-dir 'launch cache' version "$version"
  export PATH=$layer/bin:$PATH DENO_DIR=$cache DENO_NO_UPDATE_CHECK=1
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || export DENO_CERT=${DENO_CERT:-$NODE_EXTRA_CA_CERTS}
  export NPM_CONFIG_REGISTRY=${NPM_CONFIG_REGISTRY:-$(registry)}

  start=$(deno_setting '.tasks.start | if type == "object" then .command else . end // ""')
  entry=$(grep -oE '[A-Za-z0-9_./-]+\.(ts|tsx|js|mjs)( |$)' <<< "$start" | head -n 1 || true)
  for text in "${entry% }" main.ts server.ts mod.ts main.js; do
    [ -n "$text" ] && [ -f "$text" ] && entry=$text && break
  done
  [ ! -f deno.lock ] || frozen=(--frozen)
  if [ -f "$entry" ]; then
    otherwise="Deno could not fetch what $entry imports: its lines above say why. If deno.lock disagrees: run 'deno install --entrypoint $entry' and commit deno.lock." \
      run_step "what $entry imports" deno_failed deno cache "${frozen[@]}" "$entry"
  fi
  if [ -n "$(deno_setting '.tasks.build // ""')" ]; then
    otherwise="The task 'build' of deno.json failed (exit {exit}). Its lines above say why." run_step "deno task build" build_script_failed deno task build
  fi
  # Made for this machine's processor and this moment: not for the image.
  rm -rf "$cache"/*_cache_v* "$cache"/gen "$cache"/check_cache*

  if has_procfile_web; then return; fi
  if [[ $start == 'deno serve'* && $start != *--port* ]]; then start="deno serve --port \$PORT --host 0.0.0.0${start#deno serve}"; fi
  start=${start// --watch/}
  if [ -n "$start" ]; then
    add_process web true sh -c "exec $start"
  elif [ -f "$entry" ]; then
    start="deno run -A $entry"
    add_process web true deno run -A "$entry"
  else
    fail start_missing "Nothing says how to start this app: add a task named start to deno.json, or a file main.ts."
  fi
  echo "web: $start"
  jq -nS --arg version "$version" '[{type: "application", "bom-ref": "deno@\($version)", name: "deno", version: $version, purl: "pkg:generic/deno@\($version)"}] | {bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components: .}' > "$layers/launch.sbom.cdx.json"
}

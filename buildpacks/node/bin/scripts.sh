# The app's own scripts, and what their tools keep for the next build. Sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

script() { jq -r --arg name "$1" '.scripts[$name] // "" | strings' package.json; }

# run_script NAME CODE: by the app's package manager, so that pre and post scripts run too.
run_script() {
  local text
  text=$(script "$1")
  # A script with carriage returns in a file of its own is found by hints.tsv; in package.json they mean nothing.
  echo "$manager run $1: ${text:0:200}"
  case $1 in build | heroku-postbuild) text="The build script failed (exit {exit}): ${text:0:200}. Its lines above say why." ;; *) text="The script '$1' of package.json failed (exit {exit}): ${text:0:200}. Its lines above say why." ;; esac
  otherwise=$text run_step "" "$2" env "${script_settings[@]}" "$CNB_BUILDPACK_DIR/bin/brief" "$manager" run "$1"
}

# build_settings: of the environment of the app's scripts. What the user has set wins.
build_settings() {
  script_settings=(HUSKY=0 CYPRESS_INSTALL_BINARY=0 YARN_ENABLE_TELEMETRY=0 YARN_NODE_LINKER=node-modules YARN_GLOBAL_FOLDER=/tmp/yarn
    "NODE_ENV=${NODE_ENV:-production}" "NEXT_TELEMETRY_DISABLED=${NEXT_TELEMETRY_DISABLED:-1}" "NUXT_TELEMETRY_DISABLED=${NUXT_TELEMETRY_DISABLED:-1}" "ASTRO_TELEMETRY_DISABLED=${ASTRO_TELEMETRY_DISABLED:-1}" "NG_CLI_ANALYTICS=${NG_CLI_ANALYTICS:-false}")
  [ "$manager" != pnpm ] || script_settings+=(npm_config_verify_deps_before_run=false npm_config_manage_package_manager_versions=false)
  # SvelteKit's adapter-auto knows this name of a platform that runs Node, and then builds for Node.
  if by_adapter_auto; then
    script_settings+=(GCP_BUILDPACKS=1)
    warn "SvelteKit's adapter-auto installs adapter-node in each build. Name @sveltejs/adapter-node in svelte.config.js and package.json: then the lock file says which."
  fi
  case ${NODE_OPTIONS:-} in
    *max-old-space-size*) ;;
    *) memory=$(memory_limit) && [ -z "$memory" ] || script_settings+=("NODE_OPTIONS=${NODE_OPTIONS:+$NODE_OPTIONS }--max-old-space-size=$((memory / 1048576 * 3 / 4))") ;;
  esac
}

by_adapter_auto() { uses @sveltejs/adapter-auto && ! uses @sveltejs/adapter-node && grep -qs 'adapter-auto' svelte.config.js vite.config.*; }

# uses PACKAGE: package.json names it.
uses() { jq -e --arg name "$1" '.dependencies[$name] // .devDependencies[$name]' package.json > /dev/null 2>&1; }

kept_folders='.next/cache .angular/cache .turbo .parcel-cache .gatsby-cache'

# lend_caches: folders in which bundlers keep what they have done, in a layer that builds alone see.
lend_caches() {
  local folder
  mkdir -p "$layers/build-cache"
  for folder in $kept_folders; do
    case $folder in .next/*) uses next || continue ;; .angular/*) uses @angular/core || continue ;; .turbo) [ -f turbo.json ] || continue ;; *) uses parcel || continue ;; esac
    rm -rf "$folder"
    mkdir -p "$layers/build-cache/$folder" "$(dirname "$folder")"
    ln -s "$layers/build-cache/$folder" "$folder"
  done
}

return_caches() {
  local folder
  for folder in $kept_folders; do
    [ ! -L "$folder" ] || { rm "$folder"; case $folder in .next/*) mkdir "$folder" ;; esac; }
  done
  if [ -n "$(find "$layers/build-cache" -type f -print -quit 2> /dev/null)" ]; then
    layer_toml build-cache cache
  else
    rm -rf "$layers/build-cache"
  fi
}

# real_modules: bundlers that trace what a server needs do not follow a node_modules that is a link; for the build they get a copy.
real_modules() {
  local from
  [ -L node_modules ] && jq -e '(.dependencies // {}) + (.devDependencies // {}) | keys | any(test("^(next|nuxt|nitro|nitropack|nitropack-nightly|vinxi|@tanstack/[a-z]+-start|@solidjs/start|@analogjs/platform|@sveltejs/adapter-auto)$"))' package.json > /dev/null || return 0
  from=$(readlink node_modules)
  rm node_modules
  cp -a --reflink=auto "$from" node_modules
}

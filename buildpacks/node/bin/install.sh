# node_modules by the lock file, in layers: sourced by bin/build, never run.
# The manager works in a layer on a skeleton of the app: manifests, lock file and settings only. So a change of code alone touches no
# layer, and the app sees the packages through links named node_modules. What a package of the workspace needs lies in
# LAYER/<its folder>/node_modules.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

# manifests: every package.json that counts: the root's, and those of workspaces.
manifests() {
  echo ./package.json
  if [ -f pnpm-workspace.yaml ] || jq -e '.workspaces' package.json > /dev/null 2>&1; then
    find . -mindepth 2 -maxdepth 6 \( -name node_modules -o -name .git -o -name .yarn \) -prune -o -name package.json -type f -print | LC_ALL=C sort
  fi
}

cat_manifests() { manifests | tr '\n' '\0' | xargs -0 cat; }

# local_packages: folders and archives of the repository that a manifest names as packages ("file:../x", "link:./y").
local_packages() {
  cat_manifests | jq -r '[.dependencies, .devDependencies, .optionalDependencies] | map(. // {} | .[] | strings | select(test("^(file|link|portal):")) | sub("^(file|link|portal):"; "")) | .[]' 2> /dev/null | sort -u |
    while IFS= read -r path; do
      case $path in /* | *..*) ;; *) [ ! -e "$path" ] || printf '%s\n' "${path#./}" ;; esac
    done
}

# modules_key: changes when other packages would be installed.
modules_key() {
  {
    echo "$version $manager $manager_version 3"
    cat "$lock"
    cat_manifests | jq -cS '{name, dependencies, devDependencies, optionalDependencies, peerDependencies, overrides, resolutions, pnpm, workspaces, dependenciesMeta, trustedDependencies, scripts: (.scripts // {} | {preinstall, install, postinstall, prepare})}'
    for file in .npmrc .yarnrc .yarnrc.yml bunfig.toml pnpm-workspace.yaml .pnpmfile.cjs; do [ ! -f "$file" ] || cat "$file"; done
    # What patches packages, or writes into them.
    find patches .yarn/patches prisma -type f \( -name '*.patch' -o -name '*.prisma' \) -print0 2> /dev/null | sort -z | xargs -0 -r cat || true
  } | sha256sum | cut -c1-32
}

# skeleton LAYER: what the manager reads. The app's own scripts belong to the build; those of the packages run here.
skeleton() {
  local layer=$1 file
  mkdir -p "$layer"
  manifests | while IFS= read -r file; do
    mkdir -p "$layer/$(dirname "$file")"
    jq 'if .scripts then .scripts |= del(.preinstall, .install, .postinstall, .prepare, .prepublish, .preprepare, .postprepare, .dependencies) else . end' "$file" > "$layer/$file"
  done
  for file in "$lock" .npmrc .yarnrc .yarnrc.yml bunfig.toml pnpm-workspace.yaml .pnpmfile.cjs patches; do
    [ ! -e "$file" ] || cp -a "$file" "$layer/"
  done
  local_packages | while IFS= read -r file; do
    mkdir -p "$layer/$(dirname "$file")"
    [ -e "$layer/$file" ] || cp -a "$file" "$layer/$file"
  done
  for file in releases plugins patches; do
    [ ! -d ".yarn/$file" ] || { mkdir -p "$layer/.yarn"; cp -a ".yarn/$file" "$layer/.yarn/"; }
  done
  [ ! -d .yarn/cache ] || ln -s "$PWD/.yarn/cache" "$layer/.yarn/cache"
  # Lock files of yarn 1 name the registry in every line: a mirror is asked in its place.
  if [ "$lock" = yarn.lock ] && [ "$(registry)" != https://registry.npmjs.org ]; then
    sed -i -E "s#\"https://registry\.(yarnpkg\.com|npmjs\.org)/#\"$(registry)/#" "$layer/yarn.lock"
  fi
}

# token_hints: npm says nothing of a variable of .npmrc that is not there, and asks the registry with its bare name.
token_hints() {
  local name
  for name in $(sed -n 's/^[^#;]*\${\([A-Za-z_][A-Za-z0-9_]*\)}.*/\1/p' .npmrc 2> /dev/null); do
    if [ -z "${!name:-}" ]; then
      hints_of_app=$(mktemp)
      printf 'npm_token_missing\t%s\t%s\n' '(code|error) (E401|E403|ENEEDAUTH)|ERR_PNPM_FETCH_40[134]|401 Unauthorized|404 Not Found - GET' \
        "The settings of the registry name the variable $name, which this app does not have: paas config set $name=<token>." > "$hints_of_app"
      return
    fi
  done
}

# manager_install LAYER dev|production: in the skeleton. stdin is closed, so that nothing can ask.
manager_install() {
  local layer=$1 set=$2 title words=() settings=(CI=true npm_config_manage_package_manager_versions=false) hints_of_app=''
  token_hints
  case $manager in
    npm)
      settings=()
      words=("$CNB_BUILDPACK_DIR/bin/npm-ci" --no-progress --include=dev); [ "$set" = dev ] || words[2]=--omit=dev
      ;;
    pnpm)
      words=(pnpm install --frozen-lockfile --reporter=append-only --store-dir "$layers/.store" --prod=false)
      [ "$set" = dev ] || words=("${words[@]/--prod=false/--prod}")
      ;;
    yarn)
      if is_berry; then
        settings+=(YARN_NODE_LINKER=node-modules YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_PROGRESS_BARS=0 YARN_GLOBAL_FOLDER=/tmp/yarn "YARN_NPM_REGISTRY_SERVER=${YARN_NPM_REGISTRY_SERVER:-$(registry)}")
        [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || settings+=("YARN_HTTPS_CA_FILE_PATH=$NODE_EXTRA_CA_CERTS")
        words=(yarn install --immutable)
        [ "$set" = dev ] || words=(yarn workspaces focus --all --production)
      else
        words=(yarn install --frozen-lockfile --non-interactive --no-progress --cache-folder /tmp/yarn-cache --production=false)
        [ "$set" = dev ] || words=("${words[@]/--production=false/--production=true}")
      fi
      ;;
    bun) words=(bun install --frozen-lockfile --no-progress); [ "$set" = dev ] || words+=(--production) ;;
  esac
  title="${words[0]##*/} ${words[1]}"
  otherwise="$manager could not install the packages: its lines above say why. If package.json and the lock file disagree: run '$manager install' and commit both." \
    run_step "" "${manager}_failed" env -C "$layer" -u NODE_ENV "${settings[@]}" "${headers_setting[@]}" "$CNB_BUILDPACK_DIR/bin/brief" "${words[@]}" || fail "${manager}_failed" "$title failed."
}

# manager_prune LAYER: what production does not need goes, in a copy of what was installed for the build.
manager_prune() {
  local layer=$1
  case $manager in
    npm) run_step "" npm_failed env -C "$layer" "$CNB_BUILDPACK_DIR/bin/brief" npm prune --no-progress --omit=dev --ignore-scripts ;;
    *)
      if is_berry && [ "${manager_version%%.*}" -lt 4 ]; then
        warn "yarn ${manager_version%%.*} cannot leave out dev dependencies: they stay in the image. Take yarn 4."
        return
      fi
      [ "$manager" != bun ] || find "$layer" -name node_modules -prune -exec rm -rf {} +
      manager_install "$layer" production
      ;;
  esac
}

# finish_layer LAYER: only node_modules stays, and links to the app's own packages lead to the app.
finish_layer() {
  local layer=$1
  find "$layer" -type l ! -path '*/.bin/*' -printf '%p\t%l\n' | { grep -avE $'\t.*(node_modules|\\.pnpm|^/)' || true; } | while IFS=$'\t' read -r link target; do
    to=$(realpath -ms "$(dirname "$link")/$target")
    case $to in
      "$layer"/*node_modules*) ;;
      "$layer"/*) ln -sfn "$PWD${to#"$layer"}" "$link" ;;
    esac
  done
  [ ! -f "$layer/.yarn/install-state.gz" ] || cp "$layer/.yarn/install-state.gz" "$layer/node_modules/.yarn-install-state.gz"
  find "$layer" -name node_modules -prune -o \( -type f -o -type l \) -print0 | xargs -0 -r rm -f
  find "$layer" -name node_modules -prune -o -type d -empty -print0 | xargs -0 -r rmdir -p --ignore-fail-on-non-empty 2> /dev/null || true
  mkdir -p "$layer/node_modules"
}

# link_modules LAYER: the app sees them.
link_modules() {
  local layer=$1 folder
  find "$layer" -name node_modules -prune -print | while IFS= read -r folder; do
    folder=${folder#"$layer"/}
    [ -d "$(dirname "$folder")" ] || continue
    rm -rf "$folder"
    ln -s "$layer/$folder" "$folder"
  done
  if [ -f "$layer/node_modules/.yarn-install-state.gz" ]; then
    mkdir -p .yarn
    cp "$layer/node_modules/.yarn-install-state.gz" .yarn/install-state.gz
  fi
}

# unlink_modules: takes away the links, and the copy that a bundler got; not what a build has made (.output/server/node_modules).
unlink_modules() {
  rm -rf node_modules
  find . -name .git -prune -o -name node_modules -type l -lname "$layers/*" -exec rm {} +
}

# drop_committed_modules: they were made for another machine, and nobody can say from what.
drop_committed_modules() {
  [ ! -L node_modules ] || return 0
  [ -d node_modules ] || return 0
  warn "node_modules is in the repository ($(du -sm node_modules | cut -f1) MB): it is not used, for it was made on another machine. Take it out: git rm -r --cached node_modules, and add node_modules to .gitignore."
  find . -name .git -prune -o -name node_modules -prune -exec rm -rf {} +
}

# production_has TOOL: a dependency for production has a program of this name, by what it says itself.
production_has() {
  local target
  target=$(readlink -f "node_modules/.bin/$1") || return 1
  jq -r '(.dependencies // {}) + (.optionalDependencies // {}) | keys[]' package.json | while IFS= read -r name; do
    case $target in */node_modules/"$name"/*) echo "$name" ;; esac
    # pnpm's programs are scripts that name their package.
    [ "$manager" != pnpm ] || ! jq -e --arg tool "$1" '.bin | if type == "object" then .[$tool] else . end' "node_modules/$name/package.json" > /dev/null 2>&1 || echo "$name"
  done | grep -q .
}

# keep_modules: layers build-modules and modules as the next build and the image need them; links where the app runs.
keep_modules() {
  local wish="$key"
  ! $keep_dev || wish="$key with dev"
  if [ "$made" = modules ]; then
    unlink_modules
    if $needs_modules; then
      modules_toml 'launch cache' "$wish"
    else
      modules_toml 'cache' "$wish"
    fi
  else
    if $needs_modules; then
      if layer_has modules key "$wish" && [ -d "$layers/modules/node_modules" ]; then
        echo "packages: unchanged (kept)"
      else
        echo "packages: without those for development only"
        rm -rf "$layers/modules"
        cp -al "$layers/build-modules" "$layers/modules"
        find "$layers/modules" -maxdepth 6 -path '*/node_modules/.cache' -prune -exec rm -rf {} +
        if ! $keep_dev; then
          skeleton "$layers/modules"
          manager_prune "$layers/modules"
          finish_layer "$layers/modules"
        fi
        rm -f "$layers"/modules/node_modules/{.modules.yaml,.pnpm-workspace-state.json,.pnpm-workspace-state-v1.json,.yarn-install-state.gz}
        rm -rf "$layers"/modules/node_modules/{.vite,.vite-temp,.astro}
      fi
      modules_toml 'launch cache' "$wish"
    else
      rm -rf "$layers/modules" "$layers/modules.toml"
    fi
    layer_toml build-modules 'build cache' key "$key"
    unlink_modules
  fi
  if $needs_modules; then
    link_modules "$layers/modules"
  elif ! is_main node; then
    # The language whose assets these are may run their tools once more.
    link_modules "$layers/$made"
    [ "$made" != modules ] || modules_toml 'build cache' "$wish"
  fi
  [ ! -f .yarn/install-state.gz ] || git ls-files --error-unmatch .yarn/install-state.gz > /dev/null 2>&1 || rm -f .yarn/install-state.gz
}

modules_toml() {
  mkdir -p "$layers/modules/env.launch"
  printf '%s/node_modules/.bin' "$PWD" > "$layers/modules/env.launch/PATH.prepend"
  printf : > "$layers/modules/env.launch/PATH.delim"
  layer_toml modules "$1" key "$2"
}

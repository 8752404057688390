# What runs, decided when everything is built. Sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

# decide_launch: sets process (the words of web; empty when node runs nothing), shown (as a person would write it), site (a folder for
# nginx) and needs (modules: the packages that production needs; manager).
decide_launch() {
  local file
  process=() shown='' site='' needs_modules=true needs_manager=false
  if ! is_main node; then needs_modules=false; return; fi
  if [ -f Staticfile ]; then needs_modules=false; return; fi
  if has_procfile_web; then
    shown=$(sed -n 's/^[[:space:]]*web[[:space:]]*:[[:space:]]*//p' Procfile | head -n 1)
    shown="the Procfile: ${shown%$'\r'}"
    ! grep -qE '(^|[^a-z-])(npm|npx|yarn|pnpm|bunx?)( |$)' Procfile || needs_manager=true
    return
  fi
  if [ -n "$start" ] && ! { $site_possible && is_export; }; then
    by_script "$start"
    return
  fi
  by_framework && return
  site=$(find_site) && [ -n "$site" ] && { needs_modules=false; return; }
  file=$(server_file)
  if [ -n "$file" ]; then
    process=("$(runtime_of "$file")" "$file") shown="$file, for there is no start script"
    return
  fi
  by_workspace && return
  file=$(script start)
  if [[ $file =~ ^(nodemon|node\ +--watch|tsx\ +watch)\ +([A-Za-z0-9_./-]+)$ ]]; then
    case ${BASH_REMATCH[1]} in tsx*) by_script "tsx ${BASH_REMATCH[2]}" ;; *) by_script "node ${BASH_REMATCH[2]}" ;; esac
  elif [ -n "$file" ]; then
    warn "The start script is one for developers ($file). Let it run what the build made, or name that under start:prod."
    keep_dev=true
    by_script "$file"
  fi
}

runtime_of() { case $1 in *.ts) echo bun ;; *) if [ "$manager" = bun ] && ! $needs_node; then echo bun; else echo node; fi ;; esac; }

# Next has written pages only, and no server.
is_export() { [ -f .next/export-detail.json ] || [ -f out/index.html ]; }

# by_framework: servers that builds of known frameworks make; their own names for them. 1: none is there.
by_framework() {
  local file
  if [ -f .output/server/index.mjs ]; then
    # Nitro (Nuxt, TanStack Start, SolidStart): all that it needs is in it.
    process=(node .output/server/index.mjs) needs_modules=false
  elif [ -f dist/server/entry.mjs ]; then
    process=(node dist/server/entry.mjs)
  elif uses next && [ -f .next/BUILD_ID ] && ! is_export; then
    process=(node node_modules/next/dist/bin/next start)
  elif uses @sveltejs/kit && [ -f build/index.js ] && [ -f build/handler.js ]; then
    process=(node build)
  elif [ -f build/server/index.js ] && [ -e node_modules/.bin/react-router-serve ]; then
    process=(react-router-serve ./build/server/index.js)
  elif [ -f build/server/index.js ] && [ -e node_modules/.bin/remix-serve ]; then
    process=(remix-serve ./build/server/index.js)
  elif uses @nestjs/core; then
    for file in dist/main.js dist/src/main.js; do
      [ ! -f "$file" ] || { process=(node "${file%.js}"); break; }
    done
  elif uses @angular/core; then
    for file in dist/*/server/server.mjs dist/server/server.mjs; do
      [ ! -f "$file" ] || { process=(node "$file"); break; }
    done
  fi
  [ ${#process[@]} -gt 0 ] || return 1
  shown="${process[*]}"
}

# find_site: the folder with the index.html that the build has made.
find_site() {
  local folder out
  $site_possible || return 0
  out=$(sed -n "s/^[^/]*outDir['\"]\{0,1\}[[:space:]]*:[[:space:]]*['\"]\(\.\/\)\{0,1\}\([A-Za-z0-9_./-]*\)['\"].*/\2/p" vite.config.* astro.config.* 2> /dev/null | head -n 1)
  for folder in "$out" .output/public out dist dist/*/browser dist/browser build/client build _site www public dist/* .vitepress/dist docs/.vitepress/dist storybook-static; do
    [ -n "$folder" ] && [ -d "$folder" ] || continue
    case $folder in *..* | /*) continue ;; esac
    # What was there before the build is no output of it.
    if { [ -f "$folder/index.html" ] || [ -f "$folder/index.csr.html" ]; } && ! grep -qxF "$folder" "$sites_before"; then
      printf '%s' "${folder%/}"
      return
    fi
  done
  # A page that is in the repository, beside which the build has put its scripts and styles.
  for folder in public dist .; do
    [ ! -f "$folder/index.html" ] || { printf '%s' "$folder"; return; }
  done
}

# sites_now: folders that hold an index.html before the build.
sites_now() { find . -maxdepth 4 \( -name node_modules -o -name .git \) -prune -o -name index.html -printf '%h\n' | sed 's#^\./##'; }

# single_page: whether the site answers every path with its page: frameworks whose router runs in the browser.
single_page() {
  local generator
  [ ! -f "$site/404.html" ] || return 1
  # These make a page for each path, if only one so far.
  for generator in astro gatsby @11ty/eleventy @docusaurus/core vitepress hexo; do ! uses "$generator" || return 1; done
  [ "$(find "$site" -maxdepth 3 -name '*.html' | wc -l)" -eq 1 ] || [ -f "$site/200.html" ] || [ -f "$site/index.csr.html" ]
}

# by_workspace: the one package of the workspace that can be started.
by_workspace() {
  local found=()
  readarray -t found < <(manifests | tail -n +2 | tr '\n' '\0' | xargs -0 -r jq -r 'select((.scripts.start // "") != "") | input_filename')
  if [ ${#found[@]} -eq 1 ]; then
    local folder=${found[0]%/package.json}
    folder=${folder#./}
    by_script "$(cd "$folder" && start_script)" "$folder"
    [ ${#process[@]} -gt 0 ]
  elif [ ${#found[@]} -gt 1 ]; then
    fail start_missing "Several packages of this workspace have a start script ($(printf '%s\n' "${found[@]}" | sed 's#^\./##; s#/package.json$##' | paste -sd' ')). Say which one is the app: add a start script to the package.json at the top, like '$manager --prefix $(sed 's#^\./##; s#/package.json$##' <<< "${found[0]}") start'."
  else
    return 1
  fi
}

# by_script TEXT [FOLDER]: a script becomes the process itself, without the manager between it and its signals.
by_script() {
  local text=$1 folder=${2:-} before='' tool last
  [ -n "$text" ] || return 0
  shown=$text${folder:+ (in $folder)}
  # What the shell does itself, without a package for it.
  text=$(sed -E 's/^cross-env(-shell)? +//; s/([&;|] *)cross-env(-shell)? +/\1/g' <<< "$text")
  # A number in the script would win over the port that the platform gives.
  if [[ $text =~ (^|[[:space:]])PORT=[0-9]+[[:space:]] ]]; then
    text=$(sed -E 's/(^|[[:space:]])PORT=[0-9]+[[:space:]]+/\1/' <<< "$text")
    warn "The start script sets PORT itself: that is left out, for the platform says which port it is."
  fi
  if [[ $text =~ (next|nuxt|nuxi|fastify|json-server|gatsby|astro|remix-serve|sirv|strapi)[[:space:]].*(-p|-l|--port)[=[:space:]][0-9]+ ]]; then
    text=$(sed -E 's/(-p|-l|--port)[= ][0-9]+/\1 $PORT/' <<< "$text")
    warn "The start script names a port of its own: it gets \$PORT in its place."
  fi
  if [[ $text =~ ^(npx|bunx|pnpm exec|yarn exec)[[:space:]]+([A-Za-z0-9@/_-]+)(.*)$ ]] && [ -e "node_modules/.bin/${BASH_REMATCH[2]}" ]; then
    text=${BASH_REMATCH[2]}${BASH_REMATCH[3]}
  fi
  # A start of another package of the workspace.
  [[ ! $text =~ (^|[[:space:]&;|])(npm|npx|yarn|pnpm|bunx)([[:space:]]|$) ]] || needs_manager=true
  [ "$manager" != bun ] || [[ ! $text =~ (^|[[:space:]])bun([[:space:]]|$) ]] || needs_manager=true
  before=$(script prestart)
  if [ -n "$folder" ] || [[ $before =~ $building ]]; then before=''; fi
  [ -z "$before" ] || shown="$before, then $shown"
  if [ -z "$before$folder" ] && [[ $text =~ ^node(\ +[A-Za-z0-9_./=:@-]+)+$ ]]; then
    read -ra process <<< "$text"
  else
    # The last command takes the shell's place, so that it gets the signals. Assignments before it need env for that.
    last=${text##*&& }
    if ! [[ ${text//&&/} =~ [\;\&\|\(\)\<\>\`] ]]; then
      if [[ $last =~ ^[A-Za-z_][A-Za-z0-9_]*= ]]; then last="exec env $last"; else last="exec $last"; fi
      text=${text%"${text##*&& }"}$last
    fi
    process=(sh -c "${folder:+cd '$folder' && }${before:+$before && }$text")
  fi
  # A tool that only the dev dependencies bring has to stay.
  for tool in $(sed -E 's/(^| )(exec|env|cross-env|npx|[A-Za-z_]+=[^ ]*)( |$)/ /g' <<< "$text" | awk '{ print $1 }'); do
    [ ! -e "node_modules/.bin/$tool" ] || tools+=("$tool")
  done
}

# A script that builds, at the front of a start script or as prestart: that is done here, once.
building='^(npm run|npm run-script|yarn|yarn run|pnpm|pnpm run|bun run)[[:space:]]+(build|compile|build:[a-z]+)$|^(npx )?(tsc|vite build|webpack|next build|nest build|tsup|rollup|esbuild|babel|swc|nuxt build|astro build|remix build|react-scripts build)([[:space:]][^&;|]*)?$'

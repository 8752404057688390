# What a package.json is going to be, asked before anything is built: sourced by bin/detect and bin/build of node and static, never run. POSIX.
# shellcheck shell=sh

# Start scripts that are for a developer's machine: they compile at each start, watch files, or serve a folder that nginx serves better.
# A first word like NODE_ENV=x, env or cross-env does not count.
development_start='^((cross-env|env|npx|bunx|bun x|pnpm exec|yarn exec|[A-Za-z_]+=[^ ]*) +)*(vite( +(dev|serve|preview|--.*|-.*))?$|vite +(dev|serve|preview)( |$)|(react-scripts|react-app-rewired|craco|gatsby|docusaurus) +(start|serve|develop)|ng +(serve|s)( |$)|ng +run |vue-cli-service +serve|astro( +(dev|preview|start))?( |$)|parcel|webpack|http-server|serve( |$)|live-server|eleventy|vitepress +(dev|preview|serve)|storybook|nuxt|nuxi|next( +dev|$)|remix +dev|remix +vite:dev|react-router +dev|vinxi|svelte-kit +dev|nest +start|nodemon|ts-node-dev|tsx +watch|node +--watch|rollup|esbuild|turbo|nx +(serve|run))'

# start_script: the script that starts the app in production; empty when there is none but for developers.
start_script() {
  jq -r --arg development "$development_start" '
    def follow($scripts; $depth):
      if $depth > 0 then
        (capture("^ *(?:npm +run(?:-script)?|npm|pnpm(?: +run)?|yarn(?: +run)?|bun +run) +(?<name>[A-Za-z0-9:_.-]+) *$").name as $name
          | if ($scripts[$name] // "") != "" then $scripts[$name] | follow($scripts; $depth - 1) else empty end) // .
      else . end;
    (.scripts // {}) as $scripts
    | [$scripts.start, $scripts["start:prod"], $scripts["start:production"], $scripts["serve:prod"]]
    # The build has been done when it is started.
    | map(select(type == "string" and . != "") | sub("^ *(npm run|yarn|yarn run|pnpm|pnpm run|bun run) build *&& *"; "") | follow($scripts; 3) | select(test($development) | not))
    | .[0] // ""' package.json 2> /dev/null
}

# build_script: its name; empty when there is none. heroku-postbuild stands in for build, as on Heroku.
build_script() {
  jq -r '(.scripts // {}) | if (."heroku-postbuild" // "") != "" then "heroku-postbuild" elif (.build // "") != "" then "build" else "" end' package.json 2> /dev/null
}

# server_file: what runs without a start script: main, or a file named as servers are. An index.js beside an index.html belongs to a page.
server_file() {
  for file in "$(jq -r '.main // "" | strings' package.json 2> /dev/null)" server.js server.mjs app.js index.js index.mjs server.ts index.ts; do
    if [ -n "$file" ] && [ -f "$file" ]; then
      case $file in index.*) [ ! -f index.html ] || continue ;; *.ts) [ -f bun.lock ] || [ -f bun.lockb ] || continue ;; esac
      printf '%s\n' "$file"
      return
    fi
  done
}

has_procfile_web() { [ -f Procfile ] && grep -q '^[[:space:]]*web[[:space:]]*:' Procfile; }

# has_page: an index.html where static sites have it.
has_page() { [ -f index.html ] || [ -f public/index.html ] || [ -f dist/index.html ]; }

# may_be_site: a package.json whose build may make nothing but files, or that has none; nginx then serves them.
may_be_site() {
  { [ -f package.json ] && is_main node && ! has_procfile_web; } || return 1
  { [ -n "$(build_script)" ] || has_page; } || return 1
  [ -n "$(start_script)" ] || { [ -z "$(server_file)" ] && return 0; }
  # 'next start' beside a build that exports pages: Next itself refuses to serve those.
  grep -qsE "output['\"]?[[:space:]]*:[[:space:]]*['\"]export" next.config.js next.config.mjs next.config.ts next.config.cjs
}

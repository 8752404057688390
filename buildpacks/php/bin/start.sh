# What the app is served by, and what frameworks want: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# frameworks: folders that the running app writes to, and the words that its framework reads.
frameworks() {
  if [ -f artisan ]; then
    mkdir -p storage bootstrap/cache
    chmod -R g+w storage bootstrap/cache
    printf stderr > "$layers/settings/env/LOG_CHANNEL.default"
    printf production > "$layers/settings/env/APP_ENV.default"
    echo "Laravel: logs go to the log of the app; its folders storage and bootstrap/cache can be written"
    [ -n "${APP_KEY:-}" ] || warn "Laravel wants an APP_KEY when it runs: paas config set APP_KEY=base64:$(printf '<the output of: openssl rand -base64 32>')."
    if [ "${BP_LARAVEL_MIGRATE:-}" = true ]; then
      add_process release false php artisan migrate --force
      echo "release: artisan migrate, because BP_LARAVEL_MIGRATE says so"
    fi
  elif [ -f bin/console ] && [ -d config ]; then
    printf prod > "$layers/settings/env/APP_ENV.default"
    printf 0 > "$layers/settings/env/APP_DEBUG.default"
    export APP_ENV=${APP_ENV:-prod} APP_DEBUG=${APP_DEBUG:-0}
    if [ -f importmap.php ]; then
      otherwise="bin/console asset-map:compile failed: the lines above say why." run_step "asset-map:compile" assets_failed php bin/console asset-map:compile
    fi
    mkdir -p var/cache var/log
    chmod -R g+w var
  fi
}

say_start() {
  local fallback='=404' include='' private='' folder
  frameworks
  if [ -f Procfile ] && grep -q '^web:' Procfile && [ -z "${BP_PHP_ROOT:-}" ]; then
    # The Procfile may still start what serves here: "web: serve" or "worker: php worker.php".
    root=.
    for folder in public web; do [ ! -f "$folder/index.php" ] || { root=$folder; break; }; done
    why='the Procfile says what web is'
  else
    document_root
  fi
  # A front controller answers for every path that is no file.
  # shellcheck disable=SC2016
  [ ! -f "$root/index.php" ] || fallback='/index.php$is_args$args'
  [ ! -f nginx.server.conf ] || include="    include \"$PWD/nginx.server.conf\";"
  # Where visitors see the top folder, what belongs to the build is not theirs.
  # shellcheck disable=SC2016
  [ "$root" != . ] || private='    location ~ ^/(vendor|node_modules|Procfile|Aptfile|composer\.(json|lock)|package(-lock)?\.json|nginx\.server\.conf)(/|$) { return 404; }'
  mkdir -p "$layers/settings/conf"
  install -m 0755 "$here/bin/serve" "$layers/settings/bin/serve"
  install -m 0644 "$here/lib/memory_limit.sh" "$layers/settings/memory_limit.sh"
  cp "$here/conf/php-fpm.conf" "$layers/settings/conf/"
  sed -e "s#@ROOT@#$PWD$([ "$root" = . ] || echo "/$root")#" -e "s#@FALLBACK@#$fallback#" -e "s#^@INCLUDE@\$#$include#" -e "s#^@PRIVATE@\$#${private//\\/\\\\}#" "$here/conf/nginx.conf" > "$layers/settings/conf/nginx.conf"
  echo "document root: $root, because $why"
  add_process web true serve
  if [ -d vendor ]; then printf '[[slices]]\npaths = ["vendor"]\n' >> "$layers/launch.toml"; fi
}

# What Composer installs: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# needs_composer: there is something to install, or classes to find.
needs_composer() { jq -e '((.require // {}) | keys | map(select(contains("/"))) | length) > 0 or .autoload or .scripts' composer.json > /dev/null; }

# vendor/ stays in the app, where Composer's files expect it, as a slice of its own; its copy in the cache spares the next build the work.
install_packages() {
  local key kept=$layers/composer-cache/vendor options=(--prefer-dist --no-progress --no-dev --optimize-autoloader)
  if ! needs_composer; then return; fi
  if [ ! -f composer.lock ] && jq -e '(.require // {}) | keys | map(select(contains("/"))) | length > 0' composer.json > /dev/null; then
    fail lock_file_missing "composer.json has packages but there is no composer.lock, so nobody can say which versions to install. Run 'composer update' and commit composer.lock."
  fi
  if [ -d vendor ] && [ -f vendor/autoload.php ]; then
    warn "The folder vendor is in the repository, and is made anew from composer.lock. Take it out with 'git rm -r --cached vendor', and write vendor/ into .gitignore."
  fi
  need_composer
  mkdir -p "$COMPOSER_CACHE_DIR"
  # Laravel's scripts of Composer write there, and git keeps no empty folders.
  [ ! -f artisan ] || mkdir -p storage/framework/{cache/data,sessions,views} storage/logs bootstrap/cache
  # A package that is a folder of the app may change without the lock file.
  key=$({
    cat composer.lock 2> /dev/null || true
    echo "$version"
    jq -r '.packages[]? | select(.dist.type == "path") | .dist.url' composer.lock 2> /dev/null | while IFS= read -r folder; do find "$folder" -type f -print0 2> /dev/null | sort -z | xargs -0 -r sha256sum; done
  } | sha256sum | cut -c1-32)
  rm -rf vendor
  if layer_has composer-cache key "$key" && [ -d "$kept" ]; then
    echo "packages of composer.lock: unchanged (kept)"
    cp -a "$kept" vendor
  fi
  # Composer runs in any case: its autoloader knows the app's classes, and its scripts are the app's own.
  otherwise="Composer could not install the packages: the lines above say why." run_step "composer install" composer_failed "${composer[@]}" install "${options[@]}"
  if ! layer_has composer-cache key "$key" || [ ! -d "$kept" ]; then
    rm -rf "$kept"
    [ ! -d vendor ] || cp -a vendor "$kept"
  fi
  if [ "$(du -sm "$COMPOSER_CACHE_DIR" | cut -f1)" -gt 300 ]; then rm -rf "$COMPOSER_CACHE_DIR"; fi
  layer_toml composer-cache cache key "$key"
}

# components: what is inside, for the image's bill of materials (CNB buildpack spec 0.10, "Software-Bill-of-Materials").
components() {
  {
    debian_components php
    if [ -f composer.lock ]; then
      jq '[.packages[]? | {type: "library", "bom-ref": "composer:\(.name)@\(.version)", name: .name, version: .version, purl: "pkg:composer/\(.name)@\(.version | @uri)"}
        + (if (.license // []) | length == 1 then {licenses: [{license: {name: .license[0]}}]} else {} end)]' composer.lock
    fi
  } | jq -s add | cyclonedx > "$layers/launch.sbom.cdx.json"
}

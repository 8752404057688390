# PHP with its extensions and settings, and Composer: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

php=$layers/php
conf=$layers/settings/php

# trim_php LAYER: what belongs to a Debian that starts services.
trim_php() {
  rm -rf "${1:?}"/{etc,var} "$1"/usr/lib/{tmpfiles.d,php/8.4,php/php*,php/sessionclean,sysusers.d} "$1"/usr/bin/phar* "$1"/usr/sbin/php{dis,en}mod "$1"/usr/sbin/phpquery \
    "$1"/usr/share/{bash-completion,doc-base,lintian,libgcrypt20,p11-kit}
  [ ! -e "$1/usr/bin/php8.4" ] || ln -sf php8.4 "$1/usr/bin/php"
  [ ! -e "$1/usr/sbin/php-fpm8.4" ] || mv "$1/usr/sbin/php-fpm8.4" "$1/usr/bin/php-fpm"
}

install_php() {
  local packages='bcmath curl mbstring mysql opcache pgsql readline sqlite3 xml zip' name who package missing=() list
  wanted_extensions > /tmp/extensions
  while read -r name who; do
    package=$(extension_package "$name")
    if [ "$package" = - ]; then
      case $built_in in *" $name "*) ;; *) missing+=("ext-$name (for $who)") ;; esac
    else
      packages+=" $package"
    fi
  done < /tmp/extensions
  [ ${#missing[@]} -eq 0 ] || fail extension_missing "Debian has no package for PHP's extension $(printf '%s, ' "${missing[@]}" | sed 's/, $//'). Take the requirement out of composer.json, or use a package that does without it."
  list=$(tr ' ' '\n' <<< "$packages" | sort -u | sed 's/^/php8.4-/' | tr '\n' ' ')
  debian_trim() { trim_php "$1"; }
  # shellcheck disable=SC2086
  debian_layer php "launch build cache" run php8.4-fpm php8.4-cli $list
  unset -f debian_trim
  echo "extensions beside PHP's own: $(tr ' ' '\n' <<< "$packages" | sort -u | paste -sd, | sed 's/,/, /g')"
}

# settings_layer: php.ini for all, one file for each extension in Debian's order, and what nginx and PHP-FPM are told.
settings_layer() {
  local ini priority extensions
  extensions=$(echo "$php"/usr/lib/php/2*)
  rm -rf "$layers/settings"
  mkdir -p "$conf/conf.d" "$layers/settings/env" "$layers/settings/exec.d" "$layers/settings/bin"
  sed -e "s#@EXTENSIONS@#$extensions#" -e "s#@APP@#$PWD#" "$here/conf/php.ini" > "$conf/php.ini"
  find "$php/usr/share" -name '*.ini' -path '*/php8.4-*/*' ! -name 'php.ini*' -print0 | while IFS= read -r -d '' ini; do
    priority=$(sed -n 's/^; priority=//p' "$ini")
    cp "$ini" "$conf/conf.d/${priority:-20}-$(basename "$ini")"
  done
  printf '%s' "$conf/php.ini" > "$layers/settings/env/PHPRC"
  # The app's own .php/*.ini come last: the project's files win.
  printf '%s:%s/.php' "$conf/conf.d" "$PWD" > "$layers/settings/env/PHP_INI_SCAN_DIR"
  export PHPRC=$conf/php.ini PHP_INI_SCAN_DIR=$conf/conf.d:$PWD/.php PATH=$layers/settings/bin:$php/usr/bin:$PATH LD_LIBRARY_PATH=$php/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  layer_toml settings "launch build"
}

# need_composer: Debian's, without the PHP that comes with it; its places are in the layer.
need_composer() {
  local intl=()
  debian_trim() {
    # What shows Composer's errors wants this extension, and it its libraries.
    mkdir "$1/intl"
    find "$1/usr/lib" \( -name intl.so -o -name 'libicu*.so*' \) -exec mv -t "$1/intl" {} +
    rm -rf "${1:?}"/usr/{lib,sbin} "${1:?}"/{etc,lib} "$1"/usr/bin/ph*
    grep -rlZ --include='*.php' --include=composer '/usr/share/' "$1/usr" | xargs -0 sed -i "s#/usr/share/#$1/usr/share/#g"
  }
  debian_layer composer "build cache" build composer php8.4-intl
  unset -f debian_trim
  compgen -G "$conf/conf.d/*intl.ini" > /dev/null || intl=(-d "extension=$layers/composer/intl/intl.so")
  # Its errors in one line each, for hints.tsv.
  composer=(env COLUMNS=9999 LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$layers/composer/intl" php "${intl[@]}" -d "include_path=.:$layers/composer/usr/share/php" -d memory_limit=-1 "$layers/composer/usr/bin/composer" --no-interaction --no-ansi)
  export COMPOSER_HOME=/tmp/composer COMPOSER_CACHE_DIR=$layers/composer-cache/files COMPOSER_NO_DEV=1 COMPOSER_MEMORY_LIMIT=-1 COMPOSER_NO_AUDIT=1 COMPOSER_ROOT_VERSION=${COMPOSER_ROOT_VERSION:-1.0.0} COMPOSER_FUND=0
}

# What composer.json and composer.lock say: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# Debian's package of each extension that is not in PHP itself; "-" is in PHP or in what every app gets.
# Every app: bcmath, curl, mbstring, mysql, opcache, pgsql, readline, sqlite3, xml, zip.
extension_package() {
  case $1 in
    dom | simplexml | xml | xmlreader | xmlwriter | xsl) echo xml ;;
    mysqli | mysqlnd | pdo_mysql) echo mysql ;;
    pgsql | pdo_pgsql) echo pgsql ;;
    sqlite3 | pdo_sqlite) echo sqlite3 ;;
    bcmath | curl | mbstring | opcache | readline | zip) echo "$1" ;;
    'zend-opcache') echo opcache ;;
    pdo_odbc | odbc) echo odbc ;;
    pdo_dblib) echo sybase ;;
    pdo_firebird) echo interbase ;;
    amqp | apcu | ast | bz2 | dba | ds | enchant | gd | gearman | gmp | gnupg | grpc | igbinary | imagick | imap | intl | ldap | lz4 | mailparse | maxminddb | memcache | memcached | mongodb | msgpack | oauth | pcov | protobuf | raphf | redis | smbclient | snmp | soap | solr | ssh2 | stomp | tidy | uploadprogress | uuid | xdebug | xmlrpc | yaml | zmq | zstd) echo "$1" ;;
    *) echo - ;;
  esac
}

# In PHP itself, or in its package "common".
built_in=' calendar core ctype date exif ffi fileinfo filter ftp gettext hash iconv json libxml openssl pcntl pcre pdo phar posix random reflection session shmop sockets sodium spl standard sysvmsg sysvsem sysvshm tokenizer zlib '

# wanted_extensions: what composer.json and the locked packages require, in small letters, one "name who" a line.
wanted_extensions() {
  {
    jq -r '(.require // {}) | keys[] | select(startswith("ext-")) | "\(.[4:]) composer.json"' composer.json
    [ ! -f composer.lock ] || jq -r '.packages[]? | .name as $name | (.require // {}) | keys[] | select(startswith("ext-")) | "\(.[4:]) \($name)"' composer.lock
  } | tr '[:upper:]' '[:lower:]' | sort -u -k1,1
}

# npm_range CONSTRAINT: Composer's constraint in the words of npm's ranges (getcomposer.org/doc/articles/versions.md).
npm_range() {
  sed -E 's/\|\|?/ || /g; s/,/ /g; s/@[a-zA-Z]+//g; s/!=[^ |]+//g; s/(^|[ |])~([0-9]+\.[0-9]+)($|[ |])/\1^\2\3/g; s/-(dev|stable)//g; s/\.x-dev/.x/g' <<< "$1"
}

# check_version: composer.json's PHP against the one there is.
check_version() {
  local wish place='require of composer.json'
  wish=$(jq -r '.require.php // .require["php-64bit"] // ""' composer.json)
  if [ -z "$wish" ] && [ -f composer.lock ]; then
    wish=$(jq -r '.platform | if type == "object" then .php // "" else "" end' composer.lock) place='platform of composer.lock'
  fi
  if [ -n "$wish" ] && ! bp semver "$(npm_range "$wish")" <<< "$version" > /dev/null 2>&1; then
    fail version_not_found "$place asks for PHP $wish, and there is PHP $version only, which Debian 13 supports until 2030. Allow it ('composer require \"php:^8.2\"'), try the app with it, and commit composer.json and composer.lock."
  fi
  echo "PHP $version${wish:+: $place asks for $wish}"
}

# document_root: the folder that visitors see, with its place in the app.
document_root() {
  local folder
  if [ -n "${BP_PHP_ROOT:-}" ]; then
    case $BP_PHP_ROOT in
      /* | *..* | *[!A-Za-z0-9._/-]*) fail root_invalid "BP_PHP_ROOT '$BP_PHP_ROOT' must be a plain folder inside the app." ;;
    esac
    [ -d "$BP_PHP_ROOT" ] || fail root_invalid "The folder '$BP_PHP_ROOT' of BP_PHP_ROOT does not exist. Name the folder that holds index.php."
    root=${BP_PHP_ROOT%/} why='BP_PHP_ROOT says so'
    return
  fi
  for folder in public web webroot public_html htdocs www docroot html; do
    if [ -f "$folder/index.php" ] || [ -f "$folder/index.html" ]; then
      root=$folder why="$folder/ has the index"
      return
    fi
  done
  root=. why='there is no public/ or web/ with an index.php'
  if [ ! -f index.php ] && [ ! -f index.html ] && [ ! -f Procfile ]; then
    fail start_missing "There is no index.php: neither in the top folder nor in public/ or web/. Name its folder: paas config set BP_PHP_ROOT=<folder>."
  fi
}

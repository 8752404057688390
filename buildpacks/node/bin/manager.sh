# Which package manager: packageManager in package.json, else the lock file says so. Sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

locks_of() {
  case $1 in
    npm) echo npm-shrinkwrap.json package-lock.json ;;
    pnpm) echo pnpm-lock.yaml ;;
    yarn) echo yarn.lock ;;
    bun) echo bun.lock bun.lockb ;;
  esac
}

first_lock() {
  local file
  for file in $(locks_of "$1"); do
    [ ! -f "$file" ] || { printf '%s' "$file"; return; }
  done
}

# choose_manager: sets manager, manager_range, manager_where and lock (empty where nothing is to be installed); and dependencies, their number.
choose_manager() {
  local field name found=()
  field=$(jq -r '.packageManager // (.devEngines.packageManager | if type == "object" then "\(.name // "")@\(.version // "")" else "" end) // "" | strings' package.json)
  dependencies=$(cat_manifests | jq -s '[.[] | (.dependencies // {}), (.devDependencies // {}), (.optionalDependencies // {}) | length] | add')
  for name in pnpm yarn bun npm; do
    [ -z "$(first_lock "$name")" ] || found+=("$name")
  done
  manager=${field%%@*} manager_range='' manager_where='package.json, under packageManager'
  case $manager in
    npm | pnpm | yarn | bun)
      [ "$field" = "$manager" ] || manager_range=${field#*@}
      manager_range=${manager_range%%+*}
      lock=$(first_lock "$manager")
      # npm reads no lock of others, and the others none of npm.
      if [ -z "$lock" ] && [ "$dependencies" -gt 0 ]; then
        fail lock_file_missing "package.json says under packageManager that $manager installs the packages, but there is no $(locks_of "$manager" | sed 's/.* //')${found[0]:+ (there is $(first_lock "${found[0]}"))}. Run '$manager install' and commit the file, or name ${found[0]:-another one} under packageManager."
      fi
      ;;
    '')
      manager=${found[0]:-npm}
      lock=$(first_lock "$manager")
      manager_where=$lock
      [ ${#found[@]} -lt 2 ] || warn "There are lock files of ${found[*]}: $manager is taken. Remove the others, or say which under packageManager in package.json."
      ;;
    *) fail package_manager_unknown "package.json names '$field' under packageManager: npm, pnpm, yarn and bun are understood." ;;
  esac
  if [ -z "$lock" ] && [ "$dependencies" -gt 0 ]; then
    fail lock_file_missing "package.json has dependencies but there is no package-lock.json, so nobody can say which versions to install. Run 'npm install' and commit package-lock.json."
  fi
}

# range_of_manager (once Node is chosen): where packageManager does not say: engines, else the form of the lock file, else what Node can run.
range_of_manager() {
  local major=${version%%.*} wished
  [ -z "$manager_range" ] || return 0
  wished=$(jq -r --arg name "$manager" '.engines[$name] // .volta[$name] // "" | strings' package.json)
  case $manager in
    npm)
      manager_range=11
      # npm 11 needs Node 20.17 or 22.9.
      if [ "$major" -lt 20 ] || ! choose '>=20.17 <21 || >=22.9' <<< "$version" > /dev/null; then manager_range=10; fi
      [ "$major" -ge 18 ] || manager_range=8
      [ "$major" -ge 14 ] || manager_range=6
      # An open range like ">=8" is answered by what Node brings.
      [ -z "$wished" ] || choose "$wished" <<< "$manager_range.99.99" > /dev/null || manager_range=$wished manager_where='package.json, under engines'
      return
      ;;
    pnpm)
      case $(sed -n "s/^lockfileVersion: *['\"]\{0,1\}\([0-9.]*\).*/\1/p" "$lock" | head -n 1) in
        9*) manager_range=10 ;;
        6*) manager_range=8 ;;
        5*) manager_range=7 ;;
        *) manager_range=10 ;;
      esac
      [ "$major" -ge 18 ] || manager_range=8
      ;;
    yarn)
      if grep -q '^# yarn lockfile v1' "${lock:-/dev/null}"; then
        manager_range=1
      else
        case $(sed -n 's/^  version: *\([0-9]*\)$/\1/p' "${lock:-/dev/null}" | head -n 1) in 4 | 5 | 6 | 7) manager_range=3 ;; *) manager_range=4 ;; esac
      fi
      ;;
    bun) manager_range='>=1.2' ;;
  esac
  [ -z "$wished" ] || choose "$wished" <<< "$manager_range.99.99" > /dev/null || manager_range=$wished manager_where='package.json, under engines'
}

# install_manager: layer manager, for building; a process that needs it makes it part of the image later.
install_manager() {
  # Without Node it is bun, which needs no other program.
  local layer=$layers/manager wish="$manager $manager_range" name=$manager taken bins yarn_path='' arch=x64
  [ "$(uname -m)" != aarch64 ] || arch=aarch64
  case $manager in
    yarn)
      yarn_path=$(sed -n 's/\r$//; s/^yarnPath: *["'\'']\{0,1\}\([^"'\'']*\).*/\1/p' .yarnrc.yml 2> /dev/null || true)
      [ -f "$yarn_path" ] || yarn_path=''
      if [ -n "$yarn_path" ]; then
        wish="yarn $(sha256sum < "$yarn_path" | cut -c1-32)"
      else
        choose '<2' <<< "$(sed 's/^[^0-9]*\([0-9]*\).*/\1/' <<< "$manager_range").0.0" > /dev/null || name=@yarnpkg/cli-dist
      fi
      ;;
    bun)
      name=@oven/bun-linux-$arch
      # Processors without AVX2 have a build of their own.
      [ "$arch" != x64 ] || grep -qm1 avx2 /proc/cpuinfo || name=$name-baseline
      ;;
  esac
  if layer_has manager wish "$wish"; then
    taken=$(layer_value manager version)
    taken_from=kept
  else
    rm -rf "$layer"
    mkdir -p "$layer/bin"
    if [ -n "$yarn_path" ]; then
      cp "$yarn_path" "$layer/yarn.cjs"
      printf '#!/bin/sh\nexec node "%s/yarn.cjs" "$@"\n' "$layer" > "$layer/bin/yarn"
      chmod 0755 "$layer/bin/yarn"
      taken=$(node "$layer/yarn.cjs" --version 2> /dev/null || echo "of $yarn_path") taken_from="$yarn_path of the repository"
    else
      taken=$(install_package "$name" "$manager_range" "$layer/lib/$manager" "$manager" "$manager_where") taken_from="for '$manager_range'${manager_where:+ by $manager_where}"
      bins=$(jq -r --arg name "$manager" '.bin | if type == "string" then "\($name) \(.)" elif type == "object" then to_entries[] | "\(.key) \(.value)" else empty end' "$layer/lib/$manager/package.json")
      [ -n "$bins" ] || bins="bun bin/bun"
      while read -r bin file; do
        chmod 0755 "$layer/lib/$manager/${file#./}"
        ln -s "../lib/$manager/${file#./}" "$layer/bin/$bin"
      done <<< "$bins"
      [ "$manager" != bun ] || ln -sf "../lib/bun/bin/bun" "$layer/bin/bunx"
    fi
  fi
  echo "$manager $taken ($taken_from)"
  manager_version=$taken
  layer_toml manager 'build cache' wish "$wish" version "$taken"
  export PATH=$layer/bin:$PATH
}

# is_berry: yarn 2 and newer.
is_berry() { [ "$manager" = yarn ] && [ "${manager_version%%.*}" != 1 ]; }

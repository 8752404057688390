# Which Python the app gets, and its layer: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# Where Python's versions come from that Debian has not: builds of CPython with their hashes, one newest patch of each line.
standalone=${BP_PYTHON_STANDALONE:-https://raw.githubusercontent.com/astral-sh/python-build-standalone/latest-release/latest-release.json}

# line_ends LINE: the last day of its security fixes (devguide.python.org/versions).
line_ends() {
  case $1 in
    3.[0-6]) echo 2021-12-23 ;;
    3.7) echo 2023-06-27 ;;
    3.8) echo 2024-10-07 ;;
    3.9) echo 2025-10-31 ;;
    3.10) echo 2026-10-31 ;;
    3.11) echo 2027-10-31 ;;
    3.12) echo 2028-10-31 ;;
    3.13) echo 2029-10-31 ;;
    3.14) echo 2030-10-31 ;;
  esac
}

# project COMMAND...: project.py; a file that cannot be understood ends the build.
project() {
  local said ended=0
  said=$(python3 -I "$CNB_BUILDPACK_DIR/bin/project.py" "$@") || ended=$?
  [ "$ended" -ne 3 ] || fail "${said%%$'\t'*}" "${said#*$'\t'}"
  [ -z "$said" ] || printf '%s\n' "$said"
  return "$ended"
}

# What no app's Python needs: caches of what was left out, Debian's own tools, help texts, Tk's and the test programs.
trim_python() {
  local root
  for root in "${1:?}" "${1:?}/usr"; do
    rm -rf "$root"/lib/python3*/{pydoc_data,test,idlelib,turtledemo,ensurepip,tkinter,lib2to3,__phello__} "$root"/lib/{valgrind,binfmt.d,tcl*,tk*,itcl*,thread2*,pkgconfig,python3} \
      "$root"/bin/{py3*,pydoc*,pygettext*,pdb3*,idle*,2to3*,pip*} "${root:?}"/{share,include,etc}
  done
}

# compile PYTHON FOLDER: bytecode that says nothing of times and is never checked against them, so that equal sources give equal files.
# compileall ends with 1 where a file is not meant for this Python: such files are never imported.
compile() {
  PYTHONHASHSEED=0 "$1" -m compileall -q -j 2 --invalidation-mode unchecked-hash "$2" > /dev/null 2>&1 || true
}

debian_trim() {
  trim_python "$1"
  LD_LIBRARY_PATH=$1/lib compile "$1/usr/bin/python3" "$1/usr/lib"
}

# standalone_python SPECIFIER ASKED: layer "python" from the second source.
standalone_python() {
  local work line prefix arch sums best file
  work=$(mktemp -d)
  arch=$(uname -m)
  sums=$work/sums
  curl -fsSL --retry 2 --connect-timeout 15 --max-time 60 -o "$work/latest.json" "$standalone" 2> "$work/why" &&
    prefix=$(jq -r .asset_url_prefix "$work/latest.json") &&
    curl -fsSL --retry 2 --connect-timeout 15 --max-time 60 -o "$sums" "$prefix/SHA256SUMS" 2> "$work/why" || {
    cat "$work/why" >&2
    fail version_unreachable "$2, but Debian gives $debian_python only, and other versions come from github.com (astral-sh/python-build-standalone), which cannot be reached from here. Ask for $(line_of "$debian_python"), or push again when github.com can be reached."
  }
  sed -n "s/^\([0-9a-f]\{64\}\) [ *]\(cpython-\([0-9.]*\)+[0-9]*-$arch-unknown-linux-gnu-install_only_stripped\.tar\.gz\)\$/\3 \2 \1/p" "$sums" > "$work/list"
  best=$(cut -d' ' -f1 "$work/list" | project choose "$1") ||
    fail version_not_found "$2, and there is no such version. There are $(cut -d' ' -f1 "$work/list" | sort -V | paste -sd, | sed 's/,/, /g') and Debian's $debian_python."
  line=$(grep -F -m 1 "$best " "$work/list")
  file=$(cut -d' ' -f2 <<< "$line")
  fetch_archive "$prefix/${file//+/%2B}" "$(cut -d' ' -f3 <<< "$line")" "$work/python.tar.gz" "Python $best" 'its release (astral-sh/python-build-standalone)' ||
    fail version_unreachable "Python $best could not be downloaded from github.com (astral-sh/python-build-standalone). Push again when it can be reached."
  rm -rf "$layers/python"
  mkdir -p "$layers/python"
  tar -xzf "$work/python.tar.gz" -C "$layers/python" --strip-components=1 --no-same-owner
  trim_python "$layers/python"
  compile "$layers/python/bin/python3" "$layers/python/lib"
  rm -rf "$work"
  python_version=$best
}

line_of() { cut -d. -f1,2 <<< "$1"; }

# warn_of_age VERSION [TODAY]
warn_of_age() { warn_of_end "Python $(line_of "$1")" "$(line_ends "$(line_of "$1")")" "Ask for a newer one, like 3.13, in .python-version." "${2:-}"; }

# install_python: sets python (the program) and python_version.
install_python() {
  local wish text place specifier asked
  wish=$(project wish)
  IFS=$'\t' read -r text place specifier <<< "$wish"
  apt_setup run
  if layer_has python wish "run python3" && debian_unchanged python; then
    debian_python=$(sed -n 's/^python3 //p' "$layers/python/.packages")
  else
    debian_python=$(debian_version python3) || fail package_missing "Debian has no Python: its lists name no package python3."
  fi
  debian_python=${debian_python%%-*}
  asked="${place:+$place asks for Python $text}"
  if [ -z "$wish" ] || project choose "$specifier" <<< "$debian_python" > /dev/null; then
    debian_layer python "launch build cache" run python3
    debian_layers+=(python)
    python=$layers/python/usr/bin/python3 python_version=$debian_python
    export LD_LIBRARY_PATH=$layers/python/lib
  else
    if layer_has python wish "$specifier" && [ -x "$layers/python/bin/python3" ]; then
      python_version=$(layer_value python version)
    else
      standalone_python "$specifier" "$asked"
    fi
    layer_toml python "launch build cache" wish "$specifier" version "$python_version"
    python=$layers/python/bin/python3
  fi
  case $text in
    '') echo "Python $python_version: the version that Debian has; a file .python-version chooses another" ;;
    "$python_version") echo "Python $python_version: as $place asks" ;;
    [0-9]*.[0-9]*.[0-9]*) echo "Python $python_version: $place asks for $text, and of each line the newest is taken, with all its security fixes" ;;
    *) echo "Python $python_version: $place asks for $text" ;;
  esac
  warn_of_age "$python_version"
}

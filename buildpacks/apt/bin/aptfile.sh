# Reading the Aptfile: sourced by bin/build after lib/say.sh, never run.
# shellcheck shell=bash

# aptfile_packages < APTFILE: one package a line. What Heroku's buildpack for apt also knows and this one does not is refused by its line.
aptfile_packages() {
  local line number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    line=${line%$'\r'}
    line=${line%%#*}
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    case $line in
      '') continue ;;
      :repo:*) fail aptfile_unsupported "The Aptfile names a repository of its own in line $number, and only Debian's packages are taken. Look for the package in Debian, or build with a Dockerfile." ;;
      *://* | *.deb) fail aptfile_unsupported "The Aptfile names a file in line $number (${line:0:100}), and only Debian's packages are taken by their names. Look for the package in Debian, or build with a Dockerfile." ;;
    esac
    [[ $line =~ ^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?$ ]] ||
      fail aptfile_invalid "The Aptfile's line $number is not the name of a package: '${line:0:100}'. Write one name a line, like libpq5 or ffmpeg."
    printf '%s\n' "$line"
  done
}

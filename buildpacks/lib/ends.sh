# Until when versions of a language get security fixes: sourced by bin/build after say.sh, never run.
# shellcheck shell=bash

# Debian 13's last day with security fixes, by its LTS team (wiki.debian.org/LTS).
debian_ends=2030-06-30

# warn_of_end TITLE END ADVICE [TODAY [EARLY]]: half a year before the END, or as EARLY says, and after it. END is a day, or a month to its
# last day; empty where nobody has said it.
warn_of_end() {
  local title=$1 end=$2 advice=$3 today=${4:-$(date +%F)} early=${5:-6 months} day=$2
  [ -n "$end" ] || return 0
  [ ${#end} -ne 7 ] || day=$(date -d "$end-01 + 1 month - 1 day" +%F)
  if [[ $today > $day ]]; then
    warn "$title has had no security fixes since $end. $advice"
  elif [[ $(date -d "$today + $early" +%F) > $day ]]; then
    warn "$title gets security fixes until $end only. $advice"
  fi
}

# warn_of_debian TITLE [TODAY]: for what Debian mends, longer than its makers do.
warn_of_debian() { warn_of_end "$1 of Debian 13" "$debian_ends" "The platform's administrator has to move it to a newer Debian." "${2:-}"; }

# warn_of_lines TITLE VERSION COUNT ADVICE < VERSIONS: for makers who mend their COUNT newest lines alone: the oldest of these ends when
# the next line comes.
warn_of_lines() {
  local title=$1 line newest last said
  line=$(cut -d. -f1,2 <<< "$2")
  newest=$(cut -d. -f1,2 | sort -t. -k1,1nr -k2,2nr -u | head -n "$3")
  last=$(tail -n 1 <<< "$newest")
  said=$(paste -sd, <<< "$newest" | sed 's/,\([^,]*\)$/ and \1/; s/,/, /g')
  if ! grep -qxF "$line" <<< "$newest"; then
    # Newer than all that are known is no reason either.
    [ "$(printf '%s\n%s\n' "$line" "$last" | sort -V | head -n 1)" != "$line" ] ||
      warn "$title $line is no longer mended by its makers; those that are: $said. $4"
  elif [ "$line" = "$last" ] && [ "$(wc -l <<< "$newest")" -eq "$3" ]; then
    warn "$title $line is mended by its makers only until the next version comes; those that are mended: $said. $4"
  fi
}

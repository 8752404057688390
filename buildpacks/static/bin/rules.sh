# _redirects and _headers, as Netlify and others have them, in nginx's words: sourced by bin/build, never run.
# A rule that cannot be kept is a warning, not a failure: the files are written for hosts that have more.
# shellcheck shell=bash

# What a path or an address may consist of; everything else would mean something to nginx.
plain='^[][A-Za-z0-9/_.~%@+,:*=&?#!()-]+$'

# as_pattern PATH: "/blog/:year/*" as a regular expression; what is named is in $r_year and $r_splat afterwards. As at Netlify, a
# path is meant with and without a slash at its end.
as_pattern() {
  local path=$1 splat=''
  case $path in
    *'/*') path=${path%'/*'} splat='(?:/(?<r_splat>[^?#]*))?' ;;
    *'*') path=${path%'*'} splat='(?<r_splat>[^?#]*)' ;;
    ?*/) path=${path%/} splat='/?' ;;
    /) ;;
    *) splat='/?' ;;
  esac
  path=$(sed -E 's/[]+.()?[]/\\&/g; s|:([A-Za-z][A-Za-z0-9_]*)|(?<r_\1>[^/?#]+)|g; s/\*/[^\/]*/g' <<< "$path")
  printf '^%s%s$' "$path" "$splat"
}

# as_target TO: ":splat" and ":year" as nginx's variables.
as_target() { sed -E 's#(^|[^A-Za-z0-9]):([A-Za-z][A-Za-z0-9_]*)#\1$r_\2#g; s#^(https?)\$r_//#\1://#' <<< "$1"; }

# write_redirects FILE FORCED FREE: rules that win over files go to FORCED, those for paths without a file to FREE.
write_redirects() {
  local from to status rest number=0 force word out target
  : > "$2"
  : > "$3"
  [ -f "$1" ] || return 0
  while read -r from to status rest || [ -n "$from" ]; do
    number=$((number + 1))
    case $from in '' | '#'*) continue ;; esac
    # "from id=:id to": a rule for a query.
    if [[ $to == *=* && $to != /* && $to != http* ]]; then warn "$1 line $number is left out: rules for a query are not known."; continue; fi
    case $status in '' | '#'*) status=301 rest='' ;; esac
    force=false
    [[ $status != *! ]] || force=true
    status=${status%!}
    for word in $rest; do case $word in '#'*) break ;; *) warn "$1 line $number is left out: the condition $word is not known."; continue 2 ;; esac; done
    if ! [[ $from =~ ^(https?://[^/]+)?/ && $from =~ $plain && $to =~ ^(/|https?://) && $to =~ $plain && $status =~ ^(200|301|302|303|307|308|404|410)$ ]]; then
      warn "$1 line $number is left out: it is not 'from to status' with paths and a status of 200, 301, 302, 303, 307, 308, 404 or 410."
      continue
    fi
    case $from in http*) warn "$1 line $number is left out: domains are added to the app, not to its files."; continue ;; esac
    out=$3
    if $force; then out=$2; fi
    case $status$to in
      200http* | 404http* | 410http*) warn "$1 line $number is left out: answers of another server are not passed on. Redirect to it with 302."; continue ;;
      200/*) printf 'if ($raw_path ~ "%s") { rewrite ^ "%s" last; }\n' "$(as_pattern "$from")" "$(as_target "$to")" >> "$out" ;;
      404/* | 410/*) printf 'if ($raw_path ~ "%s") { return %s; }\n' "$(as_pattern "$from")" "$status" >> "$out" ;;
      *)
        target=$(as_target "$to")
        # The query goes along, unless the rule has one of its own.
        case $target in *[?#]*) ;; *) target=$target'$is_args$args' ;; esac
        printf 'if ($raw_path ~ "%s") { return %s "%s"; }\n' "$(as_pattern "$from")" "$status" "$target" >> "$out"
        ;;
    esac
    redirects=$((redirects + 1))
  done < <(tr -d '\r' < "$1")
}

# write_headers FILE MAPS ADD CACHE: maps of paths to values, the add_header lines, and what is for Cache-Control alone. Of several
# rules for one header the last that fits counts.
write_headers() {
  local line path='' name value number=0 names=() at work
  : > "$2"
  : > "$3"
  : > "$4"
  [ -f "$1" ] || return 0
  work=$(mktemp -d)
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case ${line#"${line%%[![:space:]]*}"} in '' | '#'*) continue ;; esac
    if [[ $line != [[:space:]]* ]]; then
      path=$line
      if ! [[ $path =~ ^/ && $path =~ $plain ]]; then
        warn "$1 line $number is left out with what belongs to it: '$path' is not a path."
        path=''
      fi
      continue
    fi
    [ -n "$path" ] || continue
    name=$(sed -E 's/^[[:space:]]*([^:]*):.*/\1/; s/[[:space:]]*$//' <<< "$line")
    value=$(sed -E 's/^[^:]*:[[:space:]]*//; s/[[:space:]]*$//' <<< "$line")
    case ${name,,} in
      content-type | content-length | transfer-encoding | connection | etag | basic-auth) warn "$1 line $number is left out: $name is not for this file."; continue ;;
    esac
    if ! [[ $name =~ ^[A-Za-z][A-Za-z0-9-]*$ && $line == *:* ]] || [[ $value == *[\"\\\$]* || $value == *[[:cntrl:]]* ]]; then
      warn "$1 line $number is left out: it is not 'Name: value' without quotes, backslashes and dollar signs."
      continue
    fi
    headers=$((headers + 1))
    line=$(printf '"~%s" "%s";' "$(as_pattern "$path")" "$value")
    if [ "${name,,}" = cache-control ]; then
      printf '%s\n' "$line" >> "$work/cache"
    else
      for at in "${!names[@]}"; do [ "${names[at],,}" != "${name,,}" ] || break 1; done
      if [ ${#names[@]} -eq 0 ] || [ "${names[at],,}" != "${name,,}" ]; then names+=("$name") at=$((${#names[@]} - 1)); fi
      printf '%s\n' "$line" >> "$work/$at"
    fi
  done < <(tr -d '\r' < "$1")
  # nginx takes the first that fits.
  [ ! -f "$work/cache" ] || tac "$work/cache" > "$4"
  for at in "${!names[@]}"; do
    printf 'map $raw_path $header_%s {\n  default "";\n%s\n}\n' "$at" "$(tac "$work/$at")" >> "$2"
    printf 'add_header %s $header_%s always;\n' "${names[at]}" "$at" >> "$3"
  done
  rm -rf "$work"
}

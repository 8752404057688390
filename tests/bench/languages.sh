#!/usr/bin/env bash
# languages.sh [ROUNDS] [LANGUAGE...]: push to live for each language, cold and warm, and what its runtime adds to an image. As root.
# Cold: a new app without any cache of its own (archives that the machine keeps may be there). Warm: a line of code is new.
#   figure lang.<name>.cold.time, lang.<name>.warm.time   s
#   figure lang.<name>.added.size                         MB, uncompressed, over the run image, without the app and its dependencies
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${1:-3}
shift || true
chosen=" $* "
work=$(mktemp -d)

# Sample, a file of its code, how a comment is written there, and the layers that are its dependencies.
samples='
static hello-static index.html <!--_%s_--> -
node hello-node server.js //_%s modules
python python-flask app.py #_%s venv
ruby ruby-sinatra app.rb #_%s gems
php php-composer public/index.php //_%s vendor
go go-mux main.go //_%s -
java java-clock src/Clock.java //_%s -
dotnet dotnet-notes Program.cs //_%s -
rust rust-counter src/main.rs //_%s -
elixir elixir-plain lib/hello.ex #_%s -
'

# mb DIGEST APP: of one layer, unpacked.
mb() {
  curl -fsS --noproxy '*' -H "Authorization: $authorization" "$url/v2/$2/blobs/$1" | gzip -dc | wc -c
}

added() {
  local app=$1 dependencies=$2 bytes=0 name digest
  while read -r name digest; do
    [ "${name##*:}" = "$dependencies" ] || bytes=$((bytes + $(mb "$digest" "$app")))
  done < <(paas builds --app "$app" --json | jq -r '.[-1].layers[] | select(.kind == "buildpack") | "\(.name) \(.digest)"')
  awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1e6 }'
}

# packages LANGUAGE FOLDER: what the sample depends on, made of Debian's packages, for the language's own index may be out of reach.
packages() {
  local made=$bench_root/tests/Paas.SystemTests/Languages mux=$work/go/golang-github-gorilla-mux-dev/usr/share/gocode/src/github.com/gorilla/mux
  case $1 in
    python)
      # What Python adds is measured, not what a database's client does.
      rm "$2/Aptfile"
      sed -i /psycopg2/d "$2/requirements.txt"
      "$made/debian.sh" "$work/python" python3-{flask,werkzeug,jinja2,markupsafe,click,itsdangerous,blinker,gunicorn,packaging} >&2
      python3 "$made/wheels.py" "$work/python" "$2/wheels"
      ;;
    ruby)
      "$made/debian.sh" "$work/ruby" ruby-{sinatra,rack,rack-protection,rack-session,tilt,mustermann,ruby2-keywords,nio4r,base64} puma >&2
      python3 "$made/gems.py" "$work/ruby" "$2/vendor/cache"
      ;;
    go)
      "$made/debian.sh" "$work/go" golang-github-gorilla-mux-dev >&2
      mkdir -p "$2/vendor/github.com/gorilla/mux"
      find "$mux" -maxdepth 1 -name '*.go' ! -name '*_test.go' -exec cp -t "$2/vendor/github.com/gorilla/mux" {} +
      printf '# github.com/gorilla/mux v1.8.1\n## explicit; go 1.20\ngithub.com/gorilla/mux\n' >"$2/vendor/modules.txt"
      ;;
    *) return 0 ;;
  esac
  (cd "$2" && git add --all && git -c user.name=bench -c user.email=bench@localhost commit --quiet -m Packages)
}

# jar LANGUAGE FOLDER: the Java sample is pushed as the jar that its owner has built, so each round has a new one.
jar() {
  [ "$1" = java ] || return 0
  rm -rf "$work/classes"
  javac --release 17 -d "$work/classes" "$2/src/Clock.java"
  command jar --create --file "$2/clock.jar" --main-class Clock -C "$work/classes" .
  (cd "$2" && git add --all && git -c user.name=bench -c user.email=bench@localhost commit --quiet --allow-empty -m Jar)
}

measure() {
  local name=$1 sample=$2 file=$3 comment=${4//_/ } dependencies=$5 folder began round warm='' cold
  folder=$(repository "$sample" "bench-$name")
  packages "$name" "$folder"
  jar "$name" "$folder"
  began=$(date +%s.%N)
  push "$folder" "bench-$name"
  cold=$(since "$began")
  for ((round = 1; round <= rounds; round++)); do
    # shellcheck disable=SC2059
    printf "\n$comment\n" "$round" >>"$folder/$file"
    (cd "$folder" && git -c user.name=bench -c user.email=bench@localhost commit --quiet -a -m "Round $round")
    jar "$name" "$folder"
    began=$(date +%s.%N)
    push "$folder" "bench-$name"
    warm+=" $(since "$began")"
    printf '%s warm: %s (%s)\n' "$name" "$warm" "$(paas builds --app "bench-$name" --json | jq -r '.[0].phases | map("\(.name)=\(.milliseconds)ms") | join(" ")')" >&2
  done
  visit "bench-$name" >/dev/null
  figure "lang.$name.cold.time" "$cold" s
  # shellcheck disable=SC2086
  figure "lang.$name.warm.time" "$(median $warm)" s
  figure "lang.$name.added.size" "$(added "bench-$name" "$dependencies")" MB
}

ensure_packages jq curl git default-jdk-headless >&2
bench_up
token=$(curl -fsS --max-time 30 --unix-socket "$PAAS_HOME/run/admin.sock" -H 'Content-Type: application/json' \
  -d '{"user":"admin","tokenName":"bench"}' http://admin/admin/bootstrap | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
authorization="Basic $(printf 'bench:%s' "$token" | base64 -w0)"
while read -r name sample file comment dependencies; do
  [ -n "$name" ] || continue
  [ "$chosen" = '  ' ] || [[ $chosen == *" $name "* ]] || continue
  if [ ! -f "$bench_root/tests/apps/$sample/$file" ]; then
    echo "$name: no sample $sample" >&2
    continue
  fi
  measure "$name" "$sample" "$file" "$comment" "$dependencies"
done <<<"$samples"

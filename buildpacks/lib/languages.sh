# Which language is the app's own, where a repository has several: sourced by bin/detect and bin/build, never run. POSIX.
# shellcheck shell=sh

# languages: what the top folder shows, one "name file" a line, first the one that wins. A server's language comes before Node,
# which then builds its assets. The order is the one of order.toml.
languages() {
  for pair in ruby:Gemfile php:composer.json php:index.php python:requirements.txt python:pyproject.toml python:Pipfile python:manage.py \
    elixir:mix.exs java:pom.xml java:build.gradle java:build.gradle.kts java:gradlew go:go.mod rust:Cargo.toml; do
    [ ! -f "${pair#*:}" ] || echo "${pair%%:*} ${pair#*:}"
  done
  for file in *.jar; do
    [ ! -f "$file" ] || { echo "java $file"; break; }
  done
  for file in *.sln *.slnx *.csproj *.fsproj *.vbproj; do
    [ ! -f "$file" ] || { echo "dotnet $file"; break; }
  done
  [ ! -f package.json ] || echo "node package.json"
  [ ! -f deno.json ] || echo "node deno.json"
}

# chosen_language: what BP_LANGUAGE chooses, under the names that people give it too; 1 when that is no language.
chosen_language() {
  case $(printf %s "${BP_LANGUAGE:-}" | tr '[:upper:]' '[:lower:]') in
    nodejs | node.js | javascript | typescript | deno | bun) echo node ;;
    golang) echo go ;;
    csharp | 'c#' | .net) echo dotnet ;;
    ruby | php | python | elixir | java | go | rust | dotnet | node) printf %s "$BP_LANGUAGE" | tr '[:upper:]' '[:lower:]' ;;
    *) return 1 ;;
  esac
}

# main_language: the one that runs the app; BP_LANGUAGE chooses another. Empty: none is recognised.
main_language() {
  if chosen=$(chosen_language); then
    printf '%s\n' "$chosen"
  else
    languages | head -n 1 | cut -d' ' -f1
  fi
}

# is_main NAME: for bin/detect of a language.
is_main() { [ "$(main_language)" = "$1" ]; }

# explain_choice: where there is a choice, who won and how to choose; for bin/build of the language that won, after say.sh.
explain_choice() {
  [ -z "${BP_LANGUAGE:-}" ] || chosen_language > /dev/null ||
    fail language_unknown "BP_LANGUAGE is '$BP_LANGUAGE', which is no language here. Set it to one of ruby, php, python, elixir, java, go, rust, dotnet and node, or take it away: paas config unset BP_LANGUAGE."
  others=$(languages | awk -v main="$(main_language)" '$1 != main && !seen[$1]++ { printf "%s%s (%s)", comma, $1, $2; comma = ", " }')
  [ -z "$others" ] || echo "This repository also has $others. The app is built as $(main_language)${BP_LANGUAGE:+, because BP_LANGUAGE says so}. To choose: paas config set BP_LANGUAGE=<name>"
}

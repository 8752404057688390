# Which projects of the repository are programs, and what each becomes: sourced by bin/build after lib/say.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# projects: every project file, "./src/App/App.csproj", the shallowest first.
projects() {
  find . -type f \( -name '*.csproj' -o -name '*.fsproj' -o -name '*.vbproj' \) -not -path '*/node_modules/*' -not -path '*/bin/*' -not -path '*/obj/*' \
    -printf '%d %p\n' | LC_ALL=C sort -k1,1n -k2 | cut -d' ' -f2-
}

# kind PROJECT: web, worker (a program that answers no requests), test or library.
kind() {
  if grep -qiE 'Microsoft\.NET\.Test\.Sdk|<IsTestProject>[[:space:]]*true|"(xunit(\.v3)?|MSTest|NUnit|TUnit)"' "$1"; then
    echo test
  elif grep -qE 'Sdk="Microsoft\.NET\.Sdk\.Web"|FrameworkReference[^>]*Microsoft\.AspNetCore\.App' "$1" && ! grep -qiE '<OutputType>[[:space:]]*Library' "$1"; then
    echo web
  elif grep -qE 'Sdk="Microsoft\.NET\.Sdk\.Worker"' "$1" || grep -qiE '<OutputType>[[:space:]]*(Win)?Exe' "$1"; then
    echo worker
  else
    echo library
  fi
}

# property PROJECT NAME: as the project says it, else a Directory.Build.props above it; the plain text, not what MSBuild makes of it.
property() {
  local folder file value
  folder=$(dirname "$1")
  for file in "$1" "$folder/Directory.Build.props" "$(dirname "$folder")/Directory.Build.props" Directory.Build.props; do
    [ -f "$file" ] || continue
    value=$(tr -d '\r' < "$file" | sed -n "s/.*<$2[^>]*>[[:space:]]*\([^<]*[^<[:space:]]\)[[:space:]]*<\/$2>.*/\1/p" | head -n 1)
    [ -z "$value" ] || { printf '%s' "$value"; return; }
  done
}

# framework PROJECT: the newest that it targets, like net10.0; empty when the text does not tell.
framework() {
  { property "$1" TargetFramework; echo; property "$1" TargetFrameworks; } | tr ';' '\n' | grep -E '^net[0-9]+\.[0-9]+$' | sort -V | tail -n 1 || true
}

title() { basename "${1%.*}"; }

# choose_projects: sets web (may be empty) and workers (an array). BP_DOTNET_PROJECT names one project, or several with ':' between.
choose_projects() {
  local project chosen=() webs=() name solution
  web='' workers=()
  if [ -n "${BP_DOTNET_PROJECT:-}" ]; then
    IFS=: read -ra chosen <<< "$BP_DOTNET_PROJECT"
    for project in "${chosen[@]}"; do
      [ -f "$project" ] || fail project_missing "BP_DOTNET_PROJECT names $project, which is not in the repository. Name a project file, like src/App/App.csproj."
    done
  else
    mapfile -t chosen < <(projects)
  fi
  for project in "${chosen[@]}"; do
    case $(kind "$project") in web) webs+=("$project") ;; worker) workers+=("$project") ;; esac
  done
  [ "$((${#webs[@]} + ${#workers[@]}))" -gt 0 ] ||
    fail project_missing "No project of this repository is a program: none has Sdk=\"Microsoft.NET.Sdk.Web\", Sdk=\"Microsoft.NET.Sdk.Worker\" or <OutputType>Exe</OutputType>. Add that to the one that starts the app."
  if [ ${#webs[@]} -gt 1 ]; then
    # The one at the top, or the one that has the solution's name.
    solution=$(find . -maxdepth 1 \( -name '*.sln' -o -name '*.slnx' \) -printf '%f\n' | LC_ALL=C sort | head -n 1)
    for project in "${webs[@]}"; do
      name=$(title "$project")
      [[ -n $web || ! ( $project =~ ^\./[^/]+$ || ( -n $solution && $name = "${solution%.*}" ) || ( -n $solution && $name = "${solution%.*}.Web" ) ) ]] || web=$project
    done
    [ -n "$web" ] || fail project_unclear "Several projects are web applications: ${webs[*]#./}. Say which one this app runs: paas config set BP_DOTNET_PROJECT=${webs[0]#./}."
  else
    web=${webs[0]:-}
  fi
  # Tools at the side of a web application are no processes of it, unless they are workers by their SDK or were named.
  if [ -n "$web" ] && [ -z "${BP_DOTNET_PROJECT:-}" ]; then
    chosen=("${workers[@]}")
    workers=()
    for project in "${chosen[@]}"; do
      ! grep -qE 'Microsoft\.NET\.Sdk\.Worker' "$project" || workers+=("$project")
    done
  fi
}

# warn_of_port: an address that is written down is not the one that the platform asks.
warn_of_port() {
  local found
  found=$(grep -rnE -m1 --include='*.cs' --exclude-dir=bin --exclude-dir=obj '(UseUrls|\.Run|Urls\.Add)\("https?://|\.ListenLocalhost\(|\.ListenAnyIP\([0-9]' "$(dirname "$web")" | head -n 1) || true
  [ -z "$found" ] || warn "$(cut -d: -f1,2 <<< "${found#./}") names the address itself. Take that away: ASPNETCORE_URLS already says which port to listen on."
  ! grep -qsE '"Endpoints"' "$(dirname "$web")"/appsettings.json "$(dirname "$web")"/appsettings.Production.json ||
    warn "appsettings.json names Kestrel's endpoints itself. Take them away: ASPNETCORE_URLS already says which port to listen on."
}

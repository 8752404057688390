# Which SDK builds the app, and where it comes from: sourced by bin/build after lib/say.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# The platform's own SDK, read-only. Under another lifecycle it is not there: then the makers' site is asked.
sdk_shared=/cnb/dotnet
# Where Microsoft publishes .NET: release-metadata/<line>/releases.json names the files with their sha512.
sdk_site=${BP_DOTNET_SITE:-https://builds.dotnet.microsoft.com/dotnet}
# The line for apps that ask for none: with long support.
sdk_default_line=10.0

# line_ends LINE: the last day of its security fixes (dotnet.microsoft.com/platform/support/policy).
line_ends() {
  case $1 in
    5.*) echo 2022-05-10 ;; 6.*) echo 2024-11-12 ;; 7.*) echo 2024-05-14 ;; 8.*) echo 2026-11-10 ;; 9.*) echo 2026-11-10 ;;
    10.*) echo 2028-11-14 ;; 11.*) echo 2028-11-14 ;;
  esac
}

# warn_of_age LINE [TODAY]
warn_of_age() { warn_of_end ".NET $1" "$(line_ends "$1")" "Move the app's TargetFramework to a newer one." "${2:-}"; }

# sdk_allows ASKED POLICY HAVE: whether global.json's rollForward lets HAVE stand for ASKED (learn.microsoft.com/dotnet/core/tools/global-json,
# "rollForward"). Versions are major.minor.xnn: x is the feature band, nn the patch.
sdk_allows() {
  local asked=$1 policy=$2 have=$3 a h
  IFS=. read -ra a <<< "${asked%%-*}"
  IFS=. read -ra h <<< "${have%%-*}"
  [ "$asked" != "$have" ] || return 0
  [ "$policy" != disable ] || return 1
  # Never an older one.
  [ "$(printf '%s\n%s\n' "${asked%%-*}" "${have%%-*}" | sort -V | head -n 1)" = "${asked%%-*}" ] || return 1
  case $policy in
    patch | latestPatch | '') [ "${a[0]}.${a[1]}.$((${a[2]:-100} / 100))" = "${h[0]}.${h[1]}.$((h[2] / 100))" ] ;;
    feature | latestFeature) [ "${a[0]}.${a[1]}" = "${h[0]}.${h[1]}" ] ;;
    minor | latestMinor) [ "${a[0]}" = "${h[0]}" ] ;;
    major | latestMajor) true ;;
    *) fail global_json_invalid "global.json has an unknown rollForward '$policy'. Take one of patch, feature, minor, major, latestPatch, latestFeature, latestMinor, latestMajor, disable." ;;
  esac
}

# sdk_wish FRAMEWORK: sets asked (a version, or a line like 10.0), policy and why. FRAMEWORK: the newest that the projects target, like 10.0.
sdk_wish() {
  asked='' policy='' why=''
  if [ -f global.json ]; then
    # Comments and trailing commas are allowed in it.
    asked=$(global_json '.sdk.version // ""')
    policy=$(global_json '.sdk.rollForward // ""')
  fi
  if [ -n "$asked" ]; then
    policy=${policy:-latestPatch}
    why="global.json: $asked, $policy"
    [[ $asked =~ ^[0-9]+\.[0-9]+\.[0-9]{3}(-.*)?$ ]] || fail global_json_invalid "global.json asks for the SDK '$asked', which is not a full version. Write one like $sdk_default_line.100 there."
  elif [ -n "$1" ]; then
    asked=$1.100 policy=latestMajor why="target framework net$1"
  else
    asked=$sdk_default_line.100 policy=latestMajor why="nothing asks for another"
  fi
}

# global_json FILTER
global_json() {
  local text
  text=$(tr -d '\r' < global.json | sed '1s/^\xef\xbb\xbf//; s|^[[:space:]]*//.*||; s|\([,{[]\)[[:space:]]*//[^"]*$|\1|' | tr '\n' ' ' | sed 's/,[[:space:]]*\([]}]\)/\1/g; s|/\*[^*]*\*/||g')
  jq -r "$1" <<< "$text" 2> /dev/null || fail global_json_invalid "global.json is not valid JSON. Mend it and push again."
}

# install_sdk FRAMEWORK: sets sdk (its folder) and sdk_version.
install_sdk() {
  local asked policy why have best
  sdk_wish "$1"
  have=$(find "$sdk_shared/sdk" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2> /dev/null | grep -E '^[0-9.]+$' | sort -V) || true
  best=$(while read -r version; do if [ -n "$version" ] && sdk_allows "$asked" "$policy" "$version"; then echo "$version"; fi; done <<< "$have" | tail -n 1)
  if [ -n "$best" ]; then
    sdk=$sdk_shared sdk_version=$best
    echo ".NET SDK $best of the platform ($why)"
    return
  fi
  if sdk_from_site "$asked" "$policy"; then
    echo ".NET SDK $sdk_version from $sdk_site ($why${have:+; the platform has $(tail -n 1 <<< "$have")})"
    return
  fi
  best=$(grep -E "^${asked%.*}\." <<< "$have" | tail -n 1) || true
  [ -n "$best" ] || fail version_not_found "This app needs the .NET SDK $asked ($why). The platform has ${have:-none}${have:+ and cannot build with it}, and $sdk_site cannot be reached for others. Ask for ${have:-another} in global.json, or push again when it can."
  warn "The .NET SDK $asked ($why) is not here and $sdk_site cannot be reached: $best builds the app, of the same line. Let global.json say \"rollForward\": \"latestFeature\" if that is right."
  sdk=$sdk_shared sdk_version=$best
  rm global.json
}

# sdk_from_site ASKED POLICY: the newest that is allowed, into the layer "sdk"; 1 when the site does not answer.
sdk_from_site() {
  local asked=$1 policy=$2 layer=$CNB_LAYERS_DIR/sdk line work arch=linux-x64 version url sum list
  case $(uname -m) in aarch64) arch=linux-arm64 ;; esac
  line=$(cut -d. -f1,2 <<< "$asked")
  if [ -x "$layer/dotnet" ] && layer_has sdk asked "$asked $policy"; then
    sdk=$layer sdk_version=$(layer_value sdk version)
    layer_toml sdk 'build cache' asked "$asked $policy" version "$sdk_version"
    return 0
  fi
  work=$(mktemp -d)
  curl -fsL --retry 1 --max-time 60 -o "$work/releases" "$sdk_site/release-metadata/$line/releases.json" || return 1
  list=$(jq -r --arg rid "$arch" '.releases[] | ((.sdks // []) + [.sdk])[] | select(. != null) | .version as $v | (.files // [])[]
    | select(.rid == $rid and (.name | endswith(".tar.gz"))) | "\($v) \(.url) \(.hash)"' "$work/releases" | sort -u -V)
  read -r version url sum < <(while read -r version rest; do if sdk_allows "$asked" "$policy" "$version"; then echo "$version $rest"; fi; done <<< "$list" | grep -vE '^[0-9.]+-' | tail -n 1) ||
    fail version_not_found "There is no .NET SDK $asked ($policy). The newest of this line: $(cut -d' ' -f1 <<< "$list" | tail -n 3 | paste -sd' ' | sed 's/ /, /g')."
  fetch_archive "$url" "$sum" "$work/sdk.tgz" "The .NET SDK $version" "$sdk_site" || return 1
  rm -rf "$layer"
  mkdir -p "$layer"
  tar -xzf "$work/sdk.tgz" -C "$layer" --no-same-owner
  layer_toml sdk 'build cache' asked "$asked $policy" version "$version"
  rm -rf "$work"
  sdk=$layer sdk_version=$version
}

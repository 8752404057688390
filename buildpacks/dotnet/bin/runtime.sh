# What a published program needs to run: sourced by bin/build after lib/say.sh, lib/debian.sh and bin/sdk.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# settings FOLDER: the program's runtimeconfig.json; empty when it is one native file.
settings() { find "$1" -maxdepth 1 -name '*.runtimeconfig.json' | LC_ALL=C sort | head -n 1; }

# frameworks FOLDER: "Microsoft.AspNetCore.App 10.0.0" a line: the shared frameworks that the program needs; none when it brings its own.
frameworks() {
  local file
  file=$(settings "$1")
  [ -z "$file" ] || jq -r '.runtimeOptions | [.framework] + (.frameworks // []) | .[] | select(. != null) | "\(.name) \(.version)"' "$file"
}

# shared_version NAME VERSION: the newest patch of the same line in the SDK's folder; empty when there is none.
shared_version() {
  local line
  line=$(cut -d. -f1,2 <<< "$2")
  find "$sdk/shared/$1" -mindepth 1 -maxdepth 1 -type d -name "$line.*" -printf '%f\n' 2> /dev/null | sort -V | tail -n 1
}

# install_runtime FOLDER...: the layer "runtime": the frameworks of these programs, equal for all apps that need the same.
install_runtime() {
  local folder name version have layer=$CNB_LAYERS_DIR/runtime wanted='' major
  for folder in "$@"; do
    while read -r name version; do
      have=$(shared_version "$name" "$version")
      [ -n "$have" ] || fail runtime_missing "The app was published for $name $version, which the SDK $sdk_version does not have. Take <SelfContained>true</SelfContained> into its project, or raise its TargetFramework."
      wanted+="$name/$have"$'\n'
      # ASP.NET Core stands on the plain framework of the same version.
      [ "$name" = Microsoft.NETCore.App ] || wanted+="Microsoft.NETCore.App/$have"$'\n'
    done < <(frameworks "$folder")
  done
  [ -n "$wanted" ] || return 0
  wanted=$(sort -u <<< "$wanted" | sed '/^$/d' | paste -sd' ')
  runtime_said=$wanted
  if ! layer_has runtime frameworks "$wanted"; then
    rm -rf "$layer"
    mkdir -p "$layer/shared" "$layer/host/fxr" "$layer/env.launch" "$layer/bin"
    for name in $wanted; do
      [ -d "$sdk/shared/$name" ] || fail runtime_missing "The SDK $sdk_version has no $name. Raise the app's TargetFramework."
      mkdir -p "$layer/shared/${name%/*}"
      cp -r "$sdk/shared/$name" "$layer/shared/${name%/*}/"
      # For debuggers, not for apps.
      rm -f "$layer/shared/$name"/{libmscordbi.so,libmscordaccore.so,createdump}
    done
    major=$(find "$sdk/host/fxr" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
    cp -r "$sdk/host/fxr/$major" "$layer/host/fxr/"
    cp "$sdk/dotnet" "$layer/dotnet"
    ln -s ../dotnet "$layer/bin/dotnet"
    chmod -R u+rwX,go+rX,go-w "$layer"
    printf '%s' "$layer" > "$layer/env.launch/DOTNET_ROOT"
  fi
  layer_toml runtime launch frameworks "$wanted"
}

# needs_icu PROJECT FOLDER: whether ($globalization_wish: what its config says) the app speaks of cultures: it says so, or carries texts in several languages, or uses what refuses to
# run without (Microsoft.Data.SqlClient). The data of all cultures is 38 MB.
needs_icu() {
  local file folder
  folder=$(dirname "$1")
  case ${globalization_wish:-} in 1 | true) return 1 ;; 0 | false) return 0 ;; esac
  file=$(settings "$2")
  case $([ -z "$file" ] || jq -r '.runtimeOptions.configProperties["System.Globalization.Invariant"]' "$file") in true) return 1 ;; false) return 0 ;; esac
  [ ! -f "$2/Microsoft.Data.SqlClient.dll" ] || return 0
  grep -rqsE --include='*.cs' --include='*.fs' --include='*.razor' --include='*.cshtml' --exclude-dir=obj 'UseRequestLocalization|new CultureInfo\("|GetCultureInfo\("' "$folder" && return 0
  find "$folder" -name '*.resx' -not -path '*/obj/*' | grep -qE '\.[a-z]{2}(-[A-Za-z]{2,4})?\.resx$'
}

# write_settings: what every program starts with; a value that the app's config has wins.
write_settings() {
  local layer=$CNB_LAYERS_DIR/settings
  rm -rf "$layer"
  mkdir -p "$layer/env.launch" "$layer/exec.d/web"
  printf true > "$layer/env.launch/DOTNET_RUNNING_IN_CONTAINER.default"
  printf 1 > "$layer/env.launch/DOTNET_NOLOGO.default"
  if [ "$1" = invariant ]; then
    printf 1 > "$layer/env.launch/DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.default"
    # Names like de-DE are known all the same, with neutral formats.
    printf 0 > "$layer/env.launch/DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY.default"
  fi
  install -m 0755 "$CNB_BUILDPACK_DIR/bin/port" "$layer/exec.d/web/port"
  layer_toml settings launch
}

# nuget_sbom FOLDER...: the packages that were published, and the frameworks, as a JSON array of CycloneDX components.
nuget_sbom() {
  local folder
  for folder in "$@"; do
    find "$folder" -maxdepth 1 -name '*.deps.json' -exec jq -r '.libraries | to_entries[] | select(.value.type == "package" or .value.type == "runtimepack") | .key | sub("^runtimepack\\."; "")' {} +
  done | { cat; tr ' ' '\n' <<< "${runtime_said:-}"; } | LC_ALL=C sort -u | jq -Rn '[inputs | select(length > 0) | split("/")
    | {type: "library", "bom-ref": "nuget:\(.[0])@\(.[1])", name: .[0], version: .[1], purl: "pkg:nuget/\(.[0])@\(.[1])"}]'
}

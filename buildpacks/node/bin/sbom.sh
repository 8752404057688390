# What is inside, for the image's bill of materials (CNB buildpack spec 0.10, "Software-Bill-of-Materials"). Sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are those of bin/build

# write_sbom [FOLDER]: Node, and the packages in FOLDER/node_modules: by the lock file of npm, which has their hashes, else by their own manifests.
write_sbom() {
  local folder=${1:-} names=/tmp/installed
  : > "$names"
  if [ -n "$folder" ] && [[ $lock == *.json ]]; then
    jq -r '(.packages // {}) | keys[]' "$lock" | while IFS= read -r name; do
      [ ! -d "$folder/$name" ] || printf '%s\n' "$name"
    done > "$names"
    jq -S --arg node "$version" --rawfile names "$names" -f "$CNB_BUILDPACK_DIR/bin/sbom.jq" "$lock" > "$layers/launch.sbom.cdx.json"
  else
    {
      [ -z "$folder" ] || find "$folder" -path '*/node_modules/*' -name package.json -type f -printf '%p\n' |
        { grep -E '/node_modules/(@[^/]+/)?[^/]+/package\.json$' || true; } | tr '\n' '\0' |
        xargs -0 -r jq -c 'select(.name and .version) | {key: "node_modules/\(.name)@\(.version)", value: {name, version, license: (.license | if type == "object" then .type else . end)}}' 2> /dev/null
    } | jq -s '{packages: from_entries}' > /tmp/found.json
    jq -r '.packages | keys[]' /tmp/found.json > "$names"
    jq -S --arg node "$version" --rawfile names "$names" -f "$CNB_BUILDPACK_DIR/bin/sbom.jq" /tmp/found.json > "$layers/launch.sbom.cdx.json"
  fi
  # Where bun runs the app, Node is not inside.
  $needs_node || { jq -S --arg version "$manager_version" '.components |= map(if .name == "node" and .purl[:12] == "pkg:generic/" then {type, "bom-ref": "bun@\($version)", name: "bun", version: $version, purl: "pkg:generic/bun@\($version)"} else . end)' \
    "$layers/launch.sbom.cdx.json" > /tmp/sbom.json && mv /tmp/sbom.json "$layers/launch.sbom.cdx.json"; }
}

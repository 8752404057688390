# package-lock.json (versions 2 and 3) -> the components of a CycloneDX 1.5 document: every npm package that the image carries.
# $node: version of Node; $names: folders that npm has installed, one a line, as the lock file names them.
def purl: "pkg:npm/" + (if startswith("@") then "%40" + .[1:] else . end);
def licence: if . == null or . == "" then {} elif test("[ ()]") then {licenses: [{expression: .}]} else {licenses: [{license: {name: .}}]} end;
($names | split("\n") | map({key: ., value: true}) | from_entries) as $there
| [(.packages // {}) | to_entries[]
    | select(.key != "" and (.key | contains("node_modules/")) and (.value.link | not) and .value.version != null and $there[.key])
    | (.value.name // (.key | sub("^.*node_modules/"; ""))) as $name
    | {
        type: "library",
        "bom-ref": "\($name)@\(.value.version)",
        name: $name,
        version: .value.version,
        purl: "\($name | purl)@\(.value.version)"
      }
      + (.value.license | if type == "string" then licence else {} end)
      + (if .value.integrity then {properties: [{name: "npm:integrity", value: .value.integrity}]} else {} end)]
| unique_by(."bom-ref")
| {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    components: ([{type: "application", "bom-ref": "node@\($node)", name: "node", version: $node, purl: "pkg:generic/node@\($node)"}] + .)
  }

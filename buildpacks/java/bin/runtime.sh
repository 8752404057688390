# The trimmed runtime that the image gets: sourced by bin/build after bin/jdk.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# What code in jars of others may reach by name, which jdeps cannot see: all of Java SE, and the parts of the JDK that servers use.
modules_for_all=java.se,jdk.charsets,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.localedata,jdk.management,jdk.management.agent,jdk.naming.dns,jdk.net,jdk.security.auth,jdk.unsupported,jdk.zipfs

# modules JAR: the modules that the program needs: told by jdeps where it is one jar without others inside or beside it, else those for all.
modules() {
  local told others
  others=$(unzip -Z1 "$1" 2> /dev/null | grep -cE '\.jar$|META-INF/services/|BOOT-INF/') || true
  if [ "${1##*.}" = jar ] && [ "$others" -eq 0 ] && ! unzip -p "$1" META-INF/MANIFEST.MF | grep -q '^Class-Path:' &&
    told=$("$java_home/bin/jdeps" --ignore-missing-deps --multi-release "$java_line" --print-module-deps "$1" 2> /dev/null) && [[ $told =~ ^[a-z0-9.,]+$ ]]; then
    # TLS wants curves; code that looks files up in jars wants their file system.
    tr ',' '\n' <<< "$told,jdk.crypto.ec,jdk.zipfs" | LC_ALL=C sort -u | paste -sd,
  else
    printf '%s\n' "$modules_for_all"
  fi
}

# install_jre MODULES: the layer "jre", equal for all apps of one Java and the same modules.
install_jre() {
  local layer=$CNB_LAYERS_DIR/jre wanted key compress=zip-6 file
  # What this Java does not have any more (jdk.crypto.ec since 22) is in java.base.
  wanted=$(tr ',' '\n' <<< "$1" | grep -xFf <("$java_home/bin/java" --list-modules | cut -d@ -f1) | paste -sd,)
  key="$java_version $wanted $(cat "$extra_certificates" | sha256sum | cut -c1-16)"
  if ! layer_has jre key "$key"; then
    rm -rf "$layer"
    [ "$java_line" -ge 21 ] || compress=2
    echo "trimming the runtime to $(tr ',' '\n' <<< "$wanted" | wc -l) modules"
    "$java_home/bin/jlink" --module-path "$java_home/jmods" --add-modules "$wanted" --strip-debug --no-header-files --no-man-pages --compress "$compress" --output "$layer" > /tmp/jlink 2>&1 ||
      { cat /tmp/jlink >&2; fail runtime_failed "Java's runtime could not be trimmed: the lines above say why."; }
    rm -rf "$layer/legal"
    # Authorities of the app's own binding, beside those of the world.
    if [ -s "$extra_certificates" ]; then
      cat /usr/share/ca-certificates/mozilla/*.crt "$extra_certificates" > /tmp/launch-bundle
      trust_store "$layer/lib/security/cacerts" /tmp/launch-bundle
    fi
    mkdir -p "$layer/env.launch"
    printf '%s' "$layer" > "$layer/env.launch/JAVA_HOME"
  fi
  add_exec_d "$layer" memory
  layer_toml jre 'launch cache' key "$key"
}

# jars_sbom FILE...: the Maven packages in and beside the program, as a JSON array of CycloneDX components.
jars_sbom() {
  python3 - "$@" << 'PYTHON'
import io, json, sys, zipfile
found = {}
def look(archive, depth=0):
    for name in archive.namelist():
        if name.startswith("META-INF/maven/") and name.endswith("/pom.properties"):
            lines = archive.read(name).decode("utf-8", "replace").splitlines()
            value = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
            if value.get("groupId") and value.get("artifactId") and value.get("version"):
                purl = "pkg:maven/%s/%s@%s" % (value["groupId"].strip(), value["artifactId"].strip(), value["version"].strip())
                found[purl] = {"type": "library", "bom-ref": purl, "group": value["groupId"].strip(), "name": value["artifactId"].strip(), "version": value["version"].strip(), "purl": purl}
        elif name.endswith(".jar") and depth < 2:
            look(zipfile.ZipFile(io.BytesIO(archive.read(name))), depth + 1)
for file in sys.argv[1:]:
    try:
        look(zipfile.ZipFile(file))
    except zipfile.BadZipFile:
        pass
print(json.dumps([found[key] for key in sorted(found)]))
PYTHON
}

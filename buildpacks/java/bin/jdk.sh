# Which Java builds and runs the app, and where it comes from: sourced by bin/build after lib/say.sh and lib/debian.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# Lines with long support that Debian has; the first is for apps that ask for none.
jdk_lines='21 25'
# Where other lines come from: Eclipse Temurin, with the sha256 of each file.
jdk_site=${BP_JAVA_SITE:-https://api.adoptium.net}

# line_ends LINE: the last month in which the line is mended for everybody (adoptium.net/support). One without long support ends when the
# next one comes, every half year since Java 10.
line_ends() {
  case $1 in
    8) echo 2030-12 ;; 11) echo 2027-10 ;; 17) echo 2027-10 ;; 21) echo 2029-12 ;; 25) echo 2031-09 ;;
    *) date -d "2018-03-01 + $((6 * ($1 - 9))) months" +%Y-%m ;;
  esac
}

# jdk_major TEXT: 21 of "21", "21.0.2-tem", "temurin-21.0.2", "openjdk64-21", "1.8".
jdk_major() {
  local text=${1##*[a-z_]-}
  text=${text#1.}
  text=${text%%[!0-9]*}
  printf '%s' "$text"
}

# jdk_wish: "LINE HOW ASKED". HOW is exactly (this runtime is meant) or least (code for it runs on newer ones too).
jdk_wish() {
  local value file
  if [ -n "${BP_JAVA_VERSION:-}" ]; then
    printf '%s exactly BP_JAVA_VERSION=%s' "$(jdk_major "$BP_JAVA_VERSION")" "$BP_JAVA_VERSION"
    return
  fi
  if [ -f system.properties ]; then
    value=$(tr -d '\r' < system.properties | sed -n 's/^[[:space:]]*java\.runtime\.version[[:space:]]*[=:][[:space:]]*\([^[:space:]]*\).*/\1/p' | head -n 1)
    [ -z "$value" ] || { printf '%s exactly system.properties: %s' "$(jdk_major "$value")" "$value"; return; }
  fi
  if [ -s .java-version ]; then
    value=$(tr -d ' \r' < .java-version | head -n 1)
    printf '%s exactly .java-version: %s' "$(jdk_major "$value")" "$value"
    return
  fi
  if [ -f .sdkmanrc ]; then
    value=$(tr -d '\r' < .sdkmanrc | sed -n 's/^java=//p' | head -n 1)
    [ -z "$value" ] || { printf '%s exactly .sdkmanrc: %s' "$(jdk_major "$value")" "$value"; return; }
  fi
  for file in pom.xml build.gradle build.gradle.kts; do
    [ -f "$file" ] || continue
    value=$(tr -d '\r' < "$file" | sed -nE 's/.*<(java\.version|maven\.compiler\.release|release|maven\.compiler\.source|maven\.compiler\.target)>[[:space:]]*([0-9.]+)[[:space:]]*<.*/\2/p; s/.*JavaLanguageVersion\.of\(([0-9]+)\).*/\1/p; s/.*jvmToolchain\(([0-9]+)\).*/\1/p; s/.*(source|target)Compatibility *=? *(JavaVersion\.VERSION_)?['"'\"]"'?([0-9._]+).*/\3/p' | tr '_' '.' | head -n 1)
    [ -z "$value" ] || { printf '%s least %s: %s' "$(jdk_major "$value")" "$file" "$value"; return; }
  done
  printf '%s least no file, so it is the line with long support' "${jdk_lines%% *}"
}

# choose_line LINE HOW: the line of Debian that will do; empty when none does.
choose_line() {
  local line
  for line in $jdk_lines; do
    if [ "$line" = "$1" ] || { [ "$2" = least ] && [ "$line" -ge "$1" ]; }; then
      printf '%s' "$line"
      return
    fi
  done
}

# install_jdk: a JDK in the layer "jdk" (a tool: it does not reach the launch image). Sets java_home, java_line and java_version.
install_jdk() {
  local wish asked how line
  wish=$(jdk_wish)
  read -r asked how wish <<< "$wish"
  [[ $asked =~ ^[0-9]+$ ]] || fail version_not_found "'$wish' is not a version of Java. Write one like 21 there."
  line=$(choose_line "$asked" "$how")
  if [ -z "$line" ]; then
    install_jdk_from_site "$asked" "$wish"
  else
    debian_trim() { rm -rf "$1"/usr/lib/jvm/*/{man,docs,legal,lib/src.zip,lib/ct.sym.bak}; }
    debian_layer jdk 'build cache' build "openjdk-$line-jdk-headless"
    unset -f debian_trim
    java_home=$(find "$CNB_LAYERS_DIR/jdk/usr/lib/jvm" -maxdepth 1 -type d -name "java-$line-openjdk-*")
    java_line=$line
    java_version=$(sed -n "s/^openjdk-$line-jdk-headless //p" "$CNB_LAYERS_DIR/jdk/.packages")
    LD_LIBRARY_PATH=$CNB_LAYERS_DIR/jdk/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
    echo "Java ${java_version%%-*} from Debian ($wish$([ "$line" = "$asked" ] || echo "; $line runs what is made for $asked"))"
  fi
  warn_of_age "$java_line"
}

# warn_of_age LINE [TODAY]
warn_of_age() { warn_of_end "Java $1" "$(line_ends "$1")" "Take one of those with long support: ${jdk_lines// /, }." "${2:-}"; }

# install_jdk_from_site LINE ASKED: checked against the sha256 that the makers publish.
install_jdk_from_site() {
  local line=$1 asked=$2 layer=$CNB_LAYERS_DIR/jdk work arch=x64 url sum version
  case $(uname -m) in aarch64) arch=aarch64 ;; esac
  work=$(mktemp -d)
  if curl -fsL --retry 1 --max-time 60 -o "$work/json" "$jdk_site/v3/assets/latest/$line/hotspot?architecture=$arch&image_type=jdk&os=linux&vendor=eclipse" &&
    read -r version url sum < <(jq -r '.[0] | "\(.version.semver) \(.binary.package.link) \(.binary.package.checksum)"' "$work/json") && [ -n "${sum:-}" ] && [ "$sum" != null ]; then
    if ! layer_has jdk sha256 "$sum" || [ ! -x "$layer/bin/java" ]; then
      fetch_archive "$url" "$sum" "$work/jdk.tgz" "Java $version" "$jdk_site" || fail version_unreachable "Java $version could not be fetched from $url. Push again when it answers."
      rm -rf "$layer"
      mkdir -p "$layer"
      tar -xzf "$work/jdk.tgz" -C "$layer" --strip-components=1 --no-same-owner
    fi
    layer_toml jdk 'build cache' line "$line" version "$version" sha256 "$sum"
    echo "Java $version from $jdk_site ($asked; Debian has ${jdk_lines// /, })"
  elif [ -x "$layer/bin/java" ] && layer_has jdk line "$line"; then
    version=$(layer_value jdk version)
    layer_toml jdk 'build cache' line "$line" version "$version" sha256 "$(layer_value jdk sha256)"
    echo "Java $version (kept: $jdk_site does not answer)"
  else
    fail version_not_found "$asked asks for Java $line, which Debian does not have (it has ${jdk_lines// /, }), and $jdk_site cannot be reached for it or has none. Ask for one of Debian's, or push again when it can."
  fi
  rm -rf "$work"
  java_home=$layer java_line=$line java_version=$version
}

# trust_store FILE BUNDLE: certificates in PEM as Java wants them (JKS, version 2; the format of sun.security.provider.JavaKeyStore), equal when
# they are equal: keytool would write the time of day into it.
trust_store() {
  python3 - "$1" "$2" << 'PYTHON'
import base64, hashlib, re, struct, sys
text = open(sys.argv[2], encoding="ascii", errors="ignore").read()
found = [base64.b64decode(body) for body in re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.S)]
word = lambda value: struct.pack(">H", len(value)) + value
data = struct.pack(">III", 0xFEEDFEED, 2, len(found))
for number, certificate in enumerate(found):
    data += struct.pack(">I", 2) + word(b"ca%d" % number) + struct.pack(">Q", 0) + word(b"X.509") + struct.pack(">I", len(certificate)) + certificate
password = "changeit".encode("utf-16-be")
open(sys.argv[1], "wb").write(data + hashlib.sha1(password + b"Mighty Aphrodite" + data).digest())
PYTHON
}

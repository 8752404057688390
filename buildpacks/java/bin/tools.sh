# How the project is built: sourced by bin/build after bin/jdk.sh, never run.
# What one of these files sets, another reads.
# shellcheck shell=bash disable=SC2034,SC2154

# mend_script FILE: wrappers that were committed on Windows: no right to run, or lines that end in CR, which sh does not know.
mend_script() {
  ! grep -q $'\r' "$1" || { sed -i 's/\r$//' "$1"; echo "$1 has Windows line endings; they are mended for this build"; }
  chmod +x "$1"
}

build_with_maven() {
  local tool options=() goals
  export MAVEN_OPTS="${MAVEN_OPTS:-}${MAVEN_OPTS:+ }-Djavax.net.ssl.trustStore=$build_trust"
  if [ -f mvnw ] && [ -f .mvn/wrapper/maven-wrapper.properties ]; then
    mend_script mvnw
    export MAVEN_USER_HOME=$CNB_LAYERS_DIR/wrapper
    mkdir -p "$MAVEN_USER_HOME"
    layer_toml wrapper cache
    tool=./mvnw
  else
    debian_layer maven 'build cache' build maven
    mend_maven "$CNB_LAYERS_DIR/maven"
    tool=$CNB_LAYERS_DIR/maven/usr/share/maven/bin/mvn
    echo "Maven $(sed -n 's/^maven \([0-9.]*\).*/\1/p' "$CNB_LAYERS_DIR/maven/.packages") from Debian (there is no mvnw)"
  fi
  mkdir -p "$CNB_LAYERS_DIR/repository"
  options=(-B -ntp "-Dmaven.repo.local=$CNB_LAYERS_DIR/repository")
  [ ! -f settings.xml ] || options+=(-s settings.xml)
  [ -z "${MAVEN_SETTINGS_PATH:-}" ] || options+=(-s "$MAVEN_SETTINGS_PATH")
  # The names that people know from Heroku.
  read -ra goals <<< "${MAVEN_CUSTOM_OPTS:--DskipTests} ${MAVEN_CUSTOM_GOALS:-package}"
  otherwise="Maven could not build the app: the lines above say why." run_step "maven ${goals[*]}" maven_failed "$tool" "${options[@]}" "${goals[@]}"
  layer_toml repository cache
}

# mend_maven LAYER: Debian's Maven looks for its settings in /etc, and for its jars by links into the folder where Debian keeps all of Java.
mend_maven() {
  local home=$1/usr/share/maven
  [ ! -L "$home/conf" ] || { rm "$home/conf"; cp -r "$1/etc/maven" "$home/conf"; }
  [ -f "$home/bin/m2.conf" ] || cp "$1/etc/maven/m2.conf" "$home/bin/m2.conf"
}

build_with_gradle() {
  local task=${GRADLE_TASK:-} file=build.gradle
  [ -f gradlew ] || fail gradle_wrapper_missing "There is a Gradle build but no gradlew, which says which Gradle builds it. Run 'gradle wrapper' and commit gradlew and the folder gradle."
  [ -f gradle/wrapper/gradle-wrapper.jar ] || fail gradle_wrapper_missing "The file gradle/wrapper/gradle-wrapper.jar is not committed, so gradlew cannot start. Run 'gradle wrapper' and commit it (look into .gitignore for *.jar)."
  mend_script gradlew
  [ -f "$file" ] || file=build.gradle.kts
  export GRADLE_USER_HOME=$CNB_LAYERS_DIR/gradle GRADLE_OPTS="${GRADLE_OPTS:-} -Dorg.gradle.daemon=false -Djavax.net.ssl.trustStore=$build_trust"
  mkdir -p "$GRADLE_USER_HOME"
  if [ -z "$task" ]; then
    if grep -qsE "task(s\.register)?\(?[ \"']*stage" "$file"; then task=stage
    elif grep -qsE 'org\.springframework\.boot' "$file"; then task=bootJar
    elif grep -qsE 'shadow' "$file"; then task=shadowJar
    elif grep -qsE "^[[:space:]]*(id[ (]*['\"]application['\"]|application|apply plugin: *['\"]application)" "$file"; then task=installDist
    else task='assemble'
    fi
  fi
  local tasks
  read -ra tasks <<< "$task"
  otherwise="Gradle could not build the app: the lines above say why." run_step "gradle ${tasks[*]}" gradle_failed ./gradlew --no-daemon --console=plain --build-cache "${tasks[@]}" -x test
  # Locks and journals of this run are of no use to the next.
  rm -rf "$GRADLE_USER_HOME"/{daemon,notifications,workers,.tmp} "$GRADLE_USER_HOME"/caches/{journal-1,*.lock}
  layer_toml gradle cache
}

# has_main JAR: a jar that java -jar can start.
has_main() { unzip -p "$1" META-INF/MANIFEST.MF 2> /dev/null | tr -d '\r' | grep -q '^Main-Class:'; }

# find_program: sets program (a jar, or a script of Gradle's installDist), the words that start it.
find_program() {
  local jar found=()
  for jar in target/quarkus-app/quarkus-run.jar build/quarkus-app/quarkus-run.jar; do
    [ ! -f "$jar" ] || { program=$jar; return; }
  done
  while IFS= read -r jar; do
    case $jar in *-sources.jar | *-javadoc.jar | *-tests.jar | *-plain.jar | */original-*) continue ;; esac
    ! has_main "$jar" || found+=("$jar")
  done < <(find . \( -path '*/target/*' -o -path '*/build/libs/*' -o -path './*.jar' -not -path './*/*' \) \( -name '*.jar' -o -name '*.war' \) -not -path '*/lib/*' -not -path '*/dependency/*' -not -path '*/classes/*' -not -path '*/.gradle/*' | sed 's|^\./||' | awk -F/ '{ print NF, $0 }' | LC_ALL=C sort -k1,1n -k2 | cut -d' ' -f2-)
  program=${found[0]:-}
  if [ -z "$program" ]; then
    program=$(find . -path '*/build/install/*/bin/*' -type f ! -name '*.bat' | sed 's|^\./||' | head -n 1)
  fi
  [ ${#found[@]} -lt 2 ] || echo "several jars can be started (${found[*]}): $program is taken; a Procfile chooses another"
}

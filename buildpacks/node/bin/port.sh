# Apps whose source says which port: sourced by bin/build, never run.
# shellcheck shell=bash disable=SC2154 # variables are those of bin/build

# sources PATTERN: "file:line" of the app's own code, without what is built or installed.
sources() {
  grep -rIoE --include='*.js' --include='*.mjs' --include='*.cjs' --include='*.ts' --include='*.mts' \
    --exclude-dir=node_modules --exclude-dir=.git --exclude-dir=.next --exclude-dir=.nuxt --exclude-dir=.output --exclude-dir=public \
    --exclude-dir=test --exclude-dir=tests --exclude-dir=dist --exclude-dir=build "$1" . 2> /dev/null | head -n 1 || true
}

# move_written_port: "app.listen(3000)", or "const port = 3000" and "listen(port)", in an app that never reads PORT.
move_written_port() {
  local found='' number=''
  rm -rf "$layers/port" "$layers/port.toml"
  [ ${#process[@]} -gt 0 ] && $needs_node || return 0
  [ -z "$(sources '(env|environment)(\.|\?\.|\[.)PORT|get(OrThrow)?(<[a-z]+>)?\(.(PORT|port)\b|\{[^}]*\bPORT\b[^}]*\} *=.*env')" ] || return 0
  found=$(sources '\.listen\( *(\{ *port: *)?[0-9]{2,5}\b')
  if [ -z "$found" ] && [ -n "$(sources '\.listen\( *(\{ *)?(port|PORT)\b')" ]; then
    found=$(sources '\b(port|PORT)(: *number)? *= *[0-9]{2,5}\b')
  fi
  number=$(grep -oE '[0-9]+$' <<< "$found" || true)
  [ -n "$number" ] || return 0
  found=${found#./}
  warn "${found%%:*} names port $number itself: it is moved to the port that the platform gives. Write process.env.PORT ?? $number there."
  mkdir -p "$layers/port/env.launch"
  cp "$CNB_BUILDPACK_DIR/bin/port.cjs" "$layers/port/port.cjs"
  printf '%s' "$number" > "$layers/port/env.launch/PAAS_WRITTEN_PORT.default"
  printf -- '--require=%s/port/port.cjs' "$layers" > "$layers/port/env.launch/NODE_OPTIONS.append"
  printf ' ' > "$layers/port/env.launch/NODE_OPTIONS.delim"
  layer_toml port launch
}

# What the app is started with: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

# server_layer PROGRAM MODULE FUNCTION PACKAGE...: a web server of Debian's, for an app that has none. It comes last on Python's path,
# so that the app's own packages win.
server_layer() {
  local program=$1 module=$2 function=$3 trim
  shift 3
  trim=$(declare -f debian_trim)
  debian_trim() {
    mkdir -p "$1/site" "$1/bin"
    find "$1"/usr/lib/python3*/dist-packages -mindepth 1 -maxdepth 1 ! -name '*.so' -exec mv -t "$1/site" {} +
    rm -rf "${1:?}"/{usr,etc,lib,share,include,env}
    # uvloop's library would have to come along.
    rm -rf "$1"/site/uvloop*
    compile "$python" "$1/site"
    printf '#!%s\nimport sys\nsys.path.append("%s/site")\nfrom %s import %s\nsys.exit(%s())\n' "$venv/bin/python" "$layers/server" "$module" "$function" "$function" > "$1/bin/$program"
    chmod 0755 "$1/bin/$program"
  }
  debian_layer server "launch build cache" build "$@"
  eval "$trim"
  debian_layers+=(server)
}

# settings_layer: what each instance's environment gets, as far as the app's config vars say nothing else.
settings_layer() {
  local layer=$layers/settings path=$PWD
  rm -rf "$layer"
  mkdir -p "$layer/env.launch"
  add_exec_d "$layer" limits
  [ ! -d src ] || [ -f src/__init__.py ] || path=$path:$PWD/src
  printf '%s' "$path" > "$layer/env.launch/PYTHONPATH.prepend"
  printf : > "$layer/env.launch/PYTHONPATH.delim"
  printf 1 > "$layer/env.launch/PYTHONUNBUFFERED.default"
  printf C.UTF-8 > "$layer/env.launch/LANG.default"
  printf '%s' "$venv" > "$layer/env.launch/VIRTUAL_ENV.default"
  layer_toml settings launch
}

# collect_static FOLDER: Django's collectstatic, where the project has static files and a place for them.
collect_static() {
  local ended=0
  if [ -n "${DISABLE_COLLECTSTATIC:-}" ] && [ "$DISABLE_COLLECTSTATIC" != 0 ]; then
    echo "collectstatic: left out, because DISABLE_COLLECTSTATIC is set"
    return
  fi
  step_said=${step_said:-$(mktemp)}
  (cd "$1" && python manage.py collectstatic --noinput) < /dev/null > "$step_said" 2>&1 || ended=$?
  if [ "$ended" -eq 0 ]; then
    echo "collectstatic: $(tail -n 1 "$step_said")"
    has whitenoise || warn "Static files were collected, but nothing serves them: add whitenoise to the packages and its middleware to the settings."
  elif grep -q "Unknown command: 'collectstatic'" "$step_said"; then
    echo "collectstatic: left out, because django.contrib.staticfiles is not in INSTALLED_APPS"
  elif grep -q "without having set the STATIC_ROOT setting" "$step_said"; then
    warn "Static files are not collected, because the settings have no STATIC_ROOT. Write STATIC_ROOT = BASE_DIR / 'staticfiles' into them, and use whitenoise to serve them."
  else
    cat "$step_said"
    fail_step "$ended" collectstatic_failed "manage.py collectstatic failed: the lines above say why. 'paas config set DISABLE_COLLECTSTATIC=1' leaves it out."
  fi
}

# need_server wsgi|asgi: sets server to the program that serves such an app.
need_server() {
  local one
  if [ "$1" = wsgi ]; then
    for one in gunicorn waitress; do
      if has "$one"; then server=$one; return; fi
    done
    server_layer gunicorn gunicorn.app.wsgiapp run python3-gunicorn
    server=gunicorn
  else
    for one in uvicorn hypercorn daphne; do
      if has "$one"; then server=$one; return; fi
    done
    server_layer uvicorn uvicorn.main main python3-uvicorn
    server=uvicorn
  fi
  echo "$server: Debian's, because the app's packages have no server; to choose the version add $server to $lock"
}

# check_procfile: a Procfile that starts a server which is not there fails at every start; here there is a sentence for it.
check_procfile() {
  local program
  # shellcheck disable=SC2013
  for program in $(sed -n 's/^[A-Za-z0-9_-]*:[[:space:]]*\(exec[[:space:]]*\)\{0,1\}\([a-z]*\)\([[:space:]].*\)\{0,1\}$/\2/p' Procfile | sort -u); do
    case $program in
      gunicorn | uvicorn | hypercorn | daphne | waitress-serve | celery | rq | flask | fastapi | streamlit | django-admin | uwsgi | granian)
        [ -x "$venv/bin/$program" ] || fail program_missing "The Procfile starts $program, but the app's packages do not have it. Add ${program%-serve} to ${lock:-requirements.txt}, and commit."
        ;;
    esac
  done
}

add_web() {
  local kind=$1 object=$2 folder=$3 options=()
  case $kind in
    wsgi | asgi)
      need_server "$kind"
      case $server in
        # A folder src is on Python's path already.
        gunicorn)
          case $folder in . | src) ;; *) options=(--chdir "$folder") ;; esac
          add_process web true gunicorn "${options[@]}" "$object"
          ;;
        uvicorn)
          [ "$folder" = . ] || options=(--app-dir "$folder")
          case $object in *'()') options+=(--factory) ;; esac
          add_process web true uvicorn "${options[@]}" "${object%'()'}"
          ;;
        *) add_process web true sh -c "cd $folder && exec $(server_command "$server" "$object")" ;;
      esac
      echo "web: $server with $object, found in the code"
      ;;
    streamlit) add_process web true streamlit run "$object"; echo "web: streamlit with $object" ;;
    script) add_process web true python "$object"; echo "web: python $object" ;;
    django) fail start_missing "This is a Django project without a wsgi.py or asgi.py, so nothing says what answers. Write a Procfile with a line like 'web: gunicorn project.wsgi', and commit it." ;;
  esac
}

server_command() {
  case $1 in
    waitress) [[ $2 == *'()' ]] && echo "waitress-serve --listen=0.0.0.0:\$PORT --call ${2%'()'}" || echo "waitress-serve --listen=0.0.0.0:\$PORT $2" ;;
    hypercorn) echo "hypercorn --bind 0.0.0.0:\$PORT '$2'" ;;
    daphne) echo "daphne -b 0.0.0.0 -p \$PORT ${2%'()'}" ;;
  esac
}

say_start() {
  local kind object folder asgi=
  settings_layer
  has gunicorn || { { has uvicorn || has daphne; } && asgi=asgi; } || true
  IFS=$'\t' read -r kind object folder < <(python3 -I "$here/bin/web.py" $asgi) || true
  if has django && [ -n "${folder:-}" ] && [ -f "$folder/manage.py" ]; then
    collect_static "$folder"
    if [ "${BP_DJANGO_MIGRATE:-}" = true ]; then
      add_process release false python "$([ "$folder" = . ] || echo "$folder/")manage.py" migrate --noinput
      echo "release: manage.py migrate, because BP_DJANGO_MIGRATE says so"
    fi
  fi
  if [ -f Procfile ]; then check_procfile; fi
  if [ -f Procfile ] && grep -q '^web:' Procfile; then return; fi
  if [ -n "${kind:-}" ]; then
    add_web "$kind" "$object" "$folder"
  elif [ ! -f Procfile ]; then
    fail start_missing "Nothing says how to start this app: there is no Flask, FastAPI or Django app in the usual files, and no main.py or app.py. Write a Procfile with a line like 'web: gunicorn module:app', and commit it."
  fi
}

# The app's packages in a virtual environment, layer "venv": sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

venv=$layers/venv

# choose_manager: sets manager and lock, the file that says which versions.
choose_manager() {
  local candidates=() one
  manager=''
  [ ! -f uv.lock ] || candidates+=("uv uv.lock")
  [ ! -f poetry.lock ] || candidates+=("poetry poetry.lock")
  [ ! -f Pipfile.lock ] || candidates+=("pipenv Pipfile.lock")
  [ ! -f requirements.txt ] || candidates+=("pip requirements.txt")
  if [ -n "${BP_PYTHON_PACKAGES:-}" ]; then
    for one in "${candidates[@]}"; do [ "${one#* }" != "$BP_PYTHON_PACKAGES" ] || manager=${one% *} lock=${one#* }; done
    [ -n "$manager" ] || fail lock_file_missing "BP_PYTHON_PACKAGES asks for $BP_PYTHON_PACKAGES, which is not in the repository or says no packages. Name one of uv.lock, poetry.lock, Pipfile.lock and requirements.txt, and commit it."
  elif [ ${#candidates[@]} -gt 0 ]; then
    manager=${candidates[0]% *} lock=${candidates[0]#* }
    if [ ${#candidates[@]} -gt 1 ]; then
      echo "packages are taken from $lock, though $(printf '%s\n' "${candidates[@]:1}" | cut -d' ' -f2 | paste -sd, | sed 's/,/ and /g') says some too. To choose: paas config set BP_PYTHON_PACKAGES=<file>"
    fi
  elif [ -f Pipfile ]; then
    fail lock_file_missing "There is a Pipfile but no Pipfile.lock, so nobody can say which versions to install. Run 'pipenv lock' and commit Pipfile.lock."
  elif project get tool poetry dependencies > /dev/null; then
    fail lock_file_missing "pyproject.toml is Poetry's but there is no poetry.lock, so nobody can say which versions to install. Run 'poetry lock' and commit poetry.lock."
  elif project get tool uv > /dev/null && project get project dependencies > /dev/null; then
    fail lock_file_missing "pyproject.toml is for uv but there is no uv.lock, so nobody can say which versions to install. Run 'uv lock' and commit uv.lock."
  elif [ -f pyproject.toml ] && project get project > /dev/null; then
    manager=project lock=pyproject.toml
  elif [ -f manage.py ] && grep -qi django manage.py; then
    fail lock_file_missing "This is a Django project, but no file says which packages it needs. Write a requirements.txt, for example with 'pip freeze > requirements.txt', and commit it."
  else
    manager=none lock=
  fi
}

# packages_key: what the virtual environment is made of. A requirements file that installs the app itself depends on all its files.
packages_key() {
  local file
  {
    echo "3 $manager $python_version $python"
    case $manager in
      none) ;;
      pip)
        project files "$lock" | while IFS= read -r file; do
          [ "$file" != . ] || file=$(find . -type f -not -path './.git/*' -print | LC_ALL=C sort)
          while IFS= read -r one; do sha256sum "$one" 2>&1 || true; done <<< "$file"
        done
        ;;
      project) project get project; sha256sum setup.py setup.cfg 2> /dev/null || true ;;
      *) cat "$lock" pyproject.toml 2> /dev/null || true ;;
    esac
    for file in "${wheels[@]}"; do (cd "$file" && find . -type f -print0 | sort -z | xargs -0 sha256sum); done
    sed -n 's/^.*_INDEX_URL=//p' < <(env | sort)
  } | sha256sum | cut -c1-32
}

# need_pip: layer "pip" with Debian's wheels of pip and what old packages build with; none of it reaches the image.
need_pip() {
  local trim
  trim=$(declare -f debian_trim)
  debian_trim() {
    unzip -q "$1"/usr/share/python-wheels/pip-*.whl -d "$1/pip"
    compile "$python" "$1/pip"
  }
  debian_layer pip "build cache" build python3-pip-whl python3-setuptools-whl python3-wheel-whl
  eval "$trim"
  export PIP_CACHE_DIR=$layers/pip-cache PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_PROGRESS_BAR=off PIP_NO_COMPILE=1 PIP_RETRIES=${PIP_RETRIES:-2} PIP_DEFAULT_TIMEOUT=${PIP_DEFAULT_TIMEOUT:-20}
  # A cache is worth its room only up to some size.
  if [ -d "$PIP_CACHE_DIR" ] && [ "$(du -sm "$PIP_CACHE_DIR" | cut -f1)" -gt 500 ]; then rm -rf "$PIP_CACHE_DIR"; fi
  mkdir -p "$PIP_CACHE_DIR"
  layer_toml pip-cache cache
  pip=(env "PYTHONPATH=$layers/pip/pip" "$venv/bin/python" -m pip)
}

new_venv() {
  rm -rf "$venv" "$venv.toml"
  "$python" -m venv --without-pip "$venv" || fail venv_failed "The virtual environment could not be made: the lines above say why."
  rm -f "$venv"/bin/[Aa]ctivate*
}

# pip_install TITLE ARGUMENT...: what lies in wheels/ is enough, or what is missing there comes from the package index.
pip_install() {
  local title=$1 links=() one
  shift
  for one in "${wheels[@]}"; do links+=(--find-links "$one"); done
  if [ ${#links[@]} -gt 0 ]; then
    echo "$title, from ${wheels[*]}"
    if from_wheels "${links[@]}" "$@" || { wants_headers /tmp/pip-said && need_headers && from_wheels "${links[@]}" "$@"; }; then
      cat /tmp/pip-said
      return
    fi
    grep -E '^ERROR' /tmp/pip-said | head -n 3 || true
    echo "${wheels[*]} is not enough: the package index is asked too"
  fi
  with_headers "$title" "${pip[@]}" install "${links[@]}" "$@"
}

from_wheels() { "${pip[@]}" install --no-index --find-links "$layers/pip/usr/share/python-wheels" "$@" < /dev/null > /tmp/pip-said 2>&1; }

# wants_headers FILE: what a compiler said that has not found Python's header files, which are not there yet.
wants_headers() { grep -q 'Python\.h: No such file' "$1" && [ -z "${headers_there:-}" ] && [ "$python" = "$layers/python/usr/bin/python3" ]; }

need_headers() {
  local trim
  headers_there=1
  echo "a package is compiled: Python's header files are fetched, and once more"
  trim=$(declare -f debian_trim)
  debian_trim() { find "$1" -name '*.a' -delete; }
  debian_layer headers cache build "libpython$(line_of "$python_version")-dev"
  eval "$trim"
  CPATH=$layers/headers/usr/include/python$(line_of "$python_version"):$layers/headers/usr/include${CPATH:+:$CPATH}
  export CPATH
}

# with_headers TITLE CMD...: Python's header files come only when a package that is compiled asks for them.
with_headers() {
  local title=$1
  shift
  step_said=${step_said:-$(mktemp)}
  echo "$title"
  "$@" < /dev/null 2>&1 | tee "$step_said" && return
  local ended=${PIPESTATUS[0]}
  if wants_headers "$step_said"; then
    need_headers
    otherwise="The packages of $lock could not be installed: the lines above say why." run_step '' packages_failed "$@"
    return
  fi
  ask_indexes
  fail_step "$ended" packages_failed "The packages of $lock could not be installed: the lines above say why."
}

# ask_indexes: pip says only that a package was not found, also where an index wants credentials; that is looked up and said.
ask_indexes() {
  local name index status
  name=$(sed -n 's/^ERROR: No matching distribution found for \([A-Za-z0-9._-]*\).*/\1/p' "$step_said" | head -n 1 | tr '[:upper:]_.' '[:lower:]--')
  [ -n "$name" ] || return 0
  for index in ${PIP_INDEX_URL:-} ${PIP_EXTRA_INDEX_URL:-} $(sed -n 's/^[[:space:]]*\(-i\|--index-url\|--extra-index-url\)[ =]*//p' "$lock" | tr -d '\r'); do
    status=$(curl -sL -o /dev/null --max-time 10 -w '%{http_code}' "${index%/}/$name/") || true
    case $status in
      # Without what stands before the host: that may be a token.
      401 | 403) echo "ERROR: HTTP error $status while getting $name from $(sed 's#://[^/@]*@#://#' <<< "$index")" | tee -a "$step_said" ;;
    esac
  done
}

install_packages() {
  local key loose total
  wheels=()
  for folder in wheels wheelhouse; do
    if compgen -G "$folder/*.whl" > /dev/null || compgen -G "$folder/*.tar.gz" > /dev/null; then wheels+=("$folder"); fi
  done
  choose_manager
  for folder in venv .venv env; do
    if [ -f "$folder/pyvenv.cfg" ]; then
      warn "The folder $folder is in the repository: it is a virtual environment of another machine, and is not used. Take it out with 'git rm -r --cached $folder', and write $folder/ into .gitignore."
      rm -rf "$folder"
    fi
  done
  key=$(packages_key)
  if layer_has venv key "$key" && [ -x "$venv/bin/python" ]; then
    echo "packages of ${lock:-the app}: unchanged (kept)"
  else
    new_venv
    case $manager in
      pip)
        read -r loose total < <(project loose "$lock")
        [ "$loose" -eq 0 ] || warn "$loose of $total packages in $lock have no exact version, so two builds of one commit may differ. 'pip freeze > $lock' writes the versions that you have."
        need_pip
        pip_install "packages of $lock" -r "$lock"
        ;;
      pipenv)
        need_pip
        project pipfile > /tmp/pipfile-requirements
        pip_install "packages of $lock" --no-deps -r /tmp/pipfile-requirements
        ;;
      project) install_project ;;
      poetry) install_by_poetry ;;
      uv) install_by_uv ;;
    esac
    compile "$venv/bin/python" "$venv/lib"
  fi
  layer_toml venv "launch build cache" key "$key"
  site=$(echo "$venv"/lib/python3*/site-packages)
  export PATH=$venv/bin:$PATH
}

# has PACKAGE: it is installed for the app.
has() { compgen -G "$site/${1//-/_}-*.dist-info" > /dev/null || compgen -G "$site/${1}-*.dist-info" > /dev/null; }

# A pyproject.toml without a lock file: its dependencies, and the project itself where it can be built.
install_project() {
  local ended=0
  need_pip
  project requirements > /tmp/project-requirements || ended=$?
  if [ "$ended" -eq 2 ]; then
    pip_install "the project and its packages" .
    return
  fi
  [ ! -s /tmp/project-requirements ] || warn "No lock file says which versions pyproject.toml means, so two builds of one commit may differ. Run 'uv lock' or 'poetry lock' and commit its file."
  pip_install "packages of $lock" -r /tmp/project-requirements
}

# Poetry's own lock decides; Poetry itself is Debian's, and works on the app's Python through VIRTUAL_ENV.
install_by_poetry() {
  local trim poetry
  # Poetry knows no group "main" where there is nothing in it.
  if ! grep -q '^\[\[package\]\]' poetry.lock && [ -s poetry.lock ]; then
    echo "packages of $lock: none"
    return
  fi
  trim=$(declare -f debian_trim)
  # Debian's virtualenv looks for pip's wheels where the system would have them.
  debian_trim() { grep -rlZ --include='*.py' '/usr/share/python-wheels' "$1/usr/lib" | xargs -0 -r sed -i "s#/usr/share/python-wheels#$1/usr/share/python-wheels#g"; }
  debian_layer poetry "build cache" build python3-poetry
  eval "$trim"
  poetry=$layers/poetry/usr
  step_said=${step_said:-$(mktemp)}
  with_headers "packages of $lock, by Poetry" env VIRTUAL_ENV="$venv" PATH="$venv/bin:$PATH" PYTHONPATH="$poetry/lib/python3/dist-packages" LD_LIBRARY_PATH="$layers/poetry/lib:${LD_LIBRARY_PATH:-}" \
    POETRY_CACHE_DIR=/tmp/poetry-cache POETRY_VIRTUALENVS_CREATE=false POETRY_INSTALLER_MAX_WORKERS=4 \
    /usr/bin/python3 -m poetry install --only main --no-root --no-interaction --no-ansi
}

# uv comes from the package index: Debian has none.
install_by_uv() {
  need_pip
  if [ ! -x "$layers/uv/bin/uv" ]; then
    rm -rf "$layers/uv"
    otherwise="uv.lock needs uv, which could not be installed from the package index: the lines above say why. Where the index cannot be reached, write a requirements.txt with 'uv export --no-dev -o requirements.txt', take uv.lock out, and commit." \
      run_step "uv" uv_unreachable env PYTHONPATH="$layers/pip/pip" "$venv/bin/python" -m pip install --quiet --target "$layers/uv" "uv>=0.5"
  fi
  layer_toml uv "build cache"
  with_headers "packages of $lock, by uv" env UV_PROJECT_ENVIRONMENT="$venv" UV_PYTHON="$python" UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_CACHE_DIR=/tmp/uv-cache UV_NO_PROGRESS=1 \
    "$layers/uv/bin/uv" sync --locked --no-default-groups --no-install-project
}

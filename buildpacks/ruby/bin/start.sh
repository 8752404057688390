# What the app is started with, and Rails' assets: sourced by bin/build.
# What is not assigned here is bin/build's or another step's.
# shellcheck shell=bash disable=SC2154,SC2034

settings_layer() {
  local layer=$layers/settings name
  rm -rf "$layer"
  mkdir -p "$layer/env.launch"
  add_exec_d "$layer" limits
  for name in RACK_ENV=production RAILS_ENV=production RAILS_LOG_TO_STDOUT=1 RAILS_SERVE_STATIC_FILES=1 LANG=C.UTF-8 MALLOC_ARENA_MAX=2; do
    printf '%s' "${name#*=}" > "$layer/env.launch/${name%%=*}.default"
  done
  layer_toml settings launch
}

# precompile_assets: where Rails has such a task. A key is needed to load the app, not to make assets.
precompile_assets() {
  local ended=0
  step_said=${step_said:-$(mktemp)}
  export RAILS_ENV=${RAILS_ENV:-production} RACK_ENV=${RACK_ENV:-production}
  [ -n "${SECRET_KEY_BASE:-}" ] || export SECRET_KEY_BASE_DUMMY=1 SECRET_KEY_BASE=only-for-the-build
  echo "assets:precompile"
  bundle exec rake assets:precompile < /dev/null 2>&1 | tee "$step_said" || ended=${PIPESTATUS[0]}
  if [ "$ended" -ne 0 ]; then
    if grep -q "Don't know how to build task 'assets:precompile'" "$step_said"; then
      echo "there is no task assets:precompile: left out"
    else
      fail_step "$ended" assets_failed "rake assets:precompile failed: the lines above say why."
    fi
  fi
  mkdir -p tmp/pids tmp/cache log
  chmod -R g+w tmp log
  [ ! -d storage ] || chmod -R g+w storage
  [ ! -d db ] || chmod g+w db
}

# check_procfile: a Procfile that starts a server which is not there fails at every start; here there is a sentence for it.
check_procfile() {
  local program
  for program in puma unicorn thin falcon sidekiq resque rackup; do
    if grep -qE "^[A-Za-z0-9_-]+:.*bundle exec $program( |\$)" Procfile && ! has "$program" && [ "$program" != rackup ]; then
      fail program_missing "The Procfile starts $program, but Gemfile.lock does not have it. Run 'bundle add $program' and commit Gemfile and Gemfile.lock."
    fi
  done
}

say_start() {
  local file
  settings_layer
  if has railties && [ -f Rakefile ]; then precompile_assets; fi
  if [ "${BP_RAILS_MIGRATE:-}" = true ]; then
    add_process release false bundle exec rails db:migrate
    echo "release: rails db:migrate, because BP_RAILS_MIGRATE says so"
  fi
  if [ -f Procfile ]; then
    check_procfile
    if grep -q '^web:' Procfile; then return; fi
  fi
  # shellcheck disable=SC2016
  if has puma && [ -f config.ru ]; then
    if [ -f config/puma.rb ] && grep -qE '^[[:space:]]*(port|bind)\b' config/puma.rb; then
      add_process web true bundle exec puma -C config/puma.rb
    else
      add_process web true sh -c 'exec bundle exec puma -b tcp://0.0.0.0:$PORT'
    fi
    echo "web: puma with config.ru"
  elif has railties && [ -f config.ru ]; then
    add_process web true sh -c 'exec bundle exec rails server -b 0.0.0.0 -p $PORT'
    echo "web: rails server; puma would serve more at once: bundle add puma"
  elif [ -f config.ru ]; then
    if has unicorn; then
      add_process web true sh -c 'exec bundle exec unicorn -o 0.0.0.0 -p $PORT'
    elif has falcon; then
      add_process web true sh -c 'exec bundle exec falcon serve -b http://0.0.0.0:$PORT'
    elif has thin; then
      add_process web true sh -c 'exec bundle exec thin start -a 0.0.0.0 -p $PORT'
    elif has rackup && has webrick; then
      add_process web true sh -c 'exec bundle exec rackup -o 0.0.0.0 -p $PORT'
    else
      fail server_missing "There is a config.ru but no server among the gems. Run 'bundle add puma' and commit Gemfile and Gemfile.lock."
    fi
    echo "web: config.ru"
  else
    for file in app.rb main.rb server.rb web.rb; do
      if [ -f "$file" ]; then
        if has sinatra && grep -qE "require ['\"]sinatra['\"]" "$file"; then
          has puma || has falcon || has thin || has webrick || fail server_missing "$file is a Sinatra app but no server is among the gems. Run 'bundle add puma' and commit Gemfile and Gemfile.lock."
          add_process web true sh -c "exec bundle exec ruby $file -o 0.0.0.0 -p \$PORT"
        else
          add_process web true bundle exec ruby "$file"
        fi
        echo "web: ruby $file"
        return
      fi
    done
    [ -f Procfile ] || fail start_missing "Nothing says how to start this app: there is no config.ru and no app.rb or main.rb. Write a Procfile with a line like 'web: bundle exec ruby server.rb', and commit it."
  fi
}

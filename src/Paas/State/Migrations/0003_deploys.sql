-- A deploy takes its app's next number when its turn starts; deploy n makes release vn.
CREATE TABLE deploys(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('push', 'config', 'rollback', 'image')),
  state TEXT NOT NULL CHECK (state IN ('building', 'releasing', 'starting', 'live', 'failed', 'cancelled', 'interrupted', 'superseded')),
  commit_id TEXT,
  message TEXT,
  branch TEXT,
  actor TEXT NOT NULL,
  sentence TEXT,
  phases TEXT NOT NULL DEFAULT '[]',
  started_at TEXT NOT NULL,
  ended_at TEXT,
  PRIMARY KEY (app_id, number)) STRICT;

CREATE TABLE releases(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  image TEXT NOT NULL,
  -- encrypted snapshot of the config vars, as in config_vars
  config BLOB NOT NULL,
  key_id TEXT NOT NULL,
  config_names TEXT NOT NULL,
  processes TEXT NOT NULL,
  description TEXT NOT NULL,
  commit_id TEXT,
  actor TEXT NOT NULL,
  -- 1 once it served
  good INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  PRIMARY KEY (app_id, number)) STRICT;

-- What should run: the current release of each app, its revision, and what is retired and still drains.
CREATE TABLE rollouts(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  release INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('starting', 'current', 'retired')),
  PRIMARY KEY (app_id, release, revision)) STRICT;
CREATE UNIQUE INDEX one_current_rollout ON rollouts(app_id) WHERE state = 'current';

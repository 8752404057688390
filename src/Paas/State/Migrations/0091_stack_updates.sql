-- "stack": the same app on a new run image. SQLite changes no CHECK in place.
CREATE TABLE deploys_with_stack(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('push', 'config', 'rollback', 'image', 'stack')),
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
INSERT INTO deploys_with_stack(app_id, number, cause, state, commit_id, message, branch, actor, sentence, phases, started_at, ended_at)
  SELECT app_id, number, cause, state, commit_id, message, branch, actor, sentence, phases, started_at, ended_at FROM deploys;
DROP TABLE deploys;
ALTER TABLE deploys_with_stack RENAME TO deploys;

-- Updates of the base images and of the apps on them.
CREATE TABLE stack_updates(
  id INTEGER PRIMARY KEY,
  actor TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
  step TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  sentence TEXT,
  -- digests of run images
  run_before TEXT,
  run_after TEXT,
  -- JSON: package changes, lines
  changes TEXT NOT NULL DEFAULT '[]',
  lines TEXT NOT NULL DEFAULT '[]',
  rebase_seconds REAL) STRICT;
CREATE TABLE stack_update_apps(
  update_id INTEGER NOT NULL REFERENCES stack_updates(id) ON DELETE CASCADE,
  -- the name as it was then: the report outlives the app
  app TEXT NOT NULL,
  app_id INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  from_release INTEGER,
  to_release INTEGER,
  sentence TEXT,
  PRIMARY KEY (update_id, app_id)) STRICT;

-- The weekly update: one row, once somebody has set it.
CREATE TABLE stack_schedule(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  enabled INTEGER NOT NULL,
  -- 0 = Sunday
  day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 6),
  hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
  -- since when it holds: no run is owed for the time before
  since TEXT NOT NULL) STRICT;

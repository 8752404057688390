CREATE TABLE apps(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  name TEXT NOT NULL UNIQUE CHECK (name GLOB '[a-z0-9]*' AND name NOT GLOB '*[^a-z0-9-]*' AND name NOT GLOB '*-' AND length(name) <= 63),
  -- null until the first push of main or master
  deploy_branch TEXT,
  health_path TEXT,
  health_timeout_s INTEGER NOT NULL DEFAULT 60,
  drain_timeout_s INTEGER NOT NULL DEFAULT 30,
  stop_grace_s INTEGER NOT NULL DEFAULT 10,
  build_timeout_s INTEGER NOT NULL DEFAULT 900,
  read_only_root INTEGER NOT NULL DEFAULT 0,
  next_number INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL) STRICT;
CREATE INDEX apps_by_team ON apps(team_id, name);

-- value is nonce || ciphertext || tag of AES-256-GCM; associated data is "app id/name" (trust rule 3).
CREATE TABLE config_vars(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value BLOB NOT NULL,
  key_id TEXT NOT NULL,
  scope TEXT NOT NULL DEFAULT 'all' CHECK (scope IN ('all', 'run')),
  plain INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (app_id, name)) STRICT;

CREATE TABLE formation(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  memory_mb INTEGER NOT NULL DEFAULT 512,
  pids INTEGER NOT NULL DEFAULT 512,
  disk_mb INTEGER NOT NULL DEFAULT 1024,
  PRIMARY KEY (app_id, type)) STRICT;

CREATE TABLE domains(
  name TEXT PRIMARY KEY,
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  created_at TEXT NOT NULL) STRICT;

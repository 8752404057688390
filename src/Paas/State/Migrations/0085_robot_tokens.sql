-- Tokens that open the registry only. AUTOINCREMENT: a number is never given out again, so what was made from a revoked one names nothing.
-- Random (256 bits) and kept as sha256, as API tokens are.
CREATE TABLE robot_tokens(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  -- who made it: a robot makes new repositories where its maker may
  user_id INTEGER NOT NULL REFERENCES users(id),
  name TEXT NOT NULL,
  -- 'node': of a server of the platform; what it may is computed
  kind TEXT NOT NULL CHECK (kind IN ('robot', 'node')),
  -- names of repositories ('*': any run of characters), by spaces
  patterns TEXT NOT NULL,
  can_pull INTEGER NOT NULL,
  can_push INTEGER NOT NULL,
  can_delete INTEGER NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  -- null: never
  expires_at TEXT,
  last_used_at TEXT,
  UNIQUE(team_id, name)) STRICT;

-- What docker keeps in place of the password (distribution: "offline tokens"). They go with the token that they were made with.
CREATE TABLE offline_tokens(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_id INTEGER REFERENCES tokens(id) ON DELETE CASCADE,
  robot_id INTEGER REFERENCES robot_tokens(id) ON DELETE CASCADE,
  hash BLOB NOT NULL UNIQUE,
  -- as the client calls itself
  client TEXT NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  CHECK ((token_id IS NULL) <> (robot_id IS NULL))) STRICT;
CREATE INDEX offline_tokens_by_token ON offline_tokens(token_id) WHERE token_id IS NOT NULL;
CREATE INDEX offline_tokens_by_robot ON offline_tokens(robot_id) WHERE robot_id IS NOT NULL;

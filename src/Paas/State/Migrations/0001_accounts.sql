CREATE TABLE teams(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL) STRICT;

CREATE TABLE users(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  name TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL) STRICT;

-- Tokens are random (256 bits) and kept as sha256: a table that leaks opens nothing.
CREATE TABLE tokens(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  user_id INTEGER NOT NULL REFERENCES users(id),
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  last_used_at TEXT,
  UNIQUE(user_id, name)) STRICT;

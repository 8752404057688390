-- Browsers that are signed in. AUTOINCREMENT: a number is never given out again, so what still names an ended session names nothing.
-- The cookie's value is random (256 bits) and kept as sha256, as tokens are.
CREATE TABLE sessions(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  user_id INTEGER NOT NULL REFERENCES users(id),
  hash BLOB NOT NULL UNIQUE,
  method TEXT NOT NULL CHECK (method IN ('link', 'password', 'passkey')),
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL) STRICT;
CREATE INDEX sessions_by_user ON sessions(user_id);

-- One-time links; the code in the URL is kept as sha256.
CREATE TABLE signin_links(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  user_id INTEGER NOT NULL REFERENCES users(id),
  hash BLOB NOT NULL UNIQUE,
  expires_at TEXT NOT NULL) STRICT;

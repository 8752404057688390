-- A password of one's own is optional; the hash carries its own salt and rounds.
CREATE TABLE passwords(
  user_id INTEGER PRIMARY KEY REFERENCES users(id),
  team_id INTEGER NOT NULL REFERENCES teams(id),
  hash TEXT NOT NULL,
  set_at TEXT NOT NULL) STRICT;

-- Public halves of WebAuthn credentials: what leaks here signs nobody in.
CREATE TABLE passkeys(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  user_id INTEGER NOT NULL REFERENCES users(id),
  credential_id BLOB NOT NULL UNIQUE,
  public_key BLOB NOT NULL,
  name TEXT NOT NULL,
  sign_count INTEGER NOT NULL,
  transports TEXT NOT NULL,
  user_verified INTEGER NOT NULL,
  backup_eligible INTEGER NOT NULL,
  backed_up INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT) STRICT;
CREATE INDEX passkeys_by_user ON passkeys(user_id);

-- A destroyed app keeps its row under a name that nobody can guess, so its own is free at once;
-- the row and what lies in trash/<app id> go after the retention (trust rule 12).
ALTER TABLE apps ADD COLUMN destroyed_at TEXT;

CREATE TABLE destroyed_apps(
  app_id INTEGER PRIMARY KEY REFERENCES apps(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- JSON array of the domains it had
  domains TEXT NOT NULL,
  -- 1 once every slice has moved its data to the trash
  settled INTEGER NOT NULL DEFAULT 0) STRICT;

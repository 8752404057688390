-- A team's logins at other registries. The password is sealed like config vars; team and host are its associated data.
CREATE TABLE registry_logins(
  team_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  username TEXT NOT NULL,
  password BLOB NOT NULL,
  key_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (team_id, host)) STRICT, WITHOUT ROWID;

-- The image whose tag an app follows: a new digest under it is deployed.
CREATE TABLE followed_images(
  app_id INTEGER PRIMARY KEY REFERENCES apps(id) ON DELETE CASCADE,
  -- as it was written
  reference TEXT NOT NULL,
  -- the digest that was deployed last, or tried to be
  digest TEXT,
  actor TEXT NOT NULL,
  -- looks in a row that failed, and what the last one said; 0 and null after a good one
  failures INTEGER NOT NULL DEFAULT 0,
  sentence TEXT,
  looked_at TEXT,
  next_at TEXT NOT NULL) STRICT;

-- Buildpacks that a team added; their files lie in buildpacks/<digest> of the home.
CREATE TABLE buildpacks(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  -- of the tree in its normal form: sha256, 64 hex characters
  digest TEXT NOT NULL,
  api TEXT NOT NULL,
  -- a composite is only an order of others
  composite INTEGER NOT NULL,
  description TEXT,
  homepage TEXT,
  -- what was added, as people write it, without credentials
  source TEXT NOT NULL,
  -- the commit or digest that it was then
  pinned TEXT NOT NULL,
  actor TEXT NOT NULL,
  added_at TEXT NOT NULL,
  UNIQUE (team_id, name, version)) STRICT;

-- Names with versions, in order, separated by spaces; empty: the platform's order decides.
ALTER TABLE apps ADD COLUMN buildpacks TEXT NOT NULL DEFAULT '';

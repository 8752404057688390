-- What an image that was not built here says about running it (JSON); null: built here, run by its launcher at the usual port.
ALTER TABLE releases ADD COLUMN run TEXT;

-- A layer's blob was read once and its tar has this digest: a fact that never changes, so it is found out once.
CREATE TABLE layer_proofs(
  blob TEXT NOT NULL,
  diff_id TEXT NOT NULL,
  PRIMARY KEY (blob, diff_id)) STRICT, WITHOUT ROWID;

-- An image that was pushed to an app's repository and is not deployed yet: the newest push takes the place of one that still waits.
CREATE TABLE image_pushes(
  app_id INTEGER PRIMARY KEY REFERENCES apps(id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  digest TEXT NOT NULL,
  actor TEXT NOT NULL,
  -- how often a control began with it: one that always dies of it must come up without it
  tries INTEGER NOT NULL DEFAULT 0,
  pushed_at TEXT NOT NULL) STRICT;

-- What the next build of an app may reuse: the lifecycle's record of the last one, as JSON. Its blobs and snapshots are in use.
CREATE TABLE build_caches(
  app_id INTEGER PRIMARY KEY REFERENCES apps(id) ON DELETE CASCADE,
  record BLOB NOT NULL,
  updated_at TEXT NOT NULL) STRICT;

-- Garbage collection. A manifest without a tag stays for the grace time after it lost one, or after a client was told that it is there.
ALTER TABLE manifests ADD COLUMN held_at TEXT;
CREATE TRIGGER tag_moved AFTER UPDATE OF digest ON tags WHEN old.digest <> new.digest BEGIN
  UPDATE manifests SET held_at = new.updated_at WHERE repository_id = old.repository_id AND digest = old.digest;
END;
CREATE TRIGGER tag_removed AFTER DELETE ON tags BEGIN
  UPDATE manifests SET held_at = strftime('%Y-%m-%dT%H:%M:%f0000Z', 'now') WHERE repository_id = old.repository_id AND digest = old.digest;
END;

-- When its image was given up by retention; null: it can be rolled back to.
ALTER TABLE releases ADD COLUMN archived_at TEXT;

-- What was removed, when and why.
CREATE TABLE collections(
  id INTEGER PRIMARY KEY,
  cause TEXT NOT NULL,
  started_at TEXT NOT NULL,
  -- null: it runs, or died with its control
  ended_at TEXT,
  outcome TEXT CHECK (outcome IN ('done', 'time_limit', 'stopped')),
  sentence TEXT,
  -- part of the store that the next one begins with; null: from the start
  resume_at TEXT) STRICT;
CREATE TABLE collected(
  collection_id INTEGER NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  repository TEXT,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  reason TEXT NOT NULL) STRICT;
CREATE INDEX collected_by_collection ON collected(collection_id);

-- A snapshot never changes, and to measure one is to walk it. Bytes.
CREATE TABLE snapshot_sizes(diff_id TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;

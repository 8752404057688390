-- A repository belongs to an app, not to a name: a freed name brings none of its images along.
CREATE TABLE repositories(
  id INTEGER PRIMARY KEY,
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  -- what follows the app's name and a '/'; '' for the app's own
  path TEXT NOT NULL,
  UNIQUE (app_id, path)) STRICT;

-- The row is the right to read the blob through this repository; the content store itself knows no rights.
CREATE TABLE repository_blobs(
  repository_id INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  linked_at TEXT NOT NULL,
  PRIMARY KEY (repository_id, digest)) STRICT, WITHOUT ROWID;

CREATE TABLE manifests(
  repository_id INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  -- exactly the bytes that were pushed
  content BLOB NOT NULL,
  subject TEXT,
  artifact_type TEXT,
  pushed_at TEXT NOT NULL,
  PRIMARY KEY (repository_id, digest)) STRICT;
CREATE INDEX manifests_by_subject ON manifests(repository_id, subject) WHERE subject IS NOT NULL;

CREATE TABLE tags(
  repository_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (repository_id, name),
  FOREIGN KEY (repository_id, digest) REFERENCES manifests(repository_id, digest) ON DELETE CASCADE) STRICT;
CREATE INDEX tags_by_digest ON tags(repository_id, digest);

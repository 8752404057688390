-- A repository may stand alone: then it belongs to a team by its whole name. That of an app is kept by the app's id, so that a
-- rename carries it along and a freed name brings none of its images along.
CREATE TABLE repositories_new(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  app_id INTEGER REFERENCES apps(id) ON DELETE CASCADE,
  -- with an app what follows its name and a '/', '' for the app's own; alone the whole name
  path TEXT NOT NULL,
  -- 1: whoever asks may pull
  public INTEGER NOT NULL DEFAULT 0,
  -- bytes that its blobs may have in all; null: no limit of its own
  max_bytes INTEGER,
  -- what its retention keeps: the newest tags by count, those younger than days, those like a pattern ('*', '?'); all null: every tag
  keep_last INTEGER,
  keep_days INTEGER,
  keep_tags TEXT,
  created_at TEXT NOT NULL) STRICT;
CREATE TABLE repository_blobs_new(
  repository_id INTEGER NOT NULL REFERENCES repositories_new(id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  -- bytes; 0 when it was linked before sizes were kept
  size INTEGER NOT NULL DEFAULT 0,
  linked_at TEXT NOT NULL,
  PRIMARY KEY (repository_id, digest)) STRICT, WITHOUT ROWID;
CREATE INDEX repository_blobs_by_digest ON repository_blobs_new(digest);
CREATE TABLE manifests_new(
  repository_id INTEGER NOT NULL REFERENCES repositories_new(id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  -- exactly the bytes that were pushed
  content BLOB NOT NULL,
  subject TEXT,
  artifact_type TEXT,
  pushed_at TEXT NOT NULL,
  PRIMARY KEY (repository_id, digest)) STRICT;
CREATE TABLE tags_new(
  repository_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (repository_id, name),
  FOREIGN KEY (repository_id, digest) REFERENCES manifests_new(repository_id, digest) ON DELETE CASCADE) STRICT;
-- What a manifest names: its config and layers, an index's children. Kept at the push, so that nobody opens manifests to know what is in use.
CREATE TABLE manifest_edges(
  repository_id INTEGER NOT NULL,
  manifest TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('config', 'layer', 'manifest')),
  digest TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (repository_id, manifest, digest),
  FOREIGN KEY (repository_id, manifest) REFERENCES manifests_new(repository_id, digest) ON DELETE CASCADE) STRICT, WITHOUT ROWID;

INSERT INTO repositories_new(id, team_id, app_id, path, created_at)
  SELECT repositories.id, apps.team_id, app_id, path, apps.created_at FROM repositories JOIN apps ON apps.id = app_id;
INSERT INTO manifests_new(repository_id, digest, media_type, content, subject, artifact_type, pushed_at)
  SELECT repository_id, digest, media_type, content, subject, artifact_type, pushed_at FROM manifests;
INSERT INTO tags_new(repository_id, name, digest, updated_at) SELECT repository_id, name, digest, updated_at FROM tags;
INSERT OR IGNORE INTO manifest_edges(repository_id, manifest, kind, digest, size)
  SELECT repository_id, digest, 'config', json_extract(CAST(content AS TEXT), '$.config.digest'), json_extract(CAST(content AS TEXT), '$.config.size')
  FROM manifests WHERE json_extract(CAST(content AS TEXT), '$.config.digest') IS NOT NULL;
INSERT OR IGNORE INTO manifest_edges(repository_id, manifest, kind, digest, size)
  SELECT repository_id, manifests.digest, 'layer', json_extract(part.value, '$.digest'), json_extract(part.value, '$.size')
  FROM manifests, json_each(CAST(content AS TEXT), '$.layers') AS part;
INSERT OR IGNORE INTO manifest_edges(repository_id, manifest, kind, digest, size)
  SELECT repository_id, manifests.digest, 'manifest', json_extract(part.value, '$.digest'), json_extract(part.value, '$.size')
  FROM manifests, json_each(CAST(content AS TEXT), '$.manifests') AS part;
INSERT INTO repository_blobs_new(repository_id, digest, size, linked_at)
  SELECT repository_id, digest, coalesce((SELECT max(size) FROM manifest_edges WHERE manifest_edges.repository_id = repository_blobs.repository_id AND manifest_edges.digest = repository_blobs.digest), 0), linked_at
  FROM repository_blobs;

DROP TABLE tags;
DROP TABLE manifests;
DROP TABLE repository_blobs;
DROP TABLE repositories;
ALTER TABLE repositories_new RENAME TO repositories;
ALTER TABLE repository_blobs_new RENAME TO repository_blobs;
ALTER TABLE manifests_new RENAME TO manifests;
ALTER TABLE tags_new RENAME TO tags;
CREATE UNIQUE INDEX repositories_of_apps ON repositories(app_id, path) WHERE app_id IS NOT NULL;
CREATE UNIQUE INDEX repositories_alone ON repositories(path) WHERE app_id IS NULL;
CREATE INDEX repositories_by_team ON repositories(team_id);
CREATE INDEX manifests_by_subject ON manifests(repository_id, subject) WHERE subject IS NOT NULL;
CREATE INDEX manifests_by_digest ON manifests(digest);
CREATE INDEX tags_by_digest ON tags(repository_id, digest);
CREATE INDEX manifest_edges_by_digest ON manifest_edges(digest);

-- One build each: what it did and what came of it. The build of a push has its deploy's number; one without a deploy takes a number of its own.
CREATE TABLE builds(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('push', 'local')),
  state TEXT NOT NULL CHECK (state IN ('running', 'built', 'failed', 'cancelled', 'interrupted')),
  commit_id TEXT,
  -- phases, layers, buildpacks, image, failure; as JSON
  facts TEXT NOT NULL DEFAULT '{}',
  -- fingerprint of all that it was made of; null: nobody may take its image for an equal build
  inputs TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  PRIMARY KEY (app_id, number)) STRICT;

-- What the layers of a cache take on the disk. updated_at is when a build last used it.
ALTER TABLE build_caches ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

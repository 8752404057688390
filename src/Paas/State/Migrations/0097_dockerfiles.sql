-- auto, dockerfile or buildpacks; the path of the Dockerfile, null for the usual one.
ALTER TABLE apps ADD COLUMN builder TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE apps ADD COLUMN dockerfile TEXT;

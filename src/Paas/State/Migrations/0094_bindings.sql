-- Bindings of an app: what is sealed is a JSON object of file names and texts ("type" among them); associated data is "binding <app id>/<name>".
CREATE TABLE bindings(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  files BLOB NOT NULL,
  key_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (app_id, name)) STRICT, WITHOUT ROWID;

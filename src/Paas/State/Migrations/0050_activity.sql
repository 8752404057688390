-- Who did what, when. app_id is null for what concerns no app; entries of a destroyed app go with its row.
CREATE TABLE activity(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  app_id INTEGER REFERENCES apps(id) ON DELETE CASCADE,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  text TEXT NOT NULL,
  at TEXT NOT NULL) STRICT;
CREATE INDEX activity_by_app ON activity(app_id, id);

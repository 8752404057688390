-- Who did what outlives the app: its name is kept with each entry, and app_id becomes null when the app's row goes.
CREATE TABLE activity_new(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL REFERENCES teams(id),
  app_id INTEGER REFERENCES apps(id) ON DELETE SET NULL,
  app_name TEXT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  text TEXT NOT NULL,
  at TEXT NOT NULL) STRICT;
INSERT INTO activity_new(id, team_id, app_id, app_name, actor, action, text, at)
  SELECT activity.id, activity.team_id, activity.app_id, coalesce(destroyed_apps.name, apps.name), actor, action, text, at
  FROM activity LEFT JOIN apps ON apps.id = activity.app_id LEFT JOIN destroyed_apps ON destroyed_apps.app_id = activity.app_id;
DROP TABLE activity;
ALTER TABLE activity_new RENAME TO activity;
CREATE INDEX activity_by_app ON activity(app_id, id);
CREATE INDEX activity_by_team ON activity(team_id, id);

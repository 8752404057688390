-- Requests by app and minute (Unix time / 60) of the last hour. tally is RequestTally as JSON.
CREATE TABLE request_minutes(
  app_id INTEGER NOT NULL REFERENCES apps(id) ON DELETE CASCADE,
  minute INTEGER NOT NULL,
  tally TEXT NOT NULL,
  PRIMARY KEY (app_id, minute)) STRICT, WITHOUT ROWID;

-- How far the edge had counted when the minutes were written: what it counts after that is not in them yet. counts is EdgeCounts as JSON.
CREATE TABLE request_counts_seen(
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at TEXT NOT NULL,
  counts TEXT NOT NULL) STRICT;

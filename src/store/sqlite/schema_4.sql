-- Schema 4. What became of each schedule's last run, whatever its task; and how snapshots are found that no visit names any more.
CREATE TABLE schedule (
  name TEXT PRIMARY KEY,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,                             -- not there while it runs, or where it was cut short
  ending TEXT CHECK (ending IN ('done', 'stopped', 'failed')),
  succeeded_at INTEGER,
  CHECK ((ended_at IS NULL) = (ending IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO schedule (name, began_at, ended_at, ending, succeeded_at)
  SELECT name, started_at, coalesce(finished_at, started_at), CASE WHEN finished_at IS NULL THEN 'stopped' ELSE 'done' END, finished_at
  FROM run WHERE id IN (SELECT max(id) FROM run GROUP BY name);
CREATE INDEX observation_snapshot ON observation (snapshot) WHERE snapshot IS NOT NULL;

-- Schema 2. Targets that an entry's link texts show: visited beside those that it links to.
CREATE TABLE shown (
  entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
  target INTEGER NOT NULL REFERENCES target (id),
  PRIMARY KEY (entry, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_target ON shown (target);

-- Schema 3. Notifications.

-- Findings that a receiver was told are open, and not yet that they are resolved.
CREATE TABLE told (
  receiver TEXT NOT NULL,
  finding TEXT NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
  PRIMARY KEY (receiver, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_finding ON told (finding);

-- Messages that are not delivered yet. One that is delivered is removed.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  receiver TEXT NOT NULL,
  digest TEXT NOT NULL,                         -- JSON
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  due_at INTEGER,                               -- not tried before; NULL: given up
  why TEXT                                      -- what the last attempt failed for
) STRICT;

-- What a message that waits tells of each finding.
CREATE TABLE news (
  message INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
  finding TEXT NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
  PRIMARY KEY (message, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX news_finding ON news (finding);

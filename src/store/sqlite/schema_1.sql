-- Schema 1. Append-only: a change is a new file and a new line in migration.rs.
-- Times are seconds since 1970 in UTC. Hashes are blake3.

CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  root TEXT NOT NULL,
  base_url TEXT,
  locale TEXT,
  family TEXT                                   -- sources of one group
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,         -- never used twice: findings name runs
  name TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  summary TEXT
) STRICT;

-- Bytes by the hash of what is stored: zstd frames of texts, pages and bodies.
CREATE TABLE blob (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source (id),
  path TEXT NOT NULL,
  content BLOB NOT NULL CHECK (length(content) = 32),          -- of the file's bytes
  fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),  -- of what was read of it and what became of it
  text INTEGER NOT NULL REFERENCES blob (id),
  read BLOB NOT NULL,                           -- zstd of JSON: front matter, anchors, problems, silences
  first_seen INTEGER NOT NULL,
  gone_run INTEGER REFERENCES run (id),         -- the run that did not find it any more
  UNIQUE (source, path)
) STRICT;
CREATE INDEX entry_text ON entry (text);

CREATE TABLE host (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE CHECK (length(key) = 16),           -- first half of the URL's hash
  url TEXT NOT NULL,
  host INTEGER NOT NULL REFERENCES host (id),
  validator_url TEXT,
  etag TEXT,
  last_modified TEXT
) STRICT;

CREATE TABLE reference (
  entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  line INTEGER NOT NULL,
  column INTEGER NOT NULL,
  start INTEGER NOT NULL,
  length INTEGER NOT NULL,
  destination_start INTEGER NOT NULL,
  destination_length INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  url TEXT NOT NULL,
  target INTEGER REFERENCES target (id),
  fragment TEXT,
  status TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (entry, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_target ON reference (target) WHERE target IS NOT NULL;

-- The scope of a run; kept for the newest runs only.
CREATE TABLE run_entry (
  run INTEGER NOT NULL REFERENCES run (id),
  entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
  PRIMARY KEY (run, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_target (
  run INTEGER NOT NULL REFERENCES run (id),
  host INTEGER NOT NULL REFERENCES host (id),
  target INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
  from_state INTEGER NOT NULL CHECK (from_state IN (0, 1)),
  PRIMARY KEY (run, host, target)
) STRICT, WITHOUT ROWID;

-- Content of a target; it is current from `first_seen` to the last observation that names it.
CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  target INTEGER NOT NULL REFERENCES target (id),
  content BLOB NOT NULL CHECK (length(content) = 32),
  raw BLOB NOT NULL CHECK (length(raw) = 32),
  extractor INTEGER NOT NULL,
  url TEXT NOT NULL,
  page INTEGER REFERENCES blob (id),
  body INTEGER REFERENCES blob (id),
  first_seen INTEGER NOT NULL
) STRICT;
CREATE INDEX snapshot_target ON snapshot (target);
CREATE INDEX snapshot_page ON snapshot (page) WHERE page IS NOT NULL;
CREATE INDEX snapshot_body ON snapshot (body) WHERE body IS NOT NULL;

-- A stretch of time in which every visit of a target found the same. The newest is the one with the highest id, whatever the clock said.
CREATE TABLE observation (
  id INTEGER PRIMARY KEY,
  target INTEGER NOT NULL REFERENCES target (id),
  identity BLOB NOT NULL CHECK (length(identity) = 16),        -- of what makes two visits the same
  facts TEXT NOT NULL,                          -- JSON, of the first visit; times and attempts stand beside it
  timing BLOB NOT NULL,                         -- of the last visit: attempts, then elapsed ms per hop, u32 LE each
  well INTEGER NOT NULL CHECK (well IN (0, 1)), -- answered 2xx
  snapshot INTEGER REFERENCES snapshot (id),
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  visits INTEGER NOT NULL CHECK (visits > 0),
  last_run INTEGER NOT NULL REFERENCES run (id),
  CHECK (first_seen <= last_seen)
) STRICT;
CREATE INDEX observation_target ON observation (target);

CREATE TABLE finding (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  entry TEXT NOT NULL,
  target_key BLOB CHECK (length(target_key) = 16),
  state TEXT NOT NULL CHECK (state IN ('open', 'unconfirmed', 'muted', 'resolved')),      -- as the last run said
  reviewed TEXT CHECK (reviewed IN ('acknowledged', 'muted')),                            -- as a maintainer said
  data TEXT NOT NULL,                           -- JSON; state and times stand beside it
  first_run INTEGER NOT NULL REFERENCES run (id),
  last_run INTEGER NOT NULL REFERENCES run (id),
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  resolved_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_entry ON finding (source, entry);
CREATE INDEX finding_target ON finding (target_key) WHERE target_key IS NOT NULL;
CREATE INDEX finding_run ON finding (last_run);

-- A maintainer's decision on a finding, or on a whole entry.
CREATE TABLE review (
  id INTEGER PRIMARY KEY,
  finding TEXT,
  source TEXT,
  entry TEXT,
  decision TEXT NOT NULL CHECK (decision IN ('accept', 'mute', 'reopen')),
  reason TEXT NOT NULL,
  reviewer TEXT,
  until INTEGER,
  content BLOB,                                 -- the target's content that it was given for
  at INTEGER NOT NULL,
  CHECK ((finding IS NULL) <> (entry IS NULL)),
  CHECK ((source IS NULL) = (entry IS NULL))
) STRICT;
CREATE INDEX review_finding ON review (finding) WHERE finding IS NOT NULL;
CREATE INDEX review_entry ON review (source, entry) WHERE entry IS NOT NULL;

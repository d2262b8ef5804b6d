-- Schema 6. What visits have in common with those of other targets, and what is asked of hosts that no entry asks for.
ALTER TABLE observation ADD COLUMN text_tie BLOB CHECK (length(text_tie) = 16);  -- host and content of a page that its URL does not name
ALTER TABLE observation ADD COLUMN end_tie BLOB CHECK (length(end_tie) = 16);    -- host, and where it sends the target for good
CREATE INDEX observation_text_tie ON observation (text_tie) WHERE text_tie IS NOT NULL;
CREATE INDEX observation_end_tie ON observation (end_tie) WHERE end_tie IS NOT NULL;

CREATE TABLE probe (
  host INTEGER NOT NULL REFERENCES host (id),
  kind TEXT NOT NULL CHECK (kind IN ('sibling', 'https')),
  target INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
  PRIMARY KEY (host, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX probe_target ON probe (target);

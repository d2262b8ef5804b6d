-- Schema 3. The run that resolved a finding: reports say what was resolved since a run, and seconds do not tell runs apart.
ALTER TABLE finding ADD COLUMN resolved_run INTEGER REFERENCES run (id);
CREATE INDEX finding_resolved ON finding (resolved_run) WHERE resolved_run IS NOT NULL;

-- Schema 5. The run that resolved a finding, so that reports can say what was resolved since a run: seconds do not tell runs apart.
-- Runs may be pruned; their numbers are never used twice.
ALTER TABLE finding ADD COLUMN resolved_run INTEGER;
CREATE INDEX finding_resolved ON finding (resolved_run) WHERE resolved_run IS NOT NULL;

-- Schema 7. What a snapshot was read with and how its layers look; NULL in snapshots of older programs, which did not say.
ALTER TABLE snapshot ADD COLUMN content_type TEXT;  -- as sent: the body is read with it again
ALTER TABLE snapshot ADD COLUMN settings TEXT;      -- what beside the extractor the content depends on
ALTER TABLE snapshot ADD COLUMN layers BLOB;        -- fingerprints of links, anchors, code, sections: 8 bytes each

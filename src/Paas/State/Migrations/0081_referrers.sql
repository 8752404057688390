-- What the list of referrers shows of a manifest with a subject: reading each one's content for it would take gigabytes in the worst case.
ALTER TABLE manifests ADD COLUMN annotations TEXT;
UPDATE manifests SET annotations = json_extract(CAST(content AS TEXT), '$.annotations') WHERE subject IS NOT NULL AND json_valid(CAST(content AS TEXT));

-- Staging, version 9: what a job left besides its counts.

ALTER TABLE job ADD COLUMN result TEXT;  -- JSON object of a single-step job (an import's known, invalid …); NULL: none

-- PostgreSQL, version 2: what tubeops knows beyond the system it replaces. All columns may be NULL
-- and have no default, so that a table of millions of rows is not rewritten.

ALTER TABLE channels
	ADD COLUMN IF NOT EXISTS default_language varchar(35),
	ADD COLUMN IF NOT EXISTS hidden_subscribers boolean,
	ADD COLUMN IF NOT EXISTS privacy_status varchar(20),
	ADD COLUMN IF NOT EXISTS made_for_kids boolean,
	ADD COLUMN IF NOT EXISTS language_source varchar(20),
	ADD COLUMN IF NOT EXISTS language_confidence integer,
	ADD COLUMN IF NOT EXISTS etag varchar(255),
	ADD COLUMN IF NOT EXISTS fetched_at timestamp,
	ADD COLUMN IF NOT EXISTS metadata_state varchar(12);
-- Lists of jobs are read newest first.
CREATE INDEX IF NOT EXISTS idx_processing_jobs_created_at ON processing_jobs (created_at);

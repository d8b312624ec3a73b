-- Staging, version 6: what happened to jobs and what they met, for their pages.

CREATE TABLE job_event (
	job INTEGER NOT NULL,
	seq INTEGER NOT NULL,                -- 1.. within the job; the oldest ones go
	at_ms INTEGER NOT NULL,              -- UTC
	last_ms INTEGER NOT NULL,            -- of the last time, when the same happened n times
	n INTEGER NOT NULL DEFAULT 1,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	who TEXT NOT NULL DEFAULT '',        -- '': nobody, it came by itself
	PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

-- Answers without use, by reason.
CREATE TABLE job_error (
	job INTEGER NOT NULL,
	reason TEXT NOT NULL,
	seen INTEGER NOT NULL DEFAULT 0,      -- calls
	retried INTEGER NOT NULL DEFAULT 0,   -- chunks that waited for another try because of it
	recovered INTEGER NOT NULL DEFAULT 0, -- of them: that had a result in the end
	last_ms INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (job, reason)
) STRICT, WITHOUT ROWID;

-- What discovery found, kept while it works: by hour (of 1970, 3600 s each) and, as hour 0, in all.
CREATE TABLE discovery_number (
	hour INTEGER NOT NULL,
	name TEXT NOT NULL,                  -- youtube_featured.new, external.NAME.answered, confidence.7 …
	value INTEGER NOT NULL,
	PRIMARY KEY (hour, name)
) STRICT, WITHOUT ROWID;
INSERT INTO discovery_number SELECT 0, substr(name, 9), sum(value) FROM job_number
	WHERE name GLOB 'methods.*' GROUP BY name;

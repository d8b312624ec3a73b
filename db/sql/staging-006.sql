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

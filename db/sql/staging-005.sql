-- Staging, version 5: schedules.

CREATE TABLE schedule (
	name TEXT NOT NULL PRIMARY KEY,
	type TEXT NOT NULL,                -- a job type, or a task of the program itself
	params TEXT NOT NULL DEFAULT '{}', -- of the job
	rule INTEGER NOT NULL,             -- 0: every n seconds; 1: daily, n seconds after midnight UTC; 2: with the quota day
	n INTEGER NOT NULL,
	enabled INTEGER NOT NULL DEFAULT 1,
	own INTEGER NOT NULL DEFAULT 0,    -- 1: came with the program, cannot be removed
	next_at INTEGER NOT NULL DEFAULT 0,  -- UTC seconds; 0: not reckoned yet
	last_at INTEGER NOT NULL DEFAULT 0,
	note TEXT NOT NULL DEFAULT ''      -- what became of the last time
) STRICT, WITHOUT ROWID;
INSERT INTO schedule (name, type, rule, n, own) VALUES
	('quota-day', 'quota-day', 2, 0, 1),
	('health', 'health', 0, 300, 1);

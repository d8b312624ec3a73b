-- Quota book, version 2: what units were spent on.

CREATE TABLE spending (          -- a part of bucket_day.used, by hour, key and stage
	day INTEGER NOT NULL,          -- Pacific days since 1970-01-01
	project TEXT NOT NULL,
	bucket TEXT NOT NULL,
	key INTEGER NOT NULL,          -- key.id
	stage TEXT NOT NULL,           -- metadata, videos, discovery, refresh; '' of none
	hour INTEGER NOT NULL,         -- since the day began: 0 … 22, 23 or 24
	units INTEGER NOT NULL,        -- the rest of a lease stands in the row of who took it
	failed INTEGER NOT NULL,       -- of them: for calls that brought nothing
	PRIMARY KEY (day, project, bucket, key, stage, hour)
) STRICT, WITHOUT ROWID;

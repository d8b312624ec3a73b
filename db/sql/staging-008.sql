-- Staging, version 8: the plan, and sums by which it is known what is left without reading millions
-- of rows (db/staging_sums.h).

CREATE TABLE plan (              -- what was changed at run time; what has no row is as the settings say
	name TEXT NOT NULL PRIMARY KEY,  -- share.videos, lend, pace, target.videos
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sums (
	kind INTEGER NOT NULL,         -- 0: channels with metadata whose uploads are to be read, by the digits
	                               -- of their number of subscribers (0: hidden)
	                               -- 1: channels by the day (UTC) on which they were fetched
	key INTEGER NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
INSERT INTO sums SELECT 0, coalesce(length(m.subscriber_count), 0), count(*)
	FROM channel c JOIN channel_meta m ON m.cid = c.cid
	WHERE c.metadata = 1 AND c.videos IN (0, 2) GROUP BY 2;
INSERT INTO sums SELECT 1, fetched_at / 86400, count(*) FROM channel_meta GROUP BY 2;

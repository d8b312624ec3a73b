-- Staging, version 1. Channel ids are 16-byte keys in the order of their text; the views at the
-- end show them as text, so that the plain sqlite3 shell can read the file.

CREATE TABLE origin (            -- where channels came from: one row per import, job or request
	id INTEGER PRIMARY KEY,
	source TEXT NOT NULL,    -- migration, discovery, bulk_upload, sample_added or a client's word
	label TEXT NOT NULL,     -- file name, method …, for people
	created_at INTEGER NOT NULL,
	read INTEGER NOT NULL DEFAULT 0,
	added INTEGER NOT NULL DEFAULT 0,
	finished_at INTEGER
) STRICT;

CREATE TABLE channel (           -- narrow: 15 million rows load in key order at a million a second
	cid BLOB NOT NULL PRIMARY KEY,
	title TEXT,              -- as imported
	origin INTEGER NOT NULL,
	metadata INTEGER NOT NULL DEFAULT 0,   -- item states: 0 pending 1 done 2 absent 3 missing 4 failed
	videos INTEGER NOT NULL DEFAULT 0,
	discovery INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_text (      -- imported descriptions, apart because they are wide and rare
	cid BLOB NOT NULL PRIMARY KEY,
	description TEXT NOT NULL
) STRICT;

CREATE TABLE channel_meta (      -- what channels.list told
	id INTEGER PRIMARY KEY,
	cid BLOB NOT NULL UNIQUE,
	title TEXT,
	description TEXT,
	custom_url TEXT,
	published_at INTEGER,
	country TEXT,
	default_language TEXT,
	thumbnail_url TEXT,
	banner_url TEXT,
	subscriber_count INTEGER,      -- NULL: hidden
	hidden_subscribers INTEGER,
	video_count INTEGER,
	view_count INTEGER,
	privacy_status TEXT,
	made_for_kids INTEGER,
	keywords TEXT,                 -- JSON array
	topics TEXT,                   -- JSON array
	language TEXT,
	language_source TEXT,
	language_confidence INTEGER,
	etag TEXT,
	fetched_at INTEGER NOT NULL
) STRICT;

CREATE TABLE absence (           -- channels that YouTube did not return
	cid BLOB NOT NULL,
	op INTEGER NOT NULL,
	first_day INTEGER NOT NULL,    -- Pacific days since 1970-01-01
	last_day INTEGER NOT NULL,
	days INTEGER NOT NULL DEFAULT 1,
	job INTEGER NOT NULL,          -- that asked last
	PRIMARY KEY (cid, op)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letter (       -- channels that an operation gave up on
	cid BLOB NOT NULL,
	op INTEGER NOT NULL,
	reason TEXT NOT NULL,
	message TEXT,
	attempts INTEGER NOT NULL,
	job INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (cid, op)
) STRICT, WITHOUT ROWID;

CREATE TABLE unresolved (        -- handles and names that imports held instead of ids
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	title TEXT,
	origin INTEGER NOT NULL,
	line INTEGER NOT NULL,
	PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
	no INTEGER PRIMARY KEY,
	uuid BLOB NOT NULL UNIQUE,
	type TEXT NOT NULL,
	status TEXT NOT NULL,
	reason TEXT NOT NULL DEFAULT '',
	until INTEGER NOT NULL DEFAULT 0,
	params TEXT NOT NULL DEFAULT '{}',
	total INTEGER NOT NULL DEFAULT -1,
	processed INTEGER NOT NULL DEFAULT 0,
	done INTEGER NOT NULL DEFAULT 0,
	missing INTEGER NOT NULL DEFAULT 0,
	absent INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0,
	units INTEGER NOT NULL DEFAULT 0,
	created_ms INTEGER NOT NULL,
	started_ms INTEGER NOT NULL DEFAULT 0,
	completed_ms INTEGER NOT NULL DEFAULT 0,
	worked_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE counter (           -- exact, changed in the transaction that changes what they count
	name TEXT NOT NULL PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (            -- what PostgreSQL does not have yet
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind INTEGER NOT NULL,
	num INTEGER NOT NULL DEFAULT 0,
	key BLOB
) STRICT;
INSERT INTO outbox (kind) VALUES (1);  -- everything, until a first walk has begun
INSERT INTO counter VALUES ('outbox', 1);

CREATE TABLE id_text (hex TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 4095)
INSERT INTO id_text SELECT printf('%03X', v),
	substr('-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz', 1 + (v >> 6), 1) ||
	substr('-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz', 1 + (v & 63), 1) FROM n;
WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 255)
INSERT INTO id_text SELECT printf('%02X', v),
	substr('-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz', 1 + (v >> 2), 1) ||
	substr('AQgw', 1 + (v & 3), 1) FROM n;

CREATE VIEW channel_id AS SELECT cid, 'UC'
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 1, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 4, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 7, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 10, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 13, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 16, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 19, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 22, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 25, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 28, 3))
	|| (SELECT text FROM id_text WHERE hex = substr(hex(cid), 31, 2)) AS channel_id
	FROM channel;

CREATE VIEW channels AS SELECT i.channel_id, coalesce(m.title, c.title) AS title, m.description,
	m.subscriber_count, m.video_count, m.view_count, m.country, m.language, m.custom_url,
	datetime(m.published_at, 'unixepoch') AS published_at, m.thumbnail_url, m.banner_url,
	m.keywords, m.topics AS topic_categories,
	CASE c.metadata WHEN 0 THEN 'pending' WHEN 1 THEN 'done' WHEN 2 THEN 'absent' WHEN 3 THEN 'missing'
		ELSE 'failed' END AS metadata,
	o.source, datetime(o.created_at, 'unixepoch') AS created_at,
	datetime(m.fetched_at, 'unixepoch') AS fetched_at
	FROM channel c JOIN channel_id i ON i.cid = c.cid JOIN origin o ON o.id = c.origin
	LEFT JOIN channel_meta m ON m.cid = c.cid;

CREATE VIEW dead_letters AS SELECT i.channel_id, d.op, d.reason, d.message, d.attempts, d.job,
	datetime(d.at, 'unixepoch') AS at FROM dead_letter d JOIN channel_id i ON i.cid = d.cid;

-- Staging, version 2: videos, discovery, names of channels, numbers of jobs.

ALTER TABLE job ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;     -- its share of the workers
ALTER TABLE job ADD COLUMN day INTEGER NOT NULL DEFAULT 0;        -- Pacific day of day_units
ALTER TABLE job ADD COLUMN day_units INTEGER NOT NULL DEFAULT 0;

CREATE TABLE job_number (        -- what else a job counts: "videos", "methods.youtube_featured.new"
	job INTEGER NOT NULL,
	name TEXT NOT NULL,
	value INTEGER NOT NULL,
	PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX channel_meta_fetched ON channel_meta (fetched_at, cid);
CREATE INDEX channel_meta_handle ON channel_meta (custom_url COLLATE NOCASE) WHERE custom_url IS NOT NULL;

CREATE TABLE video (
	id INTEGER PRIMARY KEY,
	channel BLOB NOT NULL,
	vid INTEGER NOT NULL,
	title TEXT,
	description TEXT,
	published_at INTEGER,
	duration TEXT,                 -- ISO 8601 as sent; NULL: not sent (a running premiere)
	duration_s INTEGER,            -- in seconds; 0 for P0D (live, upcoming); NULL: not known
	category INTEGER,
	tags TEXT,                     -- JSON array
	thumbnail_url TEXT,
	view_count INTEGER,            -- NULL: hidden or off, never 0 for that
	like_count INTEGER,
	comment_count INTEGER,
	live_state TEXT,               -- none, upcoming, live
	default_language TEXT,
	audio_language TEXT,
	language TEXT,
	language_source TEXT,
	language_confidence INTEGER,
	privacy_status TEXT,
	made_for_kids INTEGER,
	fetched_at INTEGER NOT NULL,
	counted_at INTEGER NOT NULL,   -- when the three counts were read
	absent_day INTEGER,            -- Pacific day on which YouTube did not return it; NULL: it did
	vain_day INTEGER,              -- Pacific day on which asking for its counts failed for good
	UNIQUE (channel, vid)
) STRICT;

CREATE TABLE upload_list (       -- what a walk along a channel's uploads found
	cid BLOB NOT NULL PRIMARY KEY,
	listed INTEGER NOT NULL,       -- videos
	truncated INTEGER NOT NULL,    -- 1: stopped at the 20,000 that YouTube shows
	empty INTEGER NOT NULL,        -- 1: 404, no public uploads
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE edge (              -- one channel led to another
	source BLOB NOT NULL,
	target BLOB NOT NULL,
	method TEXT NOT NULL,
	service TEXT NOT NULL,
	confidence REAL NOT NULL,      -- 0..1, of this method
	seen INTEGER NOT NULL,         -- times
	known INTEGER NOT NULL,        -- 1: the target stood in staging before
	first_seen INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	PRIMARY KEY (source, target, method)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_target ON edge (target);

CREATE TABLE found (             -- channels that came from discovery
	cid BLOB NOT NULL PRIMARY KEY,
	source BLOB NOT NULL,          -- that first led to it
	depth INTEGER NOT NULL,        -- steps from an imported channel: 1 …
	job INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE discovery_rule (    -- which channels a discovery may take: its --allow and --deny
	job INTEGER NOT NULL,
	cid BLOB NOT NULL,
	allow INTEGER NOT NULL,        -- 1: of the list that alone may be taken; 0: never
	PRIMARY KEY (job, cid)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentioned_video (   -- videos that texts link to, asked once: hits and misses
	vid INTEGER PRIMARY KEY,
	channel BLOB,                  -- NULL: YouTube did not return it
	at INTEGER NOT NULL
) STRICT;

CREATE TABLE term (              -- topics and keywords as numbers, for similar channels
	id INTEGER PRIMARY KEY,        -- hash of kind and text
	channels INTEGER NOT NULL      -- that hold it: rows of term_channel
) STRICT;

CREATE TABLE term_channel (
	term INTEGER NOT NULL,
	cid BLOB NOT NULL,
	PRIMARY KEY (term, cid)
) STRICT, WITHOUT ROWID;

CREATE TABLE handle (            -- names that are no ids, asked once: hits and misses
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,            -- handle, user, custom
	name TEXT NOT NULL,            -- lower case, without @
	state INTEGER NOT NULL,        -- item states: 0 pending 1 done (cid) 3 missing 4 failed
	cid BLOB,
	mentions INTEGER NOT NULL,     -- channels whose texts hold it
	checked_at INTEGER NOT NULL,   -- 0: never
	UNIQUE (kind, name)
) STRICT;

CREATE TABLE target_note (       -- how a channel answered to a method of discovery
	cid BLOB NOT NULL,
	what TEXT NOT NULL,            -- the method
	state TEXT NOT NULL,           -- closed: shows that to nobody; later: not asked, bucket spent
	at INTEGER NOT NULL,
	PRIMARY KEY (cid, what)
) STRICT, WITHOUT ROWID;

CREATE TABLE sighting (          -- a channel seen below another: an edge once several led to it
	target BLOB NOT NULL,
	source BLOB NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (target, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_at ON sighting (at);

CREATE VIEW videos AS SELECT i.channel_id,
	substr(a.t, 1 + ((v.vid >> 58) & 31) + 32 * (v.vid >= 0), 1)
	|| substr(a.t, 1 + ((v.vid >> 52) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 46) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 40) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 34) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 28) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 22) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 16) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 10) & 63), 1)
	|| substr(a.t, 1 + ((v.vid >> 4) & 63), 1)
	|| substr('048AEIMQUYcgkosw', 1 + (v.vid & 15), 1) AS video_id,
	v.title, v.description, datetime(v.published_at, 'unixepoch') AS published_at, v.duration,
	v.view_count, v.like_count, v.comment_count, v.category, v.tags, v.language, v.live_state,
	v.thumbnail_url, datetime(v.fetched_at, 'unixepoch') AS fetched_at
	FROM video v JOIN channel_id i ON i.cid = v.channel
	JOIN (SELECT '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz' AS t) a;

CREATE VIEW discoveries AS SELECT
	(SELECT channel_id FROM channel_id WHERE cid = e.source) AS source_channel_id,
	(SELECT channel_id FROM channel_id WHERE cid = e.target) AS discovered_channel_id,
	e.method, e.service, e.confidence, e.seen, e.known,
	datetime(e.first_seen, 'unixepoch') AS first_seen, datetime(e.last_seen, 'unixepoch') AS last_seen
	FROM edge e;

-- Quota book, version 1. One file per data folder, mode 0600: it may hold keys.

CREATE TABLE project (           -- only projects that were refused
	name TEXT NOT NULL PRIMARY KEY,
	refused TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE key (
	id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice
	name TEXT NOT NULL,
	project TEXT NOT NULL,
	secret TEXT,                   -- NULL: it stands in the settings and is not written here
	print TEXT NOT NULL,           -- fingerprint, by which a key of the settings is known again
	from_settings INTEGER NOT NULL,
	quota INTEGER NOT NULL DEFAULT 0,      -- units a day of its project as given; 0: not given
	enabled INTEGER NOT NULL DEFAULT 1,
	refused TEXT NOT NULL DEFAULT '',      -- why YouTube refused it
	errors INTEGER NOT NULL DEFAULT 0,
	last_used INTEGER NOT NULL DEFAULT 0,
	last_ok INTEGER NOT NULL DEFAULT 0,
	calls INTEGER NOT NULL DEFAULT 0,      -- on calls_day; so are errors
	calls_day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE bucket_day (        -- the book: a row per project, bucket and Pacific day
	project TEXT NOT NULL,
	bucket TEXT NOT NULL,
	day INTEGER NOT NULL,          -- Pacific days since 1970-01-01
	used INTEGER NOT NULL DEFAULT 0,       -- units leased: never below what was really used
	"limit" INTEGER NOT NULL DEFAULT 0,    -- at the last lease
	spent_at INTEGER NOT NULL DEFAULT 0,   -- when YouTube said that nothing is left; 0: it did not
	PRIMARY KEY (project, bucket, day)
) STRICT, WITHOUT ROWID;

CREATE VIEW quota AS SELECT project, bucket, date(day * 86400, 'unixepoch') AS pacific_day, used,
	"limit", datetime(nullif(spent_at, 0), 'unixepoch') AS spent_at FROM bucket_day;

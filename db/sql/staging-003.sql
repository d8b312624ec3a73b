-- Staging, version 3: lists of channels that one file wants fetched.

CREATE TABLE wanted_list (
	id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: jobs name it
	name TEXT NOT NULL UNIQUE,     -- the file's path, for people
	made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE wanted (            -- what the last import of that file found without metadata
	list INTEGER NOT NULL,
	cid BLOB NOT NULL,
	PRIMARY KEY (list, cid)
) STRICT, WITHOUT ROWID;

-- Staging, version 4: erased channels, names that imports wait for.

-- Channels that somebody had erased: no import and no discovery brings them back. With the first of
-- them come triggers on every table that names channels (staging_erase.c); without them these would
-- only slow down loading.
CREATE TABLE erased (
	cid BLOB NOT NULL PRIMARY KEY,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX term_channel_cid ON term_channel (cid);
CREATE INDEX handle_cid ON handle (cid) WHERE cid IS NOT NULL;
ALTER TABLE handle ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;  -- 1: an import waits for it
-- in the order in which they are asked: what imports wait for first, then the most mentioned
CREATE INDEX handle_due ON handle (state, -((wanted << 40) + mentions), id);
ALTER TABLE unresolved ADD COLUMN reason TEXT;   -- why a name cannot be resolved; NULL: not tried

CREATE VIEW unresolved_names AS SELECT u.kind, u.name, u.title, o.label AS file, u.line,
	coalesce(u.reason, 'not asked yet') AS reason
	FROM unresolved u JOIN origin o ON o.id = u.origin;

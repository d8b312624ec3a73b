-- PostgreSQL, version 3: videos and discoveries. As in version 2 no column has a default.

ALTER TABLE videos
	ADD COLUMN IF NOT EXISTS duration_seconds bigint,
	ADD COLUMN IF NOT EXISTS live_state varchar(20),
	ADD COLUMN IF NOT EXISTS default_language varchar(35),
	ADD COLUMN IF NOT EXISTS audio_language varchar(35),
	ADD COLUMN IF NOT EXISTS language_source varchar(20),
	ADD COLUMN IF NOT EXISTS language_confidence integer,
	ADD COLUMN IF NOT EXISTS privacy_status varchar(20),
	ADD COLUMN IF NOT EXISTS made_for_kids boolean,
	ADD COLUMN IF NOT EXISTS absent_on date,
	ADD COLUMN IF NOT EXISTS fetched_at timestamp,
	ADD COLUMN IF NOT EXISTS counted_at timestamp;
ALTER TABLE channel_discoveries
	ADD COLUMN IF NOT EXISTS times_seen bigint,
	ADD COLUMN IF NOT EXISTS first_seen timestamp,
	ADD COLUMN IF NOT EXISTS last_seen timestamp;
-- Erasing a channel asks who was discovered from it.
CREATE INDEX IF NOT EXISTS idx_channels_discovered_from ON channels (discovered_from)
	WHERE discovered_from IS NOT NULL;

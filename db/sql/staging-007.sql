-- Staging, version 7: what lists are sorted and filtered by, and the number of a channel in key order.

-- How many channels' keys begin with a byte (0..255), or with two (256 + their number): the n-th
-- channel is found without counting those before it. Kept by staging_rank.c.
CREATE TABLE channel_rank (
	prefix INTEGER PRIMARY KEY,
	n INTEGER NOT NULL
) STRICT;

CREATE INDEX channel_meta_title ON channel_meta (title COLLATE NOCASE);
CREATE INDEX channel_meta_subscribers ON channel_meta (subscriber_count);
CREATE INDEX channel_meta_views ON channel_meta (view_count);
CREATE INDEX channel_meta_videos ON channel_meta (video_count);
CREATE INDEX channel_meta_country ON channel_meta (country, subscriber_count);
-- of en-GB the en
CREATE INDEX channel_meta_language ON channel_meta
	(lower(substr(language, 1, instr(language || '-', '-') - 1)), subscriber_count);

-- States that are rare among imported channels; pending ones, which imports bring, cost nothing.
CREATE INDEX channel_metadata_state ON channel (metadata) WHERE metadata > 1;
CREATE INDEX channel_videos_state ON channel (videos) WHERE videos > 0;
CREATE INDEX channel_discovery_state ON channel (discovery) WHERE discovery > 0;

CREATE INDEX dead_letter_at ON dead_letter (at);
CREATE INDEX edge_seen ON edge (last_seen);
INSERT INTO counter SELECT 'edges', count(*) FROM edge;

-- Channels of tubeops_gone_in without a time: they and all that hangs on them go.
UPDATE channels SET discovered_from = NULL FROM tubeops_gone_in i JOIN channels g
	ON g.channel_id = i.channel_id
WHERE i.before IS NULL AND channels.discovered_from = g.id;
UPDATE processing_jobs SET channel_id = NULL FROM tubeops_gone_in i JOIN channels g
	ON g.channel_id = i.channel_id
WHERE i.before IS NULL AND processing_jobs.channel_id = g.id;
DELETE FROM channel_discoveries USING tubeops_gone_in i JOIN channels g
	ON g.channel_id = i.channel_id
WHERE i.before IS NULL AND channel_discoveries.source_channel_id = g.id;
DELETE FROM channel_discoveries USING tubeops_gone_in i
WHERE i.before IS NULL AND channel_discoveries.discovered_channel_id = i.channel_id;
DELETE FROM videos USING tubeops_gone_in i JOIN channels g ON g.channel_id = i.channel_id
WHERE i.before IS NULL AND videos.channel_id = g.id;
DELETE FROM channels USING tubeops_gone_in i
WHERE i.before IS NULL AND channels.channel_id = i.channel_id;

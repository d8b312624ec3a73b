-- After postgres-upsert.sql, when the batch holds rows that these statements are for. Rows without
-- metadata that have something to tell all the same (absent, missing, failed, videos or discovery
-- done; an imported title where the fetched one was forgotten): it reaches known rows too, but never
-- takes "done" from one that somebody has fetched.
UPDATE channels SET
	title = CASE WHEN channels.metadata_fetched THEN channels.title
		ELSE coalesce(channels.title, i.title) END,
	description = CASE WHEN channels.metadata_fetched THEN channels.description
		ELSE coalesce(channels.description, i.description) END,
	metadata_state = CASE WHEN i.metadata_state = 'pending' OR channels.metadata_fetched
		THEN channels.metadata_state ELSE i.metadata_state END,
	videos_fetched = i.videos_fetched OR channels.videos_fetched IS TRUE,
	discovery_processed = i.discovery_processed OR channels.discovery_processed IS TRUE
FROM tubeops_channels_in i
WHERE NOT i.fetched AND channels.channel_id = i.channel_id
	AND (channels.metadata_fetched IS NOT TRUE
		AND (i.metadata_state <> 'pending'
			AND channels.metadata_state IS DISTINCT FROM i.metadata_state
		OR channels.title IS NULL AND i.title IS NOT NULL
		OR channels.description IS NULL AND i.description IS NOT NULL)
	OR i.videos_fetched > (channels.videos_fetched IS TRUE)
	OR i.discovery_processed > (channels.discovery_processed IS TRUE));

-- And for channels that discovery brought: from which one.
UPDATE channels SET discovered_from = d.source_channel_id
FROM tubeops_channels_in i JOIN channel_discoveries d ON d.discovered_channel_id = i.channel_id
WHERE channels.channel_id = i.channel_id AND i.source = 'discovery'
	AND channels.discovered_from IS NULL AND d.already_exists IS NOT TRUE
	AND d.source_channel_id <> channels.id;

-- After postgres-upsert.sql, when the batch holds rows without metadata that have an outcome all
-- the same (absent, missing, failed, videos or discovery done): it reaches known rows too, but
-- never takes "done" from one that somebody has fetched.
UPDATE channels SET
	metadata_state = CASE WHEN i.metadata_state = 'pending' OR channels.metadata_fetched
		THEN channels.metadata_state ELSE i.metadata_state END,
	videos_fetched = i.videos_fetched OR channels.videos_fetched IS TRUE,
	discovery_processed = i.discovery_processed OR channels.discovery_processed IS TRUE
FROM tubeops_channels_in i
WHERE NOT i.fetched AND channels.channel_id = i.channel_id
	AND (i.metadata_state <> 'pending' AND channels.metadata_fetched IS NOT TRUE
		AND channels.metadata_state IS DISTINCT FROM i.metadata_state
	OR i.videos_fetched > (channels.videos_fetched IS TRUE)
	OR i.discovery_processed > (channels.discovery_processed IS TRUE));

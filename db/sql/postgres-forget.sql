-- Channels of tubeops_gone_in with a time: what YouTube told about them before it goes, the rows of
-- the channels themselves stay. What another node has fetched since stays too.
UPDATE channels SET
	title = NULL, description = NULL, subscriber_count = NULL, video_count = NULL,
	view_count = NULL, country = NULL, language = NULL, custom_url = NULL, published_at = NULL,
	thumbnail_url = NULL, banner_url = NULL, keywords = NULL, topic_categories = NULL,
	default_language = NULL, hidden_subscribers = NULL, privacy_status = NULL,
	made_for_kids = NULL, language_source = NULL, language_confidence = NULL, etag = NULL,
	fetched_at = NULL, metadata_fetched = FALSE, metadata_state = 'pending'
FROM tubeops_gone_in i
WHERE channels.channel_id = i.channel_id AND channels.metadata_fetched
	AND coalesce(channels.fetched_at, channels.last_updated, '-infinity') < i.before;
DELETE FROM videos USING tubeops_gone_in i JOIN channels g ON g.channel_id = i.channel_id
WHERE videos.channel_id = g.id
	AND coalesce(videos.fetched_at, videos.updated_at, '-infinity') < i.before;
DELETE FROM channel_discoveries USING tubeops_gone_in i JOIN channels g
	ON g.channel_id = i.channel_id
WHERE channel_discoveries.source_channel_id = g.id
	AND coalesce(channel_discoveries.last_seen, channel_discoveries.created_at, '-infinity')
		< i.before;

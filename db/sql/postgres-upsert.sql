-- From tubeops_channels_in into channels. Rows with metadata: the newest wins and a row that would
-- not change is not rewritten. What only the shared system may set (id, source, created_at,
-- discovered_from) stays.
INSERT INTO channels (id, channel_id, title, description, source, created_at, metadata_state,
	videos_fetched, discovery_processed, subscriber_count, video_count, view_count, country,
	language, custom_url, published_at, thumbnail_url, banner_url, keywords, topic_categories,
	default_language, hidden_subscribers, privacy_status, made_for_kids, language_source,
	language_confidence, etag, fetched_at, last_updated, metadata_fetched)
SELECT id, channel_id, title, description, source, created_at, metadata_state,
	videos_fetched, discovery_processed, subscriber_count, video_count, view_count, country,
	language, custom_url, published_at, thumbnail_url, banner_url, keywords, topic_categories,
	default_language, hidden_subscribers, privacy_status, made_for_kids, language_source,
	language_confidence, etag, fetched_at, fetched_at, TRUE
FROM tubeops_channels_in WHERE fetched
ON CONFLICT (channel_id) DO UPDATE SET
	title = excluded.title, description = excluded.description,
	metadata_state = excluded.metadata_state,
	videos_fetched = excluded.videos_fetched OR channels.videos_fetched IS TRUE,
	discovery_processed = excluded.discovery_processed OR channels.discovery_processed IS TRUE,
	subscriber_count = excluded.subscriber_count, video_count = excluded.video_count,
	view_count = excluded.view_count, country = excluded.country, language = excluded.language,
	custom_url = excluded.custom_url, published_at = excluded.published_at,
	thumbnail_url = excluded.thumbnail_url, banner_url = excluded.banner_url,
	keywords = excluded.keywords, topic_categories = excluded.topic_categories,
	default_language = excluded.default_language,
	hidden_subscribers = excluded.hidden_subscribers,
	privacy_status = excluded.privacy_status, made_for_kids = excluded.made_for_kids,
	language_source = excluded.language_source,
	language_confidence = excluded.language_confidence, etag = excluded.etag,
	fetched_at = excluded.fetched_at, last_updated = excluded.last_updated,
	metadata_fetched = TRUE
WHERE excluded.fetched_at >= coalesce(channels.fetched_at,
		CASE WHEN channels.metadata_fetched THEN channels.last_updated END, '-infinity')
	AND (channels.metadata_fetched IS NOT TRUE
	OR excluded.videos_fetched > (channels.videos_fetched IS TRUE)
	OR excluded.discovery_processed > (channels.discovery_processed IS TRUE)
	OR (channels.fetched_at, channels.metadata_state, channels.title, channels.description,
		channels.subscriber_count, channels.video_count, channels.view_count, channels.country,
		channels.language, channels.custom_url, channels.published_at, channels.thumbnail_url,
		channels.banner_url, channels.keywords, channels.topic_categories,
		channels.default_language, channels.hidden_subscribers, channels.privacy_status,
		channels.made_for_kids, channels.language_source, channels.language_confidence,
		channels.etag)
	IS DISTINCT FROM (excluded.fetched_at, excluded.metadata_state, excluded.title,
		excluded.description, excluded.subscriber_count, excluded.video_count,
		excluded.view_count, excluded.country, excluded.language, excluded.custom_url,
		excluded.published_at, excluded.thumbnail_url, excluded.banner_url, excluded.keywords,
		excluded.topic_categories, excluded.default_language, excluded.hidden_subscribers,
		excluded.privacy_status, excluded.made_for_kids, excluded.language_source,
		excluded.language_confidence, excluded.etag));

-- Rows without metadata: new ones come in, known ones keep what they have.
INSERT INTO channels (id, channel_id, title, description, source, created_at, metadata_state,
	videos_fetched, discovery_processed, metadata_fetched)
SELECT id, channel_id, title, description, source, created_at, metadata_state,
	videos_fetched, discovery_processed, FALSE
FROM tubeops_channels_in WHERE NOT fetched
ON CONFLICT (channel_id) DO NOTHING;

-- From tubeops_videos_in into videos. The newest wins, texts and counts each by their own age (an
-- original's row is as old as its updated_at), and a row that would not change is not rewritten.
-- A video whose channel is not in channels has no channel_id: NOT NULL refuses it loudly.
INSERT INTO videos (video_id, channel_id, channel_external_id, title, description, published_at,
	duration, duration_seconds, view_count, like_count, comment_count, thumbnail_url, tags,
	category_id, language, language_source, language_confidence, default_language,
	audio_language, live_state, privacy_status, made_for_kids, absent_on, fetched_at, counted_at)
SELECT i.video_id, c.id, i.channel_id, i.title, i.description, i.published_at,
	i.duration, i.duration_seconds, i.view_count, i.like_count, i.comment_count, i.thumbnail_url,
	i.tags, i.category_id, i.language, i.language_source, i.language_confidence,
	i.default_language, i.audio_language, i.live_state, i.privacy_status, i.made_for_kids,
	i.absent_on, i.fetched_at, i.counted_at
FROM tubeops_videos_in i LEFT JOIN channels c ON c.channel_id = i.channel_id
ON CONFLICT (video_id) DO UPDATE SET
	channel_id = excluded.channel_id, channel_external_id = excluded.channel_external_id,
	title = excluded.title, description = excluded.description,
	published_at = excluded.published_at, duration = excluded.duration,
	duration_seconds = excluded.duration_seconds,
	view_count = CASE WHEN excluded.counted_at < videos.counted_at
		THEN videos.view_count ELSE excluded.view_count END,
	like_count = CASE WHEN excluded.counted_at < videos.counted_at
		THEN videos.like_count ELSE excluded.like_count END,
	comment_count = CASE WHEN excluded.counted_at < videos.counted_at
		THEN videos.comment_count ELSE excluded.comment_count END,
	counted_at = CASE WHEN excluded.counted_at < videos.counted_at
		THEN videos.counted_at ELSE excluded.counted_at END,
	thumbnail_url = excluded.thumbnail_url, tags = excluded.tags,
	category_id = excluded.category_id, language = excluded.language,
	language_source = excluded.language_source,
	language_confidence = excluded.language_confidence,
	default_language = excluded.default_language, audio_language = excluded.audio_language,
	live_state = excluded.live_state, privacy_status = excluded.privacy_status,
	made_for_kids = excluded.made_for_kids, absent_on = excluded.absent_on,
	fetched_at = excluded.fetched_at
WHERE excluded.fetched_at >= coalesce(videos.fetched_at, videos.updated_at, '-infinity')
	AND ((videos.channel_id, videos.channel_external_id, videos.title, videos.description,
		videos.published_at, videos.duration, videos.duration_seconds, videos.thumbnail_url,
		videos.tags, videos.category_id, videos.language, videos.language_source,
		videos.language_confidence, videos.default_language, videos.audio_language,
		videos.live_state, videos.privacy_status, videos.made_for_kids, videos.absent_on,
		videos.fetched_at)
	IS DISTINCT FROM (excluded.channel_id, excluded.channel_external_id, excluded.title,
		excluded.description, excluded.published_at, excluded.duration,
		excluded.duration_seconds, excluded.thumbnail_url, excluded.tags, excluded.category_id,
		excluded.language, excluded.language_source, excluded.language_confidence,
		excluded.default_language, excluded.audio_language, excluded.live_state,
		excluded.privacy_status, excluded.made_for_kids, excluded.absent_on,
		excluded.fetched_at)
	OR excluded.counted_at >= coalesce(videos.counted_at, '-infinity')
	AND (videos.view_count, videos.like_count, videos.comment_count, videos.counted_at)
	IS DISTINCT FROM (excluded.view_count, excluded.like_count, excluded.comment_count,
		excluded.counted_at));

-- After postgres-videos.sql, when the batch holds videos whose counts were read later than the
-- rest: newer counts go into a row whose texts another node has read later still.
UPDATE videos SET
	view_count = i.view_count, like_count = i.like_count, comment_count = i.comment_count,
	counted_at = i.counted_at
FROM tubeops_videos_in i
WHERE videos.video_id = i.video_id AND i.fetched_at < videos.fetched_at
	AND i.counted_at > coalesce(videos.counted_at, videos.fetched_at);

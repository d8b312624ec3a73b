/*
 * videos.batchGetStats: counts alone, from a bucket of its own. Durations are those of protocol
 * buffers (253s), not of ISO 8601. There is no summary: replies are seen without.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"
#include "list.h"
#include "video_write.h"

enum part { PART_ID = 1, PART_SNIPPET = 2, PART_CONTENT_DETAILS = 4, PART_STATISTICS = 8 };

static const char *const parts[] = {"id", "snippet", "contentDetails", "statistics", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const char schema[] =
    "kind,etag,items(kind,etag,id,snippet/publishTime,"
    "contentDetails/duration,statistics(viewCount,likeCount,commentCount))";

static void write_duration(struct jsonw *w, uint64_t seconds)
{
	struct out text;

	out_init(&text, 64);
	out_u64(&text, seconds);
	out_char(&text, 's');
	jsonw_escaped(w, "duration", text.data, text.len);
	w->out->failed |= text.failed;
	out_done(&text);
}

static void write_statistics(struct jsonw *w, const struct universe *u, struct video v)
{
	uint64_t n;

	if (!jsonw_object(w, "statistics"))
		return;
	if (video_views(u, v, &n))
		jsonw_number_text(w, "viewCount", n);
	if (video_likes(u, v, &n))
		jsonw_number_text(w, "likeCount", n);
	if (video_comments(u, v, &n))
		jsonw_number_text(w, "commentCount", n);
	jsonw_object_end(w);
}

static void write_item(struct call *c, struct list *l, struct video v)
{
	const struct universe *u = c->api->universe;
	char id[IDS_VIDEO_LEN];
	uint64_t seconds;

	if (!list_item(l, "youtube#videoStats", ids_mix(v.channel) ^ v.slot))
		return;
	video_id(u, v, id);
	jsonw_escaped(&l->w, "id", id, sizeof id);
	if (c->parts & PART_SNIPPET && jsonw_object(&l->w, "snippet")) {
		video_write_moment(&l->w, "publishTime", video_published(u, v));
		jsonw_object_end(&l->w);
	}
	if (c->parts & PART_CONTENT_DETAILS && jsonw_object(&l->w, "contentDetails")) {
		if (video_duration(u, v, &seconds))
			write_duration(&l->w, seconds);
		jsonw_object_end(&l->w);
	}
	if (c->parts & PART_STATISTICS)
		write_statistics(&l->w, u, v);
	list_item_end(l);
}

static const struct error_def *run(struct call *c)
{
	struct list_head head = {.kind = "youtube#batchGetStatsResponse"};
	const struct universe *u = c->api->universe;
	struct video v;
	struct list l;

	if (c->id_count == 0 || c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < c->id_count; i++)
		if (video_find(u, c->ids[i], &v) && video_is_shown(video_state(u, v)))
			write_item(c, &l, v);
	return list_end(&l);
}

const struct method method_videos_batch_get_stats = {
    .name = "videos.batchGetStats",
    .path = "/youtube/v3/videos:batchGetStats",
    .bucket = BUCKET_BATCH_STATS,
    .cost = 1,
    .params = params,
    .parts = parts,
    .schema = schema,
    .max_results_default = 50,
    .max_results_max = 50,
    .run = run,
};

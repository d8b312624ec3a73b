/* mentioned_videos: whose are the videos that the stored texts link to? 50 of them per unit. */
#include "config.h"
#include "engine/discovery/search.h"
#include "engine/discovery/texts.h"

struct mentioned {
	struct search *s;
	const struct search_source *src;
	enum err err;
	struct errbuf *eb;
};

static bool mentioned_one(void *arg, const struct mention *m)
{
	struct mentioned *v = arg;

	if (m->kind == MENTION_VIDEO)
		v->err = search_want_video(v->s, v->src, m->vid, v->eb);
	return !v->err;
}

static enum err mentioned_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	struct mentioned v = {.s = s, .src = src, .eb = eb};
	enum err err = texts_scan(s, src, mentioned_one, &v, eb);

	return v.err ? v.err : err;
}

const struct discovery_method mentioned_videos_method = {
    .name = "mentioned_videos",
    .service = "youtube_videos",
    .confidence = 0.45,
    .bucket = BUCKET_UNITS,
    .units = 0.05,
    .turn = TURN_QUIET,
    .is_default = true,
    .help = "channels of the videos that stored texts link to; 1 unit for 50",
    .find = mentioned_find,
};

/* Videos as lines of tubeops_videos_in: what becomes of each field. */
#include "config.h"
#include "db/postgres_batch.h"

enum {
	/* limits of the columns, in characters */
	CUT_TITLE = 500,
	CUT_URL = 500,
	CUT_CODE = 10,
	CUT_LANGUAGE = 35,
	CUT_WORD = 20,
	DAY_SECONDS = 86400
};

/* The day that a number of days since 1970 is; COPY takes a time for a date. */
static void add_day(struct str *t, int64_t day)
{
	batch_time(t, day > 0 && day < INT32_MAX ? day * DAY_SECONDS : INT64_MIN);
}

static void add_told(struct str *t, const struct video_row *v)
{
	batch_text(t, v->title, CUT_TITLE);
	batch_text(t, v->description, 0);
	batch_time(t, v->published_at);
	batch_text(t, v->duration, CUT_WORD);
	batch_int(t, v->duration_s, VIDEO_UNKNOWN);
	batch_int(t, v->view_count, COUNT_NONE);
	batch_int(t, v->like_count, COUNT_NONE);
	batch_int(t, v->comment_count, COUNT_NONE);
	batch_text(t, v->thumbnail_url, CUT_URL);
	batch_list(t, &v->tags);
	/* the original's column has 32 bits */
	batch_int(t, v->category > INT32_MAX ? VIDEO_UNKNOWN : v->category, VIDEO_UNKNOWN);
	batch_text(t, v->language, CUT_CODE);
	batch_text(t, v->language_source, CUT_WORD);
	batch_int(t, v->language ? v->language_confidence : -1, -1);
	batch_text(t, v->default_language, CUT_LANGUAGE);
	batch_text(t, v->audio_language, CUT_LANGUAGE);
	batch_text(t, v->live_state, CUT_WORD);
	batch_text(t, v->privacy_status, CUT_WORD);
	batch_bool(t, v->made_for_kids);
}

enum err postgres_batch_video(
    struct postgres_batch *b, const struct video_row *v, struct errbuf *eb)
{
	char id[VID_TEXT + 1], channel[CID_TEXT + 1];

	str_add(&b->text, vid_format(v->vid, id), VID_TEXT);
	batch_text(&b->text, cid_format(&v->channel, channel), 0);
	add_told(&b->text, v);
	add_day(&b->text, v->absent_day);
	/* these decide which of two rows is newer: they may not be NULL */
	batch_time(&b->text, v->fetched_at > 0 ? v->fetched_at : 0);
	batch_time(&b->text, v->counted_at > 0 ? v->counted_at : 0);
	return postgres_batch_line(b, v->counted_at > v->fetched_at, eb);
}

/* Videos: rows, counts, walks along uploads, and reading them in the order of their ids. */
#include "config.h"
#include "db/staging_videos.h"
#include "db/staging_core.h"
#include "db/text_json.h"

/* ---- writing ---- */

static void staging_bind_video(sqlite3_stmt *t, const struct video_row *v)
{
	db_bind_cid(t, 1, &v->channel);
	sqlite3_bind_int64(t, 2, v->vid);
	db_bind_text(t, 3, v->title);
	db_bind_text(t, 4, v->description);
	db_bind_int_or(t, 5, v->published_at, INT64_MIN);
	db_bind_text(t, 6, v->duration);
	db_bind_int_or(t, 7, v->duration_s, VIDEO_UNKNOWN);
	db_bind_int_or(t, 8, v->category, VIDEO_UNKNOWN);
	db_bind_text(t, 10, v->thumbnail_url);
	db_bind_int_or(t, 11, v->view_count, COUNT_NONE);
	db_bind_int_or(t, 12, v->like_count, COUNT_NONE);
	db_bind_int_or(t, 13, v->comment_count, COUNT_NONE);
	db_bind_text(t, 14, v->live_state);
	db_bind_text(t, 15, v->default_language);
	db_bind_text(t, 16, v->audio_language);
	db_bind_text(t, 17, v->language);
	db_bind_text(t, 18, v->language_source);
	db_bind_int_or(t, 19, v->language ? v->language_confidence : -1, -1);
	db_bind_text(t, 20, v->privacy_status);
	db_bind_int_or(t, 21, v->made_for_kids, -1);
	sqlite3_bind_int64(t, 22, v->fetched_at);
	sqlite3_bind_int64(t, 23, v->counted_at);
}

enum err staging_video_put(
    struct staging *s, const struct video_row *v, bool *added, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_VIDEO_PUT, eb);
	bool is_new;
	enum err err;

	if (!t)
		return ERR_INVALID;
	err = staging_bind_list(s, t, 9, &v->tags, eb);
	if (err)
		return err;
	staging_bind_video(t, v);
	/* only an insert gives a row number: that tells a new video without a question before */
	sqlite3_set_last_insert_rowid(s->db, 0);
	err = db_run(s->db, t, eb);
	is_new = !err && sqlite3_last_insert_rowid(s->db) != 0;
	if (is_new)
		staging_count(s, "videos", 1);
	if (added)
		*added = is_new;
	return err;
}

/* A statement about one video: ?1 its channel, ?2 its id. */
static sqlite3_stmt *staging_video_stmt(struct staging *s, enum staging_sql which,
    const struct cid *channel, const int64_t *vid, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, which, eb);

	if (!t)
		return NULL;
	db_bind_cid(t, 1, channel);
	if (vid)
		sqlite3_bind_int64(t, 2, *vid);
	return t;
}

enum err staging_video_absent(
    struct staging *s, const struct cid *channel, int64_t vid, int64_t day, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_video_stmt(s, SQL_VIDEO_ABSENT, channel, &vid, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 3, day);
	return db_run(s->db, t, eb);
}

enum err staging_video_vain(struct staging *s, const struct cid *channel, const int64_t *vid,
    int64_t day, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_video_stmt(s, SQL_VIDEO_VAIN, channel, vid, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 3, day);
	return db_run(s->db, t, eb);
}

enum err staging_video_counts_put(
    struct staging *s, const struct video_counts *c, struct errbuf *eb)
{
	sqlite3_stmt *t;
	enum err err;

	if (c->absent) {
		err = staging_video_absent(s, &c->channel, c->vid, c->day, eb);
	} else {
		t = staging_video_stmt(s, SQL_VIDEO_COUNTS, &c->channel, &c->vid, eb);
		if (!t)
			return ERR_INVALID;
		db_bind_int_or(t, 3, c->view_count, COUNT_NONE);
		db_bind_int_or(t, 4, c->like_count, COUNT_NONE);
		db_bind_int_or(t, 5, c->comment_count, COUNT_NONE);
		sqlite3_bind_int64(t, 6, c->counted_at);
		err = db_run(s->db, t, eb);
	}
	if (!err && sqlite3_changes(s->db) == 0)
		err = err_set(eb, ERR_NOTFOUND, "the video is not in staging");
	return err;
}

enum err staging_upload_list_put(
    struct staging *s, const struct upload_list_row *l, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_UPLOAD_LIST_PUT, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, &l->cid);
	sqlite3_bind_int64(t, 2, l->listed);
	sqlite3_bind_int(t, 3, l->truncated);
	sqlite3_bind_int(t, 4, l->empty);
	sqlite3_bind_int64(t, 5, l->at);
	err = db_run(s->db, t, eb);
	return err ? err : staging_videos_changed(s, &l->cid, eb);
}

enum err staging_videos_changed(struct staging *s, const struct cid *channel, struct errbuf *eb)
{
	return staging_outbox_add(s, OUTBOX_VIDEOS, 0, channel, eb);
}

/* ---- reading ---- */

static enum err staging_read_video(
    sqlite3_stmt *t, staging_video_fn *fn, void *arg, struct errbuf *eb)
{
	struct video_row v = {
	    .vid = sqlite3_column_int64(t, 1),
	    .title = db_column_text(t, 2),
	    .description = db_column_text(t, 3),
	    .published_at = db_column_int_or(t, 4, INT64_MIN),
	    .duration = db_column_text(t, 5),
	    .duration_s = db_column_int_or(t, 6, VIDEO_UNKNOWN),
	    .category = db_column_int_or(t, 7, VIDEO_UNKNOWN),
	    .thumbnail_url = db_column_text(t, 9),
	    .view_count = db_column_int_or(t, 10, COUNT_NONE),
	    .like_count = db_column_int_or(t, 11, COUNT_NONE),
	    .comment_count = db_column_int_or(t, 12, COUNT_NONE),
	    .live_state = db_column_text(t, 13),
	    .default_language = db_column_text(t, 14),
	    .audio_language = db_column_text(t, 15),
	    .language = db_column_text(t, 16),
	    .language_source = db_column_text(t, 17),
	    .language_confidence = (int)db_column_int_or(t, 18, 0),
	    .privacy_status = db_column_text(t, 19),
	    .made_for_kids = (int)db_column_int_or(t, 20, -1),
	    .fetched_at = sqlite3_column_int64(t, 21),
	    .counted_at = sqlite3_column_int64(t, 22),
	    .absent_day = db_column_int_or(t, 23, 0),
	};
	char **tags = NULL;
	enum err err;

	if (!db_column_cid(t, 0, &v.channel))
		return err_set(
		    eb, ERR_CORRUPT, "staging: a video's channel key has a wrong length");
	if (text_json_read(db_column_text(t, 8), &v.tags, &tags))
		return err_set(eb, ERR_NOMEM, "out of memory");
	err = fn(arg, &v, eb);
	text_json_free(tags);
	return err;
}

static enum err staging_walk_videos(struct staging *s, sqlite3_stmt *t, int64_t max,
    staging_video_fn *fn, void *arg, struct errbuf *eb)
{
	enum err err = ERR_OK;
	bool row = true;

	sqlite3_bind_int64(t, 3, max ? max : -1);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row)
		err = staging_read_video(t, fn, arg, eb);
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

/* The first id behind *after; false when there can be none. */
static bool staging_vid_from(const int64_t *after, int64_t *from)
{
	*from = !after ? INT64_MIN : *after == INT64_MAX ? INT64_MAX : *after + 1;
	return !after || *after != INT64_MAX;
}

enum err staging_videos_of(struct staging *s, const struct cid *channel, const int64_t *after,
    int64_t max, staging_video_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t;
	int64_t from;

	if (!staging_vid_from(after, &from))
		return ERR_OK;
	t = staging_video_stmt(s, SQL_VIDEOS_OF, channel, &from, eb);
	return t ? staging_walk_videos(s, t, max, fn, arg, eb) : ERR_INVALID;
}

enum err staging_videos_each(struct staging *s, const struct cid *channel, int64_t vid, int64_t max,
    staging_video_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_VIDEOS_EACH, eb);
	/* every row is held against it, and who walks may move its own place meanwhile */
	const struct cid from = channel ? *channel : (struct cid){{0}};

	if (!t)
		return ERR_INVALID;
	if (channel)
		db_bind_cid(t, 1, &from);
	else
		sqlite3_bind_zeroblob(t, 1, 0);
	sqlite3_bind_int64(t, 2, vid);
	return staging_walk_videos(s, t, max, fn, arg, eb);
}

/* Up to two numbers of the one row that a statement gives; -1 where it says NULL. */
static enum err staging_numbers(
    struct staging *s, sqlite3_stmt *t, int64_t *a, int64_t *b, struct errbuf *eb)
{
	bool row = false;
	enum err err = db_step(s->db, t, &row, eb);

	*a = !err && row ? db_column_int_or(t, 0, -1) : -1;
	if (b)
		*b = !err && row ? db_column_int_or(t, 1, -1) : -1;
	sqlite3_reset(t);
	return err;
}

enum err staging_videos_count(
    struct staging *s, const struct cid *channel, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_video_stmt(s, SQL_VIDEOS_COUNT, channel, NULL, eb);

	return t ? staging_numbers(s, t, n, NULL, eb) : ERR_INVALID;
}

enum err staging_videos_due(struct staging *s, const struct cid *channel, const int64_t *after,
    int64_t bound, int64_t today, int64_t *vids, int max, int *n, struct errbuf *eb)
{
	sqlite3_stmt *t;
	enum err err = ERR_OK;
	bool row = true;
	int64_t from;

	*n = 0;
	if (!staging_vid_from(after, &from))
		return ERR_OK;
	t = staging_video_stmt(s, SQL_VIDEOS_DUE, channel, &today, eb);
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int(t, 3, max);
	sqlite3_bind_int64(t, 4, bound);
	sqlite3_bind_int64(t, 5, from);
	while (!err && *n < max && !(err = db_step(s->db, t, &row, eb)) && row)
		vids[(*n)++] = sqlite3_column_int64(t, 0);
	sqlite3_reset(t);
	return err;
}

enum err staging_videos_told(
    struct staging *s, const struct cid *ids, int n, int64_t *told, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (int i = 0; i < n && !err; i++) {
		sqlite3_stmt *t = staging_video_stmt(s, SQL_VIDEOS_TOLD, &ids[i], NULL, eb);
		err = t ? staging_numbers(s, t, &told[i], NULL, eb) : ERR_INVALID;
	}
	return err;
}

/* ---- prices ---- */

static enum err staging_price(struct staging *s, enum staging_sql which, int64_t today, int64_t max,
    int64_t bound, int64_t each, int64_t *a, int64_t *b, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, which, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 2, today);
	sqlite3_bind_int64(t, 3, max);
	sqlite3_bind_int64(t, 4, bound);
	sqlite3_bind_int64(t, 5, each);
	return staging_numbers(s, t, a, b, eb);
}

enum err staging_videos_price(struct staging *s, int64_t channels, int64_t least, int64_t each,
    int64_t today, int64_t *pages, int64_t *videos, struct errbuf *eb)
{
	return staging_price(s, SQL_VIDEOS_PRICE, today, channels, least, each, pages, videos, eb);
}

enum err staging_counts_price(struct staging *s, int64_t bound, int64_t today, int64_t *videos,
    int64_t *channels, struct errbuf *eb)
{
	return staging_price(s, SQL_COUNTS_PRICE, today, 0, bound, 0, videos, channels, eb);
}

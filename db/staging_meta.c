/* Storing metadata of channels. Most of what is stored again has only other counts, or none, and the
 * table has many indexes: those whose columns stay as they are stay untouched. */
#include "config.h"
#include "db/staging_core.h"
#include "db/staging_sums.h"

#include <string.h>

/* What is stored of a channel already. */
struct meta_old {
	struct sums_channel sums;
	int64_t id;
	bool same_names;  /* title, custom_url, country, language: as they are stored */
	bool same_counts; /* videos, views */
	bool same_size;   /* subscribers: in the indexes of country and language too */
};

static bool meta_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void meta_old_read(sqlite3_stmt *t, const struct channel_meta *m, struct meta_old *out)
{
	out->sums.metadata = (enum item_state)sqlite3_column_int(t, 0);
	out->sums.videos = (enum item_state)sqlite3_column_int(t, 1);
	out->sums.has_meta = sqlite3_column_type(t, 2) != SQLITE_NULL;
	out->sums.fetched_at = sqlite3_column_int64(t, 2);
	out->sums.subscribers = db_column_int_or(t, 3, COUNT_NONE);
	out->id = sqlite3_column_int64(t, 4);
	out->same_size = out->sums.subscribers == m->subscriber_count;
	out->same_counts = db_column_int_or(t, 5, COUNT_NONE) == m->video_count &&
	                   db_column_int_or(t, 6, COUNT_NONE) == m->view_count;
	out->same_names = meta_same_text(db_column_text(t, 7), m->title) &&
	                  meta_same_text(db_column_text(t, 8), m->custom_url) &&
	                  meta_same_text(db_column_text(t, 9), m->country) &&
	                  meta_same_text(db_column_text(t, 10), m->language);
}

static enum err meta_old(
    struct staging *s, const struct channel_meta *m, struct meta_old *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_META_OLD, eb);
	bool row = false;
	enum err err;

	*out = (struct meta_old){.sums.subscribers = COUNT_NONE};
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, &m->cid);
	err = db_step(s->db, t, &row, eb);
	if (!err && row)
		meta_old_read(t, m, out);
	sqlite3_reset(t);
	return err;
}

static enum staging_sql meta_statement(const struct meta_old *old)
{
	if (!old->sums.has_meta || !old->same_names)
		return SQL_META_PUT;
	if (!old->same_size)
		return SQL_META_COUNTS;
	return old->same_counts ? SQL_META_SAME : SQL_META_VIEWS;
}

static enum err meta_bind(
    struct staging *s, sqlite3_stmt *t, const struct channel_meta *m, struct errbuf *eb)
{
	enum err err = staging_bind_list(s, t, 16, &m->keywords, eb);

	if (!err)
		err = staging_bind_list(s, t, 17, &m->topics, eb);
	if (err)
		return err;
	db_bind_cid(t, 1, &m->cid);
	db_bind_text(t, 2, m->title);
	db_bind_text(t, 3, m->description);
	db_bind_text(t, 4, m->custom_url);
	db_bind_int_or(t, 5, m->published_at, INT64_MIN);
	db_bind_text(t, 6, m->country);
	db_bind_text(t, 7, m->default_language);
	db_bind_text(t, 8, m->thumbnail_url);
	db_bind_text(t, 9, m->banner_url);
	db_bind_int_or(t, 10, m->subscriber_count, COUNT_NONE);
	db_bind_int_or(t, 11, m->hidden_subscribers, -1);
	db_bind_int_or(t, 12, m->video_count, COUNT_NONE);
	db_bind_int_or(t, 13, m->view_count, COUNT_NONE);
	db_bind_text(t, 14, m->privacy_status);
	db_bind_int_or(t, 15, m->made_for_kids, -1);
	db_bind_text(t, 18, m->language);
	db_bind_text(t, 19, m->language_source);
	db_bind_int_or(t, 20, m->language ? m->language_confidence : -1, -1);
	db_bind_text(t, 21, m->etag);
	sqlite3_bind_int64(t, 22, m->fetched_at);
	return ERR_OK;
}

enum err staging_meta_put(struct staging *s, const struct channel_meta *m, struct errbuf *eb)
{
	struct meta_old old;
	struct sums_channel is;
	enum err err = meta_old(s, m, &old, eb);
	enum staging_sql which = meta_statement(&old);
	sqlite3_stmt *t = err ? NULL : staging_stmt(s, which, eb);

	if (!t)
		return err ? err : ERR_INVALID;
	err = meta_bind(s, t, m, eb);
	if (err)
		return err;
	if (which != SQL_META_PUT)
		sqlite3_bind_int64(t, 23, old.id);
	err = db_run(s->db, t, eb);
	if (!err && sqlite3_changes(s->db)) { /* else what is there is newer, or it was erased */
		is = old.sums;
		is.has_meta = true;
		is.subscribers = m->subscriber_count;
		is.fetched_at = m->fetched_at;
		staging_sums_move(s, &old.sums, &is);
	}
	return err ? err : staging_outbox_add(s, OUTBOX_CHANNEL, 0, &m->cid, eb);
}

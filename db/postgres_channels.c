/* Channels as lines of tubeops_channels_in: what becomes of each field. */
#include "config.h"
#include "db/postgres_batch.h"

#include <string.h>

enum {
	/* limits of the columns, in characters */
	CUT_TITLE = 500,
	CUT_URL = 500,
	CUT_CUSTOM_URL = 255,
	CUT_CODE = 10,
	CUT_SOURCE = 50,
	CUT_DEFAULT_LANGUAGE = 35,
	CUT_WORD = 20,
	CUT_ETAG = 255
};

static void add_head(struct str *t, const struct channel_row *row)
{
	const struct channel_meta *m = row->has_meta ? &row->meta : NULL;
	char id[UUID_TEXT + 1], text[CID_TEXT + 1];
	struct uuid uuid;

	memcpy(uuid.b, row->cid.b, sizeof uuid.b);
	str_add(t, cid_format(&row->cid, text), CID_TEXT);
	batch_bool(t, m != NULL);
	batch_text(t, uuid_format(&uuid, id), 0);
	batch_text(t, m && m->title ? m->title : row->import_title, CUT_TITLE);
	batch_text(t, m && m->description ? m->description : row->import_description, 0);
	batch_text(t, row->source, CUT_SOURCE);
	batch_time(t, row->created_at);
	batch_text(t, item_state_word(row->state[OP_METADATA]), 0);
	batch_bool(t, row->state[OP_VIDEOS] == ITEM_DONE);
	batch_bool(t, row->state[OP_DISCOVERY] == ITEM_DONE);
}

static void add_meta(struct str *t, const struct channel_meta *m)
{
	batch_int(t, m->subscriber_count, COUNT_NONE);
	batch_int(t, m->video_count, COUNT_NONE);
	batch_int(t, m->view_count, COUNT_NONE);
	batch_text(t, m->country, CUT_CODE);
	batch_text(t, m->language, CUT_CODE);
	batch_text(t, m->custom_url, CUT_CUSTOM_URL);
	batch_time(t, m->published_at);
	batch_text(t, m->thumbnail_url, CUT_URL);
	batch_text(t, m->banner_url, CUT_URL);
	batch_list(t, &m->keywords);
	batch_list(t, &m->topics);
	batch_text(t, m->default_language, CUT_DEFAULT_LANGUAGE);
	batch_bool(t, m->hidden_subscribers);
	batch_text(t, m->privacy_status, CUT_WORD);
	batch_bool(t, m->made_for_kids);
	batch_text(t, m->language_source, CUT_WORD);
	batch_int(t, m->language ? m->language_confidence : -1, -1);
	batch_text(t, m->etag, CUT_ETAG);
	/* the column decides which of two rows is newer: it may not be NULL */
	batch_time(t, m->fetched_at > 0 ? m->fetched_at : 0);
}

/* Channels that discovery brought look for the one that led to them. */
static bool is_found(const struct channel_row *row)
{
	return row->source && strcmp(row->source, "discovery") == 0;
}

static bool has_outcome(const struct channel_row *row)
{
	return !row->has_meta &&
	       (row->state[OP_METADATA] != ITEM_PENDING || row->state[OP_VIDEOS] == ITEM_DONE ||
	           row->state[OP_DISCOVERY] == ITEM_DONE);
}

enum err postgres_batch_channel(
    struct postgres_batch *b, const struct channel_row *row, bool forgot, struct errbuf *eb)
{
	static const struct channel_meta none = {.subscriber_count = COUNT_NONE,
	    .video_count = COUNT_NONE,
	    .view_count = COUNT_NONE,
	    .published_at = INT64_MIN,
	    .hidden_subscribers = -1,
	    .made_for_kids = -1,
	    .keywords = {.n = -1},
	    .topics = {.n = -1}};

	add_head(&b->text, row);
	add_meta(&b->text, row->has_meta ? &row->meta : &none);
	return postgres_batch_line(b, has_outcome(row) || is_found(row) || forgot, eb);
}

#include "config.h"
#include "engine/engine_columns.h"

#include <stddef.h>
#include <string.h>

/* What a column takes its value from: a member of the row, or more than that. */
struct column {
	const char *name;
	void (*put)(struct fields *x, const struct column *c, const void *row);
	size_t at; /* of the member */
};

#define MEMBER(row, column, type) ((const type *)(const void *)((const char *)(row) + (column)->at))

#define PUT(what) static void put_##what(struct fields *x, const struct column *c, const void *row)

PUT(text)
{
	fields_text(x, c->name, *MEMBER(row, c, char *const));
}

PUT(count) /* COUNT_NONE and VIDEO_UNKNOWN are one */
{
	fields_int(x, c->name, *MEMBER(row, c, int64_t), COUNT_NONE);
}

PUT(flag)
{
	fields_int(x, c->name, *MEMBER(row, c, int), -1);
}

PUT(time)
{
	fields_time(x, c->name, *MEMBER(row, c, int64_t), INT64_MIN);
}

PUT(time_or_none) /* 0: never */
{
	fields_time(x, c->name, *MEMBER(row, c, int64_t), 0);
}

PUT(ms)
{
	fields_time(x, c->name, *MEMBER(row, c, int64_t) / 1000, 0);
}

PUT(list)
{
	fields_list(x, c->name, MEMBER(row, c, struct text_list));
}

PUT(cid)
{
	char id[CID_TEXT + 1];

	fields_text(x, c->name, cid_format(MEMBER(row, c, struct cid), id));
}

#define FIELD(type, what, member)                                  \
	{                                                          \
#member, put_##what, offsetof(struct type, member) \
	}
#define FIELD_AS(name, type, what, member)                      \
	{                                                       \
		name, put_##what, offsetof(struct type, member) \
	}

/* ---- videos ---- */

PUT(vid)
{
	char id[VID_TEXT + 1];

	fields_text(x, c->name, vid_format(*MEMBER(row, c, int64_t), id));
}

PUT(video_confidence)
{
	const struct video_row *v = row;

	fields_int(x, c->name, v->language ? v->language_confidence : -1, -1);
}

PUT(video_absent)
{
	const struct video_row *v = row;

	fields_time(x, c->name, v->absent_day > 0 ? v->absent_day * 86400 : 0, 0);
}

static const struct column videos[] = {
    FIELD_AS("video_id", video_row, vid, vid),
    FIELD_AS("channel_id", video_row, cid, channel),
    FIELD(video_row, text, title),
    FIELD(video_row, text, description),
    FIELD(video_row, time, published_at),
    FIELD(video_row, text, duration),
    FIELD_AS("duration_seconds", video_row, count, duration_s),
    FIELD(video_row, count, view_count),
    FIELD(video_row, count, like_count),
    FIELD(video_row, count, comment_count),
    FIELD_AS("category_id", video_row, count, category),
    FIELD(video_row, list, tags),
    FIELD(video_row, text, thumbnail_url),
    FIELD(video_row, text, live_state),
    FIELD(video_row, text, language),
    FIELD(video_row, text, language_source),
    FIELD_AS("language_confidence", video_row, video_confidence, language_confidence),
    FIELD(video_row, text, default_language),
    FIELD(video_row, text, audio_language),
    FIELD(video_row, text, privacy_status),
    FIELD(video_row, flag, made_for_kids),
    FIELD(video_row, time_or_none, fetched_at),
    FIELD(video_row, time_or_none, counted_at),
    FIELD_AS("absent_on", video_row, video_absent, absent_day),
};

/* ---- discoveries ---- */

/* Members of the edge that the row points to. */
PUT(edge_cid)
{
	put_cid(x, c, ((const struct edge_export *)row)->edge);
}

PUT(edge_text)
{
	put_text(x, c, ((const struct edge_export *)row)->edge);
}

PUT(edge_count)
{
	put_count(x, c, ((const struct edge_export *)row)->edge);
}

PUT(edge_time)
{
	put_time_or_none(x, c, ((const struct edge_export *)row)->edge);
}

PUT(edge_known)
{
	fields_int(x, c->name, ((const struct edge_export *)row)->edge->known, -1);
}

PUT(edge_confidence)
{
	fields_share(x, c->name, ((const struct edge_export *)row)->edge->confidence);
}

PUT(edge_combined)
{
	fields_share(x, c->name, ((const struct edge_export *)row)->combined);
}

static const struct column discoveries[] = {
    FIELD_AS("source_channel_id", edge_row, edge_cid, source),
    FIELD_AS("discovered_channel_id", edge_row, edge_cid, target),
    FIELD_AS("discovery_method", edge_row, edge_text, method),
    FIELD_AS("service_name", edge_row, edge_text, service),
    FIELD_AS("confidence_score", edge_row, edge_confidence, confidence),
    FIELD_AS("combined", edge_export, edge_combined, combined),
    FIELD_AS("times_seen", edge_row, edge_count, seen),
    FIELD_AS("already_exists", edge_row, edge_known, known),
    FIELD(edge_row, edge_time, first_seen),
    FIELD(edge_row, edge_time, last_seen),
};

/* ---- jobs ---- */

PUT(uuid)
{
	char id[UUID_TEXT + 1];

	fields_text(x, c->name, uuid_format(MEMBER(row, c, struct uuid), id));
}

PUT(chars) /* a text that is part of the row */
{
	fields_text(x, c->name, MEMBER(row, c, char));
}

PUT(status)
{
	fields_text(x, c->name, job_status_word(*MEMBER(row, c, enum job_status)));
}

static const struct column jobs[] = {
    FIELD_AS("number", job_row, count, no),
    FIELD_AS("job_id", job_row, uuid, uuid),
    FIELD_AS("job_type", job_row, chars, type),
    FIELD(job_row, status, status),
    FIELD(job_row, chars, reason),
    FIELD(job_row, text, params),
    FIELD(job_row, count, total),
    FIELD(job_row, count, processed),
    FIELD(job_row, count, done),
    FIELD(job_row, count, missing),
    FIELD_AS("absent_once", job_row, count, absent),
    FIELD(job_row, count, failed),
    FIELD_AS("units_used", job_row, count, units),
    FIELD_AS("created_at", job_row, ms, created_ms),
    FIELD_AS("started_at", job_row, ms, started_ms),
    FIELD_AS("completed_at", job_row, ms, completed_ms),
};

/* ---- the tables ---- */

#define TABLE(table)                                                                        \
	static const char *name_of_##table(int i)                                           \
	{                                                                                   \
		return i >= 0 && (size_t)i < sizeof table / sizeof table[0] ? table[i].name \
		                                                            : NULL;         \
	}                                                                                   \
	static void put_of_##table(int i, struct fields *x, const void *row)                \
	{                                                                                   \
		table[i].put(x, &table[i], row);                                            \
	}                                                                                   \
	const struct column_table columns_##table = {                                       \
	    (int)(sizeof table / sizeof table[0]), name_of_##table, put_of_##table}

TABLE(videos);
TABLE(discoveries);
TABLE(jobs);

static void put_of_channels(int i, struct fields *x, const void *row)
{
	channel_column_put(i, x, row);
}

const struct column_table columns_channels = {
    CHANNEL_COLUMNS_EXPORTED, channel_column_name, put_of_channels};

/* ---- choosing ---- */

static bool column_find(const struct column_table *t, const char *name, size_t len, int *out)
{
	for (int i = 0; t->name(i); i++)
		if (strlen(t->name(i)) == len && memcmp(t->name(i), name, len) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static enum err column_unknown(
    const struct column_table *t, const char *name, size_t len, struct errbuf *eb)
{
	struct str all;
	enum err err;

	str_init(&all, 4096);
	for (int i = 0; t->name(i); i++)
		str_addf(&all, "%s%s", i ? ", " : "", t->name(i));
	err = err_set(eb, ERR_INVALID, "there is no column \"%.*s\"; there are %s",
	    len < 60 ? (int)len : 60, name, str_get(&all));
	str_done(&all);
	return err;
}

enum err columns_choose(const struct column_table *t, const char *text, int chosen[COLUMNS_MOST],
    int *n, struct errbuf *eb)
{
	*n = 0;
	if (!text || !*text) {
		for (; *n < t->usual; (*n)++)
			chosen[*n] = *n;
		return ERR_OK;
	}
	for (;;) {
		size_t len = strcspn(text, ",");

		if (*n == COLUMNS_MOST)
			return err_set(
			    eb, ERR_INVALID, "more than %d columns are named", COLUMNS_MOST);
		if (!column_find(t, text, len, &chosen[*n]))
			return column_unknown(t, text, len, eb);
		for (int i = 0; i < *n; i++)
			if (chosen[i] == chosen[*n])
				return err_set(
				    eb, ERR_INVALID, "column %.*s is named twice", (int)len, text);
		(*n)++;
		if (!text[len])
			return ERR_OK;
		text += len + 1;
	}
}

bool columns_has(const struct column_table *t, const int *chosen, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(t->name(chosen[i]), name) == 0)
			return true;
	return false;
}

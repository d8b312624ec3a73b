#include "config.h"
#include "engine/engine_found.h"
#include "db/list.h"
#include "engine/base/clock.h"
#include "engine/base/json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOUND_STEP_MS = 1000, FOUND_BYTES = 1 << 20, FOUND_DEPTH = 4, FOUND_WITHIN = 64 };

/* Members of a row that name it, and the filter field of the channel that it belongs to. */
static const struct found_kind {
	const char *what;
	const struct list_thing *thing;
	const char *fields, *channel, *vid, *target, *method;
	const char *within;
} found_kinds[] = {
    {"channels", &list_channels, "channel_id", "channel_id", NULL, NULL, NULL, "id"},
    {"videos", &list_videos, "channel_external_id,video_id", "channel_external_id", "video_id",
        NULL, NULL, "channel"},
    {"discoveries", &list_discoveries, "discovered_channel_id,discovery_method,source_channel_id",
        "source_channel_id", NULL, "discovered_channel_id", "discovery_method", "from"},
};

struct found {
	const struct found_kind *kind;
	struct filter *filter;
	struct list_ask ask;
	int fields[LIST_FIELDS];
	struct json_reader *reader;
	char *place; /* behind what came so far; NULL: nothing did */
};

static enum err found_filter(struct found *f, const char *q, const char *channel, struct errbuf *eb)
{
	const struct filter_field *fields = list_filter_fields(f->kind->thing);
	struct filter *within = NULL;
	int64_t now = clock_now();
	char text[FOUND_WITHIN];
	enum err err = filter_parse(&f->filter, q ? q : "", fields, now, NULL, eb);

	if (err || !channel)
		return err;
	snprintf(text, sizeof text, "%s=%.24s", f->kind->within, channel);
	err = filter_parse(&within, text, fields, now, NULL, eb);
	return err ? err : filter_join(f->filter, within, eb);
}

enum err found_open(struct found **out, const char *what, const char *q, const char *sort,
    const char *channel, struct errbuf *eb)
{
	struct found *f = calloc(1, sizeof *f);
	struct list_ask *ask = f ? &f->ask : NULL;
	enum err err = ERR_OK;

	*out = NULL;
	if (!f)
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < sizeof found_kinds / sizeof found_kinds[0]; i++)
		if (strcmp(found_kinds[i].what, what) == 0)
			f->kind = &found_kinds[i];
	f->reader = json_reader_new(FOUND_BYTES + 16, FOUND_DEPTH);
	if (!f->kind)
		err = err_set(eb, ERR_INVALID, "%.40s cannot be found by a filter", what);
	else if (!f->reader)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err) {
		*ask = (struct list_ask){.thing = f->kind->thing,
		    .limit = FOUND_MOST,
		    .fields = f->fields,
		    .scan = true,
		    .scan_ms = FOUND_STEP_MS,
		    .count = LIST_COUNT_CHEAP};
		err = list_choose(ask->thing, f->kind->fields, f->fields, &ask->n_fields, eb);
	}
	if (!err)
		err = list_sort_choose(ask->thing, sort, &ask->sort, &ask->descending, eb);
	if (!err)
		err = found_filter(f, q, channel, eb);
	ask->filter = f->filter;
	if (err) {
		found_close(f);
		return err;
	}
	*out = f;
	return ERR_OK;
}

void found_close(struct found *f)
{
	if (!f)
		return;
	filter_free(f->filter);
	json_reader_free(f->reader);
	free(f->place);
	free(f);
}

/* Text of a member; "" when the kind has none of that. */
static const char *found_text(struct json_node row, const char *member, size_t *len)
{
	const char *text = NULL;

	*len = 0;
	if (!member || !json_node_text(json_node_get(row, member), &text, len))
		return "";
	return text;
}

static bool found_key_read(const struct found_kind *k, struct json_node row, struct found_key *out)
{
	const char *text;
	size_t len;

	*out = (struct found_key){.vid = 0};
	text = found_text(row, k->channel, &len);
	if (!cid_parse(text, len, &out->channel))
		return false;
	text = found_text(row, k->vid, &len);
	if (k->vid && !vid_parse(text, len, &out->vid))
		return false;
	text = found_text(row, k->target, &len);
	if (k->target && !cid_parse(text, len, &out->target))
		return false;
	text = found_text(row, k->method, &len);
	snprintf(out->method, sizeof out->method, "%.*s", (int)len, text);
	return true;
}

/* Rows are objects, separated by commas. */
static enum err found_read(struct found *f, const struct str *rows,
    struct found_key keys[FOUND_MOST], size_t *n, struct errbuf *eb)
{
	struct json_node root, row;
	struct json_walk walk;
	struct str array;
	const char *name;
	enum err err;

	str_init(&array, FOUND_BYTES + 8);
	str_addc(&array, '[');
	str_add(&array, str_get(rows), rows->len);
	str_addc(&array, ']');
	err = json_reader_parse(f->reader, str_get(&array), array.len, &root, eb);
	if (!err)
		json_walk_start(&walk, root);
	while (!err && *n < FOUND_MOST && json_walk_next(&walk, &row, &name))
		*n += found_key_read(f->kind, row, &keys[*n]);
	str_done(&array);
	return err;
}

enum err found_next(struct found *f, struct staging *s, struct found_key keys[FOUND_MOST],
    size_t *n, bool *more, struct errbuf *eb)
{
	struct list_answer a = {.n = 0};
	enum err err;

	*n = 0;
	*more = false;
	str_init(&a.rows, FOUND_BYTES);
	f->ask.place = f->place;
	err = list_run(s, &f->ask, &a, eb);
	if (!err)
		err = found_read(f, &a.rows, keys, n, eb);
	if (!err) {
		*more = a.next != NULL;
		free(f->place);
		f->place = a.next;
		a.next = NULL;
	}
	list_answer_done(&a);
	str_done(&a.rows);
	return err;
}

/* Actions on channels that somebody names, marks or finds by a filter. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHANNELS_MOST = 20000, /* of one command */
	CHANNELS_PAGE = 1000,
	CHANNELS_SLICE = 500, /* states changed in one piece of writing */
	CHANNELS_MS = 10000   /* that a filter may take */
};

/* ---- which ---- */

static enum err set_add(struct channel_set *set, const struct cid *cid, struct errbuf *eb)
{
	if (set->n == CHANNELS_MOST)
		return err_set(eb, ERR_LIMIT,
		    "these are more than %d channels: narrow the filter, or start a job over the "
		    "backlog",
		    CHANNELS_MOST);
	if (set->n % CHANNELS_PAGE == 0) {
		struct cid *cids = realloc(set->cids, (set->n + CHANNELS_PAGE) * sizeof *set->cids);
		if (!cids)
			return err_set(eb, ERR_NOMEM, "out of memory");
		set->cids = cids;
	}
	set->cids[set->n++] = *cid;
	return ERR_OK;
}

static enum err set_add_text(
    struct engine *e, struct channel_set *set, const char *text, struct errbuf *eb)
{
	struct staging *s = NULL;
	struct cid cid;
	enum err err = engine_reader_take(e, NULL, &s, eb);

	if (!err)
		err = engine_channel_target(s, text, &cid, eb);
	engine_reader_give(e, s);
	return err ? err : set_add(set, &cid, eb);
}

static enum err set_add_named(
    struct engine *e, struct channel_set *set, const json_t *names, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (!json_array_size(names))
		return err_set(eb, ERR_INVALID, "channels: a list of ids belongs here");
	for (size_t i = 0; i < json_array_size(names) && !err; i++) {
		const char *text = json_string_value(json_array_get(names, i));
		err = text ? set_add_text(e, set, text, eb)
		           : err_set(eb, ERR_INVALID, "channels: ids are texts");
	}
	return err;
}

/* One page of the list; *after is where it ended (owned; NULL: nothing follows). */
static enum err set_add_page(struct engine *e, struct channel_set *set, struct engine_list *list,
    char **after, struct errbuf *eb)
{
	char *text = engine_list_json(e, list, eb);
	json_t *page = text ? json_loads(text, 0, NULL) : NULL, *row;
	const char *next = json_string_value(json_object_get(page, "next"));
	enum err err = text ? ERR_OK : eb->code;
	size_t i;

	free(text);
	if (!err && json_is_true(json_object_get(page, "scan")))
		err = err_set(eb, ERR_INVALID,
		    "no index for %s: add something that has one, such as subs, country or "
		    "title=…*",
		    json_string_value(json_object_get(page, "no_index_for")));
	json_array_foreach(json_object_get(page, "channels"), i, row)
	{
		const char *id = json_string_value(json_object_get(row, "channel_id"));
		struct cid cid;
		if (!err && id && cid_parse(id, strlen(id), &cid))
			err = set_add(set, &cid, eb);
	}
	free(*after);
	*after = !err && next ? str_dup(next) : NULL;
	json_decref(page);
	return err;
}

static enum err set_add_found(
    struct engine *e, struct channel_set *set, const char *q, struct errbuf *eb)
{
	struct staging_limit limit = {.until_ms = clock_mono_ms() + CHANNELS_MS};
	struct engine_list list = {.what = "channels",
	    .q = q,
	    .fields = "channel_id",
	    .limit = CHANNELS_PAGE,
	    .until = &limit};
	char *after = NULL;
	enum err err;

	do {
		list.after = after;
		err = set_add_page(e, set, &list, &after, eb);
	} while (!err && after);
	free(after);
	return err;
}

enum err engine_channels_of(
    struct engine *e, const struct command *c, struct channel_set *out, struct errbuf *eb)
{
	json_t *params = c->params_json ? json_loads(c->params_json, 0, NULL) : NULL;
	const json_t *names = json_object_get(params, "channels");
	const char *q = json_string_value(json_object_get(params, "q"));
	int64_t n = json_integer_value(json_object_get(params, "n"));
	enum err err;

	*out = (struct channel_set){.cids = NULL};
	if (c->target && *c->target)
		err = set_add_text(e, out, c->target, eb);
	else if (names)
		err = set_add_named(e, out, names, eb);
	else if (q)
		err = set_add_found(e, out, q, eb);
	else
		err = err_set(eb, ERR_INVALID, "name a channel: its id, URL or @handle");
	if (!err && q && n && (int64_t)out->n != n)
		err = err_set(
		    eb, ERR_DENIED, "%zu match now, not %lld: look again", out->n, (long long)n);
	if (!err && !out->n)
		err = err_set(eb, ERR_NOTFOUND, "no channel matches");
	json_decref(params);
	return err;
}

/* ---- fetching ---- */

struct channels_due {
	enum op op;
	const struct cid *cids;
	size_t n, unknown;
};

/* What was done, gone or given up is due again. */
static enum err channels_due_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct channels_due *d = arg;
	enum err err = ERR_OK;

	for (size_t i = 0; i < d->n && !err; i++) {
		err = staging_state_set(s, d->op, &d->cids[i], ITEM_PENDING, NULL, eb);
		d->unknown += err == ERR_NOTFOUND;
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	return err;
}

static enum err channels_due(
    struct engine *e, const struct channel_set *set, struct channels_due *d, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (size_t at = 0; at < set->n && !err; at += d->n) {
		d->cids = set->cids + at;
		d->n = set->n - at < CHANNELS_SLICE ? set->n - at : CHANNELS_SLICE;
		err = writer_run(e->parts.writer, channels_due_apply, d, false, eb);
	}
	return err;
}

static char *channels_job(const struct channel_set *set)
{
	json_t *ids = json_array(), *params = json_pack("{s:o}", "channel_ids", ids);
	char *text, id[CID_TEXT + 1];

	for (size_t i = 0; i < set->n; i++)
		json_array_append_new(ids, json_string(cid_format(&set->cids[i], id)));
	text = json_dumps(params, JSON_COMPACT);
	json_decref(params);
	return text;
}

enum err command_channels_fetch(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	bool videos = c->action == ACTION_CHANNEL_VIDEOS;
	struct channels_due due = {.op = videos ? OP_VIDEOS : OP_METADATA};
	struct command start = *c;
	struct channel_set set;
	char *params = NULL;
	enum err err = engine_channels_of(e, c, &set, eb);

	if (!err && !(params = channels_job(&set)))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err && !e->parts.dispatcher)
		err = err_set(eb, ERR_UNAVAIL, "nothing works here; start `tubeops serve`");
	if (!err)
		err = channels_due(e, &set, &due, eb);
	if (!err && due.unknown == set.n)
		err = err_set(eb, ERR_NOTFOUND, "there is no such channel here");
	start.job_type = videos ? "video_fetch" : "metadata_fetch";
	start.params_json = params;
	if (!err)
		err = command_job_start(e, &start, r, eb);
	if (!err)
		snprintf(r->text, sizeof r->text, "J-%lld fetches the %s of %zu channel%s",
		    (long long)r->job, videos ? "videos" : "metadata", set.n - due.unknown,
		    set.n - due.unknown == 1 ? "" : "s");
	free(params);
	free(set.cids);
	return err;
}

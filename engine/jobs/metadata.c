/* The job type batch_metadata: channels.list, 50 ids a call, with the language of each channel. */
#include "config.h"
#include "engine/jobs/metadata.h"
#include "db/staging_names.h"
#include "engine/base/clock.h"
#include "engine/jobs/idle.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/worker.h"
#include "engine/language/channel_language.h"
#include "engine/quota/day.h"
#include "engine/youtube/channels.h"

#include <stdlib.h>
#include <string.h>

static const struct job_param metadata_params[] = {
    JOB_PARAM_BATCH_SIZE,
    JOB_PARAM_LIMIT,
    JOB_PARAMS_SHARED,
};

static int metadata_compare(const void *a, const void *b)
{
	return cid_compare(
	    &((const struct channel_meta *)a)->cid, &((const struct channel_meta *)b)->cid);
}

static int metadata_compare_ids(const void *a, const void *b)
{
	return cid_compare(a, b);
}

/* Sorts the rows by id and keeps those that were asked for. The chunk's ids are in key order. */
static int metadata_match(struct chunk *c, struct channel_meta *rows, int n)
{
	int kept = 0, i = 0;

	qsort(rows, (size_t)n, sizeof *rows, metadata_compare);
	for (int r = 0; r < n; r++) {
		while (i < c->n && cid_compare(&c->ids[i], &rows[r].cid) < 0)
			i++;
		if (i == c->n || cid_compare(&c->ids[i], &rows[r].cid) != 0)
			continue;
		c->states[i] = ITEM_DONE;
		if (kept != r)
			rows[kept] = rows[r];
		kept++;
	}
	return kept;
}

enum err metadata_read(struct work *w, const struct client_reply *reply, struct channel_meta **rows,
    int *n, int *odd, struct errbuf *eb)
{
	struct arena *arena = w->chunk->arena;
	int64_t now = clock_now();

	work_state(w, "parsing");
	if (channels_parse(w->json, reply->body, reply->len, arena, rows, n, odd, eb))
		return work_torn(w, eb);
	for (int i = 0; i < *n; i++) {
		(*rows)[i].fetched_at = now;
		if (channel_language(arena, &(*rows)[i]))
			return err_set(eb, ERR_NOMEM, "out of memory");
	}
	return ERR_OK;
}

enum err metadata_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	struct client_reply reply;
	struct channel_meta *rows = NULL;
	int n = 0, odd = 0;
	enum err err;

	qsort(c->ids, (size_t)c->n, sizeof c->ids[0], metadata_compare_ids);
	str_reset(w->query);
	channels_query(c->ids, c->n, w->query);
	if (w->query->err)
		return err_set(eb, w->query->err, "query too long");
	err = work_call(w, METHOD_CHANNELS_LIST, str_get(w->query), &reply, eb);
	if (!err)
		err = metadata_read(w, &reply, &rows, &n, &odd, eb);
	if (err)
		return err;
	c->rows = rows;
	c->n_rows = metadata_match(c, rows, n);
	/* items that are not what was asked for may stand for those that seem to be absent */
	if (c->n_rows < c->n && (odd || c->n_rows < n)) {
		err_set(eb, ERR_INVALID, "the reply holds items that were not asked for");
		return work_torn(w, eb);
	}
	c->day = day_number(clock_now());
	return ERR_OK;
}

enum err metadata_commit(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	const struct channel_meta *rows = c->rows;
	bool wanted = false;
	enum err err = staging_names_wanted(s, &wanted, eb);

	for (int i = 0; i < c->n_rows && !err; i++) {
		err = staging_meta_put(s, &rows[i], eb);
		/* a name that somebody waits for is found here for nothing */
		if (!err && wanted && rows[i].custom_url)
			err = staging_name_offer(
			    s, rows[i].custom_url, &rows[i].cid, rows[i].fetched_at, eb);
	}
	return err;
}

/* ---- channels of one list ---- */

static const struct job_param list_params[] = {
    {.name = "list",
        .type = PARAM_NUMBER,
        .most = INT64_MAX,
        .help = "number of the list that an import made; of none when it is not given"},
    JOB_PARAM_LIMIT,
    JOB_PARAMS_SHARED,
};

static void list_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	(void)parts;
	(void)created_ms;
	out->bound = json_integer_value(json_object_get(params, "list"));
}

const struct job_type list_metadata_type = {
    .info = {.name = "list_metadata",
        .word = "list",
        .help = "fetch the same for the channels of one list alone, as tubeops enrich does",
        .params = list_params,
        .n_params = sizeof list_params / sizeof list_params[0]},
    .op = OP_METADATA,
    .stage = STAGE_METADATA,
    .feed = FEED_WANTED,
    .ask = list_ask,
    .alone = true,
    .apart = true,
    .work = metadata_work,
    .commit = metadata_commit,
    .bring = metadata_bring,
};

const struct job_type metadata_type = {
    .info = {.name = "batch_metadata",
        .word = "metadata",
        .help = "fetch title, counts, country, topics … of pending channels, 50 per unit",
        .params = metadata_params,
        .n_params = sizeof metadata_params / sizeof metadata_params[0]},
    .op = OP_METADATA,
    .stage = STAGE_METADATA,
    .feed = FEED_METADATA,
    .idle = idle_fetch,
    .work = metadata_work,
    .commit = metadata_commit,
    .bring = metadata_bring,
};

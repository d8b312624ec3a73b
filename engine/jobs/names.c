/*
 * The job type resolve_names: one channels.list for each @handle, /user/ or /c/ name that stands for
 * a channel, which brings its metadata too. Nothing is asked that a fetched channel's customUrl
 * answers. A /c/ name has no call of its own: it is tried as a handle, and believed only when the
 * channel says that this is its address, so that nobody gets another's channel.
 */
#include "config.h"
#include "db/staging_handles.h"
#include "db/staging_names.h"
#include "engine/base/clock.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/metadata.h"
#include "engine/youtube/channels.h"

#include <string.h>

enum { NAMES_IDS = 20, NAMES_UNITS_A_DAY = 1000, NAMES_TEXT = 1024 };

static const struct job_param names_params[] = {
    JOB_PARAM_LIMIT,
    JOB_PARAM_UNITS,
    {.name = "units_per_day",
        .type = PARAM_NUMBER,
        .least = 1,
        .most = 1000000000,
        .optional = true,
        .help = "quota units at most on one Pacific day, one name each; default: 1,000"},
    JOB_PARAM_WEIGHT,
};

/* What is known of one name now. */
struct names_row {
	const char *kind, *name; /* kind is static, name in the arena */
	bool hit;
	bool handle_too; /* a /c/ name that is the channel's handle: the handle is known as well */
	struct cid cid;
	const struct channel_meta *meta; /* NULL: nothing was fetched for it */
	int64_t at;
};

static int names_chunk_ids(const json_t *params)
{
	(void)params;
	return NAMES_IDS;
}

static void names_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	(void)parts;
	(void)params;
	out->bound = created_ms / 1000 - (int64_t)HANDLE_MISS_DAYS * 86400;
}

static enum err names_day_units(struct staging *s, const struct engine_parts *parts,
    const json_t *params, const struct feed_ask *ask, int64_t *out, struct errbuf *eb)
{
	(void)s;
	(void)parts;
	(void)params;
	(void)ask;
	(void)eb;
	*out = NAMES_UNITS_A_DAY;
	return ERR_OK;
}

static enum err names_begin(struct staging *s, int64_t job, const json_t *params, struct errbuf *eb)
{
	struct staging_names_found found;
	enum err err = staging_names_collect(s, &found, eb);

	(void)params;
	if (!err)
		err = staging_job_number_add(s, job, "resolved_free", found.resolved, eb);
	return err ? err : staging_job_number_add(s, job, "new_channels", found.channels, eb);
}

static enum err names_price(struct staging *s, const struct engine_parts *parts,
    const json_t *params, int64_t *items, struct job_price *out, struct errbuf *eb)
{
	const json_t *limit = json_object_get(params, "limit");
	int64_t waiting = 0;
	enum err err = staging_names_waiting(s, &waiting, eb);

	(void)parts;
	/* what imports held enters the list of names when the job begins */
	*items += waiting;
	if (json_is_integer(limit) && json_integer_value(limit) < *items)
		*items = json_integer_value(limit);
	out->units[BUCKET_UNITS] = (double)*items;
	return err;
}

/* ---- asking ---- */

/* A /c/ name counts only when it is the address that the channel gives itself. */
static bool names_is_own(const struct names_row *r, const struct channel_meta *m)
{
	struct str key;
	bool own;

	if (strcmp(r->kind, "custom") != 0)
		return true;
	str_init(&key, NAMES_TEXT);
	own = m->custom_url && m->custom_url[0] == '@' &&
	      staging_handle_key("handle", m->custom_url, strlen(m->custom_url), &key) &&
	      strcmp(str_get(&key), r->name) == 0;
	str_done(&key);
	return own;
}

/* A /c/ name may hold what no handle can: then nobody can be asked. */
static bool names_may_be_handle(const char *name)
{
	struct str key;
	bool may;

	str_init(&key, NAMES_TEXT);
	may = staging_handle_key("handle", name, strlen(name), &key);
	str_done(&key);
	return may;
}

static enum err names_call(struct work *w, struct names_row *r, struct errbuf *eb)
{
	bool custom = strcmp(r->kind, "custom") == 0;
	struct client_reply reply;
	struct channel_meta *rows = NULL;
	int n = 0, odd = 0;
	enum err err;

	r->at = clock_now();
	if (custom && !names_may_be_handle(r->name))
		return ERR_OK;
	str_reset(w->query);
	channels_name_query(custom ? "handle" : r->kind, r->name, w->query);
	if (w->query->err)
		return err_set(eb, w->query->err, "query too long");
	err = work_call(w, METHOD_CHANNELS_LIST, str_get(w->query), &reply, eb);
	if (err == ERR_NOTFOUND) /* nobody's: what an empty list says too */
		return ERR_OK;
	if (!err)
		err = metadata_read(w, &reply, &rows, &n, &odd, eb);
	if (err)
		return err;
	if (n > 1 || odd) {
		err_set(eb, ERR_INVALID, "the reply holds more than the channel of one name");
		return work_torn(w, eb);
	}
	r->hit = n == 1 && names_is_own(r, &rows[0]);
	r->handle_too = r->hit && custom;
	r->meta = r->hit ? &rows[0] : NULL;
	if (r->hit)
		r->cid = rows[0].cid;
	return ERR_OK;
}

/* Fills r, which is zero. *gone: the name has been erased meanwhile. */
static enum err names_one(
    struct work *w, int64_t no, struct names_row *r, bool *gone, struct errbuf *eb)
{
	struct handle_row known = {0};
	struct staging *reader = NULL;
	struct str name;
	enum err err = work_reader(w, &reader, eb);

	str_init(&name, NAMES_TEXT);
	if (!err)
		err = staging_name_get(reader, no, &r->kind, &name, eb);
	*gone = err == ERR_NOTFOUND;
	if (!err && !(r->name = arena_dup(w->chunk->arena, str_get(&name), name.len)))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	str_done(&name);
	if (err)
		return *gone ? ERR_OK : err;
	/* a channel that was fetched since may have answered it */
	err = staging_handle_get(reader, r->kind, r->name, &known, eb);
	if (!err && known.state == ITEM_DONE) {
		r->hit = true;
		r->cid = known.cid;
		r->at = known.checked_at;
		return ERR_OK;
	}
	return err && err != ERR_NOTFOUND ? err : names_call(w, r, eb);
}

static enum err names_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (!c->rows && !(c->rows = arena_alloc(c->arena, NAMES_IDS * sizeof(struct names_row))))
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (int i = 0; i < c->n && !err; i++) {
		struct names_row *r = (struct names_row *)c->rows + c->n_rows;
		bool gone = false;
		if (c->states[i] != ITEM_PENDING)
			continue;
		*r = (struct names_row){0};
		c->from = c->upto = i;
		err = names_one(w, cid_number(&c->ids[i]), r, &gone, eb);
		if (err == ERR_DENIED || err == ERR_INVALID) {
			err = work_give_up(w, i, eb);
		} else if (!err) {
			c->states[i] = r->hit ? ITEM_DONE : ITEM_MISSING;
			c->n_rows += !gone;
		}
	}
	return err;
}

/* ---- storing ---- */

static enum err names_store_hit(
    struct staging *s, struct chunk *c, const struct names_row *r, struct errbuf *eb)
{
	bool known = false, added = false;
	enum err err =
	    staging_name_resolved(s, r->kind, r->name, &r->cid, r->at, &known, &added, eb);

	if (!err && r->handle_too) {
		bool more = false;
		err =
		    staging_name_resolved(s, "handle", r->name, &r->cid, r->at, &known, &more, eb);
		added = added || more;
	}
	chunk_count(c, added, "new_channels");
	if (err || !r->meta || !known)
		return err;
	err = staging_meta_put(s, r->meta, eb);
	return err ? err : staging_state_set(s, OP_METADATA, &r->cid, ITEM_DONE, NULL, eb);
}

static enum err names_commit(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	const struct names_row *rows = c->rows;
	enum err err = ERR_OK;

	for (int i = 0; i < c->n_rows && !err; i++)
		err = rows[i].hit
		          ? names_store_hit(s, c, &rows[i], eb)
		          : staging_name_missed(s, rows[i].kind, rows[i].name, rows[i].at, eb);
	for (int i = 0; i < c->n && !err; i++)
		if (c->states[i] == ITEM_FAILED)
			err = staging_name_failed(s, cid_number(&c->ids[i]), eb);
	return err;
}

/* Nothing is kept between two calls. */
static void names_drop(struct chunk *c)
{
	(void)c;
}

const struct job_type names_type = {
    .info = {.name = "resolve_names",
        .word = "names",
        .help = "find the channels of @handles, /user/ and /c/ names that imports held, one unit "
                "each; what imports wait for first, then the most mentioned",
        .params = names_params,
        .n_params = sizeof names_params / sizeof names_params[0]},
    .op = OP_NONE,
    .stage = STAGE_DISCOVERY,
    .feed = FEED_NAMES,
    .alone = true,
    .keeps = true,
    .chunk_ids = names_chunk_ids,
    .ask = names_ask,
    .day_units = names_day_units,
    .begin = names_begin,
    .price = names_price,
    .work = names_work,
    .commit = names_commit,
    .drop = names_drop,
};

/*
 * The job type batch_discovery: each source goes through the chosen methods, what they want looked
 * up is looked up in packs, and every channel that staging does not know is confirmed 50 a call; its
 * metadata is stored at once, so that it can be a source of the next step itself. A source is done
 * when all that hangs on it was answered. Chunks are as large as they may be: the packs of 50 are
 * a chunk's own, and half-empty ones cost more in a year than what a crash loses.
 */
#include "config.h"
#include "engine/jobs/discovery_parts.h"

#include "db/staging_discovery.h"
#include "engine/base/clock.h"
#include "engine/discovery/similar.h"
#include "engine/jobs/dispatcher.h"
#include "engine/jobs/given.h"
#include "engine/jobs/idle.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/prices.h"
#include "engine/jobs/rows_keep.h"
#include "engine/jobs/worker.h"
#include "engine/quota/day.h"

#include <stdlib.h>
#include <string.h>

static const struct job_param discovery_params[] = {
    {.name = GIVEN_PARAM,
        .type = PARAM_LIST,
        .optional = true,
        .help = "look at these channels alone, also once more; none: at all that are due"},
    {.name = "method",
        .type = PARAM_LIST,
        .help = "ways to look, as README lists them; none: the cheap ones"},
    {.name = "depth",
        .type = PARAM_NUMBER,
        .fallback = 1,
        .least = 1,
        .most = 10,
        .help = "steps from an imported channel at most; 2: what was found is a source too"},
    {.name = "per_source",
        .type = PARAM_NUMBER,
        .least = 0,
        .most = 1000,
        .optional = true,
        .help = "channels that one method takes from one source; 0 or none: the method's own"},
    {.name = "handles_per_source",
        .type = PARAM_NUMBER,
        .fallback = 3,
        .least = 0,
        .most = 50,
        .help = "@handles of one source that are looked up, 1 unit each"},
    {.name = "min_subscribers",
        .type = PARAM_NUMBER,
        .least = 0,
        .most = INT64_C(1000000000),
        .optional = true,
        .word = "subs>=",
        .help = "sources with fewer, or a hidden number, are passed over without a call"},
    {.name = "allow", .type = PARAM_LIST, .help = "take these channels alone"},
    {.name = "deny", .type = PARAM_LIST, .help = "never take these channels"},
    {.name = "deny_file",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "a file of such channels, one id or address a line"},
    {.name = "pages",
        .type = PARAM_NUMBER,
        .fallback = 1,
        .least = 1,
        .most = 20,
        .help = "pages of subscriptions and comments that are read of one source, 1 unit each"},
    {.name = "playlists",
        .type = PARAM_NUMBER,
        .fallback = 3,
        .least = 1,
        .most = 50,
        .help = "playlists of one source that are read, 1 unit each"},
    {.name = "comment_sources",
        .type = PARAM_NUMBER,
        .fallback = 2,
        .least = 1,
        .most = 100,
        .help = "sources below which somebody must have commented to be found"},
    {.name = "searches",
        .type = PARAM_NUMBER,
        .fallback = 1,
        .least = 1,
        .most = 3,
        .help = "keyword searches for one source, 1 of 100 a day each"},
    {.name = "again",
        .type = PARAM_FLAG,
        .help = "look once more at channels that were searched already: with another method, or "
                "long after"},
    JOB_PARAM_BATCH_SIZE,
    JOB_PARAM_LIMIT,
    JOB_PARAMS_SHARED,
};

/* A source as methods may read it. */
struct discovery_load {
	struct arena *arena;
	struct channel_row row;
	int depth;
};

/* What a chunk keeps between tries. */
struct discovery {
	struct search *search;
	bool is_indexed;            /* its sources are in the index of similar channels */
	int settled;                /* sources at the beginning whose state this type set */
	bool below[SEARCH_SOURCES]; /* too small: no method looked */
	bool gone[SEARCH_SOURCES];  /* erased since it was handed out */
	struct fault_info refused;  /* the last request that was refused */
	/* for the time of one try */
	struct work *w;
	struct chunk *c;
	struct discovery_load *loads[SEARCH_SOURCES]; /* in the chunk's arena; NULL: not read */
};

/* ---- what the search is given ---- */

static enum err discovery_call(
    void *arg, enum method method, const char *query, struct client_reply *reply, struct errbuf *eb)
{
	struct discovery *d = arg;
	struct chunk *c = d->c;
	int64_t before = c->units;
	int from = 0, upto = 0;
	const struct discovery_method *m = search_calling(d->search, &from, &upto);
	enum err err;

	c->from = from - c->base;
	c->upto = upto - c->base;
	err = work_call(d->w, method, query, reply, eb);
	if (err == ERR_DENIED || err == ERR_INVALID)
		d->refused = d->w->fault;
	if (c->units == before)
		return err;
	if (m)
		chunk_count(c, c->units - before, "methods.%s.units", m->name);
	else
		chunk_count(c, c->units - before, "confirm.units");
	return err;
}

static enum err discovery_torn(void *arg, struct errbuf *eb)
{
	return work_torn(((struct discovery *)arg)->w, eb);
}

static enum err discovery_allowed(void *arg, const struct cid *target, bool *yes, struct errbuf *eb)
{
	struct discovery *d = arg;

	return discovery_may_take(d->w->reader, d->c->job, d->c->params, target, yes, eb);
}

static bool discovery_wait(void *arg, int64_t until_ms)
{
	struct discovery *d = arg;

	work_say(d->w, "slot wait", until_ms, "waits for a service's turn");
	return dispatcher_sleep(d->w->parts->dispatcher, until_ms);
}

/* ---- one source ---- */

static bool discovery_dup(struct arena *a, const char **text)
{
	if (*text)
		*text = arena_dup(a, *text, strlen(*text));
	return *text != NULL;
}

/* What methods may read of a channel, out of the statement that must not stay open for them. */
static enum err discovery_load_row(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	struct discovery_load *l = arg;
	const char **texts[] = {&l->row.import_title, &l->row.import_description};
	bool kept;

	l->row = *row;
	l->row.source = NULL;
	kept = rows_keep_meta(l->arena, &row->meta, &l->row.meta);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0] && kept; i++)
		kept = !*texts[i] || discovery_dup(l->arena, texts[i]);
	return kept ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

static bool discovery_is_passed_over(const struct discovery *d, int at)
{
	return d->below[at] || d->gone[at];
}

static enum err discovery_load(
    struct discovery *d, int i, struct discovery_load **out, struct errbuf *eb)
{
	const struct cid *cid = &d->c->ids[i];
	struct discovery_load *l = arena_alloc(d->c->arena, sizeof *l);
	enum err err;

	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	l->arena = d->c->arena;
	err = staging_channel_get(d->w->reader, cid, discovery_load_row, l, eb);
	*out = l;
	return err ? err : staging_found_depth(d->w->reader, cid, &l->depth, eb);
}

static enum err discovery_source(
    struct discovery *d, int i, enum search_turn turn, struct errbuf *eb)
{
	struct chunk *c = d->c;
	const json_t *least = json_object_get(c->params, "min_subscribers");
	int at = c->base + i;
	struct discovery_load *l = d->loads[at];
	enum err err = ERR_OK;

	if (discovery_is_passed_over(d, at) ||
	    search_looked(d->search, at, NULL) == search_n_methods(d->search))
		return ERR_OK;
	if (!l)
		err = discovery_load(d, i, &l, eb);
	d->gone[at] = err == ERR_NOTFOUND;
	if (err || d->gone[at])
		return d->gone[at] ? ERR_OK : err;
	d->loads[at] = l;
	d->below[at] = json_is_integer(least) &&
	               l->row.meta.subscriber_count < (int64_t)json_integer_value(least);
	return d->below[at] ? ERR_OK : search_source(d->search, at, &l->row, l->depth, turn, eb);
}

/* ---- rows ---- */

static bool discovery_is_settled(const struct discovery *d, int at)
{
	return discovery_is_passed_over(d, at) || search_is_answered(d->search, at);
}

static void *discovery_copy(struct arena *a, const void *items, int n, size_t size)
{
	void *copy = arena_alloc(a, (size_t)(n ? n : 1) * size);

	if (copy && n)
		memcpy(copy, items, (size_t)n * size);
	return copy;
}

/* What was answered about channels and names leaves with this try, whatever becomes of sources. */
static bool discovery_rows_brought(struct discovery *d, struct discovery_rows *r)
{
	struct arena *a = d->c->arena;
	const struct search_brought *b = search_brought(d->search, &r->n_brought);
	const struct handle_row *h = search_handles(d->search, &r->n_handles);
	const struct mentioned_video *v = search_videos_learned(d->search, &r->n_videos);

	r->brought = discovery_copy(a, b, r->n_brought, sizeof *b);
	r->handles = discovery_copy(a, h, r->n_handles, sizeof *h);
	r->videos = discovery_copy(a, v, r->n_videos, sizeof *v);
	if (!r->brought || !r->handles || !r->videos)
		return false;
	for (int i = 0; i < r->n_brought; i++) /* texts of the search stay with it */
		if (r->brought[i].target.title && !discovery_dup(a, &r->brought[i].target.title))
			return false;
	for (int i = 0; i < r->n_handles; i++)
		if (!discovery_dup(a, &r->handles[i].name))
			return false;
	return true;
}

static bool discovery_rows_terms(struct discovery *d, struct discovery_rows *r)
{
	size_t room = 0;

	for (int i = 0; i < r->n_brought; i++)
		room += r->brought[i].meta ? (size_t)similar_room(r->brought[i].meta) : 0;
	if (!room)
		return true;
	r->terms = arena_alloc(d->c->arena, room * sizeof *r->terms);
	for (int i = 0; i < r->n_brought && r->terms; i++)
		if (r->brought[i].meta)
			r->n_terms += similar_rows(r->brought[i].meta, r->terms + r->n_terms);
	if (r->terms)
		qsort(r->terms, (size_t)r->n_terms, sizeof *r->terms, term_row_compare);
	return r->terms != NULL;
}

/* Counts join the chunk's numbers, the rest goes to the writer. */
static bool discovery_rows_notes(struct discovery *d, struct discovery_rows *r)
{
	int n = 0;
	const struct search_note *all = search_notes(d->search, &n);

	r->notes = arena_alloc(d->c->arena, (size_t)(n + 1) * sizeof *r->notes);
	for (int i = 0; i < n && r->notes; i++) {
		const struct search_note *note = &all[i];
		if (note->kind == NOTE_COUNT) {
			chunk_count(d->c, note->seen, "methods.%s.%s%s%s", note->method,
			    note->who ? note->who : "", note->who ? "." : "", note->what);
			continue;
		}
		r->notes[r->n_notes] = *note;
		if (note->title && !discovery_dup(d->c->arena, &r->notes[r->n_notes].title))
			return false;
		r->n_notes++;
	}
	return r->notes != NULL;
}

/* Edges of the sources first..upto - 1, and their channels that nobody confirmed. */
static bool discovery_rows_found(struct discovery *d, struct discovery_rows *r, int first, int upto)
{
	const int64_t now = clock_now();
	struct arena *a = d->c->arena;
	int n = 0;
	const struct search_find *f = search_finds(d->search, &n);

	r->edges = arena_alloc(a, (size_t)(n + 1) * sizeof *r->edges);
	r->plain = arena_alloc(a, (size_t)(n + 1) * sizeof *r->plain);
	if (!r->edges || !r->plain)
		return false;
	for (int at = first; at < upto; at++)
		for (int i = 0; i < n; i++) {
			const struct discovery_method *m;
			struct search_target *t;
			if (f[i].at != at)
				continue;
			t = search_target_get(d->search, &f[i].target);
			m = search_method_at(d->search, f[i].method);
			r->edges[r->n_edges++] =
			    (struct discovery_edge){.row = {.source = d->c->ids[at - d->c->base],
			                                .target = f[i].target,
			                                .method = m->name,
			                                .service = f[i].service,
			                                .confidence = f[i].confidence,
			                                .seen = f[i].seen,
			                                .known = t && t->state == TARGET_KNOWN,
			                                .first_seen = now,
			                                .last_seen = now},
			        .method = f[i].method,
			        .depth = search_depth(d->search, at) + 1};
			if (!t || t->is_handed ||
			    (t->state != TARGET_NEW && t->state != TARGET_REFUSED))
				continue;
			t->is_handed = true;
			t->state = TARGET_UNCONFIRMED;
			r->plain[r->n_plain] = *t;
			if (t->title && !discovery_dup(a, &r->plain[r->n_plain].title))
				return false;
			r->n_plain++;
		}
	return true;
}

static const char *const *discovery_names(struct discovery *d)
{
	int n = search_n_methods(d->search);
	const char **names = arena_alloc(d->c->arena, (size_t)(n + 1) * sizeof *names);

	for (int m = 0; m < n && names; m++)
		names[m] = search_method_at(d->search, m)->name;
	return names;
}

/* ---- states ---- */

/* Done, unless all that was to be asked for it was refused. */
static enum err discovery_state(struct discovery *d, int at, struct errbuf *eb)
{
	struct chunk *c = d->c;
	int i = at - c->base, refused = 0;

	if (d->gone[at]) {
		c->states[i] = ITEM_MISSING;
		return ERR_OK;
	}
	if (d->below[at]) {
		chunk_count(c, 1, "passed_over");
		c->states[i] = ITEM_DONE;
		return ERR_OK;
	}
	search_looked(d->search, at, &refused);
	for (int m = 0; m < search_n_methods(d->search); m++)
		chunk_count(c, 1, "methods.%s.sources", search_method_at(d->search, m)->name);
	if (refused < search_n_methods(d->search)) {
		c->states[i] = ITEM_DONE;
		return ERR_OK;
	}
	d->w->fault = d->refused;
	return work_give_up(d->w, i, eb);
}

/* How many sources at the beginning can be closed. */
static int discovery_upto(const struct discovery *d, enum err why)
{
	const struct chunk *c = d->c;
	int at = c->base;

	/* a call that is tried again soon: nothing needs closing, and all can still be confirmed */
	if (why == ERR_BUSY)
		return at;
	while (at < c->base + c->n && discovery_is_settled(d, at))
		at++;
	return at;
}

/*
 * Hands over what there is. When calls cannot go on (quota, budget, stop) sources whose own calls
 * were all answered are closed, and their channels enter staging unconfirmed, for batch_metadata:
 * nothing that was paid for is asked again.
 */
static enum err discovery_settle(struct discovery *d, enum err why, struct errbuf *eb)
{
	struct chunk *c = d->c;
	struct discovery_rows *r = arena_alloc(c->arena, sizeof *r);
	int first = c->base, upto = discovery_upto(d, why);
	enum err err = r ? ERR_OK : ERR_NOMEM;

	if (!err && upto > first)
		err = search_targets_look(d->search, eb);
	if (!err && (!discovery_rows_brought(d, r) || !discovery_rows_terms(d, r) ||
	                !discovery_rows_notes(d, r)))
		err = ERR_NOMEM;
	if (!err && !discovery_rows_found(d, r, first, upto))
		err = ERR_NOMEM;
	if (!err && !(r->methods = discovery_names(d)))
		err = ERR_NOMEM;
	for (int at = first; at < upto && !err; at++)
		err = discovery_state(d, at, eb);
	if (err)
		return err == ERR_NOMEM ? err_set(eb, err, "out of memory") : err;
	r->n_methods = search_n_methods(d->search);
	d->settled = upto;
	search_handed_over(d->search);
	c->rows = r;
	c->n_rows =
	    r->n_edges + r->n_brought + r->n_plain + r->n_handles + r->n_videos + r->n_notes;
	/* units that were spent for nothing yet are counted all the same */
	if (!c->n_rows && c->n_numbers && why != ERR_BUSY)
		c->n_rows = 1;
	c->day = day_number(clock_now());
	return ERR_OK;
}

/* ---- the type ---- */

static enum err discovery_take_up(
    struct work *w, struct chunk *c, struct discovery **out, struct errbuf *eb)
{
	struct discovery *d = c->keep;
	struct staging *reader = NULL;
	enum err err = work_reader(w, &reader, eb);

	if (!err && !d) {
		c->keep = d = calloc(1, sizeof *d);
		err = d ? search_new(&d->search, c->params, eb)
		        : err_set(eb, ERR_NOMEM, "out of memory");
	}
	if (err)
		return err;
	d->w = w;
	d->c = c;
	memset(d->loads, 0, sizeof d->loads);
	search_use(
	    d->search, &(struct search_config){.call = discovery_call,
	                   .torn = discovery_torn,
	                   .allowed = discovery_has_lists(c->params) ? discovery_allowed : NULL,
	                   .arg = d,
	                   .json = w->json,
	                   .reader = reader,
	                   .params = c->params,
	                   .arena = c->arena,
	                   .providers = w->parts->providers,
	                   .wait = discovery_wait,
	                   .stop = worker_abort_flag(w->worker)});
	/* what the worker gave up on: its calls went on failing */
	for (; d->settled < c->base; d->settled++)
		search_drop(d->search, d->settled);
	for (int i = 0; i < c->n; i++)
		if (c->states[i] != ITEM_PENDING)
			search_drop(d->search, c->base + i);
	*out = d;
	return ERR_OK;
}

static enum err discovery_turn(struct discovery *d, enum search_turn turn, struct errbuf *eb)
{
	/* a transaction must not stay open for calls */
	bool peeks = turn != TURN_CALLS;
	enum err err = peeks ? staging_peek_begin(d->w->reader, eb) : ERR_OK;

	for (int i = 0; i < d->c->n && !err; i++)
		if (d->c->states[i] == ITEM_PENDING)
			err = discovery_source(d, i, turn, eb);
	if (peeks)
		staging_look_end(d->w->reader);
	/* one that compares wants nothing looked up */
	return err || turn == TURN_LIKE ? err : search_look_up(d->search, eb);
}

/*
 * What can be asked in packs goes first: then each call of the rest completes a source. Meanwhile
 * the writer takes the sources into the index; who compares comes when they are there. That costs no
 * call, so it is done for sources whose calls were made before calls could not go on, too.
 */
static enum err discovery_turns(struct discovery *d, struct errbuf *eb)
{
	struct chunk *c = d->c;
	struct discovery_index *index = NULL;
	struct errbuf later = {0};
	enum err err = ERR_OK, indexed;

	if (!d->is_indexed)
		err = discovery_index_begin(
		    d->w->parts->writer, d->w->reader, c->ids, c->n, &index, eb);
	if (err)
		return err;
	err = discovery_turn(d, TURN_QUIET, eb);
	if (!err)
		err = discovery_turn(d, TURN_CALLS, eb);
	indexed = discovery_index_end(index, &later);
	d->is_indexed = d->is_indexed || !indexed;
	if (!indexed)
		indexed = discovery_turn(d, TURN_LIKE, &later);
	if (!err && indexed && eb)
		*eb = later;
	return err ? err : indexed;
}

static enum err discovery_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	struct discovery *d = NULL;
	struct errbuf why = {0};
	enum err err = discovery_take_up(w, c, &d, eb), settled;

	if (err)
		return err;
	err = discovery_turns(d, eb);
	if (!err)
		err = search_confirm(d->search, eb);
	why = eb ? *eb : why;
	settled = discovery_settle(d, err, eb);
	if (settled)
		return settled;
	if (err && eb)
		*eb = why;
	return err;
}

static void discovery_drop(struct chunk *c)
{
	struct discovery *d = c->keep;

	if (d)
		search_free(d->search);
	free(d);
	c->keep = NULL;
}

static void discovery_ask(const struct engine_parts *parts, const json_t *params,
    int64_t created_ms, struct feed_ask *out)
{
	const json_t *depth = json_object_get(params, "depth");

	(void)parts;
	(void)created_ms;
	out->bound = json_is_integer(depth) ? (int64_t)json_integer_value(depth) : 1;
	if (given_any(params))
		out->bound = 0;
}

static double discovery_number(const json_t *method, const char *name)
{
	return json_number_value(json_object_get(method, name));
}

/* New confirmed channels per 100 units: a method's own units and its share of confirming. */
static void discovery_summary(json_t *result)
{
	json_t *method, *methods = json_object_get(result, "methods");
	double confirm =
	    json_number_value(json_object_get(json_object_get(result, "confirm"), "units"));
	double asked = 0;
	const char *name;

	json_object_foreach(methods, name, method) asked +=
	    discovery_number(method, "confirmed") + discovery_number(method, "missing");
	json_object_foreach(methods, name, method)
	{
		double mine =
		    discovery_number(method, "confirmed") + discovery_number(method, "missing");
		double units =
		    discovery_number(method, "units") + (asked > 0 ? confirm * mine / asked : 0);
		if (units > 0)
			json_object_set_new(method, "confirmed_per_100_units",
			    json_real(100 * discovery_number(method, "confirmed") / units));
	}
}

const struct job_type discovery_type = {
    .info = {.name = "batch_discovery",
        .word = "discovery",
        .help = "find channels that belong to those in staging, and confirm them",
        .params = discovery_params,
        .n_params = sizeof discovery_params / sizeof discovery_params[0]},
    .op = OP_DISCOVERY,
    .stage = STAGE_DISCOVERY,
    .feed = FEED_DISCOVERY,
    .idle = idle_discovery,
    .own = true,
    .alone = true,
    .keeps = true,
    .check = discovery_check,
    .ask = discovery_ask,
    .begin = discovery_begin,
    .price = discovery_price,
    .offers = discovery_offers,
    .work = discovery_work,
    .commit = discovery_commit,
    .drop = discovery_drop,
    .summary = discovery_summary,
};

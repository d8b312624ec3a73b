/* Export: rows as CSV or JSON Lines, streamed; one table of what, columns in engine_columns. */
#include "config.h"
#include "engine/engine_columns.h"
#include "engine/engine_found.h"
#include "engine/engine_parts.h"
#include "engine/jobs_found.h"
#include "db/staging_discovery.h"
#include "db/staging_videos.h"
#include "engine/base/clock.h"
#include "engine/discovery/confidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	EXPORT_READ = 20000,         /* rows that one page reads at most, wanted or not */
	EXPORT_PAGE_BYTES = 4 << 20, /* a page is written when it is as long */
	EXPORT_PAGE_LIMIT = 16 << 20,
	EXPORT_WORDS = 512,
	EXPORT_KNOWN = 1 << 14 /* targets whose combined confidence is remembered */
};

struct known_target {
	struct cid cid;
	bool is_set;
	double combined;
};

struct export
{
	struct engine *engine;
	const struct engine_export *cfg;
	const struct column_table *table;
	struct staging *staging;
	struct staging *look;       /* for what is asked while staging walks */
	struct known_target *known; /* EXPORT_KNOWN places by key; NULL: it is not needed */
	int64_t now;
	int columns[COLUMNS_MOST];
	int n_columns;
	bool has_channel;
	struct cid channel;     /* of the filter */
	struct found *found;    /* what q finds, or in another order; NULL: all by id */
	struct found_key *keys; /* FOUND_MOST of these, from key_at on not written yet; owned */
	size_t n_keys, key_at;
	struct fields fields;
	struct str page; /* rows that are not written yet */
	int64_t rows;

	/* where the reading stands */
	bool begun;
	bool is_full;  /* the page ended because it is; else there is no more */
	int64_t read;  /* rows of this page, wanted or not */
	struct cid at; /* channel, or source of an edge */
	int64_t vid;
	struct cid target;
	char *method;            /* of the last edge */
	int64_t no;              /* of the last job */
	struct jobs_found *jobs; /* that q finds, or in another order; NULL: all, newest first */
	size_t job_at;           /* the next of them */
};

/* ---- rows ---- */

/* Ends the row in fields: CSV or JSON, into the page. */
static enum err export_row_end(struct export *x, struct errbuf *eb)
{
	str_adds(&x->fields.row, x->fields.jsonl ? "}\n" : "\r\n");
	if (x->fields.row.err)
		return err_set(eb, x->fields.row.err, "export: a row is too long");
	str_add(&x->page, str_get(&x->fields.row), x->fields.row.len);
	if (x->page.err)
		return err_set(eb, x->page.err, "export: a page is too long");
	str_reset(&x->fields.row);
	x->fields.first = true;
	return ERR_OK;
}

/* One row read: taken when wanted. ERR_CANCELLED ends the page. */
static enum err export_row(struct export *x, const void *row, bool wanted, struct errbuf *eb)
{
	enum err err = ERR_OK;

	x->begun = true;
	for (int i = 0; i < x->n_columns && wanted; i++)
		x->table->put(x->columns[i], &x->fields, row);
	if (wanted)
		err = export_row_end(x, eb);
	x->rows += wanted && !err;
	x->read++;
	x->is_full = x->read >= EXPORT_READ || x->page.len >= EXPORT_PAGE_BYTES;
	return !err && x->is_full ? ERR_CANCELLED : err;
}

static enum err export_header(struct export *x, struct errbuf *eb)
{
	if (x->fields.jsonl)
		return ERR_OK;
	for (int i = 0; i < x->n_columns; i++)
		fields_text(&x->fields, NULL, x->table->name(x->columns[i]));
	return export_row_end(x, eb);
}

static enum err export_flush(struct export *x, struct errbuf *eb)
{
	if (x->page.len && fwrite(str_get(&x->page), 1, x->page.len, x->cfg->out) != x->page.len)
		return err_set(eb, ERR_IO, "export: %s", strerror(errno));
	str_reset(&x->page);
	return ERR_OK;
}

/* ---- what is wanted ---- */

static bool is_word(const char *wanted, const char *is)
{
	return !wanted || (is && strcmp(wanted, is) == 0);
}

/* "en" is also "en-GB". */
static bool is_language(const char *wanted, const char *is)
{
	size_t n = wanted ? strlen(wanted) : 0;

	return !wanted || (is && strlen(is) >= n && strncasecmp(is, wanted, n) == 0 &&
	                      (is[n] == '\0' || is[n] == '-'));
}

static bool is_between(int64_t value, int64_t none, int64_t least, int64_t most)
{
	if (least == ENGINE_ANY && most == ENGINE_ANY)
		return true;
	return value != none && (least == ENGINE_ANY || value >= least) &&
	       (most == ENGINE_ANY || value <= most);
}

static bool is_in_time(const struct engine_filter *f, int64_t at, int64_t none)
{
	return is_between(at, none, f->since, f->until == ENGINE_ANY ? ENGINE_ANY : f->until - 1);
}

static bool channel_is_wanted(const struct engine_filter *f, const struct channel_row *r)
{
	const struct channel_meta *m = r->has_meta ? &r->meta : NULL;

	return is_word(f->state, item_state_word(r->state[OP_METADATA])) &&
	       is_word(f->source, r->source) && is_language(f->language, m ? m->language : NULL) &&
	       (!f->country || (m && m->country && strcasecmp(f->country, m->country) == 0)) &&
	       is_between(m ? m->subscriber_count : COUNT_NONE, COUNT_NONE, f->min_subscribers,
	           f->max_subscribers) &&
	       is_in_time(f, m ? m->fetched_at : 0, 0);
}

static bool video_is_wanted(const struct engine_filter *f, const struct video_row *v)
{
	return is_language(f->language, v->language) && is_in_time(f, v->published_at, INT64_MIN);
}

static bool edge_is_wanted(const struct engine_filter *f, const struct edge_row *e)
{
	return is_word(f->method, e->method) && is_in_time(f, e->last_seen, 0);
}

static bool job_is_wanted(const struct engine_filter *f, const struct job_row *j)
{
	return is_word(f->state, job_status_word(j->status)) &&
	       is_in_time(f, j->created_ms / 1000, 0);
}

/* ---- one page of each kind, from where the last one ended ---- */

static enum err take_channel(void *arg, const struct channel_row *r, struct errbuf *eb)
{
	struct export *x = arg;

	x->at = r->cid;
	return export_row(x, r, channel_is_wanted(&x->cfg->filter, r), eb);
}

typedef enum err export_key_fn(struct export *x, const struct found_key *k, struct errbuf *eb);

/* Goes on with the keys that the last page left, or asks for more of them. */
static enum err page_found(struct export *x, export_key_fn *take, struct errbuf *eb)
{
	bool more = true;
	enum err err = ERR_OK;

	if (x->key_at == x->n_keys) {
		x->key_at = 0;
		err = found_next(x->found, x->staging, x->keys, &x->n_keys, &more, eb);
	}
	while (!err && x->key_at < x->n_keys && !x->is_full) {
		err = take(x, &x->keys[x->key_at++], eb);
		if (err == ERR_NOTFOUND) /* erased meanwhile */
			err = ERR_OK;
	}
	x->is_full = x->key_at < x->n_keys || more;
	return err == ERR_CANCELLED ? ERR_OK : err;
}

static enum err key_channel(struct export *x, const struct found_key *k, struct errbuf *eb)
{
	return staging_channel_get(x->staging, &k->channel, take_channel, x, eb);
}

static enum err page_channels(struct export *x, struct errbuf *eb)
{
	enum err err;

	if (x->found)
		return page_found(x, key_channel, eb);
	if (!x->has_channel)
		return staging_channels_each(
		    x->staging, x->begun ? &x->at : NULL, 0, take_channel, x, eb);
	err = staging_channel_get(x->staging, &x->channel, take_channel, x, eb);
	return err == ERR_NOTFOUND || err == ERR_CANCELLED ? ERR_OK : err;
}

static enum err take_video(void *arg, const struct video_row *v, struct errbuf *eb)
{
	struct export *x = arg;

	x->at = v->channel;
	x->vid = v->vid;
	return export_row(x, v, video_is_wanted(&x->cfg->filter, v), eb);
}

/* The one video of the key, unless it has gone. */
static enum err take_found_video(void *arg, const struct video_row *v, struct errbuf *eb)
{
	struct export *x = arg;

	return v->vid == x->vid ? take_video(x, v, eb) : ERR_OK;
}

static enum err key_video(struct export *x, const struct found_key *k, struct errbuf *eb)
{
	int64_t before = k->vid - 1;

	x->vid = k->vid;
	return staging_videos_of(x->staging, &k->channel, k->vid == INT64_MIN ? NULL : &before, 1,
	    take_found_video, x, eb);
}

static enum err page_videos(struct export *x, struct errbuf *eb)
{
	if (x->found)
		return page_found(x, key_video, eb);
	return x->has_channel ? staging_videos_of(x->staging, &x->channel,
	                            x->begun ? &x->vid : NULL, 0, take_video, x, eb)
	                      : staging_videos_each(x->staging, x->begun ? &x->at : NULL, x->vid, 0,
	                            take_video, x, eb);
}

/* Is it behind the last one taken? Pages begin at the source: what was taken comes once more. */
static bool edge_is_next(const struct export *x, const struct edge_row *e)
{
	int order = x->begun ? cid_compare(&e->source, &x->at) : 1;

	if (!order)
		order = cid_compare(&e->target, &x->target);
	return order > 0 || (!order && strcmp(e->method, x->method) > 0);
}

/* A channel that many lead to comes up many times, and takes long each time. */
static enum err edge_combined(
    struct export *x, const struct cid *target, double *out, struct errbuf *eb)
{
	size_t place =
	    ((size_t)target->b[0] << 16 | (size_t)target->b[7] << 8 | target->b[13]) % EXPORT_KNOWN;
	struct known_target *k = &x->known[place];
	enum err err = ERR_OK;

	if (!k->is_set || cid_compare(&k->cid, target) != 0) {
		k->cid = *target;
		err = discovery_combined(x->look, target, x->now, &k->combined, eb);
		k->is_set = !err;
	}
	*out = k->combined;
	return err;
}

static enum err edge_row(struct export *x, const struct edge_row *e, struct errbuf *eb)
{
	struct edge_export row = {.edge = e};
	bool wanted = edge_is_wanted(&x->cfg->filter, e);
	enum err err = ERR_OK;

	if (wanted && x->known)
		err = edge_combined(x, &e->target, &row.combined, eb);
	return err ? err : export_row(x, &row, wanted, eb);
}

static enum err take_edge(void *arg, const struct edge_row *e, struct errbuf *eb)
{
	struct export *x = arg;

	if (!edge_is_next(x, e))
		return ERR_OK;
	if (!x->method || strcmp(x->method, e->method) != 0) {
		free(x->method);
		x->method = str_dup(e->method);
		if (!x->method)
			return err_set(eb, ERR_NOMEM, "out of memory");
	}
	x->at = e->source;
	x->target = e->target;
	return edge_row(x, e, eb);
}

static enum err take_found_edge(void *arg, const struct edge_row *e, struct errbuf *eb)
{
	return edge_row(arg, e, eb);
}

static enum err key_edge(struct export *x, const struct found_key *k, struct errbuf *eb)
{
	return staging_edge_get(
	    x->staging, &k->channel, &k->target, k->method, take_found_edge, x, eb);
}

static enum err page_discoveries(struct export *x, struct errbuf *eb)
{
	struct cid before = x->at;
	bool is_first = !x->begun;

	if (x->found)
		return page_found(x, key_edge, eb);
	if (x->has_channel)
		return staging_edges_from(x->staging, &x->channel, take_edge, x, eb);
	for (int i = CID_BYTES - 1; i >= 0 && !is_first; i--) {
		if (before.b[i]-- > 0)
			break;
		is_first = i == 0;
	}
	return staging_edges_each(x->staging, is_first ? NULL : &before, take_edge, x, eb);
}

static enum err take_job(void *arg, const struct job_row *j, struct errbuf *eb)
{
	struct export *x = arg;

	if (!x->jobs && x->begun && j->no >= x->no)
		return ERR_OK;
	x->no = j->no;
	return export_row(x, j, job_is_wanted(&x->cfg->filter, j), eb);
}

static enum err page_found_jobs(struct export *x, struct errbuf *eb)
{
	size_t n = (size_t)jobs_found_counts(x->jobs)->total;
	struct job_row row;
	char *params = NULL;
	enum err err = ERR_OK;

	while (x->job_at < n && !err) {
		err = staging_job_get(
		    x->staging, jobs_found_no(x->jobs, x->job_at++), &row, &params, eb);
		if (!err)
			err = take_job(x, &row, eb);
		else if (err == ERR_NOTFOUND) /* deleted meanwhile */
			err = ERR_OK;
		free(params);
		params = NULL;
	}
	x->is_full = x->job_at < n;
	return err == ERR_CANCELLED ? ERR_OK : err;
}

static enum err page_jobs(struct export *x, struct errbuf *eb)
{
	if (x->jobs)
		return page_found_jobs(x, eb);
	return staging_jobs_each(x->staging, JOB_STATUS_COUNT, 0, take_job, x, eb);
}

/* ---- what there is ---- */

/* Filters that a kind knows. */
enum {
	BY_STATE = 1,
	BY_SOURCE = 2,
	BY_LANGUAGE = 4,
	BY_COUNTRY = 8,
	BY_CHANNEL = 16,
	BY_METHOD = 32,
	BY_SUBSCRIBERS = 64,
	BY_Q = 128
};

static const struct export_kind {
	const char *what;
	const struct column_table *columns;
	unsigned filters;
	enum err (*page)(struct export *x, struct errbuf *eb);
} kinds[] = {
    {"channels", &columns_channels,
        BY_STATE | BY_SOURCE | BY_LANGUAGE | BY_COUNTRY | BY_CHANNEL | BY_SUBSCRIBERS | BY_Q,
        page_channels},
    {"videos", &columns_videos, BY_LANGUAGE | BY_CHANNEL | BY_Q, page_videos},
    {"discoveries", &columns_discoveries, BY_CHANNEL | BY_METHOD | BY_Q, page_discoveries},
    {"jobs", &columns_jobs, BY_STATE | BY_Q, page_jobs},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* ---- checking ---- */

static const struct export_kind *kind_find(const char *what)
{
	for (size_t i = 0; i < KINDS; i++)
		if (what && strcmp(kinds[i].what, what) == 0)
			return &kinds[i];
	return NULL;
}

static const char *state_of_channels(int i)
{
	return i < ITEM_STATE_COUNT ? item_state_word((enum item_state)i) : NULL;
}

static const char *state_of_jobs(int i)
{
	return i < JOB_STATUS_COUNT ? job_status_word((enum job_status)i) : NULL;
}

static enum err check_state(const struct export_kind *k, const char *state, struct errbuf *eb)
{
	const char *(*word)(int) = k->page == page_jobs ? state_of_jobs : state_of_channels;
	struct str all;
	enum err err = ERR_INVALID;

	str_init(&all, EXPORT_WORDS);
	for (int i = 0; word(i); i++) {
		if (strcmp(state, word(i)) == 0)
			err = ERR_OK;
		str_addf(&all, "%s%s", i ? ", " : "", word(i));
	}
	if (err)
		err_set(eb, err, "there are no %s of state \"%.40s\": it is one of %s", k->what,
		    state, str_get(&all));
	str_done(&all);
	return err;
}

/* A filter and an order of lists, as found_open and jobs_found_open take them. */
static enum err check_found(
    const struct export_kind *k, const struct engine_filter *f, struct errbuf *eb)
{
	struct jobs_found *jobs = NULL;
	struct found *found = NULL;
	enum err err = ERR_OK;

	if (f->channel && (f->q || f->sort) && k->page == page_channels)
		return err_set(
		    eb, ERR_INVALID, "channel and q exclude each other: q may say id=UC…");
	if ((f->q || f->sort) && k->page == page_jobs)
		err = jobs_found_open(&jobs, f->q, f->sort, clock_now(), eb);
	else if (f->q || f->sort)
		err = found_open(&found, k->what, f->q, f->sort, f->channel, eb);
	found_close(found);
	jobs_found_close(jobs);
	return err;
}

static enum err check_filter(
    const struct export_kind *k, const struct engine_filter *f, struct errbuf *eb)
{
	const struct {
		unsigned bit;
		bool is_given;
		const char *name;
	} given[] = {
	    {BY_STATE, f->state != NULL, "state"},
	    {BY_SOURCE, f->source != NULL, "source"},
	    {BY_LANGUAGE, f->language != NULL, "language"},
	    {BY_COUNTRY, f->country != NULL, "country"},
	    {BY_CHANNEL, f->channel != NULL, "channel"},
	    {BY_METHOD, f->method != NULL, "method"},
	    {BY_SUBSCRIBERS, f->min_subscribers != ENGINE_ANY || f->max_subscribers != ENGINE_ANY,
	        "number of subscribers"},
	    {BY_Q, f->q || f->sort, "filter or order of lists"},
	};
	struct cid cid;
	enum err err;

	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
		if (given[i].is_given && !(k->filters & given[i].bit))
			return err_set(eb, ERR_INVALID, "%s cannot be chosen by their %s", k->what,
			    given[i].name);
	if (f->channel && !cid_parse(f->channel, strlen(f->channel), &cid))
		return err_set(eb, ERR_INVALID, "\"%.60s\" is no channel id (UC and 22 characters)",
		    f->channel);
	err = f->state ? check_state(k, f->state, eb) : ERR_OK;
	return err ? err : check_found(k, f, eb);
}

enum err engine_export_check(const struct engine_export *cfg, struct errbuf *eb)
{
	const struct export_kind *k = kind_find(cfg->what);
	int columns[COLUMNS_MOST], n;
	struct str all;
	enum err err;

	if (!k) {
		str_init(&all, EXPORT_WORDS);
		for (size_t i = 0; i < KINDS; i++)
			str_addf(&all, "%s%s", i ? ", " : "", kinds[i].what);
		err = err_set(eb, ERR_INVALID, "cannot export \"%.60s\": there are %s", cfg->what,
		    str_get(&all));
		str_done(&all);
		return err;
	}
	if (strcmp(cfg->format, "csv") != 0 && strcmp(cfg->format, "jsonl") != 0)
		return err_set(
		    eb, ERR_INVALID, "format \"%.60s\" is neither csv nor jsonl", cfg->format);
	err = columns_choose(k->columns, cfg->columns, columns, &n, eb);
	return err ? err : check_filter(k, &cfg->filter, eb);
}

/* ---- exporting ---- */

/* Reads a page, then writes it: no read lasts longer than that. */
static enum err export_pages(
    struct export *x, enum err (*page)(struct export *x, struct errbuf *eb), struct errbuf *eb)
{
	enum err err = export_header(x, eb);

	x->is_full = true;
	while (!err && x->is_full) {
		x->is_full = false;
		x->read = 0;
		err = page(x, eb);
		if (!err)
			err = export_flush(x, eb);
		if (!err && x->cfg->progress && !x->cfg->progress(x->cfg->arg, x->rows))
			err = err_set(eb, ERR_CANCELLED, "stopped before the end");
	}
	if (!err && fflush(x->cfg->out) != 0)
		err = err_set(eb, ERR_IO, "export: %s", strerror(errno));
	return err;
}

static enum err export_finds(struct export *x, const struct export_kind *k, struct errbuf *eb)
{
	const struct engine_filter *f = &x->cfg->filter;

	if (k->page == page_jobs)
		return engine_jobs_found(x->engine, x->staging, f->q, f->sort, &x->jobs, eb);
	x->keys = calloc(FOUND_MOST, sizeof *x->keys);
	return x->keys ? found_open(&x->found, k->what, f->q, f->sort, f->channel, eb)
	               : err_set(eb, ERR_NOMEM, "out of memory");
}

static enum err export_combines(struct export *x, const char *path, struct errbuf *eb)
{
	x->known = calloc(EXPORT_KNOWN, sizeof *x->known);
	return x->known ? staging_open(&x->look, path, DB_READ, eb)
	                : err_set(eb, ERR_NOMEM, "out of memory");
}

enum err engine_export(
    struct engine *e, const struct engine_export *cfg, int64_t *rows, struct errbuf *eb)
{
	const struct export_kind *kind = kind_find(cfg->what);
	struct export x = {
	    .engine = e, .cfg = cfg, .table = kind ? kind->columns : NULL, .now = clock_now()};
	enum err err = engine_export_check(cfg, eb);

	*rows = 0;
	if (err)
		return err;
	x.fields =
	    (struct fields){.jsonl = strcmp(cfg->format, "jsonl") == 0, .first = true, .sep = ','};
	str_init(&x.fields.row, FIELDS_LIMIT);
	str_init(&x.page, EXPORT_PAGE_LIMIT);
	x.has_channel = cfg->filter.channel &&
	                cid_parse(cfg->filter.channel, strlen(cfg->filter.channel), &x.channel);
	err = columns_choose(x.table, cfg->columns, x.columns, &x.n_columns, eb);
	/* a connection of its own: others look at staging meanwhile */
	if (!err)
		err = staging_open(&x.staging, e->staging_path, DB_READ, eb);
	if (!err && columns_has(x.table, x.columns, x.n_columns, "combined"))
		err = export_combines(&x, e->staging_path, eb);
	if (!err && (cfg->filter.q || cfg->filter.sort))
		err = export_finds(&x, kind, eb);
	if (!err)
		err = export_pages(&x, kind->page, eb);
	staging_close(x.staging);
	staging_close(x.look);
	found_close(x.found);
	jobs_found_close(x.jobs);
	free(x.keys);
	str_done(&x.fields.row);
	str_done(&x.page);
	free(x.method);
	free(x.known);
	*rows = x.rows;
	return err;
}

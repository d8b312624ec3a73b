/* Taking data out: what it would take, one channel at once, old data by a job. */
#include "config.h"
#include "engine/engine_parts.h"
#include "db/sources/channel_ref.h"
#include "db/staging_erase.h"
#include "db/staging_handles.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PURGE_NAME = 1024 };

/* ---- which channel ---- */

/* A name that was resolved, or that a fetched channel has. No call is made for it. */
static enum err purge_name(
    struct staging *s, const struct channel_ref *ref, struct cid *out, struct errbuf *eb)
{
	const char *kind = channel_ref_word(ref->kind);
	struct handle_row known = {0};
	struct str name, key;
	enum err err = ERR_NOTFOUND;

	str_init(&name, PURGE_NAME);
	str_init(&key, PURGE_NAME);
	channel_ref_name(ref, &name);
	if (staging_handle_key(kind, str_get(&name), name.len, &key))
		err = staging_handle_get(s, kind, str_get(&key), &known, eb);
	if (!err && known.state != ITEM_DONE)
		err = ERR_NOTFOUND;
	if (err == ERR_NOTFOUND)
		err_set(eb, err, "no channel here is known by the name %s: give its id, UC…",
		    str_get(&name));
	*out = known.cid;
	str_done(&key);
	str_done(&name);
	return err;
}

enum err engine_channel_target(
    struct staging *s, const char *text, struct cid *out, struct errbuf *eb)
{
	struct channel_ref ref;

	channel_ref_parse(text, strlen(text), &ref);
	*out = ref.cid;
	if (ref.kind == CHANNEL_REF_ID)
		return ERR_OK;
	if (ref.kind == CHANNEL_REF_NONE)
		return err_set(eb, ERR_INVALID, "%s: %s", text, ref.reason);
	return purge_name(s, &ref, out, eb);
}

/* ---- looking ---- */

static enum err purge_title(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	const char *title = row->has_meta && row->meta.title ? row->meta.title : row->import_title;

	(void)eb;
	json_object_set_new(arg, "title", title ? json_string(title) : json_null());
	return ERR_OK;
}

static enum err purge_look_channel_locked(
    struct engine *e, const char *target, json_t *out, struct errbuf *eb)
{
	char id[CID_TEXT + 1];
	struct staging_traces t = {0};
	struct cid cid;
	enum err err = engine_channel_target(e->reader, target, &cid, eb);

	if (!err)
		err = staging_traces_of(e->reader, &cid, &t, eb);
	if (!err && t.is_known)
		err = staging_channel_get(e->reader, &cid, purge_title, out, eb);
	if (err)
		return err;
	json_object_set_new(out, "channel_id", json_string(cid_format(&cid, id)));
	json_object_set_new(out, "known", json_boolean(t.is_known));
	json_object_set_new(out, "erased", json_boolean(t.is_erased));
	json_object_set_new(out, "videos", json_integer((json_int_t)t.videos));
	json_object_set_new(out, "discoveries", json_integer((json_int_t)t.edges));
	json_object_set_new(out, "names", json_integer((json_int_t)t.names));
	return ERR_OK;
}

static enum err purge_look_age_locked(
    struct engine *e, int64_t days, json_t *out, struct errbuf *eb)
{
	int64_t bound = clock_now() - days * 86400, sum = 0;
	char iso[CLOCK_ISO_SIZE];
	enum err err = ERR_OK;

	for (int what = 0; what < AGED_COUNT && !err; what++) {
		int64_t rows = 0;
		err = staging_aged_count(e->reader, (enum aged)what, bound, &rows, eb);
		json_object_set_new(
		    out, aged_word((enum aged)what), json_integer((json_int_t)rows));
		sum += rows;
	}
	json_object_set_new(out, "older_than_days", json_integer((json_int_t)days));
	json_object_set_new(out, "before", json_string(clock_iso(bound, iso)));
	json_object_set_new(out, "rows", json_integer((json_int_t)sum));
	return err;
}

char *engine_purge_look(struct engine *e, const char *target, int64_t days, struct errbuf *eb)
{
	json_t *out = json_object();
	char *text = NULL;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = !out     ? err_set(eb, ERR_NOMEM, "out of memory")
	      : target ? purge_look_channel_locked(e, target, out, eb)
	               : purge_look_age_locked(e, days, out, eb);
	pthread_mutex_unlock(&e->look);
	if (!err && !(text = json_dumps(out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII)))
		err_set(eb, ERR_NOMEM, "out of memory");
	json_decref(out);
	return text;
}

/* ---- doing ---- */

struct purge_one {
	struct cid cid;
	struct staging_traces traces;
};

static enum err purge_erase_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct purge_one *p = arg;

	return staging_erase(s, &p->cid, &p->traces, eb);
}

static enum err purge_readmit_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return staging_readmit(s, &((struct purge_one *)arg)->cid, eb);
}

/* Runs one of the two above for the command's target. */
static enum err purge_one(struct engine *e, const struct command *c, write_fn *apply,
    struct purge_one *p, struct errbuf *eb)
{
	enum err err;

	pthread_mutex_lock(&e->look);
	err = engine_channel_target(e->reader, c->target ? c->target : "", &p->cid, eb);
	pthread_mutex_unlock(&e->look);
	return err ? err : writer_run(e->parts.writer, apply, p, true, eb);
}

/* So many at a time, so that the writer has others between. */
enum { PURGE_SLICE = 200 };

struct purge_many {
	const struct cid *cids;
	size_t n;
	int64_t known, videos, edges;
};

static enum err purge_many_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct purge_many *p = arg;
	enum err err = ERR_OK;

	for (size_t i = 0; i < p->n && !err; i++) {
		struct staging_traces t = {0};
		err = staging_erase(s, &p->cids[i], &t, eb);
		p->known += t.is_known;
		p->videos += t.videos;
		p->edges += t.edges;
	}
	return err;
}

static enum err purge_many(
    struct engine *e, const struct channel_set *set, struct command_reply *r, struct errbuf *eb)
{
	struct purge_many p = {.cids = set->cids};
	enum err err = ERR_OK;

	for (size_t at = 0; at < set->n && !err; at += p.n) {
		p.cids = set->cids + at;
		p.n = set->n - at < PURGE_SLICE ? set->n - at : PURGE_SLICE;
		err = writer_run(e->parts.writer, purge_many_apply, &p, true, eb);
	}
	snprintf(r->text, sizeof r->text,
	    "%lld channels erased with %lld videos and %lld discoveries; they stay away until they "
	    "are readmitted",
	    (long long)p.known, (long long)p.videos, (long long)p.edges);
	return err;
}

static enum err purge_the_one(
    struct engine *e, const struct cid *cid, struct command_reply *r, struct errbuf *eb)
{
	struct purge_one p = {.cid = *cid};
	char id[CID_TEXT + 1];
	enum err err = writer_run(e->parts.writer, purge_erase_apply, &p, true, eb);

	cid_format(&p.cid, id);
	if (p.traces.is_known)
		snprintf(r->text, sizeof r->text,
		    "channel %s erased with %lld videos, %lld discoveries and %lld names; it stays "
		    "away until it is readmitted",
		    id, (long long)p.traces.videos, (long long)p.traces.edges,
		    (long long)p.traces.names);
	else
		snprintf(r->text, sizeof r->text,
		    "channel %s was not here; it stays away until it is readmitted", id);
	return err;
}

enum err command_channel_erase(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct channel_set set;
	enum err err = engine_channels_of(e, c, &set, eb);

	if (!err)
		err =
		    set.n == 1 ? purge_the_one(e, &set.cids[0], r, eb) : purge_many(e, &set, r, eb);
	if (!err && e->parts.sync)
		sync_poke(e->parts.sync);
	free(set.cids);
	return err;
}

enum err command_channel_readmit(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct purge_one p = {0};
	char id[CID_TEXT + 1];
	enum err err = purge_one(e, c, purge_readmit_apply, &p, eb);

	if (!err)
		snprintf(r->text, sizeof r->text, "channel %s may be imported and found again",
		    cid_format(&p.cid, id));
	return err;
}

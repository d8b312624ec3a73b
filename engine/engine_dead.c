/* Dead letters: what was given up, by whom and why; trying it again; letting it go. */
#include "config.h"
#include "db/staging_dead.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A filter as JSON object: op, job, reason, channels (a list of ids). All members are optional. */
struct dead_ask {
	json_t *given;
	struct dead_filter filter;
	const json_t *channels; /* NULL: any */
	bool retry;
	int64_t n;
};

static enum err dead_ask_op(struct dead_ask *a, struct errbuf *eb)
{
	const char *word = json_string_value(json_object_get(a->given, "op"));
	int op = 0;

	a->filter.op = OP_NONE;
	if (!word)
		return ERR_OK;
	while (op < OP_COUNT && strcmp(op_word((enum op)op), word) != 0)
		op++;
	a->filter.op = (enum op)op;
	return op < OP_COUNT
	           ? ERR_OK
	           : err_set(eb, ERR_INVALID,
	                 "op: there is no \"%.40s\"; send metadata, videos or discovery", word);
}

static enum err dead_ask_job(struct engine *e, struct dead_ask *a, struct errbuf *eb)
{
	const json_t *job = json_object_get(a->given, "job");
	enum err err = ERR_OK;

	if (json_is_integer(job)) {
		a->filter.job = json_integer_value(job);
		if (a->filter.job < 1) /* which would mean any */
			err = err_set(eb, ERR_INVALID, "job: numbers of jobs begin at 1");
	} else if (json_is_string(job)) {
		pthread_mutex_lock(&e->look);
		err = engine_job_no_locked(e, json_string_value(job), &a->filter.job, eb);
		pthread_mutex_unlock(&e->look);
	}
	return err;
}

/* What was not understood must not be left out: the rest would mean more letters. */
static enum err dead_ask_member(const char *name, const json_t *value, struct errbuf *eb)
{
	static const struct {
		const char *name;
		unsigned types;
		const char *wanted;
	} known[] = {
	    {"op", 1U << JSON_STRING, "metadata, videos or discovery"},
	    {"job", 1U << JSON_STRING | 1U << JSON_INTEGER, "a job's number or id"},
	    {"reason", 1U << JSON_STRING, "a text"},
	    {"channels", 1U << JSON_ARRAY, "an array of channel ids"},
	    {"all", 1U << JSON_TRUE | 1U << JSON_FALSE, "true or false"},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].name, name) == 0)
			return json_is_null(value) || known[i].types & 1U << json_typeof(value)
			           ? ERR_OK
			           : err_set(eb, ERR_INVALID, "%s: send %s", name, known[i].wanted);
	return err_set(
	    eb, ERR_INVALID, "there is no \"%.40s\" here; send op, job, reason, channels", name);
}

static enum err dead_ask_parse(
    struct engine *e, const char *json, struct dead_ask *a, struct errbuf *eb)
{
	const char *name;
	json_t *value;
	enum err err = ERR_OK;

	a->given = json && *json ? json_loads(json, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (!json_is_object(a->given))
		return err_set(eb, ERR_INVALID, "send a JSON object: op, job, reason, channels");
	json_object_foreach(a->given, name, value)
	{
		err = dead_ask_member(name, value, eb);
		if (err)
			return err;
	}
	a->filter.reason = json_string_value(json_object_get(a->given, "reason"));
	a->channels = json_object_get(a->given, "channels");
	if (json_is_null(a->channels))
		a->channels = NULL;
	err = dead_ask_op(a, eb);
	return err ? err : dead_ask_job(e, a, eb);
}

static bool dead_ask_is_narrow(const struct dead_ask *a)
{
	return a->channels || a->filter.job || a->filter.reason || a->filter.op != OP_NONE ||
	       json_is_true(json_object_get(a->given, "all"));
}

/* ---- looking ---- */

struct dead_list {
	json_t *letters, *reasons;
};

static enum err dead_list_letter(void *arg, const struct dead_letter *d, struct errbuf *eb)
{
	struct dead_list *l = arg;
	char id[CID_TEXT + 1], job[32], at[CLOCK_ISO_SIZE];
	json_t *j;

	snprintf(job, sizeof job, "J-%lld", (long long)d->job);
	j = json_pack("{s:s,s:s,s:s,s:s?,s:i,s:s,s:s}", "channel_id", cid_format(&d->cid, id), "op",
	    op_word(d->op), "reason", d->reason, "message", d->message, "attempts", d->attempts,
	    "job", job, "at", clock_iso(d->at, at));
	return json_array_append_new(l->letters, j) ? err_set(eb, ERR_NOMEM, "out of memory")
	                                            : ERR_OK;
}

static enum err dead_list_reason(
    void *arg, enum op op, const char *reason, int64_t n, struct errbuf *eb)
{
	struct dead_list *l = arg;
	json_t *j = json_pack(
	    "{s:s,s:s,s:I}", "op", op_word(op), "reason", reason, "letters", (json_int_t)n);

	return json_array_append_new(l->reasons, j) ? err_set(eb, ERR_NOMEM, "out of memory")
	                                            : ERR_OK;
}

char *engine_dead_json(struct engine *e, const char *filter, int64_t limit, struct errbuf *eb)
{
	struct dead_ask a = {.given = NULL};
	struct dead_list l = {json_array(), json_array()};
	enum err err = dead_ask_parse(e, filter, &a, eb);
	json_t *out = NULL;
	char *text = NULL;

	pthread_mutex_lock(&e->look);
	if (!err)
		err = staging_dead_reasons_each(e->reader, &a.filter, dead_list_reason, &l, eb);
	if (!err && limit > 0)
		err = staging_dead_letters_each(
		    e->reader, &a.filter, limit, dead_list_letter, &l, eb);
	pthread_mutex_unlock(&e->look);
	out = json_pack("{s:o,s:o}", "reasons", l.reasons, "letters", l.letters);
	if (!err) {
		text = json_dumps(out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
		if (!text)
			err_set(eb, ERR_NOMEM, "out of memory");
	}
	json_decref(out);
	json_decref(a.given);
	return text;
}

/* ---- doing ---- */

static enum err dead_apply_one(
    struct staging *s, struct dead_ask *a, const struct dead_filter *f, struct errbuf *eb)
{
	int64_t n = 0;
	enum err err =
	    a->retry ? staging_dead_retry(s, f, &n, eb) : staging_dead_drop(s, f, &n, eb);

	a->n += n;
	return err;
}

static enum err dead_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct dead_ask *a = arg;
	struct dead_filter f = a->filter;
	enum err err = ERR_OK;

	a->n = 0;
	if (!a->channels)
		return dead_apply_one(s, a, &f, eb);
	for (size_t i = 0; i < json_array_size(a->channels) && !err; i++) {
		const char *id = json_string_value(json_array_get(a->channels, i));
		struct cid cid;
		if (!id || !cid_parse(id, strlen(id), &cid))
			return err_set(
			    eb, ERR_INVALID, "channels: \"%.60s\" is no channel id", id ? id : "");
		f.cid = &cid;
		err = dead_apply_one(s, a, &f, eb);
	}
	return err;
}

enum err command_dead(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct dead_ask a = {.retry = c->action == ACTION_DEAD_RETRY};
	enum err err = dead_ask_parse(e, c->params_json, &a, eb);

	if (!err && !dead_ask_is_narrow(&a))
		err = err_set(eb, ERR_INVALID,
		    "say which dead letters: op, job, reason or channels, or all: true");
	if (!err)
		err = writer_run(e->parts.writer, dead_apply, &a, false, eb);
	json_decref(a.given);
	if (err)
		return err;
	if (e->parts.dispatcher && a.retry)
		dispatcher_look_again(e->parts.dispatcher);
	snprintf(r->text, sizeof r->text, "%lld dead letter%s %s", (long long)a.n,
	    a.n == 1 ? "" : "s",
	    a.retry ? "made pending: the next job of that kind tries them again"
	            : "dropped; their channels stay failed");
	return ERR_OK;
}

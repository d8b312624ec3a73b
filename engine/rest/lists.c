/* Routes of lists: their questions are all the same words. */
#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/path.h"
#include "engine/base/ids.h"
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

enum { LISTS_TEXT = 16 * 1024, LISTS_LIMIT = 20, LISTS_Q_MOST = 4096 };

/* Texts of a question, by their names in the query. */
enum lists_word {
	WORD_Q,
	WORD_SORT,
	WORD_FIELDS,
	WORD_AFTER,
	WORD_BEFORE,
	WORD_AROUND,
	LISTS_WORDS
};

struct lists_query {
	struct engine_list list;
	struct str texts[LISTS_WORDS];
	char within[80];
};

static const char *lists_word(struct rest_call *c, struct lists_query *q, enum lists_word word)
{
	static const char *const names[LISTS_WORDS] = {
	    "q", "sort", "fields", "after", "before", "around"};
	struct str *s = &q->texts[word];

	return rest_query_get(c->query, names[word], s) && s->len ? str_get(s) : NULL;
}

static bool lists_has(struct rest_call *c, const char *name)
{
	struct str s;
	bool has;

	str_init(&s, REST_ARG_LIMIT);
	has = rest_query_get(c->query, name, &s);
	str_done(&s);
	return has;
}

static void lists_done(struct lists_query *q)
{
	for (int i = 0; i < LISTS_WORDS; i++)
		str_done(&q->texts[i]);
}

static enum err lists_numbers(struct rest_call *c, struct engine_list *l, struct errbuf *eb)
{
	int64_t scan = 0, count = 0;
	enum err err =
	    rest_query_int(c->query, "limit", l->limit, 0, REST_LIST_MOST, &l->limit, eb);

	if (!err)
		err = rest_query_int(c->query, "page", 1, INT64_MIN, INT64_MAX, &l->page, eb);
	if (!err)
		err = rest_query_int(
		    c->query, "per_page", LISTS_LIMIT, INT64_MIN, INT64_MAX, &l->per_page, eb);
	if (!err)
		err = rest_query_int(c->query, "scan", 0, 0, 1, &scan, eb);
	if (!err)
		err = rest_query_int(c->query, "count", 0, 0, 1, &count, eb);
	l->scan = scan > 0;
	l->count = count > 0;
	return err;
}

static enum err lists_read(
    struct rest_call *c, struct lists_query *q, const char *what, struct errbuf *eb)
{
	struct engine_list *l = &q->list;
	enum err err = ERR_OK;

	for (int i = 0; i < LISTS_WORDS; i++)
		str_init(&q->texts[i], LISTS_TEXT);
	*l = (struct engine_list){.what = what, .limit = LISTS_LIMIT, .until = &c->limit};
	l->q = lists_word(c, q, WORD_Q);
	l->sort = lists_word(c, q, WORD_SORT);
	l->fields = lists_word(c, q, WORD_FIELDS);
	l->after = lists_word(c, q, WORD_AFTER);
	l->before = lists_word(c, q, WORD_BEFORE);
	err = lists_numbers(c, l, eb);
	/* the original knew pages alone: without a place or a limit they are meant */
	l->by_page = !l->after && !l->before && !lists_has(c, "limit");
	for (int i = 0; i < LISTS_WORDS && !err; i++)
		if (q->texts[i].err)
			err = err_set(eb, ERR_INVALID, "a value in the query is too long");
	return err;
}

static void lists_reply(struct rest_call *c, struct lists_query *q)
{
	struct errbuf eb = {.code = ERR_OK};

	rest_reply_text(c, engine_list_json(c->engine, &q->list, &eb), &eb);
}

static void lists_route(struct rest_call *c, const char *what)
{
	struct errbuf eb = {.code = ERR_OK};
	struct lists_query q;

	if (lists_read(c, &q, what, &eb))
		rest_reply_fault(c, eb.code, &eb);
	else
		lists_reply(c, &q);
	lists_done(&q);
}

void rest_channels(struct rest_call *c)
{
	lists_route(c, "channels");
}

void rest_videos(struct rest_call *c)
{
	lists_route(c, "videos");
}

void rest_discoveries(struct rest_call *c)
{
	lists_route(c, "discoveries");
}

void rest_channel(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};

	rest_reply_text(c, engine_channel_json(c->engine, str_get(&c->arg), &eb), &eb);
}

/* A list of what belongs to the channel of the path: field=its id. */
static void lists_of_channel(
    struct rest_call *c, const char *what, const char *field, const char *sort)
{
	struct errbuf eb = {.code = ERR_OK};
	char id[CID_TEXT + 1];
	struct lists_query q;
	enum err err = lists_read(c, &q, what, &eb);

	if (!err)
		err = engine_channel_id(c->engine, str_get(&c->arg), id, sizeof id, &eb);
	if (err) {
		rest_reply_fault(c, err, &eb);
		lists_done(&q);
		return;
	}
	snprintf(q.within, sizeof q.within, "%s=%s", field, id);
	q.list.within = q.within;
	q.list.sort = q.list.sort ? q.list.sort : sort;
	lists_reply(c, &q);
	lists_done(&q);
}

void rest_channel_videos(struct rest_call *c)
{
	lists_of_channel(c, "videos", "channel", "published");
}

/* ?found=by: what led to it, instead of what it led to. */
void rest_channel_discoveries(struct rest_call *c)
{
	struct str found;
	bool by;

	str_init(&found, REST_ARG_LIMIT);
	by = rest_query_get(c->query, "found", &found) && strcmp(str_get(&found), "by") == 0;
	str_done(&found);
	lists_of_channel(c, "discoveries", by ? "to" : "from", NULL);
}

/* Dead letters in the way of lists; false: the question is of the older kind. */
bool rest_dead_list(struct rest_call *c)
{
	if (!lists_has(c, "q") && !lists_has(c, "after") && !lists_has(c, "before") &&
	    !lists_has(c, "sort"))
		return false;
	lists_route(c, "dead-letters");
	return true;
}

/* ?status= as a filter; "": there is none. Filters have no brackets, so that it is not joined to one. */
static enum err jobs_read_status(struct rest_call *c, struct str *out, struct errbuf *eb)
{
	struct str status, q;
	enum err err = ERR_OK;
	const char *word;
	bool has, both;

	str_init(&status, REST_ARG_LIMIT);
	str_init(&q, LISTS_Q_MOST);
	has = rest_query_get(c->query, "status", &status) && status.len;
	both = has && rest_query_get(c->query, "q", &q) && (q.len || q.err);
	word = str_get(&status);
	if (both)
		err = err_set(eb, ERR_INVALID,
		    "status and q exclude each other: write status=running into q");
	else if (has && word[strspn(word, "abcdefghijklmnopqrstuvwxyz")])
		err = err_set(eb, ERR_INVALID, "status is no state of a job");
	else if (has)
		str_addf(out, "status=%s", word);
	str_done(&status);
	str_done(&q);
	return err;
}

static void jobs_reply_list(struct rest_call *c, int64_t limit, const char *status)
{
	struct errbuf eb = {.code = ERR_OK};
	struct lists_query q;
	enum err err = lists_read(c, &q, "jobs", &eb);
	struct engine_jobs l = {.q = *status ? status : q.list.q,
	    .sort = q.list.sort,
	    .after = q.list.after,
	    .before = q.list.before,
	    .around = lists_word(c, &q, WORD_AROUND),
	    .limit = limit};

	if (err)
		rest_reply_fault(c, err, &eb);
	else
		rest_reply_text(c, engine_jobs_list_json(c->engine, &l, &eb), &eb);
	lists_done(&q);
}

static void jobs_reply_found(struct rest_call *c, int64_t limit, const char *status)
{
	struct errbuf eb = {.code = ERR_OK};
	struct str q;
	int64_t before = 0;

	str_init(&q, LISTS_Q_MOST);
	if (rest_query_int(c->query, "before", 0, 0, INT64_MAX, &before, &eb))
		rest_reply_fault(c, eb.code, &eb);
	else if (rest_query_get(c->query, "q", &q) && q.err)
		rest_reply_error(c, 400, "q is too long");
	else
		rest_reply_text(c,
		    engine_jobs_find_json(
		        c->engine, *status ? status : str_get(&q), before, limit, &eb),
		    &eb);
	str_done(&q);
}

/* Jobs in the same language: with ?sort= in pages as other lists; ?q= and ?before= a job's number. */
bool rest_jobs_list(struct rest_call *c, int64_t limit)
{
	struct errbuf eb = {.code = ERR_OK};
	bool pages = lists_has(c, "sort");
	struct str status;

	if (!pages && !lists_has(c, "q") && !lists_has(c, "before"))
		return false;
	str_init(&status, LISTS_Q_MOST);
	if (jobs_read_status(c, &status, &eb))
		rest_reply_fault(c, eb.code, &eb);
	else if (pages)
		jobs_reply_list(c, limit, str_get(&status));
	else
		jobs_reply_found(c, limit, str_get(&status));
	str_done(&status);
	return true;
}

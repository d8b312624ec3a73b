/* Lists of staging as JSON: from the words of a question to db/list and back. */
#include "config.h"
#include "engine/engine_parts.h"
#include "db/list.h"
#include "db/staging_erase.h"
#include "db/staging_history.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LISTS_PAGE = 20,       /* rows of a page when nobody says, as the original's */
	LISTS_PAGE_MOST = 100, /* the same */
	LISTS_SCAN_MS = 2000,
	LISTS_COUNT_MS = 300,
	LISTS_BYTES = 64 * 1024 * 1024
};

static const struct {
	const char *what;
	const struct list_thing *thing;
} lists_things[] = {
    {"channels", &list_channels},
    {"videos", &list_videos},
    {"discoveries", &list_discoveries},
    {"dead-letters", &list_dead_letters},
};

static const struct list_thing *lists_thing(const char *what)
{
	for (size_t i = 0; i < sizeof lists_things / sizeof lists_things[0]; i++)
		if (strcmp(lists_things[i].what, what) == 0)
			return lists_things[i].thing;
	return NULL;
}

/* ---- the question ---- */

struct lists_work {
	const struct engine_list *list;
	struct list_ask ask;
	struct filter *filter;
	int fields[LIST_FIELDS];
};

static enum err lists_filter(struct lists_work *w, struct errbuf *eb)
{
	const struct filter_field *fields = list_filter_fields(w->ask.thing);
	struct filter *within = NULL;
	int64_t now = clock_now();
	enum err err =
	    filter_parse(&w->filter, w->list->q ? w->list->q : "", fields, now, NULL, eb);

	if (!err && w->list->within)
		err = filter_parse(&within, w->list->within, fields, now, NULL, eb);
	if (!err && within)
		err = filter_join(w->filter, within, eb);
	w->ask.filter = w->filter;
	return err;
}

/* page below 1 is 1; per_page below 1 pages by 20; at most 100: as the original had it. */
static void lists_by_page(struct lists_work *w)
{
	const struct engine_list *l = w->list;
	int64_t page = l->page < 1 ? 1 : l->page;
	int64_t per_page = l->per_page < 1                 ? LISTS_PAGE
	                   : l->per_page > LISTS_PAGE_MOST ? LISTS_PAGE_MOST
	                                                   : l->per_page;

	w->ask.limit = (int)per_page;
	w->ask.skip = page > INT64_MAX / LISTS_PAGE_MOST ? INT64_MAX / 2 : (page - 1) * per_page;
}

static void lists_by_place(struct lists_work *w)
{
	const struct engine_list *l = w->list;

	w->ask.limit = (int)l->limit;
	w->ask.backwards = l->before != NULL;
	w->ask.place = l->before ? l->before : l->after;
	if (l->before && strcmp(l->before, "end") == 0)
		w->ask.place = NULL;
}

static enum err lists_read(struct lists_work *w, const struct engine_list *l, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*w = (struct lists_work){.list = l};
	w->ask = (struct list_ask){.thing = lists_thing(l->what),
	    .fields = w->fields,
	    .scan = l->scan,
	    .scan_ms = LISTS_SCAN_MS,
	    .count = l->count ? LIST_COUNT_TIMED : LIST_COUNT_CHEAP,
	    .count_ms = LISTS_COUNT_MS};
	if (!w->ask.thing)
		err = err_set(eb, ERR_INVALID, "there is no list of \"%.40s\"", l->what);
	else if (l->after && l->before)
		err = err_set(eb, ERR_INVALID, "after and before exclude each other");
	if (!err)
		err = list_choose(w->ask.thing, l->fields, w->fields, &w->ask.n_fields, eb);
	if (!err)
		err = list_sort_choose(w->ask.thing, l->sort, &w->ask.sort, &w->ask.descending, eb);
	if (!err)
		err = lists_filter(w, eb);
	if (!err && (!l->sort || !*l->sort))
		w->ask.sort = list_natural(w->ask.thing, w->ask.filter);
	if (!err && l->by_page)
		lists_by_page(w);
	else if (!err)
		lists_by_place(w);
	return err;
}

/* ---- the answer ---- */

static void lists_number(struct str *s, const char *name, int64_t n)
{
	if (n < 0)
		str_addf(s, ",\"%s\":null", name);
	else
		str_addf(s, ",\"%s\":%lld", name, (long long)n);
}

static void lists_text(struct str *s, const char *name, const char *text)
{
	str_addf(s, ",\"%s\":", name);
	if (text)
		text_add_json(s, text, strlen(text));
	else
		str_adds(s, "null");
}

static void lists_pages(struct str *s, const struct lists_work *w, const struct list_answer *a)
{
	const struct engine_list *l = w->list;
	int64_t pages = a->total < 0 ? -1 : (a->total + w->ask.limit - 1) / w->ask.limit;

	lists_number(s, "current_page", l->page < 1 ? 1 : l->page);
	lists_number(s, "pages", pages);
	/* what was asked for comes back, even what makes no sense */
	str_addf(s, ",\"per_page\":%lld",
	    (long long)(l->per_page > LISTS_PAGE_MOST ? LISTS_PAGE_MOST : l->per_page));
}

static void lists_scan(struct str *s, const struct lists_work *w, const struct list_answer *a)
{
	struct str text, why;

	str_init(&text, 1000);
	str_init(&why, 1000);
	str_adds(&why, a->why);
	if (a->quick)
		str_addf(&why, " in this order (by %s: quick)", a->quick);
	str_addf(&text, "no index for %s; scan of about %lld rows: say scan=1", str_get(&why),
	    (long long)a->scan_rows);
	str_addf(s, "{\"scan\":true,\"rows\":%lld", (long long)a->scan_rows);
	lists_text(s, "message", str_get(&text));
	lists_text(s, "no_index_for", str_get(&why));
	lists_text(s, "quick_sort", a->quick);
	str_addf(s, ",\"%s\":[]}", list_name(w->ask.thing));
	str_done(&text);
	str_done(&why);
}

static void lists_answer(struct str *s, const struct lists_work *w, const struct list_answer *a)
{
	if (a->is_scan) {
		lists_scan(s, w, a);
		return;
	}
	str_addf(s, "{\"%s\":[", list_name(w->ask.thing));
	str_add(s, str_get(&a->rows), a->rows.len);
	str_adds(s, "]");
	if (w->list->by_page)
		lists_pages(s, w, a);
	lists_text(s, "next", a->next);
	lists_text(s, "previous", a->previous);
	str_addf(s, ",\"partial\":%s", a->partial ? "true" : "false");
	lists_number(s, "position", a->position);
	lists_number(s, "total", a->total);
	lists_text(s, "total_is", a->total < 0 ? "unknown" : a->is_estimate ? "estimate" : "exact");
	str_adds(s, "}");
}

static char *lists_take(struct str *s, enum err err, struct errbuf *eb)
{
	char *text = NULL;

	if (!err && s->err)
		err = err_set(eb, s->err, "the answer is too long: ask for fewer rows or fields");
	if (!err && !(text = str_take(s)))
		err_set(eb, ERR_NOMEM, "out of memory");
	str_done(s);
	return text;
}

char *engine_list_json(struct engine *e, const struct engine_list *l, struct errbuf *eb)
{
	struct staging_limit limit = l->until ? *l->until : (struct staging_limit){0};
	struct list_answer a = {.position = -1};
	struct staging *s = NULL;
	struct lists_work w;
	struct str out;
	enum err err = lists_read(&w, l, eb);

	if (!limit.until_ms)
		limit.until_ms = clock_mono_ms() + ENGINE_ASK_LIMIT_MS;
	str_init(&out, LISTS_BYTES);
	str_init(&a.rows, LISTS_BYTES);
	if (!err)
		err = engine_reader_take(e, &limit, &s, eb);
	if (!err)
		err = list_run(s, &w.ask, &a, eb);
	engine_reader_give(e, s);
	if (!err)
		lists_answer(&out, &w, &a);
	list_answer_done(&a);
	str_done(&a.rows);
	filter_free(w.filter);
	return lists_take(&out, err, eb);
}

/* ---- one channel ---- */

/* The one job of this operation that was at work then; 0: none, or several were. */
struct lists_who {
	enum op op;
	int64_t at, job;
	int n;
};

static enum err lists_job_then(void *arg, const struct job_row *j, struct errbuf *eb)
{
	struct lists_who *w = arg;
	const struct job_type *type = job_type_find(j->type);
	int64_t at_ms = w->at * 1000;

	(void)eb;
	if (!type || type->op != w->op || !j->started_ms || j->started_ms > at_ms + 999 ||
	    (j->completed_ms && j->completed_ms < at_ms))
		return ERR_OK;
	w->job = j->no;
	w->n++;
	return ERR_OK;
}

static enum err lists_event(struct staging *s, struct str *out, enum op op,
    const struct channel_event *e, struct errbuf *eb)
{
	struct lists_who who = {.op = op, .at = e->at, .job = e->job};
	char iso[CLOCK_ISO_SIZE], job[32];
	enum err err = ERR_OK;

	if (!e->job && e->at)
		err = staging_jobs_each(s, JOB_STATUS_COUNT, 0, lists_job_then, &who, eb);
	if (!e->job && who.n != 1)
		who.job = 0;
	snprintf(job, sizeof job, "J-%lld", (long long)who.job);
	str_addf(out, "%s{\"op\":\"%s\",\"state\":\"%s\"", op ? "," : "", op_word(op),
	    item_state_word(e->state));
	lists_text(out, "at", e->at ? clock_iso_naive_ms(e->at * 1000, iso) : NULL);
	lists_number(out, "attempts", e->attempts);
	lists_text(out, "job", who.job ? job : NULL);
	lists_text(out, "reason", e->reason[0] ? e->reason : NULL);
	str_addc(out, '}');
	return err;
}

static enum err lists_channel(
    struct staging *s, const struct cid *cid, struct str *out, struct errbuf *eb)
{
	struct channel_event events[OP_COUNT];
	struct channel_links links;
	int fields[LIST_FIELDS], n = 0;
	enum err err = staging_channel_events(s, cid, events, eb);

	while (n < LIST_FIELDS && list_field_name(&list_channels, n)) {
		fields[n] = n;
		n++;
	}
	if (!err)
		err = list_row(s, &list_channels, cid, fields, n, out, eb);
	if (!err)
		err = staging_channel_links(s, cid, &links, eb);
	if (err)
		return err;
	out->text[--out->len] = '\0'; /* the brace: more members follow */
	str_addf(out, ",\"discovered\":%lld,\"discovered_new\":%lld,\"found_by\":%lld",
	    (long long)links.to, (long long)links.to_new, (long long)links.from);
	str_adds(out, ",\"history\":[");
	for (int op = 0; op < OP_COUNT && !err; op++)
		err = lists_event(s, out, (enum op)op, &events[op], eb);
	str_adds(out, "]}");
	return err;
}

/* The one who was erased is not just unknown. */
static enum err lists_missing(struct staging *s, const struct cid *cid, struct errbuf *eb)
{
	bool erased = false;
	enum err err = staging_is_erased(s, cid, &erased, eb);

	if (err)
		return err;
	return erased ? err_set(eb, ERR_NOTFOUND,
	                    "this channel was erased; POST …/readmit lets it come back")
	              : err_set(eb, ERR_NOTFOUND, "there is no such channel here");
}

char *engine_channel_json(struct engine *e, const char *channel, struct errbuf *eb)
{
	struct staging_limit limit = {.until_ms = clock_mono_ms() + ENGINE_ASK_LIMIT_MS};
	struct staging *s = NULL;
	struct cid cid;
	struct str out;
	enum err err = engine_reader_take(e, &limit, &s, eb);

	str_init(&out, LISTS_BYTES);
	if (!err)
		err = engine_channel_target(s, channel, &cid, eb);
	if (!err) {
		err = lists_channel(s, &cid, &out, eb);
		if (err == ERR_NOTFOUND)
			err = lists_missing(s, &cid, eb);
	}
	engine_reader_give(e, s);
	return lists_take(&out, err, eb);
}

enum err engine_channel_id(
    struct engine *e, const char *channel, char *id, size_t size, struct errbuf *eb)
{
	struct staging *s = NULL;
	char text[CID_TEXT + 1];
	struct cid cid;
	enum err err = engine_reader_take(e, NULL, &s, eb);

	if (!err)
		err = engine_channel_target(s, channel, &cid, eb);
	engine_reader_give(e, s);
	if (!err)
		snprintf(id, size, "%s", cid_format(&cid, text));
	return err;
}

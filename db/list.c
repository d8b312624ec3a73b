#include "config.h"
#include "db/list.h"
#include "db/list_walk.h"
#include "db/staging_core.h"
#include "db/staging_rank.h"
#include "engine/base/order.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_WORDS = 1024 };

const char *list_name(const struct list_thing *t)
{
	return t->name;
}

const struct filter_field *list_filter_fields(const struct list_thing *t)
{
	return t->filters;
}

const char *list_field_name(const struct list_thing *t, int field)
{
	return t->fields[field].name;
}

const char *list_sort_word(const struct list_thing *t, int sort)
{
	for (int i = 0; i < sort; i++)
		if (!t->sorts[i].word)
			return NULL;
	return t->sorts[sort].word;
}

/* ---- choosing ---- */

static int list_field_find(const struct list_thing *t, const char *name, size_t len)
{
	for (int i = 0; t->fields[i].name; i++)
		if (strlen(t->fields[i].name) == len && memcmp(t->fields[i].name, name, len) == 0)
			return i;
	return -1;
}

static enum err list_no_field(
    const struct list_thing *t, const char *name, size_t len, struct errbuf *eb)
{
	struct str all;
	enum err err;

	str_init(&all, LIST_WORDS);
	for (int i = 0; t->fields[i].name; i++)
		str_addf(&all, "%s%s", i ? ", " : "", t->fields[i].name);
	err = err_set(eb, ERR_INVALID, "fields: there is no \"%.*s\"; there are %s",
	    len < 40 ? (int)len : 40, name, str_get(&all));
	str_done(&all);
	return err;
}

enum err list_choose(const struct list_thing *t, const char *text, int chosen[LIST_FIELDS], int *n,
    struct errbuf *eb)
{
	bool wanted[LIST_FIELDS] = {false};

	bool usual = !text || !*text;

	while (text && *text) {
		size_t len = strcspn(text, ",");
		int i = list_field_find(t, text, len);
		if (i < 0)
			return list_no_field(t, text, len, eb);
		wanted[i] = true;
		text += len + (text[len] == ',');
	}
	*n = 0;
	for (int i = 0; t->fields[i].name; i++)
		if (usual ? t->fields[i].usual : wanted[i])
			chosen[(*n)++] = i;
	return ERR_OK;
}

enum err list_sort_choose(
    const struct list_thing *t, const char *text, int *sort, bool *descending, struct errbuf *eb)
{
	struct str all;
	enum err err;

	*sort = 0;
	*descending = t->sorts[0].descending;
	if (!text || !*text)
		return ERR_OK;
	str_init(&all, LIST_WORDS);
	for (int i = 0; t->sorts[i].word; i++) {
		if (t->sorts[i].natural)
			continue;
		str_addf(&all, "%s%s", all.len ? ", " : "", t->sorts[i].word);
		if (order_is(text, t->sorts[i].word, t->sorts[i].descending, descending)) {
			*sort = i;
			str_done(&all);
			return ERR_OK;
		}
	}
	err = order_refuse(text, str_get(&all), eb);
	str_done(&all);
	return err;
}

/* ---- running ---- */

/* A page by number of the first order: its first row is known by the ranks. */
static enum err list_seek(struct staging *s, const struct list_ask *ask, const struct counters *c,
    struct list_plan *p, struct errbuf *eb)
{
	int64_t n = ask->descending ? ask->thing->count(c, 0) - 1 - ask->skip : ask->skip;
	struct list_bound *end = ask->descending ? &p->arms[0].hi : &p->arms[0].lo;
	struct cid cid;
	bool found;
	enum err err = staging_rank_at(s, n, &cid, &found, eb);

	p->is_scan = false;
	p->none = !found;
	if (err || !found)
		return err;
	*end = (struct list_bound){
	    .is_set = true, .value = {.kind = LIST_BIND_BLOB, .len = CID_BYTES}};
	memcpy(end->value.blob, cid.b, CID_BYTES);
	return ERR_OK;
}

static enum err list_prepare(struct staging *s, const struct list_ask *ask,
    const struct counters *c, struct list_plan *p, struct list_walk *w, struct errbuf *eb)
{
	bool ranked = ask->skip > 0 && !ask->place && ask->thing->has_rank && !ask->sort &&
	              !filter_root(ask->filter) && !ask->backwards;
	enum err err;

	w->skip = ranked ? 0 : ask->skip;
	if (w->skip > LIST_DEEP)
		return err_set(eb, ERR_INVALID,
		    "pages by number reach %d rows deep with a filter or another order: go on with "
		    "after= and `next` of an answer",
		    LIST_DEEP);
	err = list_plan_make(s, ask, w->skip, c, p, eb);
	return err || !ranked ? err : list_seek(s, ask, c, p, eb);
}

static char *list_place_of(const struct list_ask *ask, sqlite3_value *const *order)
{
	return list_place_write(ask->thing, ask->sort, ask->descending, order);
}

/* Where the pages before and after this one begin. */
static enum err list_places(const struct list_ask *ask, const struct list_walk *w,
    struct list_answer *out, struct errbuf *eb)
{
	bool back = ask->backwards, no_memory = false;
	bool ahead = back ? ask->place != NULL : w->more;       /* is there something behind … */
	bool behind = back ? w->more : ask->place || ask->skip; /* … and before the page? */
	const struct list_spot *first = w->n ? &w->spots[back ? w->n - 1 : 0] : NULL;
	const struct list_spot *last = w->n ? &w->spots[back ? 0 : w->n - 1] : NULL;

	if (ahead && last)
		no_memory |= !(out->next = list_place_of(ask, last->order));
	if (behind && first)
		no_memory |= !(out->previous = list_place_of(ask, first->order));
	if (w->partial && w->visit.rows) {
		/* the last row seen may have fitted, without having been told */
		const struct list_visit *v = &w->visit;
		sqlite3_value *const *at =
		    w->seen == v->rows || !v->before[0] ? v->last : v->before;
		char **end = back ? &out->previous : &out->next;
		free(*end);
		no_memory |= !(*end = list_place_of(ask, at));
	}
	return no_memory ? err_set(eb, ERR_NOMEM, "out of memory") : ERR_OK;
}

static enum err list_position(struct staging *s, const struct list_ask *ask,
    const struct list_walk *w, struct list_answer *out, struct errbuf *eb)
{
	struct cid cid;
	const void *b;
	enum err err;

	out->position = -1;
	if (!w->n || ask->sort || filter_root(ask->filter) || !ask->thing->has_rank)
		return ERR_OK;
	b = sqlite3_value_blob(w->spots[ask->backwards ? w->n - 1 : 0].key[0]);
	if (!b)
		return ERR_OK;
	memcpy(cid.b, b, CID_BYTES);
	err = staging_rank_of(s, &cid, &out->position, eb);
	if (ask->descending)
		out->position = out->total - 1 - out->position;
	return err;
}

/* Would the first order do without a scan? */
static enum err list_quick(struct staging *s, const struct list_ask *ask, const struct counters *c,
    struct list_answer *out, struct errbuf *eb)
{
	struct list_ask other = *ask;
	struct list_plan p = {.n_arms = 0};
	enum err err;

	out->quick = NULL;
	if (!ask->sort)
		return ERR_OK;
	other.sort = 0;
	other.descending = ask->thing->sorts[0].descending;
	err = list_plan_make(s, &other, 0, c, &p, eb);
	if (!err && !p.is_scan)
		out->quick = ask->thing->sorts[0].word;
	return err;
}

static enum err list_read(struct staging *s, const struct list_ask *ask, const struct counters *c,
    const struct list_place *place, struct list_answer *out, struct errbuf *eb)
{
	struct list_plan p = {.n_arms = 0};
	struct list_walk w = {.ask = ask, .plan = &p, .place = place};
	enum err err = list_prepare(s, ask, c, &p, &w, eb);

	out->is_scan = !err && p.is_scan && !ask->scan;
	out->scan_rows = p.rows;
	out->why = p.why;
	if (!err && out->is_scan)
		return list_quick(s, ask, c, out, eb);
	if (err)
		return err;
	err = list_walk_run(s, &w, eb);
	if (!err)
		err = list_rows_write(s, ask, w.spots, w.n, ask->backwards, &out->rows, eb);
	if (!err)
		err = list_total(s, ask, &p, c, out, eb);
	if (!err)
		err = list_places(ask, &w, out, eb);
	if (!err)
		err = list_position(s, ask, &w, out, eb);
	out->n = w.n;
	out->partial = w.partial;
	list_walk_done(&w);
	return err;
}

/* All of one moment. */
static enum err list_in_transaction(struct staging *s, const struct list_ask *ask,
    const struct list_place *place, struct list_answer *out, struct errbuf *eb)
{
	struct counters c;
	enum err err = staging_peek_begin(s, eb);

	if (!err)
		err = staging_counters(s, &c, eb);
	if (!err)
		err = list_read(s, ask, &c, place, out, eb);
	if (err == ERR_CANCELLED && staging_limit_check(s, NULL))
		err = staging_limit_check(s, eb);
	staging_look_end(s);
	return err;
}

enum err list_run(
    struct staging *s, const struct list_ask *ask, struct list_answer *out, struct errbuf *eb)
{
	struct list_place place = {.n = 0};
	enum err err = ERR_OK;

	if (!s->has_list_functions)
		err = list_functions(s, eb);
	s->has_list_functions = !err;
	if (!err && ask->place)
		err =
		    list_place_read(&place, ask->thing, ask->sort, ask->descending, ask->place, eb);
	if (!err)
		err = list_in_transaction(s, ask, ask->place ? &place : NULL, out, eb);
	list_place_done(&place);
	return err;
}

void list_answer_done(struct list_answer *out)
{
	free(out->next);
	free(out->previous);
	out->next = out->previous = NULL;
}

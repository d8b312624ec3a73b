#include "config.h"
#include "tui/table.h"
#include "tui/pages.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TABLE_PATH = 4096,
	TABLE_RENEW_MS = 500, /* lists that live: between two questions when something changed */
	TABLE_OLD_MS = 5000,  /* the same when nothing did, as far as the snapshot knows */
	TABLE_RENEW_TOP =
	    100,       /* lines from the first page on in which it is enough to ask for that */
	TABLE_NEAR = 2 /* rows on either side that stand for one that has gone */
};

void table_init(struct table *t, const struct table_def *def)
{
	size_t n = 0;

	*t = (struct table){.def = def};
	str_init(&t->filter, FILTER_LIMIT);
	for (size_t i = 0; i < def->n_cols && i < TABLE_COLS; i++)
		if (def->cols[i].name) {
			t->field_col[n] = (unsigned char)i;
			t->fields[n++] = (struct filter_field){.name = def->cols[i].name,
			    .kind = def->cols[i].kind,
			    .any = def->cols[i].kind == FILTER_TEXT};
		}
}

void table_done(struct table *t)
{
	free(t->lines);
	ids_done(&t->marks);
	filter_free(t->compiled);
	str_done(&t->filter);
	pages_free(t->pages);
	*t = (struct table){0};
}

/* ---- rows of the source ---- */

/* Do rows come from what is there: because it is no list in pages, or none of them has come yet? */
static bool table_is_here(const struct table *t)
{
	if (!t->def->pages)
		return true;
	return t->def->count && !t->filter.len && !t->sort && !t->inverted &&
	       (!t->pages || (!pages_got_ms(t->pages) && !pages_count(t->pages)));
}

static size_t table_source_count(
    const struct table *t, const struct view_ctx *c, struct view_state *st)
{
	if (!table_is_here(t))
		return t->pages ? pages_count(t->pages) : 0;
	return t->def->count ? t->def->count(c, st) : 0;
}

static void table_source_row(const struct table *t, const struct view_ctx *c, struct view_state *st,
    size_t at, struct table_row *out)
{
	const struct pages_def *def = t->def->pages;

	*out = (struct table_row){.at = at};
	if (table_is_here(t))
		t->def->row(c, st, at, out);
	else if (!def->item_size)
		out->json = pages_row(t->pages, at);
	else
		out->item =
		    def->now ? def->now(c, pages_item(t->pages, at)) : pages_item(t->pages, at);
	out->at = at;
}

void table_cell(const struct table *t, const struct view_ctx *c, size_t col,
    const struct table_row *r, struct table_cell *out)
{
	out->text[0] = 0;
	out->role = ROLE_NORMAL;
	if (t->def->cols[col].text)
		t->def->cols[col].text(c, r, out);
}

/* ---- one filter, seen from a row ---- */

struct table_look {
	const struct table *t;
	const struct view_ctx *c;
	const struct table_row *row;
	struct table_cell *cell;
};

static void look_get(const void *row, int field, struct filter_data *out)
{
	const struct table_look *l = row;
	size_t col = l->t->field_col[field];

	*out = (struct filter_data){0};
	if (l->t->fields[field].kind == FILTER_TEXT) {
		table_cell(l->t, l->c, col, l->row, l->cell);
		out->text = l->cell->text;
	} else if (l->t->def->cols[col].number) {
		out->has_number = l->t->def->cols[col].number(l->c, l->row, &out->number);
	}
}

/* Do rows come filtered? */
bool table_asks(const struct table *t)
{
	return t->def->pages || t->def->asks;
}

static bool table_takes(
    const struct table *t, const struct view_ctx *c, const struct table_row *row, const char *id)
{
	struct table_cell cell;
	struct table_look look = {t, c, row, &cell};

	if (table_asks(t) || !t->compiled)
		return true;
	return filter_match(t->compiled, look_get, &look) ||
	       (t->follow && strcmp(id, t->selected) == 0);
}

/* ---- lines: what of the source is shown, and in which order ---- */

struct table_item {
	struct table_row row;
	char id[TABLE_ID];
	double number;
	bool has_number;
	char text[64]; /* what it is sorted by */
	bool placed;
};

struct table_sorter {
	const struct table *t;
	const struct table_col *col; /* NULL: natural */
};

static int table_compare(const void *a, const void *b, void *arg)
{
	const struct table_item *x = a, *y = b;
	const struct table_sorter *s = arg;
	int order = 0;

	if (s->col && x->has_number != y->has_number)
		return x->has_number ? -1 : 1; /* those without stand below either way */
	if (s->col && x->has_number)
		order = x->number < y->number ? -1 : x->number > y->number;
	else if (s->col)
		order = strcmp(x->text, y->text);
	else if (s->t->def->order)
		order = s->t->def->order(&x->row, &y->row);
	if (s->t->inverted)
		order = -order;
	if (!order)
		order = x->row.at < y->row.at ? -1 : x->row.at > y->row.at;
	return order;
}

static void table_item_key(const struct table *t, const struct view_ctx *c, struct table_item *item)
{
	const struct table_col *col = table_sort_col(t);
	struct table_cell cell;

	if (!col)
		return;
	item->has_number = col->number && col->number(c, &item->row, &item->number);
	if (item->has_number)
		return;
	table_cell(t, c, (size_t)t->sort - 1, &item->row, &cell);
	snprintf(item->text, sizeof item->text, "%.63s", cell.text);
}

/* All rows that the filter takes, sorted unless the list is in pages. Owned; *n of them. */
static struct table_item *table_items(
    struct table *t, const struct view_ctx *c, struct view_state *st, size_t *n)
{
	struct table_sorter sorter = {t, table_sort_col(t)};
	size_t total = table_source_count(t, c, st);
	struct table_item *items = calloc(total ? total : 1, sizeof *items);

	*n = 0;
	t->total = total;
	if (!items)
		return NULL;
	for (size_t i = 0; i < total; i++) {
		struct table_item *item = &items[*n];
		*item = (struct table_item){0};
		table_source_row(t, c, st, i, &item->row);
		t->def->id(&item->row, item->id);
		if (!table_takes(t, c, &item->row, item->id))
			continue;
		table_item_key(t, c, item);
		(*n)++;
	}
	if (table_is_here(t))
		qsort_r(items, *n, sizeof *items, table_compare, &sorter);
	return items;
}

static bool table_room(struct table *t, size_t n)
{
	struct table_line *lines;
	size_t room = t->room ? t->room : 64;

	if (n <= t->room)
		return true;
	while (room < n)
		room *= 2;
	lines = realloc(t->lines, room * sizeof *lines);
	if (!lines)
		return false;
	t->lines = lines;
	t->room = room;
	return true;
}

static void table_set_line(struct table *t, size_t line, const struct table_item *item)
{
	memcpy(t->lines[line].id, item->id, sizeof item->id);
	t->lines[line].at = item->row.at;
}

static int table_compare_ids(const void *a, const void *b)
{
	const struct table_item *x = *(const struct table_item *const *)a;
	const struct table_item *y = *(const struct table_item *const *)b;

	return strcmp(x->id, y->id);
}

static int table_compare_key(const void *key, const void *b)
{
	const struct table_item *y = *(const struct table_item *const *)b;

	return strcmp(key, y->id);
}

/* The old lines keep their places; what is new is only counted. */
static void table_hold(struct table *t, struct table_item *items, size_t n)
{
	struct table_item **by_id = calloc(n ? n : 1, sizeof(struct table_item *));
	size_t kept = 0;

	if (!by_id)
		return;
	for (size_t i = 0; i < n; i++)
		by_id[i] = &items[i];
	qsort(by_id, n, sizeof(struct table_item *), table_compare_ids);
	for (size_t i = 0; i < t->n; i++) {
		struct table_item **found = bsearch(
		    t->lines[i].id, by_id, n, sizeof(struct table_item *), table_compare_key);
		if (found && !(*found)->placed) {
			(*found)->placed = true;
			table_set_line(t, kept++, *found);
		}
	}
	t->n = kept;
	t->n_new = n - kept;
	free(by_id);
}

static void table_find_selected(struct table *t)
{
	t->lost = t->selected[0] != 0;
	for (size_t i = 0; i < t->n && t->lost; i++)
		if (strcmp(t->lines[i].id, t->selected) == 0) {
			if (t->def->pages ||
			    t->def->text) /* what stands before it may come or go */
				t->top += (int)i - (int)t->at;
			t->at = i;
			t->lost = false;
		}
	if (t->at >= t->n)
		t->at = t->n ? t->n - 1 : 0;
}

int table_slot(const struct table *t, const struct view_state *st)
{
	return st->slot + VIEW_RESOURCES + (int)(t - st->tables);
}

void table_add_order(const struct table *t, const char *before, struct str *out)
{
	const struct table_col *col = table_sort_col(t);
	const char *sort = col && col->sort ? col->sort : t->def->pages->sort;
	size_t len = sort ? strcspn(sort, ":") : 0;
	bool descending = sort && strcmp(sort + len, ":desc") == 0;

	if (len)
		str_addf(out, "%s%.*s:%s", before, (int)len, sort,
		    descending != t->inverted ? "desc" : "asc");
}

/* The chosen row and those beside it, which stand for it when it has gone; nearest first. */
static void table_near(const struct table *t, struct str *out)
{
	str_adds(out, t->lines[t->at].id);
	for (size_t by = 1; by <= TABLE_NEAR; by++) {
		if (t->at + by < t->n)
			str_addf(out, ",%s", t->lines[t->at + by].id);
		if (t->at >= by)
			str_addf(out, ",%s", t->lines[t->at - by].id);
	}
}

/*
 * A list that lives is asked for again when the snapshot changed in what moves rows; while the order is held, only
 * how many match.
 */
static void table_renew(struct table *t, const struct view_ctx *c, struct view_state *st)
{
	uint64_t stamp = t->def->pages->stamp(c);
	int64_t age = c->mono_ms - pages_tried_ms(t->pages);
	bool wrong = pages_is_refused(t->pages);
	int slot = table_slot(t, st);
	struct str near;

	if (!t->again && (wrong || age < (stamp != t->stamp ? TABLE_RENEW_MS : TABLE_OLD_MS)))
		return;
	if (pages_is_asking(t->pages))
		return;
	t->stamp = stamp;
	if (t->held && !t->again) {
		pages_count_anew(t->pages, c->node, slot, c->mono_ms);
	} else if (!t->n || (pages_at_start(t->pages) && t->at < TABLE_RENEW_TOP)) {
		pages_renew(t->pages, c->node, slot, NULL, c->mono_ms);
	} else {
		str_init(&near, TABLE_PATH);
		table_near(t, &near);
		pages_renew(t->pages, c->node, slot, str_get(&near), c->mono_ms);
		str_done(&near);
	}
	t->again = false;
}

static void table_want_pages(struct table *t, const struct view_ctx *c, struct view_state *st)
{
	const struct pages_def *def = t->def->pages;
	struct str path;
	bool lives;

	if (!t->pages)
		t->pages = pages_new();
	if (!t->pages || c->frozen)
		return;
	lives = def->stamp && pages_got_ms(t->pages);
	if (lives)
		table_renew(t, c, st);
	str_init(&path, TABLE_PATH);
	def->path(c, st, &path);
	str_addf(&path, "%climit=%d", strchr(str_get(&path), '?') ? '&' : '?', def->limit);
	if (t->filter.len) {
		str_adds(&path, "&" PAGES_Q "=");
		node_add_query(&path, str_get(&t->filter));
	}
	table_add_order(t, "&sort=", &path);
	if (t->scan)
		str_adds(&path, "&" PAGES_SCAN "=1");
	if (def->more)
		str_addf(&path, "&%s", def->more);
	pages_want(t->pages, def, c->node, table_slot(t, st), str_get(&path), t->again && !lives,
	    c->mono_ms);
	t->again = t->again && lives; /* where it lives, table_renew asks: not for the head */
	str_done(&path);
}

/* How many came since the order is held. */
static void table_count_new(struct table *t, bool hold)
{
	bool exact;
	int64_t total = t->pages ? pages_total(t->pages, &exact) : -1;

	if (!hold || !t->held)
		t->held_total = total;
	t->n_new = hold && t->held_total >= 0 && total > t->held_total
	               ? (size_t)(total - t->held_total)
	               : 0;
}

/* The chosen one has gone from a list that was asked for again: the next one that is still there is chosen. */
static void table_step_aside(struct table *t, const struct table_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(items[i].id, t->selected) == 0)
			return;
	for (size_t line = t->at; line < t->n; line++)
		for (size_t i = 0; i < n; i++)
			if (strcmp(items[i].id, t->lines[line].id) == 0) {
				t->at = i;
				return;
			}
}

/* What was chosen among the rows that stand in for the first page is meant in that, too. */
static void table_await(struct table *t, const char *id)
{
	if (t->pages && (pages_state(t->pages) == PAGES_NONE || pages_is_anew(t->pages)))
		snprintf(t->wanted, sizeof t->wanted, "%s", id);
}

/* A page has come that begins anew: to its end `line`, unless a row of it is waited for. */
static void table_land(struct table *t, size_t line)
{
	if (!*t->wanted || !table_select(t, t->wanted))
		table_go(t, line);
	t->wanted[0] = '\0';
}

void table_update(struct table *t, const struct view_ctx *c, struct view_state *st, bool hold)
{
	const struct pages_def *pages = t->def->pages;
	struct table_item *items;
	size_t n;
	int landed;

	hold = (hold || t->marks.n) && (!pages || pages->stamp);
	if (pages) {
		table_want_pages(t, c, st);
		table_count_new(t, hold);
	}
	items = table_items(t, c, st, &n);
	if (!items)
		return;
	if (hold && t->held && !t->fresh && !pages) {
		table_hold(t, items, n);
	} else if (table_room(t, n)) {
		if (pages && pages->stamp && t->n)
			table_step_aside(t, items, n);
		for (size_t i = 0; i < n; i++)
			table_set_line(t, i, &items[i]);
		t->n = n;
		t->n_new = pages ? t->n_new : 0;
	}
	t->held = hold;
	t->fresh = false;
	free(items);
	table_find_selected(t);
	landed = t->pages ? pages_landed(t->pages) : 0;
	if (landed)
		table_land(t, landed > 0 ? 0 : t->n);
}

bool table_row_at(struct table *t, const struct view_ctx *c, struct view_state *st, size_t line,
    struct table_row *out)
{
	if (line >= t->n || t->lines[line].at >= table_source_count(t, c, st))
		return false;
	table_source_row(t, c, st, t->lines[line].at, out);
	return true;
}

bool table_find(struct table *t, const struct view_ctx *c, struct view_state *st, const char *id,
    struct table_row *out)
{
	size_t total = table_source_count(t, c, st);
	char other[TABLE_ID];

	for (size_t i = 0; i < total; i++) {
		table_source_row(t, c, st, i, out);
		t->def->id(out, other);
		if (strcmp(id, other) == 0)
			return true;
	}
	return false;
}

/* ---- moving ---- */

void table_go(struct table *t, size_t line)
{
	if (!t->n)
		return;
	t->at = line < t->n ? line : t->n - 1;
	t->lost = false;
	memcpy(t->selected, t->lines[t->at].id, sizeof t->selected);
}

void table_move(struct table *t, int64_t by)
{
	int64_t line = (int64_t)t->at + by;

	table_go(t, line < 0 ? 0 : (size_t)line);
	table_await(t, t->selected);
}

void table_jump(struct table *t, const struct view_ctx *c, struct view_state *st, bool to_end)
{
	bool there = !t->pages || (to_end ? pages_at_end(t->pages) : pages_at_start(t->pages));

	t->wanted[0] = '\0';
	if (!there)
		pages_jump(t->pages, c->node, table_slot(t, st), to_end, c->mono_ms);
	else
		table_go(t, to_end ? t->n : 0);
}

bool table_wants_scan(struct table *t, int64_t *rows, const char **why)
{
	return t->pages && !t->asked && !t->scan && pages_state(t->pages) == PAGES_READY &&
	       pages_is_scan(t->pages, rows, why);
}

void table_allow_scan(struct table *t, bool yes)
{
	t->asked = true;
	t->scan = yes;
}

bool table_select(struct table *t, const char *id)
{
	table_await(t, id);
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->lines[i].id, id) == 0) {
			table_go(t, i);
			return true;
		}
	snprintf(t->selected, sizeof t->selected, "%s", id);
	return false;
}

/* ---- marks ---- */

void table_mark(struct table *t)
{
	if (!t->n || t->lost)
		return;
	t->all = false;
	if (ids_has(&t->marks, t->lines[t->at].id))
		ids_remove(&t->marks, t->lines[t->at].id);
	else
		ids_add(&t->marks, t->lines[t->at].id);
	memcpy(t->anchor, t->lines[t->at].id, sizeof t->anchor);
	table_move(t, 1);
}

void table_mark_range(struct table *t)
{
	size_t from = t->at, to = t->at;

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->lines[i].id, t->anchor) == 0)
			from = i;
	if (from > to) {
		to = from;
		from = t->at;
	}
	for (size_t i = from; i <= to && i < t->n; i++)
		ids_add(&t->marks, t->lines[i].id);
	if (t->at < t->n)
		memcpy(t->anchor, t->lines[t->at].id, sizeof t->anchor);
}

bool table_mark_visible(struct table *t)
{
	size_t first = t->top > 0 ? (size_t)t->top : 0;
	bool already = t->n > 0;

	for (size_t i = first; i < t->n && i < first + (size_t)t->page; i++) {
		already = already && ids_has(&t->marks, t->lines[i].id);
		ids_add(&t->marks, t->lines[i].id);
	}
	return already;
}

void table_mark_all(struct table *t)
{
	bool lives = t->def->pages && t->def->pages->stamp, exact;
	bool anew = t->pages && pages_is_anew(t->pages);

	for (size_t i = 0; i < t->n && !anew; i++)
		ids_add(&t->marks, t->lines[i].id);
	/* those of a list that lives are ids as long as it holds them all */
	t->all = t->def->pages && (!lives || anew || table_matches(t, &exact) != (int64_t)t->n);
}

void table_unmark(struct table *t)
{
	t->marks.n = 0;
	t->all = false;
	t->anchor[0] = 0;
}

size_t table_marks_hidden(const struct table *t)
{
	size_t seen = 0;

	for (size_t i = 0; i < t->n; i++)
		seen += ids_has(&t->marks, t->lines[i].id);
	return t->marks.n - seen;
}

#include "config.h"
#include "tui/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_NEXT "next"
#define PAGES_PREVIOUS "previous"

enum { PAGES_PATIENCE_MS = 15000, PAGES_MARGIN = 50, PAGES_PATH = 4096 };

struct page {
	struct answer answer;
	const struct json_node *items;
	char *read; /* n of def->item_size bytes; owned */
	size_t n;
};

enum pages_ask { ASK_FIRST, ASK_LAST, ASK_AFTER, ASK_BEFORE, ASK_AROUND, ASK_TOTAL };

struct pages {
	const struct pages_def *def;
	enum pages_state state;
	struct str path;
	uint64_t id; /* of the question that waits */
	enum pages_ask asked;
	int64_t asked_ms, got_ms, took_ms;
	struct page pages[PAGES_MOST];
	size_t n_pages, rows;
	int landed;
	bool refused;          /* PAGES_FAILED because the question was wrong */
	bool anew;             /* what comes is another list than what is held */
	struct answer counted; /* of ASK_TOTAL, newer than the pages; empty: there is none */
	int64_t total;
	bool exact;
	char error[200];
};

struct pages *pages_new(void)
{
	struct pages *p = calloc(1, sizeof *p);

	if (p) {
		p->total = -1;
		str_init(&p->path, PAGES_PATH);
	}
	return p;
}

static void pages_drop(struct pages *p, size_t at)
{
	p->rows -= p->pages[at].n;
	answer_done(&p->pages[at].answer);
	free(p->pages[at].read);
	p->n_pages--;
	memmove(&p->pages[at], &p->pages[at + 1], (p->n_pages - at) * sizeof p->pages[0]);
}

static void pages_clear(struct pages *p)
{
	while (p->n_pages)
		pages_drop(p, p->n_pages - 1);
}

void pages_free(struct pages *p)
{
	if (!p)
		return;
	pages_clear(p);
	answer_done(&p->counted);
	str_done(&p->path);
	free(p);
}

/* ---- asking ---- */

static void pages_ask(struct pages *p, struct node *n, int slot, enum pages_ask what,
    const char *cursor, int64_t mono_ms)
{
	static const char *const names[] = {
	    [ASK_AFTER] = "after", [ASK_BEFORE] = "before", [ASK_AROUND] = PAGES_AROUND};
	struct str path;

	str_init(&path, PAGES_PATH);
	str_adds(&path, str_get(&p->path));
	if (what == ASK_LAST)
		str_adds(&path, "&before=end");
	if (what == ASK_AFTER || what == ASK_BEFORE || what == ASK_AROUND) {
		str_addf(&path, "&%s=", names[what]);
		node_add_query(&path, cursor);
	}
	p->asked = what;
	p->asked_ms = mono_ms;
	p->refused = false;
	p->id = node_ask(n, slot, "GET", str_get(&path), NULL);
	if (!p->id) {
		p->state = PAGES_FAILED;
		snprintf(p->error, sizeof p->error, "too many questions are waiting");
	}
	str_done(&path);
}

/* The same, for rows that are waited for: what was wrong before is said no more. */
static void pages_begin(
    struct pages *p, struct node *n, int slot, enum pages_ask what, int64_t mono_ms)
{
	pages_ask(p, n, slot, what, "", mono_ms);
	if (p->id)
		p->state = PAGES_LOADING;
}

/* A question without an answer. One that begins anew is asked again; the others wait until they are wanted
 * again, which need not be the same ones. */
static void pages_late(struct pages *p, struct node *n, int slot, int64_t mono_ms)
{
	bool begins = p->asked == ASK_FIRST || p->asked == ASK_LAST;

	p->id = 0;
	if (begins && (p->anew || !p->def->stamp))
		pages_ask(p, n, slot, p->asked, "", mono_ms);
}

void pages_want(struct pages *p, const struct pages_def *def, struct node *n, int slot,
    const char *path, bool refresh, int64_t mono_ms)
{
	bool other = strcmp(str_get(&p->path), path) != 0;
	bool late = p->id && mono_ms - p->asked_ms > PAGES_PATIENCE_MS;

	p->def = def;
	if (!other && !refresh) {
		if (late)
			pages_late(p, n, slot, mono_ms);
		return;
	}
	if (other) {
		str_reset(&p->path);
		str_adds(&p->path, path);
		p->total = -1;
		p->anew = true;
	}
	pages_begin(p, n, slot, ASK_FIRST, mono_ms);
}

void pages_jump(struct pages *p, struct node *n, int slot, bool to_end, int64_t mono_ms)
{
	if (!p->def)
		return;
	p->anew = true;
	pages_begin(p, n, slot, to_end ? ASK_LAST : ASK_FIRST, mono_ms);
}

void pages_renew(struct pages *p, struct node *n, int slot, const char *ids, int64_t mono_ms)
{
	if (p->def && !p->id)
		pages_ask(p, n, slot, ids ? ASK_AROUND : ASK_FIRST, ids ? ids : "", mono_ms);
}

void pages_count_anew(struct pages *p, struct node *n, int slot, int64_t mono_ms)
{
	if (p->def && !p->id)
		pages_ask(p, n, slot, ASK_TOTAL, "", mono_ms);
}

int pages_landed(struct pages *p)
{
	int landed = p->landed;

	p->landed = 0;
	return landed;
}

/* A cursor of a page, as text; "" when there is none. Numbers are cursors too. */
static bool pages_cursor(const struct page *page, const char *member, struct str *out)
{
	struct json_node node;
	const char *text;
	int64_t number;
	size_t len;

	node = json_node_path(page->answer.root, member);
	if (json_node_text(node, &text, &len))
		str_adds(out, text);
	else if (json_node_int(node, &number))
		str_addf(out, "%lld", (long long)number);
	return out->len > 0;
}

void pages_near(struct pages *p, struct node *n, int slot, size_t at, int64_t mono_ms)
{
	struct str cursor;

	if (p->id || !p->n_pages || p->state != PAGES_READY)
		return;
	str_init(&cursor, PAGES_PATH);
	if (at + PAGES_MARGIN >= p->rows &&
	    pages_cursor(&p->pages[p->n_pages - 1], PAGES_NEXT, &cursor))
		pages_ask(p, n, slot, ASK_AFTER, str_get(&cursor), mono_ms);
	else if (at < PAGES_MARGIN && pages_cursor(&p->pages[0], PAGES_PREVIOUS, &cursor))
		pages_ask(p, n, slot, ASK_BEFORE, str_get(&cursor), mono_ms);
	str_done(&cursor);
}

/* ---- answers ---- */

/* Rows as items; those that are none are left out. */
static void page_read(struct page *page, const struct pages_def *def)
{
	size_t n = 0;

	if (!def->item_size)
		return;
	page->read = calloc(page->n ? page->n : 1, def->item_size);
	for (size_t i = 0; page->read && i < page->n; i++)
		n += def->read(page->items[i], page->read + n * def->item_size);
	page->n = n;
}

static void pages_put(struct pages *p, struct answer *fresh)
{
	bool back = p->asked == ASK_BEFORE;
	size_t at = back ? 0 : p->n_pages;
	struct page page = {.answer = *fresh};

	page.items = answer_items(&page.answer, p->def->items, &page.n);
	page_read(&page, p->def);
	if (p->asked == ASK_FIRST || p->asked == ASK_LAST || p->asked == ASK_AROUND) {
		pages_clear(p);
		at = 0;
		p->landed = !p->anew ? 0 : p->asked == ASK_LAST ? -1 : 1;
		p->anew = false;
	} else if (p->n_pages == PAGES_MOST) {
		pages_drop(p, back ? p->n_pages - 1 : 0);
		at = back ? 0 : p->n_pages;
	}
	memmove(&p->pages[at + 1], &p->pages[at], (p->n_pages - at) * sizeof p->pages[0]);
	p->pages[at] = page;
	p->n_pages++;
	p->rows += page.n;
}

static void pages_read_total(struct pages *p, const struct answer *a)
{
	if (!json_node_int(json_node_path(a->root, "total"), &p->total))
		p->total = -1;
	p->exact = strcmp(answer_text(a->root, "total_is"), "exact") == 0;
}

bool pages_take(struct pages *p, struct node_answer *a, int64_t mono_ms)
{
	struct answer fresh = {0};
	bool ok;

	if (!p->id || a->id != p->id)
		return false;
	p->id = 0;
	p->took_ms = mono_ms - p->asked_ms;
	ok = answer_parse(&fresh, a->text);
	a->text = NULL;
	if (!ok || a->status < 200 || a->status > 299) {
		answer_error(a, &fresh, p->error, sizeof p->error);
		answer_done(&fresh);
		if (p->anew) /* what is held answers another question */
			pages_clear(p);
		p->state = PAGES_FAILED;
		p->refused = a->status >= 400 && a->status <= 499;
		return true;
	}
	p->got_ms = mono_ms;
	p->state = PAGES_READY;
	pages_read_total(p, &fresh);
	answer_done(&p->counted);
	if (p->asked == ASK_TOTAL)
		p->counted = fresh;
	else
		pages_put(p, &fresh);
	return true;
}

/* ---- looking ---- */

enum pages_state pages_state(const struct pages *p)
{
	return p->state;
}

const char *pages_error(const struct pages *p)
{
	return p->error;
}

size_t pages_count(const struct pages *p)
{
	return p->rows;
}

struct json_node pages_row(const struct pages *p, size_t at)
{
	for (size_t i = 0; i < p->n_pages; i++) {
		if (at < p->pages[i].n)
			return p->pages[i].items[at];
		at -= p->pages[i].n;
	}
	return (struct json_node){0};
}

const void *pages_item(const struct pages *p, size_t at)
{
	for (size_t i = 0; i < p->n_pages; i++) {
		if (at < p->pages[i].n)
			return p->pages[i].read + at * p->def->item_size;
		at -= p->pages[i].n;
	}
	return NULL;
}

struct json_node pages_root(const struct pages *p)
{
	if (p->counted.root.doc)
		return p->counted.root;
	return p->n_pages ? p->pages[0].answer.root : (struct json_node){0};
}

bool pages_is_scan(const struct pages *p, int64_t *rows, const char **why)
{
	struct json_node root = p->n_pages ? p->pages[0].answer.root : (struct json_node){0};

	if (!p->n_pages || !answer_bool(root, PAGES_SCAN))
		return false;
	*rows = answer_int(root, "rows");
	*why = answer_text(root, "no_index_for");
	return true;
}

int64_t pages_position(const struct pages *p)
{
	int64_t at;

	return p->n_pages && json_node_int(json_node_get(p->pages[0].answer.root, "position"), &at)
	           ? at
	           : -1;
}

static bool pages_ends(const struct pages *p, size_t page, const char *member)
{
	struct str cursor;
	bool more;

	if (!p->n_pages)
		return true;
	str_init(&cursor, PAGES_PATH);
	more = pages_cursor(&p->pages[page], member, &cursor);
	str_done(&cursor);
	return !more;
}

bool pages_is_refused(const struct pages *p)
{
	return p->anew && p->refused;
}

bool pages_is_anew(const struct pages *p)
{
	return p->anew;
}

bool pages_at_end(const struct pages *p)
{
	return pages_ends(p, p->n_pages - 1, PAGES_NEXT);
}

bool pages_at_start(const struct pages *p)
{
	return pages_ends(p, 0, PAGES_PREVIOUS);
}

void pages_tell_total(struct pages *p, int64_t total, bool exact)
{
	p->total = total;
	p->exact = exact;
}

int64_t pages_total(const struct pages *p, bool *exact)
{
	*exact = p->exact;
	return p->total;
}

int64_t pages_got_ms(const struct pages *p)
{
	return p->got_ms;
}

int64_t pages_tried_ms(const struct pages *p)
{
	return p->asked_ms > p->got_ms ? p->asked_ms : p->got_ms;
}

int64_t pages_took_ms(const struct pages *p)
{
	return p->took_ms;
}

bool pages_is_asking(const struct pages *p)
{
	return p->id != 0;
}

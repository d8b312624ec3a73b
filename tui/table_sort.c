/* Lists: sorting, filtering, and what is said of how many rows there are. */
#include "config.h"
#include "tui/table.h"
#include "tui/format.h"
#include "tui/pages.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

/* ---- sorting and filtering ---- */

const struct table_col *table_sort_col(const struct table *t)
{
	return t->sort > 0 ? &t->def->cols[t->sort - 1] : NULL;
}

/* Another filter or order: what was said about the one before does not hold. */
static void table_changed(struct table *t)
{
	t->fresh = true;
	t->asked = t->scan = false;
}

bool table_can_sort(const struct table *t, int col)
{
	const struct table_col *at = &t->def->cols[col];

	return t->def->pages ? at->sort != NULL : at->name != NULL;
}

void table_sort_by(struct table *t, int col)
{
	t->sort = col >= 0 && col < (int)t->def->n_cols && table_can_sort(t, col) ? col + 1 : 0;
	table_changed(t);
}

void table_sort_step(struct table *t, int by)
{
	int n = (int)t->def->n_cols + 1, at = t->sort;

	do
		at = (at + by + n) % n;
	while (at != 0 && !table_can_sort(t, at - 1));
	t->sort = at;
	table_changed(t);
}

bool table_filter(struct table *t, const char *text, int64_t now)
{
	struct errbuf eb = {.code = ERR_OK};
	struct filter *compiled = NULL;

	t->filter_error[0] = 0;
	if (*text && !table_asks(t) && filter_parse(&compiled, text, t->fields, now, NULL, &eb)) {
		snprintf(t->filter_error, sizeof t->filter_error, "%.199s", err_text(&eb));
		return false;
	}
	filter_free(t->compiled);
	t->compiled = compiled;
	if (strcmp(str_get(&t->filter), text) != 0) {
		table_changed(t);
		t->all = false; /* what matched was meant, not what matches now */
	}
	str_reset(&t->filter);
	str_adds(&t->filter, text);
	t->fresh = true;
	return true;
}

void table_sort_words(const struct table *t, char *out, size_t size)
{
	const struct table_col *col = table_sort_col(t);
	const char *natural = t->def->order_words ? t->def->order_words : "as it comes";

	snprintf(
	    out, size, "sort: %s%s", col ? col->title : natural, t->inverted ? ", inverted" : "");
}

/* ---- how many ---- */

/* Of a list whose rows all have a number: "row 57 of 10,003 jobs", "13 of 10,003 jobs" that match. */
static void table_position_words(const struct table *t, int64_t total, char *out, size_t size)
{
	int64_t at = pages_position(t->pages), all;
	char n[FORMAT_SIZE], m[FORMAT_SIZE];

	if (!json_node_int(json_node_get(pages_root(t->pages), "all"), &all))
		all = total;
	if (all != total)
		snprintf(out, size, "%s of %s %s", format_full(n, total), format_full(m, all),
		    t->def->what);
	else if ((int64_t)t->n < total && t->n)
		snprintf(out, size, "row %s of %s %s", format_full(n, at + 1 + (int64_t)t->at),
		    format_full(m, total), t->def->what);
	else
		snprintf(out, size, "%s %s", format_full(n, total), t->def->what);
}

void table_count_words(const struct table *t, char *out, size_t size)
{
	const char *filter = str_get(&t->filter);
	bool exact = true;
	int64_t total = t->pages ? pages_total(t->pages, &exact) : (int64_t)t->total;
	char held[48] = "", position[TABLE_TEXT];

	if (t->n_new)
		snprintf(held, sizeof held, "   order held, %zu new", t->n_new);
	if (t->pages && total >= 0 && exact && pages_position(t->pages) >= 0) {
		table_position_words(t, total, position, sizeof position);
		snprintf(
		    out, size, "%s%s%s%s", position, *filter ? "   filter: " : "", filter, held);
	} else if (total >= 0 && (int64_t)t->n != total)
		snprintf(out, size, "%zu of %s%lld %s%s%s%s", t->n, exact ? "" : "~",
		    (long long)total, t->def->what, *filter ? "   filter: " : "", filter, held);
	else
		snprintf(out, size, "%zu %s%s%s%s", t->n, t->def->what,
		    *filter ? "   filter: " : "", filter, held);
}

int64_t table_matches(const struct table *t, bool *exact)
{
	*exact = true;
	return t->pages ? pages_total(t->pages, exact) : (int64_t)t->n;
}

int64_t table_can(const struct table *t, const char *word)
{
	int64_t n;

	return t->pages && !pages_is_anew(t->pages) &&
	               json_node_int(
	                   json_node_get(json_node_get(pages_root(t->pages), "can"), word), &n)
	           ? n
	           : -1;
}

#include "config.h"
#include "tui/view.h"

#include <string.h>

static const struct view_ops *const view_table[] = {&view_dash, &view_help, NULL};

const struct view_ops *const *view_list(void)
{
	return view_table;
}

const struct view_ops *view_find(const char *name)
{
	for (const struct view_ops *const *v = view_table; *v; v++)
		if (strcmp((*v)->name, name) == 0)
			return *v;
	return NULL;
}

size_t view_selected_row(
    const struct view_ops *v, const struct view_ctx *c, const struct view_state *st)
{
	size_t rows = v->row_count ? v->row_count(c) : 0;

	for (size_t i = 0; i < rows; i++)
		if (v->row_id(c, i) == st->selected)
			return i;
	return 0;
}

void view_move(
    const struct view_ops *v, const struct view_ctx *c, struct view_state *st, int64_t by)
{
	int64_t rows = v->row_count ? (int64_t)v->row_count(c) : 0;
	int64_t row = (int64_t)view_selected_row(v, c, st) + by;

	if (!rows)
		return;
	if (row >= rows)
		row = rows - 1;
	if (row < 0)
		row = 0;
	st->selected = v->row_id(c, (size_t)row);
}

void view_scroll_to(struct view_state *st, size_t row, size_t rows, int page)
{
	int at = (int)row, n = (int)rows;

	st->page = page;
	if (st->top > at)
		st->top = at;
	if (at >= st->top + page)
		st->top = at - page + 1;
	if (st->top > n - page)
		st->top = n - page;
	if (st->top < 0)
		st->top = 0;
}

/* Lists on the screen and as CSV: which columns have room, titles, rows, cursor, marks. */
#include "config.h"
#include "tui/table.h"
#include "tui/pages.h"
#include "tui/view.h"

#include <string.h>

enum { TABLE_CSV = 64 << 20 };

/* ---- columns ---- */

static int table_need(const int widths[TABLE_COLS], size_t n)
{
	int need = TABLE_EDGE;

	for (size_t i = 0; i < n; i++)
		need += widths[i] ? widths[i] + 1 : 0;
	return need - 1;
}

/* The column still in that is the first to go; n: none. */
static size_t table_weakest(const struct table_def *def, const int widths[TABLE_COLS])
{
	size_t found = def->n_cols;

	for (size_t i = 0; i < def->n_cols; i++)
		if (widths[i] && def->cols[i].rank > 0 &&
		    (found == def->n_cols || def->cols[i].rank > def->cols[found].rank))
			found = i;
	return found;
}

static size_t table_last(const struct table_def *def, const int widths[TABLE_COLS])
{
	size_t last = 0;

	for (size_t i = 0; i < def->n_cols; i++)
		last = widths[i] ? i : last;
	return last;
}

void table_fit(const struct table_def *def, int w, int shift, int widths[TABLE_COLS])
{
	size_t weakest, last;
	int spare;

	for (size_t i = 0; i < TABLE_COLS; i++)
		widths[i] = 0;
	for (size_t i = 0; i < def->n_cols && i < TABLE_COLS; i++) {
		bool away = shift > 0 && def->cols[i].rank > 0;
		shift -= away;
		widths[i] = away ? 0 : def->cols[i].least;
	}
	while (table_need(widths, def->n_cols) > w &&
	       (weakest = table_weakest(def, widths)) < def->n_cols)
		widths[weakest] = 0;
	spare = w - table_need(widths, def->n_cols);
	for (int rank = 0; rank <= TABLE_COLS; rank++)
		for (size_t i = 0; i < def->n_cols; i++) {
			int more = def->cols[i].wish - widths[i];
			if (!widths[i] || def->cols[i].rank != rank || more <= 0 || spare <= 0)
				continue;
			more = more < spare ? more : spare;
			widths[i] += more;
			spare -= more;
		}
	last = table_last(def, widths);
	if (def->n_cols && widths[last] && spare > 0)
		widths[last] += spare;
}

/* ---- rows ---- */

static void table_draw_titles(
    const struct table *t, const struct pane *p, const int widths[TABLE_COLS])
{
	int x = TABLE_EDGE;

	draw_text(p, 0, 0, p->at.w, ALIGN_LEFT, ROLE_NORMAL, "");
	for (size_t i = 0; i < t->def->n_cols; i++) {
		const struct table_col *col = &t->def->cols[i];
		if (!widths[i])
			continue;
		draw_text(p, 0, x, widths[i], col->align, ROLE_TITLE, col->title);
		x += widths[i] + 1;
	}
}

static void table_draw_row(struct table *t, const struct view_ctx *c, const struct pane *p, int y,
    const struct table_row *r, const int widths[TABLE_COLS])
{
	struct table_cell cell;
	int x = TABLE_EDGE;

	for (size_t i = 0; i < t->def->n_cols; i++) {
		const struct table_col *col = &t->def->cols[i];
		if (!widths[i])
			continue;
		if (col->draw) {
			col->draw(c, r, p, y, x, widths[i]);
		} else {
			table_cell(t, c, i, r, &cell);
			draw_text(p, y, x, widths[i], col->align, cell.role, cell.text);
		}
		x += widths[i] + 1;
	}
}

static void table_scroll(struct table *t, int page)
{
	int at = (int)t->at, n = (int)t->n;

	t->page = page;
	if (t->top > at)
		t->top = at;
	if (at >= t->top + page)
		t->top = at - page + 1;
	if (t->top > n - page)
		t->top = n - page;
	if (t->top < 0)
		t->top = 0;
}

/* Why there is no row, and what to press. */
static void table_draw_empty(struct table *t, const struct pane *p, int y)
{
	enum pages_state state = t->pages ? pages_state(t->pages) : PAGES_READY;
	int x = TABLE_EDGE, w = p->at.w - TABLE_EDGE;
	const char *why;
	int64_t rows;

	if (state == PAGES_FAILED) {
		draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_ERROR, "! %s", pages_error(t->pages));
		draw_textf(p, y + 1, x, w, ALIGN_LEFT, ROLE_NORMAL, "  %sR asks again",
		    t->filter.len ? "/ edits the filter, \\ clears it, " : "");
	} else if (state != PAGES_READY) {
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_OFF, "loading");
	} else if (t->pages && t->scan && !pages_at_end(t->pages)) {
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_OFF, "nothing found so far, looking on");
	} else if (t->pages && pages_is_scan(t->pages, &rows, &why)) {
		draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_WARN, "no index for %s", why);
		draw_text(p, y + 1, x, w, ALIGN_LEFT, ROLE_NORMAL,
		    "nothing was looked at: / edits the filter, \\ clears it");
	} else if (t->filter.len) {
		draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_WARN,
		    "nothing matches  %s   \\ clears the filter, / edits it", str_get(&t->filter));
	} else {
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_OFF,
		    t->def->empty ? t->def->empty : "nothing here");
	}
}

void table_draw(
    struct table *t, const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int widths[TABLE_COLS], page = p->at.h - 1;
	struct table_row row;
	bool focus = view_table(st) == t;

	table_update(t, c, st, c->dialog);
	table_fit(t->def, p->at.w, t->shift, widths);
	table_draw_titles(t, p, widths);
	if (!t->n) {
		t->page = page > 0 ? page : 1;
		table_draw_empty(t, p, 1);
		if (t->pages && t->scan)
			pages_near(t->pages, c->node, table_slot(t, st), 0, c->mono_ms);
		return;
	}
	table_go(t, t->at); /* from now on keys mean what stands here */
	table_scroll(t, page > 0 ? page : 1);
	for (int i = 0; i < page && (size_t)(t->top + i) < t->n; i++) {
		size_t line = (size_t)(t->top + i);
		int y = 1 + i;
		if (!table_row_at(t, c, st, line, &row))
			continue;
		table_draw_row(t, c, p, y, &row, widths);
		if (t->all || ids_has(&t->marks, t->lines[line].id))
			draw_text(p, y, 1, 1, ALIGN_LEFT, ROLE_KEY, "*");
		if (line == t->at) {
			draw_text(p, y, 0, 1, ALIGN_LEFT, ROLE_NORMAL, ">");
			if (focus)
				draw_select(p, y);
		}
	}
	if (t->pages)
		pages_near(t->pages, c->node, table_slot(t, st), t->lines[t->at].at, c->mono_ms);
}

/* ---- CSV ---- */

/* A text that a spreadsheet would run as a formula gets a ' in front. */
static void csv_add(struct str *out, const char *text)
{
	bool formula = *text && strchr("=+@\t", *text) != NULL;

	if (!strpbrk(text, ",\"\r\n") && !formula) {
		str_adds(out, text);
		return;
	}
	str_adds(out, formula ? "\"'" : "\"");
	for (; *text; text++) {
		if (*text == '"')
			str_addc(out, '"');
		str_addc(out, *text);
	}
	str_addc(out, '"');
}

char *table_csv(struct table *t, const struct view_ctx *c, struct view_state *st)
{
	struct table_cell cell;
	struct table_row row;
	struct str out;
	bool first = true;

	str_init(&out, TABLE_CSV);
	for (size_t i = 0; i < t->def->n_cols; i++)
		if (t->def->cols[i].name) {
			str_addf(&out, "%s%s", first ? "" : ",", t->def->cols[i].name);
			first = false;
		}
	str_adds(&out, "\r\n");
	for (size_t line = 0; line < t->n; line++) {
		if (!table_row_at(t, c, st, line, &row))
			continue;
		first = true;
		for (size_t i = 0; i < t->def->n_cols; i++) {
			if (!t->def->cols[i].name)
				continue;
			table_cell(t, c, i, &row, &cell);
			str_adds(&out, first ? "" : ",");
			csv_add(&out, cell.text);
			first = false;
		}
		str_adds(&out, "\r\n");
	}
	return str_take(&out);
}

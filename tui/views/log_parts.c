#include "config.h"
#include "tui/views/log_parts.h"
#include "tui/format.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOG_DAY = 86400,
	LOG_TIMES = 16,
	LOG_PIECES = 40,
	LOG_NAME = 9,
	LOG_SAID = 8,
	LOG_HOURS = 24
};

char *log_clock(int64_t at_ms, char *buf)
{
	format_clock(buf, at_ms / 1000);
	snprintf(buf + 8, FORMAT_SIZE - 8, ".%03d", (int)(at_ms % 1000));
	return buf;
}

enum role log_role_of(enum log_level level)
{
	static const enum role roles[LOG_LEVEL_COUNT] = {[LOG_ERROR] = ROLE_ERROR,
	    [LOG_WARNING] = ROLE_WARN,
	    [LOG_INFO] = ROLE_NORMAL,
	    [LOG_DEBUG] = ROLE_OFF};

	return level < LOG_LEVEL_COUNT ? roles[level] : ROLE_NORMAL;
}

/* ---- rows ---- */

static bool rows_room(struct log_own *own)
{
	size_t room = own->room ? own->room * 2 : 1024;
	struct log_row *rows;

	if (own->n_rows < own->room)
		return true;
	rows = realloc(own->rows, room * sizeof *rows);
	if (!rows)
		return false;
	own->rows = rows;
	own->room = room;
	return true;
}

/* Bytes of a text that w columns take: up to a blank where there is one, never half a character. */
static size_t rows_cut(const char *text, size_t len, int w)
{
	size_t at = 0, blank = 0;

	for (int x = 0; at < len && x < w; x++) {
		blank = text[at] == ' ' && x > w / 2 ? at + 1 : blank;
		at++;
		while (at < len && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
	}
	return at < len && blank ? blank : at;
}

static void rows_add(struct log_own *own, const struct log_held *line, int times, int w)
{
	const char *text = line->text ? line->text : "";
	size_t len = strlen(text), from = 0;
	int piece = 0;

	do {
		size_t n = own->wrap && piece < LOG_PIECES ? rows_cut(text + from, len - from, w)
		                                           : len - from;
		if (!rows_room(own))
			return;
		own->rows[own->n_rows++] =
		    (struct log_row){line, line + times - 1, times, piece++, from, n};
		from += n;
	} while (from < len);
}

/* Does it say what the one before said? Marks are meant each time. */
static bool rows_same(const struct log_held *a, const struct log_held *b)
{
	return !b->apart && a->level == b->level && a->text && b->text &&
	       strcmp(a->text, b->text) == 0 && strcmp(a->source, b->source) == 0 &&
	       strcmp(a->job, b->job) == 0 && strcmp(a->source, "mark") != 0;
}

void log_rows_make(struct log_own *own, int w)
{
	const struct log_held *held = own->lines.held;
	size_t n = own->lines.n, next;

	own->n_rows = 0;
	for (size_t i = 0; i < n; i = next) {
		for (next = i + 1; next < n && rows_same(&held[i], &held[next]); next++)
			;
		rows_add(own, &held[i], (int)(next - i), w > 20 ? w : 20);
	}
}

/* " (x37)" behind what was said so often, else nothing. */
static const char *rows_times(const struct log_row *row, char out[LOG_TIMES])
{
	*out = 0;
	if (row->times > 1)
		snprintf(out, LOG_TIMES, " (x%d)", row->times);
	return out;
}

/* ---- as a list ---- */

static void col_time(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct log_row *row = r->item;
	int64_t at = row->line->at_ms / 1000;
	struct clock_date d = clock_date_from(at);
	char clock[FORMAT_SIZE];

	out->role = ROLE_OFF;
	if (row->piece)
		*out->text = 0;
	else if (c->now - at > LOG_DAY)
		snprintf(out->text, sizeof out->text, "%02d-%02d %02d:%02dZ", d.month, d.day,
		    d.hour, d.minute);
	else
		snprintf(out->text, sizeof out->text, "%s", log_clock(row->line->at_ms, clock));
}

static void col_level(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	static const char letters[] = "EWID";
	const struct log_row *row = r->item;

	(void)c;
	out->role = log_role_of(row->line->level);
	snprintf(out->text, sizeof out->text, "%.1s", row->piece ? "" : letters + row->line->level);
}

static void col_source(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct log_row *row = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", row->piece ? "" : row->line->source);
}

static void col_job(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct log_row *row = r->item;
	const char *job = row->line->job;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", row->piece ? "" : *job ? job : "-");
}

static void col_text(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct log_row *row = r->item;
	const char *text = row->line->text ? row->line->text : "";
	size_t most = sizeof out->text - 8 - LOG_TIMES;
	int len = (int)(row->len < most ? row->len : most);
	char times[LOG_TIMES];

	(void)c;
	out->role = log_role_of(row->line->level);
	if (strcmp(row->line->source, "mark") == 0)
		snprintf(out->text, sizeof out->text,
		    "-- %.*s ------------------------------------------------------------", len,
		    text);
	else
		snprintf(out->text, sizeof out->text, "%s%.*s%s", row->piece ? "  " : "", len,
		    text + row->from, row->piece ? "" : rows_times(row, times));
}

static const struct table_col log_line_columns[] = {
    {"time", "TIME UTC", 12, 12, 2, ALIGN_LEFT, col_time, NULL, NULL, NULL, FILTER_TEXT},
    {"level", "L", 1, 1, 0, ALIGN_LEFT, col_level, NULL, NULL, NULL, FILTER_TEXT},
    {"source", "FROM", 8, 8, 3, ALIGN_LEFT, col_source, NULL, NULL, NULL, FILTER_TEXT},
    {"job", "JOB", 6, 7, 4, ALIGN_LEFT, col_job, NULL, NULL, NULL, FILTER_TEXT},
    {"text", "MESSAGE", 20, 400, 0, ALIGN_LEFT, col_text, NULL, NULL, NULL, FILTER_TEXT},
};

static size_t line_count(const struct view_ctx *c, struct view_state *st)
{
	const struct log_own *own = st->own;

	(void)c;
	return own ? own->n_rows : 0;
}

static void line_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct log_own *own = st->own;

	(void)c;
	out->item = &own->rows[at];
}

static void line_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct log_row *row = r->item;

	if (row->line->seq)
		snprintf(out, TABLE_ID, "%llu.%d", (unsigned long long)row->line->seq, row->piece);
	else
		snprintf(out, TABLE_ID, "f%lld.%d", (long long)row->line->place, row->piece);
}

static void line_target(const struct table_row *r, char out[TABLE_ID])
{
	const struct log_row *row = r->item;

	snprintf(out, TABLE_ID, "%s", row->line->job);
}

static void line_copy(const struct table_row *r, struct str *out)
{
	const struct log_row *row = r->item;
	char clock[FORMAT_SIZE], times[LOG_TIMES];

	str_addf(out, "%s %s %s %s %s%s", log_clock(row->line->at_ms, clock),
	    log_level_word(row->line->level), row->line->source,
	    *row->line->job ? row->line->job : "-", row->line->text ? row->line->text : "",
	    rows_times(row, times));
}

const struct table_def log_line_table = {
    .what = "lines",
    .cols = log_line_columns,
    .n_cols = sizeof log_line_columns / sizeof log_line_columns[0],
    .count = line_count,
    .row = line_row,
    .id = line_id,
    .opens = &view_job,
    .target = line_target,
    .copy = line_copy,
    .asks = true,
    .text = true,
    .order_words = "oldest first",
    .empty = "no line of this kind is here; + shows more levels, t a longer time",
};

/* ---- beside and below the list ---- */

void log_draw_line(const struct pane *p, const struct log_row *row)
{
	char title[TABLE_TEXT], clock[FORMAT_SIZE], times[TABLE_TEXT] = "";

	if (!row) {
		draw_rule(p, 0, NULL, NULL);
		return;
	}
	if (row->times > 1)
		snprintf(times, sizeof times, "  x%d, last %s", row->times,
		    log_clock(row->last->at_ms, clock));
	snprintf(title, sizeof title, "%s %s %s%s%s%.40s", log_clock(row->line->at_ms, clock),
	    log_level_word(row->line->level), row->line->source, *row->line->job ? " " : "",
	    row->line->job, times);
	draw_rule(p, 0, title, *row->line->job ? "Enter opens the job" : NULL);
	view_draw_words(p, 1, 1, p->at.h - 1, row->line->text ? row->line->text : "");
}

/* "fetch    ███████████▋░   2,260" */
static void summary_bar(
    const struct pane *p, int y, enum role role, const char *name, int64_t n, int64_t most)
{
	char count[FORMAT_SIZE];
	int w = p->at.w - LOG_NAME - 10;

	draw_text(p, y, 1, LOG_NAME - 1, ALIGN_LEFT, role, name);
	if (w > 3)
		draw_bar(p, y, LOG_NAME + 1, w, role, most > 0 ? (double)n / (double)most : 0);
	draw_text(p, y, p->at.w - 8, 7, ALIGN_RIGHT, ROLE_NORMAL, format_count(count, n));
}

static int summary_levels(const struct pane *p, int y, struct json_node root)
{
	int64_t most = answer_int(root, "lines");

	for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
		const char *word = log_level_word((enum log_level)i);
		summary_bar(p, y++, log_role_of((enum log_level)i), word,
		    answer_int(json_node_get(root, "levels"), word), most);
	}
	return y;
}

static int summary_sources(const struct pane *p, int y, int most_lines, struct json_node root)
{
	int64_t most = answer_int(root, "lines");
	struct json_node item;
	struct json_walk walk;

	json_walk_start(&walk, json_node_get(root, "sources"));
	while (most_lines-- > 0 && json_walk_next(&walk, &item, NULL))
		summary_bar(p, y++, ROLE_NORMAL, answer_text(item, "source"),
		    answer_int(item, "lines"), most);
	return y;
}

/* What troubles said most; digits stand as #. */
static int summary_said(const struct pane *p, int y, int most, struct json_node root)
{
	struct json_node item;
	struct json_walk walk;
	char n[FORMAT_SIZE];
	int first = y;

	json_walk_start(&walk, json_node_get(root, "said"));
	while (y < first + most && json_walk_next(&walk, &item, NULL)) {
		enum log_level level = LOG_ERROR;
		log_level_parse(answer_text(item, "level"), &level);
		draw_text(p, y, 1, p->at.w - 8, ALIGN_LEFT, log_role_of(level),
		    answer_text(item, "text"));
		draw_text(p, y++, p->at.w - 7, 6, ALIGN_RIGHT, ROLE_NORMAL,
		    format_count(n, answer_int(item, "lines")));
	}
	if (y == first)
		draw_text(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OK, "none");
	return y;
}

static int summary_hours(const struct pane *p, int y, struct json_node root)
{
	double hours[LOG_HOURS];
	struct json_node item;
	struct json_walk walk;
	int n = 0;

	json_walk_start(&walk, json_node_get(root, "hours"));
	while (n < LOG_HOURS && json_walk_next(&walk, &item, NULL)) {
		double value = 0;
		json_node_real(item, &value);
		hours[LOG_HOURS - 1 - n++] = value; /* the newest comes first */
	}
	draw_spark(p, y, 1, LOG_HOURS, ROLE_OK, hours + LOG_HOURS - n, (size_t)n);
	return y + 1;
}

void log_draw_summary(const struct view_ctx *c, const struct pane *p, const struct resource *r)
{
	struct json_node root = r->answer.root;
	struct pane in = draw_box(p, "Levels", NULL);
	int y = 0;

	(void)c;
	if (view_draw_missing(r, &in, 0))
		return;
	y = summary_levels(&in, y, root) + 1;
	draw_rule(&in, y++, "From", NULL);
	y = summary_sources(&in, y, in.at.h - y - LOG_SAID - 8, root) + 1;
	draw_rule(&in, y++, "Troubles, 24 h", NULL);
	y = summary_said(&in, y, LOG_SAID, root) + 1;
	if (y + 2 > in.at.h)
		return;
	draw_rule(&in, y++, "Lines an hour, 24 h", NULL);
	summary_hours(&in, y, root);
}

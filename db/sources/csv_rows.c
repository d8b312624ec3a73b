#include "config.h"
#include "db/sources/csv_rows.h"
#include "db/sources/csv_parts.h"
#include "db/sources/jsonl.h"

#include <stdlib.h>
#include <string.h>

struct csv_rows {
	struct input in;
	struct csv csv;
	int keep;   /* fields wanted of ordinary rows */
	bool first; /* no row was given yet */
	bool tail;  /* the rest of a broken line is still to come */
	bool mark;
	size_t pending; /* bytes of the last row, given but not passed yet */
	int64_t lines;  /* line ends in them */
};

enum err csv_rows_open(struct csv_rows **out, const char *path, const char *column,
    const atomic_bool *stop, struct errbuf *eb)
{
	struct source_config cfg = {.path = path, .stop = stop, .column = column, .table = true};
	struct csv_rows *r = calloc(1, sizeof *r);
	enum err err;

	*out = NULL;
	if (!r)
		return err_set(eb, ERR_NOMEM, "no memory to read %s", path);
	err = input_open(&r->in, path, 0, stop, eb);
	if (err) {
		free(r);
		return err;
	}
	r->mark = r->in.start > 0;
	r->first = true;
	if (jsonl_format.is_like(&r->in))
		err = err_set(eb, ERR_INVALID, "%s is JSON: a table is needed, as CSV", path);
	if (!err)
		err = csv_begin(&r->csv, &r->in, &cfg, eb);
	if (err) {
		csv_rows_close(r);
		return err;
	}
	r->keep = r->csv.scan.keep;
	*out = r;
	return ERR_OK;
}

void csv_rows_close(struct csv_rows *r)
{
	if (!r)
		return;
	csv_done(&r->csv);
	input_close(&r->in);
	free(r);
}

/* Parts these bytes, which may end with a line's end, into body and end. */
static void rows_part(const struct csv_rows *r, const char *p, size_t len, struct csv_rows_row *row)
{
	size_t body = len;

	if (body && p[body - 1] == r->in.newline)
		body--;
	if (r->in.newline == '\n' && body && p[body - 1] == '\r')
		body--;
	row->body = (struct source_text){p, body};
	row->end = (struct source_text){p + body, len - body};
}

/* A line that is no CSV, or as much of it as is at hand. */
static void rows_broken(struct csv_rows *r, struct csv_rows_row *row)
{
	const char *p = r->in.buf + r->in.start;
	size_t have = r->in.end - r->in.start;
	const char *nl = memchr(p, r->in.newline, have);
	size_t len = nl ? (size_t)(nl - p) + 1 : have;

	row->kind = CSV_ROWS_BROKEN;
	row->goes_on = !nl && !r->in.eof;
	/* the line feed of this carriage return may come with the next part */
	if (row->goes_on && len > 1 && p[len - 1] == '\r')
		len--;
	if (row->goes_on)
		row->body = (struct source_text){p, len};
	else
		rows_part(r, p, len, row);
	r->tail = row->goes_on;
	r->pending = len;
	r->lines = nl != NULL;
}

static void rows_good(struct csv_rows *r, struct csv_rows_row *row)
{
	struct csv_scan *c = &r->csv.scan;

	row->kind = c->blank ? CSV_ROWS_BLANK : c->header ? CSV_ROWS_HEADER : CSV_ROWS_DATA;
	row->cells = c->cells;
	row->problem = c->problem;
	rows_part(r, r->in.buf + r->in.start, c->used, row);
	if (row->kind == CSV_ROWS_DATA)
		row->ref = csv_rows_cell(r, r->csv.column[SOURCE_REF]);
	c->header = c->header && c->blank;
	r->first = r->first && c->blank;
	r->pending = c->used;
	r->lines = c->lines;
}

/* More of a broken line. */
static enum err rows_tail(
    struct csv_rows *r, struct csv_rows_row *row, bool *more, struct errbuf *eb)
{
	enum err err = r->in.eof ? ERR_OK : input_more(&r->in, eb);

	if (err)
		return err;
	*more = true;
	row->line = r->in.line;
	rows_broken(r, row);
	return ERR_OK;
}

enum err csv_rows_next(struct csv_rows *r, struct csv_rows_row *row, bool *more, struct errbuf *eb)
{
	enum csv_end end;
	enum err err;

	*row = (struct csv_rows_row){.kind = CSV_ROWS_BLANK};
	r->in.start += r->pending;
	r->in.line += r->lines;
	r->pending = 0;
	r->lines = 0;
	if (r->tail)
		return rows_tail(r, row, more, eb);
	/* all names of a header are wanted, and what stands in its place */
	r->csv.scan.keep = r->first ? CSV_COLUMNS : r->keep;
	err = csv_record(&r->csv, &r->in, &end, eb);
	if (err)
		return err;
	*more = end != CSV_MORE;
	row->line = r->in.line;
	if (end == CSV_BAD) {
		row->problem = r->csv.scan.problem;
		rows_broken(r, row);
	} else if (end == CSV_ROW) {
		rows_good(r, row);
	}
	return ERR_OK;
}

struct source_text csv_rows_cell(struct csv_rows *r, int column)
{
	return csv_cell(&r->csv.scan, column, &r->csv.plain[SOURCE_REF]);
}

char csv_rows_separator(const struct csv_rows *r)
{
	return r->csv.scan.sep;
}

bool csv_rows_has_mark(const struct csv_rows *r)
{
	return r->mark;
}

int64_t csv_rows_bytes(const struct csv_rows *r)
{
	return r->in.bytes;
}

int64_t csv_rows_size(const struct csv_rows *r)
{
	return r->in.size;
}

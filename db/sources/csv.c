#include "config.h"
#include "db/sources/csv.h"
#include "db/sources/csv_parts.h"
#include "db/sources/input.h"

#include <stdlib.h>
#include <string.h>

static bool csv_is_like(const struct input *in)
{
	(void)in;
	return true;
}

static void csv_end(void *state)
{
	csv_done(state);
	free(state);
}

static enum err csv_start(
    void **state, struct input *in, const struct source_config *cfg, struct errbuf *eb)
{
	struct csv *csv = calloc(1, sizeof *csv);

	if (!csv)
		return err_set(eb, ERR_NOMEM, "no memory to read CSV");
	*state = csv;
	return csv_begin(csv, in, cfg, eb);
}

/* The row cannot be read: its first line is given up, what follows is read as if new. */
static enum err csv_bad_row(struct input *in, const char *problem, struct source_row *row)
{
	const char *p = in->buf + in->start;
	size_t have = in->end - in->start;
	const char *nl = memchr(p, in->newline, have);

	*row = (struct source_row){.line = in->line, .problem = problem};
	row->raw = (struct source_text){p, nl ? (size_t)(nl - p) : have};
	if (nl) {
		in->start += row->raw.len + 1;
		in->line++;
	} else {
		in->skip = true;
	}
	return ERR_OK;
}

static void csv_good_row(struct csv *csv, struct input *in, struct source_row *row)
{
	struct csv_scan *c = &csv->scan;

	*row = (struct source_row){.line = in->line, .problem = c->problem};
	row->raw = (struct source_text){in->buf + in->start, c->used};
	row->column = csv->column[SOURCE_REF] + 1;
	row->ref = csv_cell(c, csv->column[SOURCE_REF], &csv->plain[SOURCE_REF]);
	row->title = csv_cell(c, csv->column[SOURCE_TITLE], &csv->plain[SOURCE_TITLE]);
	row->description =
	    csv_cell(c, csv->column[SOURCE_DESCRIPTION], &csv->plain[SOURCE_DESCRIPTION]);
}

/* The next filled field of the open record as a row of its own; false when there is none. */
static bool csv_next_field(struct csv *csv, struct input *in, struct source_row *row)
{
	struct csv_scan *c = &csv->scan;

	while (csv->at < c->n) {
		const struct csv_field *f = &c->fields[csv->at];
		struct source_text cell = csv_cell(c, csv->at++, &csv->plain[SOURCE_REF]);
		if (!cell.len)
			continue;
		*row = (struct source_row){.line = in->line, .ref = cell, .raw = {f->text, f->len}};
		return true;
	}
	csv->at = 0;
	in->start += c->used;
	in->line += c->lines;
	return false;
}

enum err csv_record(struct csv *csv, struct input *in, enum csv_end *end, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (in->skip)
		err = input_drop_line(in, eb);
	in->skip = false;
	while (!err) {
		size_t have = in->end - in->start;
		*end = have ? csv_scan_record(&csv->scan, in->buf + in->start, have, in->eof)
		            : CSV_MORE;
		if (*end != CSV_MORE || (in->eof && !have))
			return ERR_OK;
		if (have > SOURCE_RECORD_MAX) {
			csv->scan.problem = "the row is longer than 4 MiB";
			*end = CSV_BAD;
			return ERR_OK;
		}
		err = input_more(in, eb);
	}
	return err;
}

static enum err csv_next(
    void *state, struct input *in, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct csv *csv = state;
	struct csv_scan *c = &csv->scan;

	for (;;) {
		enum csv_end end;
		enum err err;
		bool skip;

		if (csv->at && csv_next_field(csv, in, row)) {
			*more = true;
			return ERR_OK;
		}
		err = csv_record(csv, in, &end, eb);
		if (err)
			return err;
		*more = end != CSV_MORE;
		if (end == CSV_MORE)
			return ERR_OK;
		if (end == CSV_BAD)
			return csv_bad_row(in, c->problem, row);
		skip = c->blank || c->header;
		if (csv->many && !skip && !c->problem) {
			if (csv_next_field(csv, in, row))
				return ERR_OK;
			continue; /* only empty fields: passed over */
		}
		if (!skip)
			csv_good_row(csv, in, row);
		c->header = c->header && c->blank;
		in->start += c->used;
		in->line += c->lines;
		if (!skip)
			return ERR_OK;
	}
}

const struct source_format csv_format = {"csv", csv_is_like, csv_start, csv_next, csv_end};

#include "config.h"
#include "db/sources/csv.h"
#include "db/sources/input.h"
#include "db/sources/csv_scan.h"
#include "db/sources/channel_ref.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

enum { CSV_SAMPLE = 50, CSV_SHOWN = 300 };

struct csv {
	struct csv_scan scan;
	int column[SOURCE_PARTS]; /* -1: there is none */
	bool many;                /* no header, ids in several columns: every field is a row */
	int at;                   /* many: the next field of the record; 0: none is open */
	struct str plain[SOURCE_PARTS]; /* quoted fields that had to be rewritten */
};

/* What a look at the first rows told about a column. */
struct csv_column {
	int rank; /* of its header among the names of its part */
	enum source_part part;
	int ids, names, numbers, filled;
};

struct csv_look {
	struct csv_column columns[CSV_COLUMNS];
	int n;
	int rows; /* data rows seen, without the header */
	bool header;
	bool named; /* the header has a name that we know */
};

static struct source_text csv_cell(const struct csv_scan *c, int column, struct str *plain)
{
	struct csv_field f;

	if (column < 0 || column >= c->n)
		return (struct source_text){NULL, 0};
	f = c->fields[column];
	if (!f.doubled)
		return (struct source_text){f.text, f.len};
	str_reset(plain);
	for (size_t i = 0; i < f.len; i++) {
		const char *q = memchr(f.text + i, '"', f.len - i);
		size_t n = q ? (size_t)(q - f.text) - i + 1 : f.len - i;
		str_add(plain, f.text + i, n);
		i += n - 1;
		if (q && i + 1 < f.len && f.text[i + 1] == '"')
			i++;
	}
	return (struct source_text){str_get(plain), plain->len};
}

static bool csv_is_number(struct source_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((t.text[i] < '0' || t.text[i] > '9') && !strchr(" .,-+%", t.text[i]))
			return false;
	return t.len > 0;
}

static void csv_look_cell(struct csv_column *col, struct source_text t)
{
	struct channel_ref ref;

	channel_ref_parse(t.text, t.len, &ref);
	col->filled += t.len > 0;
	col->numbers += csv_is_number(t);
	col->ids += ref.kind == CHANNEL_REF_ID;
	col->names += ref.kind > CHANNEL_REF_ID;
}

/* Does a cell try to name a channel, right or wrong? */
static bool csv_is_try(struct source_text t)
{
	return t.len >= 2 && (t.text[0] == '@' || memcmp(t.text, "UC", 2) == 0 ||
	                         (t.len > 7 && memcmp(t.text, "http", 4) == 0));
}

/*
 * A first row is the header when it has a name that we know and nothing that tries to be a channel.
 * A header in words we do not know is read as a row and reported, rather than lost in silence.
 */
static void csv_look_first(struct csv_look *look, const struct csv_scan *c)
{
	bool tries = false;

	for (int i = 0; i < c->n; i++) {
		struct csv_column *col = &look->columns[i];
		struct source_text t = {c->fields[i].text, c->fields[i].len};
		col->part = source_part_by_name(t.text, t.len, &col->rank);
		look->named = look->named || col->part != SOURCE_OTHER;
		tries = tries || (col->part == SOURCE_OTHER && csv_is_try(t));
	}
	look->named = look->named && !tries;
}

/* Where the record after this one begins: behind it, or at the next line when it makes no sense. */
static size_t csv_look_past(const struct csv_scan *c, const struct input *in, size_t at, bool bad)
{
	const char *nl = memchr(in->buf + at, in->newline, in->end - at);

	if (!bad)
		return at + c->used;
	return nl ? (size_t)(nl - in->buf) + 1 : in->end;
}

/* Reads the first rows without using them up. */
static void csv_look_rows(struct csv *csv, struct csv_look *look, const struct input *in)
{
	struct csv_scan *c = &csv->scan;
	size_t at = in->start;
	bool first = true;

	while (look->rows < CSV_SAMPLE && at < in->end) {
		enum csv_end end = csv_scan_record(c, in->buf + at, in->end - at, in->eof);
		if (end == CSV_MORE)
			break;
		at = csv_look_past(c, in, at, end == CSV_BAD);
		if (end == CSV_BAD || c->blank)
			continue;
		if (c->n > look->n)
			look->n = c->n;
		if (first)
			csv_look_first(look, c);
		for (int i = 0; i < c->n && !(first && look->named); i++)
			csv_look_cell(&look->columns[i], csv_cell(c, i, &csv->plain[SOURCE_REF]));
		look->rows += !(first && look->named);
		first = false;
	}
}

/* Ids count more than names, for names cost a call each. */
static int csv_score(const struct csv_column *col)
{
	return 4 * col->ids + col->names;
}

static int csv_choose_ref(const struct csv_look *look)
{
	int best = -1;

	for (int i = 0; i < look->n; i++) {
		const struct csv_column *col = &look->columns[i];
		const struct csv_column *b = best < 0 ? NULL : &look->columns[best];
		bool named = look->named && col->part == SOURCE_REF;
		bool best_named = b && look->named && b->part == SOURCE_REF;

		if (!csv_score(col) && !named)
			continue;
		/* a column that holds channels beats one that is only called so */
		if (!b || (csv_score(col) && !csv_score(b)) ||
		    (named && !best_named && (csv_score(col) || !csv_score(b))) ||
		    (named == best_named && csv_score(col) > csv_score(b)) ||
		    (named == best_named && csv_score(col) == csv_score(b) && col->rank < b->rank))
			best = i;
	}
	return best;
}

/* Without a header that we know: the first column after the channel's that holds words. */
static int csv_guess_title(const struct csv_look *look, int ref)
{
	for (int k = 1; k < look->n; k++) {
		int i = (ref + k) % look->n;
		const struct csv_column *col = &look->columns[i];
		if (col->filled && !csv_score(col) && col->numbers * 2 < col->filled)
			return i;
	}
	return -1;
}

static int csv_choose(const struct csv_look *look, enum source_part part)
{
	int best = -1;

	for (int i = 0; i < look->n; i++)
		if (look->columns[i].part == part &&
		    (best < 0 || look->columns[i].rank < look->columns[best].rank))
			best = i;
	return best;
}

static enum err csv_no_column(const struct input *in, struct errbuf *eb)
{
	const char *p = in->buf + in->start;
	const char *nl = memchr(p, in->newline, in->end - in->start);
	size_t len = nl ? (size_t)(nl - p) : in->end - in->start;

	if (len > CSV_SHOWN)
		len = CSV_SHOWN;
	return err_set(eb, ERR_INVALID,
	    "no column holds channel ids: name the one that does channel_id in the first line, "
	    "which is: %.*s",
	    (int)len, p);
}

/* A list with several ids a line: at least two columns hold nothing else. */
static bool csv_is_many(const struct csv_look *look)
{
	int lists = 0;

	for (int i = 0; i < look->n; i++)
		lists +=
		    look->columns[i].ids > 0 && look->columns[i].ids == look->columns[i].filled;
	return lists > 1;
}

static enum err csv_choose_columns(struct csv *csv, struct input *in, struct errbuf *eb)
{
	struct csv_look *look = calloc(1, sizeof *look);
	enum err err = ERR_OK;

	if (!look)
		return err_set(eb, ERR_NOMEM, "no memory to look at the columns");
	csv_look_rows(csv, look, in);
	csv->column[SOURCE_REF] = csv_choose_ref(look);
	if (look->named) {
		csv->column[SOURCE_TITLE] = csv_choose(look, SOURCE_TITLE);
		csv->column[SOURCE_DESCRIPTION] = csv_choose(look, SOURCE_DESCRIPTION);
	} else if (csv_is_many(look)) {
		csv->many = true;
	} else if (csv->column[SOURCE_REF] >= 0) {
		csv->column[SOURCE_TITLE] = csv_guess_title(look, csv->column[SOURCE_REF]);
	}
	if (csv->column[SOURCE_REF] < 0 && look->n > 1)
		err = csv_no_column(in, eb);
	else if (csv->column[SOURCE_REF] < 0)
		csv->column[SOURCE_REF] = 0;
	csv->scan.keep = csv->many ? CSV_COLUMNS : 0;
	for (int i = 0; i < SOURCE_PARTS; i++)
		if (csv->column[i] >= csv->scan.keep)
			csv->scan.keep = csv->column[i] + 1;
	csv->scan.header = look->named;
	free(look);
	return err;
}

static bool csv_is_like(const struct input *in)
{
	(void)in;
	return true;
}

static void csv_end(void *state)
{
	struct csv *csv = state;

	for (int i = 0; i < SOURCE_PARTS; i++)
		str_done(&csv->plain[i]);
	free(csv);
}

static enum err csv_start(void **state, struct input *in, struct errbuf *eb)
{
	struct csv *csv = calloc(1, sizeof *csv);

	if (!csv)
		return err_set(eb, ERR_NOMEM, "no memory to read CSV");
	*state = csv;
	for (int i = 0; i < SOURCE_PARTS; i++) {
		str_init(&csv->plain[i], SOURCE_FIELD_MAX);
		csv->column[i] = -1;
	}
	csv_scan_init(&csv->scan,
	    csv_guess_separator(in->buf + in->start, in->end - in->start, in->newline, in->eof),
	    in->newline);
	return csv_choose_columns(csv, in, eb);
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

/* One record: *end says what it was; CSV_MORE at the end of the file when there is none. */
static enum err csv_record(struct csv *csv, struct input *in, enum csv_end *end, struct errbuf *eb)
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

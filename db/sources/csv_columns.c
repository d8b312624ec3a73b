/* Which column of a CSV file holds what, by its header and by its first rows. */
#include "config.h"
#include "db/sources/channel_ref.h"
#include "db/sources/csv_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CSV_SAMPLE = 50, CSV_SHOWN = 300 };

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
	bool named; /* the header has a name that we know, or the one that was given */
	int given;  /* the column of the name that was given; -1: none */
};

struct source_text csv_cell(const struct csv_scan *c, int column, struct str *plain)
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

static struct source_text csv_trim(struct source_text t)
{
	while (t.len && (t.text[0] == ' ' || t.text[0] == '\t')) {
		t.text++;
		t.len--;
	}
	while (t.len && (t.text[t.len - 1] == ' ' || t.text[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* The column of this name in the first row, which is the header then; otherwise that of this
 * number, counted from 1. */
static void csv_look_given(struct csv_look *look, const struct csv_scan *c, const char *name)
{
	int64_t number;

	for (int i = 0; i < c->n && look->given < 0; i++) {
		struct source_text t =
		    csv_trim((struct source_text){c->fields[i].text, c->fields[i].len});
		if (strlen(name) == t.len && strncasecmp(t.text, name, t.len) == 0)
			look->given = i;
	}
	if (look->given >= 0)
		look->named = true;
	else if (str_to_i64(name, 1, CSV_COLUMNS, &number) == ERR_OK)
		look->given = (int)number - 1;
}

/*
 * A table's header in words that we do not know: what stands above the ids is neither an id nor an
 * attempt at one.
 */
static bool csv_look_words(const struct csv_look *look, struct source_text first, int ref)
{
	struct channel_ref r;

	if (look->named || ref < 0 || !look->columns[ref].ids || !csv_trim(first).len)
		return false;
	channel_ref_parse(first.text, first.len, &r);
	return r.kind == CHANNEL_REF_NONE && !csv_is_try(first);
}

/*
 * A first row is the header when it has a name that we know and nothing that tries to be a channel.
 * A header in words we do not know is read as a row and reported, rather than lost in silence.
 */
static void csv_look_first(struct csv_look *look, const struct csv_scan *c, const char *name)
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
	if (name)
		csv_look_given(look, c, name);
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
static void csv_look_rows(
    struct csv *csv, struct csv_look *look, const struct input *in, const char *name)
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
			csv_look_first(look, c, name);
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

static enum err csv_no_column(const struct input *in, const char *name, struct errbuf *eb)
{
	const char *p = in->buf + in->start;
	const char *nl = memchr(p, in->newline, in->end - in->start);
	size_t len = nl ? (size_t)(nl - p) : in->end - in->start;

	if (len > CSV_SHOWN)
		len = CSV_SHOWN;
	if (name)
		return err_set(eb, ERR_INVALID,
		    "there is no column %s: give a name of the first line, or a number from 1; the "
		    "first line is: %.*s",
		    name, (int)len, p);
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

/* The first record that is one, read again: its field in this column. */
static struct source_text csv_first_cell(struct csv *csv, const struct input *in, int column)
{
	struct csv_scan *c = &csv->scan;
	size_t at = in->start;
	enum csv_end end = CSV_ROW;

	while (at < in->end && end != CSV_MORE) {
		end = csv_scan_record(c, in->buf + at, in->end - at, in->eof);
		if (end == CSV_ROW && !c->blank)
			return csv_cell(c, column, &csv->plain[SOURCE_REF]);
		at = csv_look_past(c, in, at, end == CSV_BAD);
	}
	return (struct source_text){NULL, 0};
}

/* Titles and descriptions, and the fields that must be noted to get at all of them. */
static void csv_choose_others(struct csv *csv, const struct csv_look *look, bool table)
{
	if (look->named) {
		csv->column[SOURCE_TITLE] = csv_choose(look, SOURCE_TITLE);
		csv->column[SOURCE_DESCRIPTION] = csv_choose(look, SOURCE_DESCRIPTION);
	} else if (csv_is_many(look) && look->given < 0 && !table) {
		csv->many = true;
	} else if (csv->column[SOURCE_REF] >= 0) {
		csv->column[SOURCE_TITLE] = csv_guess_title(look, csv->column[SOURCE_REF]);
	}
	csv->scan.keep = csv->many ? CSV_COLUMNS : 1;
	for (int i = 0; i < SOURCE_PARTS; i++)
		if (csv->column[i] >= csv->scan.keep)
			csv->scan.keep = csv->column[i] + 1;
}

static enum err csv_choose_columns(
    struct csv *csv, struct input *in, const struct source_config *cfg, struct errbuf *eb)
{
	struct csv_look *look = calloc(1, sizeof *look);
	int *ref = &csv->column[SOURCE_REF];
	enum err err = ERR_OK;

	if (!look)
		return err_set(eb, ERR_NOMEM, "no memory to look at the columns");
	look->given = -1;
	csv_look_rows(csv, look, in, cfg->column);
	*ref = cfg->column ? look->given : csv_choose_ref(look);
	csv->scan.header = look->named || (cfg->table && csv_look_words(look,
	                                                     csv_first_cell(csv, in, *ref), *ref));
	csv_choose_others(csv, look, cfg->table);
	if (*ref < 0 && (look->n > 1 || cfg->column))
		err = csv_no_column(in, cfg->column, eb);
	else if (*ref < 0)
		*ref = 0;
	free(look);
	return err;
}

enum err csv_begin(
    struct csv *csv, struct input *in, const struct source_config *cfg, struct errbuf *eb)
{
	for (int i = 0; i < SOURCE_PARTS; i++) {
		str_init(&csv->plain[i], SOURCE_FIELD_MAX);
		csv->column[i] = -1;
	}
	csv_scan_init(&csv->scan,
	    csv_guess_separator(in->buf + in->start, in->end - in->start, in->newline, in->eof),
	    in->newline);
	return csv_choose_columns(csv, in, cfg, eb);
}

void csv_done(struct csv *csv)
{
	for (int i = 0; i < SOURCE_PARTS; i++)
		str_done(&csv->plain[i]);
}

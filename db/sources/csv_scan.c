#include "config.h"
#include "db/sources/csv_scan.h"
#include "db/sources/source.h"

#include <string.h>

static const char csv_unclosed[] = "a quote is not closed";
static const char csv_long_field[] = "a field is longer than 1 MiB";
static const char csv_nul[] = "a NUL byte";

void csv_scan_init(struct csv_scan *c, char sep, char newline)
{
	*c = (struct csv_scan){.sep = sep, .newline = newline, .keep = CSV_COLUMNS};
	c->special[(unsigned char)sep] = true;
	c->special[(unsigned char)newline] = true;
	c->special[0] = true;
}

static void csv_note(struct csv_scan *c, int *column, const char *text, size_t len, bool doubled)
{
	if (*column < c->keep) {
		c->fields[*column] = (struct csv_field){text, len, doubled};
		c->n = *column + 1;
	}
	(*column)++;
}

/* Position behind the blanks at k when a separator, a line's end or the end follows; else 0. */
static size_t csv_after_quote(
    const struct csv_scan *c, const char *p, size_t len, size_t k, bool *short_of)
{
	*short_of = false;
	while (k < len && (p[k] == ' ' || (p[k] == '\r' && c->newline == '\n')))
		k++;
	if (k == len)
		*short_of = true;
	return k == len || p[k] == c->sep || p[k] == c->newline ? k : 0;
}

static int64_t csv_count_lines(const struct csv_scan *c, const char *p, size_t len)
{
	int64_t n = 0;
	const char *end = p + len;

	while (p < end && (p = memchr(p, c->newline, (size_t)(end - p)))) {
		p++;
		n++;
	}
	return n;
}

static enum csv_end csv_bad(struct csv_scan *c, const char *problem)
{
	c->problem = problem;
	return CSV_BAD;
}

/*
 * A field that begins with a quote at *at. A quote in the middle that is followed by anything but
 * a separator is taken as it stands while the field is still on its first line; after that it
 * means that the opening quote was never closed.
 */
static enum csv_end csv_quoted(
    struct csv_scan *c, const char *p, size_t len, bool eof, size_t *at, int *column)
{
	size_t from = *at + 1, i = from, limit = len;
	bool doubled = false, literal = false;

	for (;;) {
		const char *q = i < limit ? memchr(p + i, '"', limit - i) : NULL;
		size_t k = q ? (size_t)(q - p) : limit, after;
		bool short_of;

		if (k - from > SOURCE_FIELD_MAX)
			return csv_bad(c,
			    memchr(p + from, c->newline, k - from) ? csv_unclosed : csv_long_field);
		if (!q)
			return eof || limit < len ? csv_bad(c, csv_unclosed) : CSV_MORE;
		if (k + 1 < len && p[k + 1] == '"') {
			doubled = true;
			i = k + 2;
			continue;
		}
		after = csv_after_quote(c, p, len, k + 1, &short_of);
		if (short_of && !eof)
			return CSV_MORE;
		if (after) {
			c->lines += csv_count_lines(c, p + from, k - from);
			if (memchr(p + from, '\0', k - from))
				c->problem = csv_nul;
			csv_note(c, column, p + from, k - from, doubled || literal);
			*at = after;
			return CSV_ROW;
		}
		if (!literal && memchr(p + from, c->newline, k - from))
			return csv_bad(c, csv_unclosed);
		if (!literal) {
			const char *nl = memchr(p + k, c->newline, len - k);
			if (!nl && !eof && len - from <= SOURCE_FIELD_MAX)
				return CSV_MORE;
			limit = nl ? (size_t)(nl - p) : len;
			literal = true;
		}
		i = k + 1;
	}
}

static enum csv_end csv_plain(
    struct csv_scan *c, const char *p, size_t len, bool eof, size_t *at, int *column)
{
	size_t from = *at, i = from, n;

	for (;;) {
		while (i < len && !c->special[(unsigned char)p[i]])
			i++;
		if (i == len || p[i])
			break;
		c->problem = csv_nul;
		i++;
	}
	if (i - from > SOURCE_FIELD_MAX)
		return csv_bad(c, csv_long_field);
	if (i == len && !eof)
		return CSV_MORE;
	n = i - from;
	if (n && p[i - 1] == '\r' && (i == len || p[i] == c->newline))
		n--;
	csv_note(c, column, p + from, n, false);
	*at = i;
	return CSV_ROW;
}

static bool csv_is_blank(const struct csv_field *f)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->text[i] != ' ' && f->text[i] != '\t' && f->text[i] != '\r')
			return false;
	return true;
}

enum csv_end csv_scan_record(struct csv_scan *c, const char *p, size_t len, bool eof)
{
	size_t i = 0;
	int column = 0;

	c->n = 0;
	c->lines = 0;
	c->problem = NULL;
	for (;;) {
		bool quoted = i < len && p[i] == '"';
		enum csv_end end = quoted ? csv_quoted(c, p, len, eof, &i, &column)
		                          : csv_plain(c, p, len, eof, &i, &column);
		if (end != CSV_ROW)
			return end;
		c->blank = column == 1 && !quoted && csv_is_blank(&c->fields[0]);
		if (i == len || p[i] == c->newline)
			break;
		i++;
	}
	c->cells = column;
	c->lines += i < len;
	c->used = i < len ? i + 1 : i;
	return CSV_ROW;
}

enum { CSV_GUESS_ROWS = 10 };

/* How many of the first rows agree on how many columns, when there are several. */
static int csv_agree(const char *p, size_t len, char sep, char newline, bool eof, int *columns)
{
	int counts[CSV_GUESS_ROWS], rows = 0, best = 0;
	struct csv_scan c;
	size_t at = 0;

	csv_scan_init(&c, sep, newline);
	while (rows < CSV_GUESS_ROWS && at < len) {
		enum csv_end end = csv_scan_record(&c, p + at, len - at, eof);
		const char *nl = memchr(p + at, newline, len - at);
		if (end == CSV_ROW && !c.blank)
			counts[rows++] = c.cells;
		else if (end == CSV_MORE && !rows) /* cut off: better than nothing */
			counts[rows++] = c.n;
		if (end == CSV_MORE)
			break;
		at = end == CSV_ROW ? at + c.used : nl ? (size_t)(nl - p) + 1 : len;
	}
	*columns = 1;
	for (int i = 0; i < rows; i++) {
		int same = 0;
		for (int k = 0; k < rows; k++)
			same += counts[k] == counts[i];
		if (counts[i] > 1 && same > best) {
			best = same;
			*columns = counts[i];
		}
	}
	return best;
}

/* A row too short or too long says nothing against a separator that the others agree on. */
char csv_guess_separator(const char *p, size_t len, char newline, bool eof)
{
	static const char seps[] = {',', ';', '\t'};
	int most = 0, widest = 0;
	char best = ',';

	for (size_t k = 0; k < sizeof seps; k++) {
		int columns, rows = csv_agree(p, len, seps[k], newline, eof, &columns);
		if (rows > most || (rows == most && rows && columns > widest)) {
			most = rows;
			widest = columns;
			best = seps[k];
		}
	}
	return best;
}

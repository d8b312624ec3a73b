/*
 * csv_rows - a CSV file row by row with every byte as it stands, for whoever gives the file back
 * with something added. Rows, header and the column of the channels are found as the CSV source
 * with `table` finds them. Belongs to one thread; what a row shows is borrowed until the next call.
 */
#ifndef TUBEOPS_DB_SOURCES_CSV_ROWS_H
#define TUBEOPS_DB_SOURCES_CSV_ROWS_H

#include "db/sources/source.h"

struct csv_rows;

enum csv_rows_kind {
	CSV_ROWS_HEADER,
	CSV_ROWS_DATA,
	CSV_ROWS_BLANK, /* an empty line, or one of blanks: no row */
	CSV_ROWS_BROKEN /* makes no sense as CSV: its first line; what follows is read as if new */
};

struct csv_rows_row {
	enum csv_rows_kind kind;
	bool goes_on;            /* BROKEN and long: the next call gives more of the same line */
	int64_t line;            /* of its first byte, from 1 */
	int cells;               /* of HEADER and DATA */
	const char *problem;     /* static words; NULL: none */
	struct source_text body; /* all of it without the line's end */
	struct source_text end; /* the line's end: LF, CRLF, CR or nothing at the end of the file */
	struct source_text ref; /* of DATA: what names the channel */
};

/* path: a file, or - for standard input. ERR_NOTFOUND, ERR_IO, ERR_INVALID (not CSV, no column of
 * channels, no column of the given name). */
enum err csv_rows_open(struct csv_rows **out, const char *path, const char *column,
    const atomic_bool *stop, struct errbuf *eb) MUST_CHECK;
void csv_rows_close(struct csv_rows *rows);
/* *more is false at the end. ERR_CANCELLED: stop flag. */
enum err csv_rows_next(
    struct csv_rows *rows, struct csv_rows_row *row, bool *more, struct errbuf *eb) MUST_CHECK;
/* What the last row, of HEADER or DATA, has in this column (0 …), unquoted; no text beyond it. */
struct source_text csv_rows_cell(struct csv_rows *rows, int column);

char csv_rows_separator(const struct csv_rows *rows);
bool csv_rows_has_mark(const struct csv_rows *rows); /* the file began with a byte order mark */
int64_t csv_rows_bytes(const struct csv_rows *rows); /* read so far */
int64_t csv_rows_size(const struct csv_rows *rows);  /* 0: not known */

#endif

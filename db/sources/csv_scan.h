/*
 * csv_scan - finds the fields of one CSV record in a piece of memory. Pure; the texts it gives lie
 * in that memory.
 */
#ifndef TUBEOPS_DB_SOURCES_CSV_SCAN_H
#define TUBEOPS_DB_SOURCES_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSV_COLUMNS = 256 }; /* beyond these no channel is looked for */

enum csv_end {
	CSV_ROW,
	CSV_BAD, /* see problem; nothing else is set */
	CSV_MORE /* the record goes on beyond the memory */
};

struct csv_field {
	const char *text;
	size_t len;
	bool doubled; /* "" in it stands for " */
};

struct csv_scan {
	char sep, newline;
	int keep;    /* fields wanted; the others are only passed over */
	bool header; /* kept here for the reader: a header is still to come */
	bool special[256];
	/* the last record */
	struct csv_field fields[CSV_COLUMNS];
	int n;         /* fields noted, at most keep */
	int cells;     /* fields in all */
	size_t used;   /* bytes, with the line's end */
	int64_t lines; /* line ends in them */
	bool blank;    /* an empty line */
	const char *problem;
};

void csv_scan_init(struct csv_scan *c, char sep, char newline);
/* eof: the memory ends where the file does. */
enum csv_end csv_scan_record(struct csv_scan *c, const char *p, size_t len, bool eof);
/* The separator by which most of the first lines have the same columns; ',' when there is none.
 * eof: as above. */
char csv_guess_separator(const char *p, size_t len, char newline, bool eof);

#endif

/*
 * csv_parts - the inside of the CSV readers, shared by db/sources/csv*.c alone: which column holds
 * what, and one record after the other.
 */
#ifndef TUBEOPS_DB_SOURCES_CSV_PARTS_H
#define TUBEOPS_DB_SOURCES_CSV_PARTS_H

#include "db/sources/csv_scan.h"
#include "db/sources/input.h"
#include "db/sources/source.h"
#include "engine/base/str.h"

struct csv {
	struct csv_scan scan;
	int column[SOURCE_PARTS]; /* -1: there is none */
	bool many;                /* no header, ids in several columns: every field is a row */
	int at;                   /* many: the next field of the record; 0: none is open */
	struct str plain[SOURCE_PARTS]; /* quoted fields that had to be rewritten */
};

/* Guesses separator and columns from what is at hand. ERR_INVALID: no column with channels. */
enum err csv_begin(struct csv *csv, struct input *in, const struct source_config *cfg,
    struct errbuf *eb) MUST_CHECK;
void csv_done(struct csv *csv);
/* One record: *end says what it was; CSV_MORE at the end of the file when there is none. */
enum err csv_record(
    struct csv *csv, struct input *in, enum csv_end *end, struct errbuf *eb) MUST_CHECK;
/* A field of the last record as text; no text when there is no such column. */
struct source_text csv_cell(const struct csv_scan *c, int column, struct str *plain);

#endif

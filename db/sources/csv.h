/*
 * csv - CSV as people have it: RFC 4180 with any of , ; tab between fields, LF or CRLF, quoted
 * newlines, any order of columns, with or without a header. A row that makes no sense is given
 * with its problem, and reading goes on at the line after the one where it began.
 */
#ifndef TUBEOPS_DB_SOURCES_CSV_H
#define TUBEOPS_DB_SOURCES_CSV_H

#include "db/sources/file.h"

extern const struct source_format csv_format;

#endif

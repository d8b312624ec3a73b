/*
 * list - one channel per line and nothing else: ids, URLs, @handles.
 */
#ifndef TUBEOPS_DB_SOURCES_LIST_H
#define TUBEOPS_DB_SOURCES_LIST_H

#include "db/sources/file.h"

extern const struct source_format list_format;

#endif

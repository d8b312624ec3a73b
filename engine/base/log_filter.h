/*
 * log_filter - lines of the log as the filter language sees them, the same at the node and where
 * they are shown: text source job level (level>=warning) time. Constant data; any thread.
 */
#ifndef TUBEOPS_BASE_LOG_FILTER_H
#define TUBEOPS_BASE_LOG_FILTER_H

#include "engine/base/filter.h"
#include "engine/base/log.h"

/* A line as its fields. */
struct log_filter_row {
	const char *text, *source;
	const char *job; /* J-1042; "": none */
	enum log_level level;
	int64_t at_ms;
};

/* For filter_parse and, with rows of these, for filter_match. */
extern const struct filter_field log_filter_fields[];
void log_filter_get(const void *row, int field, struct filter_data *out);

#endif

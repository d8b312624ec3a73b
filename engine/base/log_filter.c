#include "config.h"
#include "engine/base/log_filter.h"

enum { BY_TEXT, BY_SOURCE, BY_JOB, BY_LEVEL, BY_TIME };

static const char *const log_ranks[] = {"debug", "info", "warning", "error", NULL};

const struct filter_field log_filter_fields[] = {
    [BY_TEXT] = {.name = "text", .kind = FILTER_TEXT, .any = true},
    [BY_SOURCE] = {.name = "source", .also = "src from", .kind = FILTER_TEXT, .any = true},
    [BY_JOB] = {.name = "job", .kind = FILTER_TEXT, .any = true},
    [BY_LEVEL] = {.name = "level", .kind = FILTER_RANK, .words = log_ranks},
    [BY_TIME] = {.name = "time", .also = "at", .kind = FILTER_TIME},
    FILTER_FIELDS_END};

void log_filter_get(const void *row, int field, struct filter_data *out)
{
	const struct log_filter_row *r = row;
	const char *const texts[] = {[BY_TEXT] = r->text,
	    [BY_SOURCE] = r->source,
	    [BY_JOB] = r->job,
	    [BY_LEVEL] = log_level_word(r->level)};

	*out = (struct filter_data){0};
	if (field == BY_TIME) {
		out->has_number = true;
		out->number = (double)r->at_ms / 1000;
	} else {
		out->text = texts[field];
	}
}

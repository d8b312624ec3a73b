/*
 * staging_numbers - sums that discovery keeps of itself while it works: since the beginning, and by
 * hour for STAGING_NUMBER_HOURS, so that no screen counts edges. Threads as in staging.h; W: the
 * writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_NUMBERS_H
#define TUBEOPS_DB_STAGING_NUMBERS_H

#include "db/staging.h"

enum { STAGING_NUMBER_HOURS = 8 * 24 };

/* W: adds to the sum of this name ("youtube_featured.new") and to that of the hour of at (UTC s). */
enum err staging_number_add(
    struct staging *s, int64_t at, const char *name, int64_t by, struct errbuf *eb) MUST_CHECK;
/* W: hours that ended long ago go. */
enum err staging_numbers_trim(struct staging *s, int64_t now, struct errbuf *eb) MUST_CHECK;

/* hour: seconds since 1970 / 3600; 0 stands for all time. */
typedef enum err staging_number_fn(
    void *arg, int64_t hour, const char *name, int64_t value, struct errbuf *eb);
/* All sums (from_hour 0), or those of hours from from_hour on. */
enum err staging_numbers_each(struct staging *s, int64_t from_hour, staging_number_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

#endif

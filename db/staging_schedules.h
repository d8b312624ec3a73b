/*
 * staging_schedules - what is to be done again and again. Threads as in staging.h; W: the writer
 * alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_SCHEDULES_H
#define TUBEOPS_DB_STAGING_SCHEDULES_H

#include "db/staging.h"

enum schedule_rule {
	SCHEDULE_EVERY,    /* n seconds after the last time */
	SCHEDULE_DAILY,    /* n seconds after midnight UTC */
	SCHEDULE_QUOTA_DAY /* when a new Pacific day begins */
};

struct schedule_row {
	const char *name;
	const char *type;   /* a job type, or a task of the program: scheduler.h */
	const char *params; /* JSON object */
	enum schedule_rule rule;
	int64_t n;
	bool enabled;
	bool own;        /* came with the program */
	int64_t next_at; /* UTC seconds; 0: not reckoned yet */
	int64_t last_at;
	const char *note; /* what became of the last time */
};

typedef enum err staging_schedule_fn(void *arg, const struct schedule_row *row, struct errbuf *eb);
/* By name. Return ERR_CANCELLED to end early. Rows are borrowed. */
enum err staging_schedules_each(
    struct staging *s, staging_schedule_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* W: a new one; ERR_EXISTS. */
enum err staging_schedule_add(
    struct staging *s, const struct schedule_row *row, struct errbuf *eb) MUST_CHECK;
/* W: on or off; its next time is reckoned anew. ERR_NOTFOUND. */
enum err staging_schedule_enable(
    struct staging *s, const char *name, bool on, struct errbuf *eb) MUST_CHECK;
/* W: its next time; last_at 0 leaves that and the note as they are. ERR_NOTFOUND. */
enum err staging_schedule_set(struct staging *s, const char *name, int64_t next_at, int64_t last_at,
    const char *note, struct errbuf *eb) MUST_CHECK;
/* W: ERR_NOTFOUND; ERR_DENIED for one that came with the program. */
enum err staging_schedule_remove(struct staging *s, const char *name, struct errbuf *eb) MUST_CHECK;

#endif

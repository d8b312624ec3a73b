/*
 * scheduler - does what is to be done again and again: starts jobs and the program's own tasks when
 * their time has come. One thread; what it knows stands in staging (table schedule), so that a time
 * missed while the program was off is made up for once. Sleeps until the next time, a minute at most
 * (the clock may be set). A new task is one row of the table in scheduler.c.
 */
#ifndef TUBEOPS_JOBS_SCHEDULER_H
#define TUBEOPS_JOBS_SCHEDULER_H

#include "db/staging_schedules.h"
#include "engine/jobs/job_type.h"
#include "engine/jobs/parts.h"

struct scheduler;

enum err scheduler_start(
    struct scheduler **out, const struct engine_parts *parts, struct errbuf *eb) MUST_CHECK;
/* Ends the thread; NULL is fine. */
void scheduler_stop(struct scheduler *s);
/* A schedule was changed: look now. Any thread; NULL is fine. */
void scheduler_poke(struct scheduler *s);

/* Is this the name of a task of the program ("quota-day", "health")? */
bool scheduler_is_task(const char *type);
/* The first time after `after` (UTC seconds) by this rule; for SCHEDULE_EVERY after + n. Pure. */
int64_t scheduler_next(enum schedule_rule rule, int64_t n, int64_t after);
/* "1h", "every 90m", "6h", "2d" or "daily 03:00" (UTC) to rule and n. ERR_INVALID says what to
 * write; the least interval is a minute. Pure. */
enum err scheduler_parse(
    const char *text, enum schedule_rule *rule, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* The same in words, into buf; returns buf. */
char *scheduler_words(enum schedule_rule rule, int64_t n, char *buf, size_t size);

#endif

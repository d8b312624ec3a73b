/*
 * given - jobs that are told which channels to take: the parameter channel_ids, the list that hangs
 * on the job, and how many they are. For job types alone.
 */
#ifndef TUBEOPS_JOBS_GIVEN_H
#define TUBEOPS_JOBS_GIVEN_H

#include "db/staging.h"

#include <jansson.h>

#define GIVEN_PARAM "channel_ids"

/* Are channels named? Else the job takes what is due. */
bool given_any(const json_t *params);
/* ERR_INVALID: too many, or something that is no channel id. */
enum err given_check(const json_t *params, struct errbuf *eb) MUST_CHECK;
/* W: puts them into the job's list. */
enum err given_begin(
    struct staging *s, int64_t job, const json_t *params, struct errbuf *eb) MUST_CHECK;
/* W: what was done to them, or given up, is due again. Those that are not known are passed over. */
enum err given_again(
    struct staging *s, enum op op, const json_t *params, struct errbuf *eb) MUST_CHECK;
/* Which of them are due is not known before there is a job: *items is at most all of them. */
void given_items(const json_t *params, int64_t *items);

#endif

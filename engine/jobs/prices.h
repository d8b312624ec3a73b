/*
 * prices - what jobs of the larger types cost, and cheaper ways: the functions price and offers of
 * struct job_type, apart from the files that do the work. Any thread with a reading connection.
 */
#ifndef TUBEOPS_JOBS_PRICES_H
#define TUBEOPS_JOBS_PRICES_H

#include "engine/jobs/job_type.h"

/* Videos per channel; fallback when the parameters do not say. */
int64_t videos_each(const json_t *params, int64_t fallback);
/* Subscribers that a channel must have; 0: any. */
int64_t videos_least(const json_t *params);
enum err videos_price(struct staging *s, const struct engine_parts *parts, const json_t *params,
    int64_t *items, struct job_price *out, struct errbuf *eb) MUST_CHECK;
int videos_offers(const struct engine_parts *parts, const json_t *params, struct job_offer *out);

enum err discovery_price(struct staging *s, const struct engine_parts *parts, const json_t *params,
    int64_t *items, struct job_price *out, struct errbuf *eb) MUST_CHECK;
int discovery_offers(const struct engine_parts *parts, const json_t *params, struct job_offer *out);

#endif

/*
 * quota: keys, the projects they belong to, and what each project has used of each bucket on each
 * Pacific day. Every request of a known key is billed, refused ones too.
 * Threads: any, one mutex inside; keys are added before the first charge.
 * Ownership: copies names; pointers it gives live as long as the quota.
 */
#ifndef SIM_QUOTA_H
#define SIM_QUOTA_H

#include "jsonw.h"
#include "pacific.h"

struct quota;
struct quota_key;

enum quota_bucket { BUCKET_UNITS, BUCKET_SEARCH, BUCKET_BATCH_STATS, BUCKET_COUNT };

struct quota_bill {
	const char *project;
	char day[PACIFIC_DAY_LEN + 1];
	bool refused;
};

/* units: the daily limit of the common bucket, 0 for none. */
struct quota *quota_new(uint64_t units);
void quota_free(struct quota *q);
/* project may be NULL: one of its own. False: out of memory or the key is there already. */
bool quota_add_key(struct quota *q, struct slice key, const struct slice *project);
/* NULL: unknown. */
const struct quota_key *quota_find_key(const struct quota *q, struct slice key);
const char *quota_key_name(const struct quota_key *k);
const char *quota_key_project(const struct quota_key *k);
const char *quota_bucket_name(enum quota_bucket bucket);
/* The error a spent bucket answers with. */
const char *quota_bucket_error(enum quota_bucket bucket);
/* False: no memory for a new day; nothing was billed. */
bool quota_charge(struct quota *q, const struct quota_key *k, enum quota_bucket bucket,
    unsigned cost, int64_t now, struct quota_bill *bill);
/* The project's Pacific day without a charge. */
void quota_day(const struct quota_key *k, int64_t now, struct quota_bill *bill);
/* False: no such project or bucket. */
bool quota_set_limit(struct quota *q, struct slice project, struct slice bucket, uint64_t limit);
/* Members units, refused (both project > bucket > day) and quota (project > bucket) of an open
 * object. */
void quota_write(struct quota *q, struct jsonw *w);

#endif

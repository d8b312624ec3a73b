#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "quota.h"

#include <pthread.h>
#include <stdlib.h>

struct day {
	int64_t number;
	uint64_t used[BUCKET_COUNT];
	uint64_t refused[BUCKET_COUNT];
};

struct project {
	char *name;
	uint64_t limit[BUCKET_COUNT]; /* 0: none */
	struct day *days;
	size_t day_count;
	struct project *next;
};

struct quota_key {
	char *name;
	struct project *project;
	struct quota_key *next;
};

struct quota {
	pthread_mutex_t lock; /* guards limits and days of all projects */
	uint64_t units;
	unsigned project_count;
	struct project *projects;
	struct quota_key *keys;
};

static const struct {
	const char *name;
	uint64_t limit;
	const char *error;
} buckets[BUCKET_COUNT] = {
    [BUCKET_UNITS] = {"units", 10000, "quotaExceeded"},
    [BUCKET_SEARCH] = {"search", 100, "429search"},
    [BUCKET_BATCH_STATS] = {"batchGetStats", 10000, "429batchGetStats"},
};

struct quota *quota_new(uint64_t units)
{
	struct quota *q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	if (pthread_mutex_init(&q->lock, NULL) != 0) {
		free(q);
		return NULL;
	}
	q->units = units;
	return q;
}

void quota_free(struct quota *q)
{
	struct project *p;
	struct quota_key *k;

	if (q == NULL)
		return;
	while ((k = q->keys) != NULL) {
		q->keys = k->next;
		free(k->name);
		free(k);
	}
	while ((p = q->projects) != NULL) {
		q->projects = p->next;
		free(p->name);
		free(p->days);
		free(p);
	}
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static struct project *project_find(struct quota *q, struct slice name)
{
	struct project *p = q->projects;

	while (p != NULL && !slice_equals(name, p->name))
		p = p->next;
	return p;
}

static struct project *project_add(struct quota *q, struct slice name)
{
	struct project *p = calloc(1, sizeof *p), **end = &q->projects;

	if (p == NULL)
		return NULL;
	p->name = strndup(name.p, name.len);
	if (p->name == NULL) {
		free(p);
		return NULL;
	}
	for (unsigned i = 0; i < BUCKET_COUNT; i++)
		p->limit[i] = buckets[i].limit;
	p->limit[BUCKET_UNITS] = q->units;
	while (*end != NULL)
		end = &(*end)->next;
	*end = p;
	q->project_count++;
	return p;
}

bool quota_add_key(struct quota *q, struct slice key, const struct slice *project)
{
	struct quota_key *k;
	struct out own;
	struct slice name;

	if (quota_find_key(q, key) != NULL)
		return false;
	k = calloc(1, sizeof *k);
	if (k == NULL)
		return false;
	out_init(&own, 64);
	out_text(&own, "project-");
	out_u64(&own, q->project_count + 1);
	name = project != NULL ? *project : (struct slice){own.data, own.len};
	k->project = project_find(q, name);
	if (k->project == NULL)
		k->project = project_add(q, name);
	k->name = strndup(key.p, key.len);
	out_done(&own);
	if (k->project == NULL || k->name == NULL) {
		free(k->name);
		free(k);
		return false;
	}
	k->next = q->keys;
	q->keys = k;
	return true;
}

const struct quota_key *quota_find_key(const struct quota *q, struct slice key)
{
	const struct quota_key *k = q->keys;

	while (k != NULL && !slice_equals(key, k->name))
		k = k->next;
	return k;
}

const char *quota_key_name(const struct quota_key *k)
{
	return k->name;
}

const char *quota_key_project(const struct quota_key *k)
{
	return k->project->name;
}

const char *quota_bucket_name(enum quota_bucket bucket)
{
	return buckets[bucket].name;
}

const char *quota_bucket_error(enum quota_bucket bucket)
{
	return buckets[bucket].error;
}

static struct day *day_locked(struct project *p, int64_t number)
{
	struct day *days;

	for (size_t i = p->day_count; i-- > 0;)
		if (p->days[i].number == number)
			return &p->days[i];
	days = realloc(p->days, (p->day_count + 1) * sizeof *days);
	if (days == NULL)
		return NULL;
	p->days = days;
	days[p->day_count] = (struct day){.number = number};
	return &days[p->day_count++];
}

void quota_day(const struct quota_key *k, int64_t now, struct quota_bill *bill)
{
	bill->project = k->project->name;
	bill->refused = false;
	pacific_day_text(pacific_day(now), bill->day);
}

bool quota_charge(struct quota *q, const struct quota_key *k, enum quota_bucket bucket,
    unsigned cost, int64_t now, struct quota_bill *bill)
{
	struct project *p = k->project;
	struct day *day;

	quota_day(k, now, bill);
	pthread_mutex_lock(&q->lock);
	day = day_locked(p, pacific_day(now));
	if (day != NULL) {
		bill->refused = p->limit[bucket] != 0 && day->used[bucket] >= p->limit[bucket];
		day->used[bucket] += cost;
		day->refused[bucket] += bill->refused;
	}
	pthread_mutex_unlock(&q->lock);
	return day != NULL;
}

bool quota_set_limit(struct quota *q, struct slice project, struct slice bucket, uint64_t limit)
{
	struct project *p = project_find(q, project);
	bool done = false;

	if (p == NULL)
		return false;
	pthread_mutex_lock(&q->lock);
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		if (!slice_equals(bucket, buckets[i].name))
			continue;
		p->limit[i] = limit;
		done = true;
	}
	pthread_mutex_unlock(&q->lock);
	return done;
}

static void write_days_locked(const struct project *p, struct jsonw *w, bool refused)
{
	char text[PACIFIC_DAY_LEN + 1];

	if (!jsonw_object(w, p->name))
		return;
	for (unsigned b = 0; b < BUCKET_COUNT; b++) {
		if (!jsonw_object(w, buckets[b].name))
			continue;
		for (size_t i = 0; i < p->day_count; i++) {
			uint64_t n = refused ? p->days[i].refused[b] : p->days[i].used[b];

			pacific_day_text(p->days[i].number, text);
			if (n > 0)
				jsonw_number(w, text, n);
		}
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

void quota_write(struct quota *q, struct jsonw *w)
{
	pthread_mutex_lock(&q->lock);
	for (int refused = 0; refused < 2; refused++) {
		if (!jsonw_object(w, refused ? "refused" : "units"))
			continue;
		for (const struct project *p = q->projects; p != NULL; p = p->next)
			write_days_locked(p, w, refused);
		jsonw_object_end(w);
	}
	if (jsonw_object(w, "quota")) {
		for (const struct project *p = q->projects; p != NULL; p = p->next) {
			if (!jsonw_object(w, p->name))
				continue;
			for (unsigned b = 0; b < BUCKET_COUNT; b++)
				jsonw_number(w, buckets[b].name, p->limit[b]);
			jsonw_object_end(w);
		}
		jsonw_object_end(w);
	}
	pthread_mutex_unlock(&q->lock);
}

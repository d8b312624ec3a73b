#include "config.h"
#include "engine/slow.h"
#include "engine/jobs/job_type.h"

#include <stdio.h>
#include <string.h>

/* Of limits.what: what slows all calls. */
static const struct {
	const char *what, *why;
	bool asked; /* only while a key was told to wait: else it is our own pace */
} slow_causes[] = {
    {"service", "YouTube is in trouble: one call at a time", false},
    {"keys", "no key can be used just now", false},
    {"writer", "the disk is slower than the calls", false},
    {"rate", "YouTube asked for fewer calls", true},
};

static bool slow_was_asked(const struct snapshot *s)
{
	size_t i = 0;

	while (i < s->n_keys && strcmp(s->keys[i].state, "cooling") != 0)
		i++;
	return i < s->n_keys;
}

/* NULL: nothing slows calls. */
static const char *slow_cause(const struct snapshot *s)
{
	for (size_t i = 0; i < sizeof slow_causes / sizeof slow_causes[0]; i++)
		if (strcmp(s->limits.what, slow_causes[i].what) == 0)
			return slow_causes[i].asked && !slow_was_asked(s) ? NULL
			                                                  : slow_causes[i].why;
	return NULL;
}

/* An external service that is left alone for a while; NULL: none. */
static const struct snapshot_service *slow_service(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_services; i++)
		if (strcmp(s->services[i].group, "service") == 0 &&
		    strcmp(s->services[i].breaker, "open") == 0)
			return &s->services[i];
	return NULL;
}

static void slow_mark_job(struct snapshot_job *j, const char *why)
{
	snprintf(j->wait, sizeof j->wait, "slow");
	if (!j->reason[0])
		snprintf(j->reason, sizeof j->reason, "%s", why);
}

void slow_mark(struct snapshot *s)
{
	const struct snapshot_service *service = slow_service(s);
	const char *why = slow_cause(s);
	char rests[80] = "";

	if (service)
		snprintf(rests, sizeof rests, "%s is left alone for a while", service->name);
	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct job_type *type = job_type_find(s->jobs[i].type);
		if (!type || type->run || strcmp(s->jobs[i].status, "running") != 0)
			continue;
		if (why)
			slow_mark_job(&s->jobs[i], why);
		else if (service && type->op == OP_DISCOVERY)
			slow_mark_job(&s->jobs[i], rests);
	}
}

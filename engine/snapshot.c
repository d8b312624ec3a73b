#include "config.h"
#include "engine/snapshot.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct snapshot_refs {
	atomic_uint holders;
};

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = calloc(1, sizeof *s);
	struct snapshot_refs *refs = calloc(1, sizeof *refs);

	if (!s || !refs) {
		free(s);
		free(refs);
		return NULL;
	}
	atomic_init(&refs->holders, 1);
	s->refs = refs;
	return s;
}

const struct snapshot *snapshot_ref(const struct snapshot *s)
{
	atomic_fetch_add(&s->refs->holders, 1);
	return s;
}

void snapshot_unref(const struct snapshot *s)
{
	if (!s || atomic_fetch_sub(&s->refs->holders, 1) != 1)
		return;
	free(s->refs);
	free((struct snapshot *)(uintptr_t)s); /* the last holder: nobody can be reading it */
}

/* ---- states of jobs ---- */

static const struct {
	const char *status, *word;
	int order;
} snapshot_states[JOB_IS_COUNT] = {
#define SNAPSHOT_JOB_ROW(name, status, word, order) [name] = {status, word, order},
    SNAPSHOT_JOB_STATES(SNAPSHOT_JOB_ROW)
#undef SNAPSHOT_JOB_ROW
};

enum snapshot_job_state snapshot_job_state(const struct snapshot_job *j)
{
	int state = JOB_IS_RUNNING;

	while (state < JOB_IS_OTHER && strcmp(snapshot_states[state].status, j->status) != 0)
		state++;
	if (state == JOB_IS_RUNNING && j->wait[0])
		return JOB_IS_THROTTLED;
	if (state == JOB_IS_DONE && j->failed > 0)
		return JOB_IS_DONE_BUT;
	return (enum snapshot_job_state)state;
}

const char *snapshot_job_word(enum snapshot_job_state state)
{
	return snapshot_states[state].word;
}

int snapshot_job_order(enum snapshot_job_state state)
{
	return snapshot_states[state].order;
}

const char *snapshot_job_can(enum snapshot_job_state state)
{
	return state == JOB_IS_DONE_BUT ? "completed*" : snapshot_states[state].status;
}

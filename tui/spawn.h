/*
 * spawn - starts `tubeops serve` with the settings of this process as one of its own: another session,
 * no terminal, its messages in the log. Main thread only.
 */
#ifndef TUBEOPS_SPAWN_H
#define TUBEOPS_SPAWN_H

#include "tui/cli.h"

struct spawn_config {
	const char *listen; /* ADDR:PORT; NULL: what the settings say */
	bool no_rest;
	const char *start; /* a job type to begin with; NULL: none */
};

struct spawned {
	int64_t pid;
	char url[128]; /* "http://127.0.0.1:5000"; "" without REST */
};

/* Called about 4 times a second while its start is awaited; false: wait no longer. */
typedef bool spawn_wait_fn(void *arg);
/*
 * Returns when it listens. ERR_UNAVAIL with its own words: it could not start; it is gone then.
 * ERR_CANCELLED: wait said so; out->pid goes on starting. wait may be NULL.
 */
enum err spawn_serve(struct cli *c, const struct spawn_config *cfg, spawn_wait_fn *wait, void *arg,
    struct spawned *out, struct errbuf *eb) MUST_CHECK;

#endif

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "simclock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct simclock {
	atomic_int_fast64_t offset_ms; /* to be added to the steady clock */
};

static uint64_t read_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t simclock_steady_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

struct simclock *simclock_new(void)
{
	struct simclock *c = calloc(1, sizeof *c);

	if (c != NULL)
		atomic_init(
		    &c->offset_ms, (int64_t)(read_ms(CLOCK_REALTIME) - simclock_steady_ms()));
	return c;
}

void simclock_free(struct simclock *c)
{
	free(c);
}

void simclock_set(struct simclock *c, int64_t utc_seconds)
{
	atomic_store(&c->offset_ms, utc_seconds * 1000 - (int64_t)simclock_steady_ms());
}

int64_t simclock_ms(const struct simclock *c)
{
	return (int64_t)simclock_steady_ms() + atomic_load(&c->offset_ms);
}

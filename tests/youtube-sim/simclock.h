/*
 * simclock: the simulator's own time of day, which may start anywhere and be set while it runs,
 * and a steady clock for waiting.
 * Threads: any.
 * Ownership: simclock_free by the maker.
 */
#ifndef SIM_SIMCLOCK_H
#define SIM_SIMCLOCK_H

#include <stdint.h>

struct simclock;

struct simclock *simclock_new(void);
void simclock_free(struct simclock *c);
void simclock_set(struct simclock *c, int64_t utc_seconds);
int64_t simclock_ms(const struct simclock *c);
/* Milliseconds that only grow. */
uint64_t simclock_steady_ms(void);

#endif

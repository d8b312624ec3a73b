/*
 * backoff - how long to wait before something that failed is tried again. Pure but for the dice; any
 * thread.
 */
#ifndef TUBEOPS_BASE_BACKOFF_H
#define TUBEOPS_BASE_BACKOFF_H

#include <stdint.h>

/*
 * Full jitter: anything from 0 to first_ms doubled `tries` times (0: not at all), at most most_ms, so
 * that many who failed together do not come back together.
 */
int64_t backoff_ms(int tries, int64_t first_ms, int64_t most_ms);

#endif

/*
 * breakage: turns a good reply into one that is broken on the way or in itself. Any thread.
 */
#ifndef SIM_BREAKAGE_H
#define SIM_BREAKAGE_H

#include "api.h"

#define BREAKAGE_HUGE_BYTES (50u << 20)

/* Changes the reply (status 200, body set) as a transport fault wants it. */
void breakage_apply(const struct fault *f, struct reply *r);
/* One stretch of the 50 MB body of a REPLY_HUGE, which is valid JSON and is never held in memory.
 */
size_t breakage_huge_read(uint64_t at, char *to, size_t max);

#endif

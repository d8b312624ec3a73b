/*
 * dice: a stream of hashes, so that one draw can decide many small things. Any thread.
 */
#ifndef SIM_DICE_H
#define SIM_DICE_H

#include "ids.h"

struct dice {
	uint64_t state;
};

static inline unsigned dice_roll(struct dice *d, unsigned sides)
{
	d->state += 0x9e3779b97f4a7c15u;
	return (unsigned)(ids_mix(d->state) >> 33) % sides;
}

#endif

#include "config.h"
#include "engine/base/backoff.h"

#include <sys/random.h>

int64_t backoff_ms(int tries, int64_t first_ms, int64_t most_ms)
{
	int64_t cap = first_ms;
	uint32_t dice;

	while (tries-- > 0 && cap < most_ms)
		cap *= 2;
	if (cap > most_ms)
		cap = most_ms;
	/* without randomness the middle: still better than none */
	if (getrandom(&dice, sizeof dice, GRND_NONBLOCK) != sizeof dice)
		return cap / 2;
	return (int64_t)(dice % (uint64_t)(cap + 1));
}

/*
 * limits - the judgement of the Workers view: what limits the work of this node now, and would more
 * threads help? A pure function on plain numbers.
 */
#ifndef TUBEOPS_LIMITS_H
#define TUBEOPS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMIT_LIST(X)                                                                  \
	X(LIMIT_NO_WORK, "no work") /* nothing is started, or it waits for its turn */ \
	X(LIMIT_KEYS, "keys")       /* none can be used */                             \
	X(LIMIT_QUOTA, "quota")     /* the day's units */                              \
	X(LIMIT_SERVICE, "service") /* the API is in trouble: one call at a time */    \
	X(LIMIT_RATE, "rate")       /* calls a second that the keys may make */        \
	X(LIMIT_WRITER, "writer")   /* the disk below staging */                       \
	X(LIMIT_THREADS, "threads") /* all of them call all the time */                \
	X(LIMIT_NOTHING, "nothing") /* there is room everywhere: jobs have caps, or end */

enum limit {
#define LIMIT_ENUM(name, word) name,
	LIMIT_LIST(LIMIT_ENUM)
#undef LIMIT_ENUM
	    LIMIT_COUNT
};

struct limits_in {
	int workers;
	int calling;    /* of them at work: calling, parsing, storing */
	int slot_wait;  /* that wait until a key may be used again */
	double busy;    /* mean share of time at work, last 5 minutes, 0..1 */
	double call_ms; /* median of an API call; 0: none yet */
	double calls_per_s;
	int jobs_running;                  /* that call the API */
	int jobs_waiting;                  /* for quota */
	int keys;                          /* usable */
	double key_gap_s;                  /* least time between two calls with one key */
	int64_t units_left, units_per_day; /* of all usable projects */
	int64_t reset_in_s;
	bool service_open; /* the breaker */
	int64_t writer_queued, writer_room;
	double commit_ms; /* median */
	bool writer_stalled;
};

struct limits {
	enum limit what;
	bool more_threads;    /* would they help? */
	double threads_per_s; /* calls a second that these threads could make; 0: not known */
	double keys_per_s;    /* that the keys may make; 0: any */
	double day_per_s;     /* that a day's units allow on average */
	char text[256];       /* one or two sentences */
};

void limits_judge(const struct limits_in *in, struct limits *out);
const char *limit_word(enum limit what);

#endif

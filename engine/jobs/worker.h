/*
 * worker - the threads that call the API. A worker takes a chunk, lets the job's type work on it,
 * and brings it to its end: to the writer when there is a result, back to the dispatcher when it
 * must wait, in halves when the request was refused (until the bad id stands alone).
 */
#ifndef TUBEOPS_JOBS_WORKER_H
#define TUBEOPS_JOBS_WORKER_H

#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "engine/jobs/job_type.h"
#include "engine/jobs/parts.h"
#include "engine/youtube/client.h"

/* A worker's tools, for the work function of a job type; the worker thread's alone. */
struct work {
	const struct engine_parts *parts;
	struct client *client;
	struct json_reader *json;
	struct str *query;       /* scratch for building queries */
	struct chunk *chunk;     /* that it works on */
	struct staging *reader;  /* NULL until work_reader opened it */
	struct fault_info fault; /* of the last call that failed */
	int64_t retry_after_s;   /* that the server asked for; -1 */
	int64_t until;           /* with ERR_QUOTA: when it goes on, UTC seconds */
	struct worker *worker;
};

/*
 * One API call with everything around it: picks a key, books the unit, waits for the key's turn,
 * calls, tells the ledger. Refused keys and spent projects are left for the next key at once.
 * ERR_OK: a usable answer in *reply (valid until the next call). ERR_BUSY: trouble at the server,
 * try the chunk later. ERR_QUOTA: nothing left until w->until. ERR_UNAVAIL: no usable key.
 * ERR_DENIED: the request itself was refused. ERR_NOTFOUND: final state of the thing asked for.
 * ERR_INVALID: the page token is stale, begin the list anew. ERR_LIMIT: the job's budget is spent.
 * ERR_CANCELLED: the process stops. Details in w->fault.
 *
 * A type with one call returns these as they are; the worker knows what each means for the chunk.
 * A type with `keeps` handles DENIED, NOTFOUND and INVALID itself, per id (work_give_up), and
 * returns the others; before each call it sets c->from and c->upto.
 */
enum err work_call(struct work *w, enum method method, const char *query,
    struct client_reply *reply, struct errbuf *eb) MUST_CHECK;
/* For a 200 whose body makes no sense: notes the fault and returns ERR_BUSY. */
enum err work_torn(struct work *w, struct errbuf *eb);
/* Sets ids[i] of a chunk to FAILED, with the reason of w->fault. */
enum err work_give_up(struct work *w, int i, struct errbuf *eb) MUST_CHECK;
/* A reading connection to staging, the worker's own; shows what was committed. */
enum err work_reader(struct work *w, struct staging **out, struct errbuf *eb) MUST_CHECK;
/* Shown as the worker's state: "calling", "parsing" … (static text); its words stay. */
void work_state(struct work *w, const char *state);
/* The same with new words for what it does: "channels.list 50 ids". until_ms: clock_mono_ms when a
 * wait ends; 0: it is none. */
void work_say(struct work *w, const char *state, int64_t until_ms, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

enum { WORKER_DOING = 64 };

struct worker_numbers {
	const char *state; /* static */
	char doing[WORKER_DOING];
	int64_t since_ms;
	int64_t until_ms; /* end of a wait, clock_mono_ms; 0 */
	int64_t job;
	int64_t chunks, errors;
	int64_t calls, p95_us; /* of API calls: all, and of the last hour */
	double busy;           /* share of the last 5 minutes, 0..1 */
	int64_t last_ms;
	int64_t bytes;    /* that it held after its last chunk */
	int64_t restarts; /* because of its limits */
};

struct worker;
struct dispatcher;

/* The channels that a worker has in hand. */
struct worker_hand {
	int n;
	struct cid ids[CHUNK_IDS];
	int attempts;     /* tries before this one */
	int64_t since_ms; /* clock_mono_ms */
};

/* Starts one thread; NULL and eb on failure. */
struct worker *worker_start(
    const struct engine_parts *parts, struct dispatcher *d, int number, struct errbuf *eb);
/* The dispatcher has stopped it by dispatcher_take returning ERR_CANCELLED; waits for its end. */
void worker_join(struct worker *w);
/* The same for one that may hang; false when it still does after ms: then it is nobody's to free. */
bool worker_join_within(struct worker *w, int64_t ms);
/* Nobody will join it. */
void worker_detach(struct worker *w);
/* For the dispatcher, under its lock: the chunk whose work() runs in it. */
struct chunk **worker_inside(struct worker *w);
/* For the dispatcher, under its lock: it was told to end, or is on its way. */
bool *worker_leaves(struct worker *w);
int worker_number(const struct worker *w);
/* Ends the call under way, and those to come until it is told otherwise; for the dispatcher. */
void worker_abort(struct worker *w, bool yes);
/* The same by hand; when that was, clock_mono_ms, 0: not at this chunk. Under the dispatcher's lock. */
void worker_kick(struct worker *w);
int64_t worker_kicked(const struct worker *w);
/* For whoever makes calls in its name. */
const atomic_bool *worker_abort_flag(const struct worker *w);
void worker_numbers(struct worker *w, struct worker_numbers *out);
void worker_hand(struct worker *w, struct worker_hand *out);
/* The since_ms of its numbers, cheaply. */
int64_t worker_since(struct worker *w);

/* W: a chunk's result becomes rows, states and counts of its job. May be called again after an error.
 * lease.epoch 0 with a lease.chunk: it came from another node, who has told of it. */
enum err worker_store(struct staging *s, struct chunk *c, struct errbuf *eb) MUST_CHECK;
/* Was what became of a channel of a shared job's chunk counted already, here or by another node, or
 * was the channel erased? Any connection. */
enum err worker_is_known(struct staging *s, const struct chunk *c, const struct cid *cid,
    bool *known, struct errbuf *eb) MUST_CHECK;

#endif

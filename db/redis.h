/*
 * redis - one client for the Redis that the settings name (redis_url.h): over TCP, over TLS, or over
 * Upstash's REST interface, by the same calls. A client belongs to one thread at a time. Nothing is sent
 * before the first call; whatever breaks is connected anew by a later call, after a growing wait with
 * full jitter, until when calls fail at once. No call outlasts its deadline, and every wait ends early
 * when the stop flag rises. No text that leaves here holds a password or token.
 *
 * A call that failed without Redis' own word may have been done all the same, and is never sent twice by
 * itself: send only what may be repeated.
 *
 * What REST lacks: blocking reads (BLOCK of XREAD, XREADGROUP; redis_can_block), WATCH, binary data, and
 * more than 1,000 entries of a stream waiting for one consumer's XACK.
 */
#ifndef TUBEOPS_DB_REDIS_H
#define TUBEOPS_DB_REDIS_H

#include "db/redis_fault.h"
#include "db/redis_reply.h"
#include "db/redis_url.h"
#include "engine/base/log.h"
#include "engine/base/settings.h"

#include <stdatomic.h>

struct redis;

struct redis_config {
	struct redis_names names; /* borrowed for redis_new */
	const char *ca_file; /* copied; certificates to trust besides the system's; NULL: none */
	const atomic_bool *stop; /* borrowed for the client's life; NULL: never */
	struct log *log;         /* the same */
	int64_t connect_ms;      /* to connect and log in; 0: 5,000 */
	int64_t answer_ms;       /* for one call, without connecting; 0: 5,000 */
	size_t answer_limit;     /* bytes; 0: REDIS_ANSWER_LIMIT */
};

/* One command: its words, the name first. lens NULL: all words end with a NUL. */
struct redis_command {
	const char *const *words;
	const size_t *lens;
	size_t n;
};
/* REDIS_COMMAND("SET", key, value): valid until the end of the block. */
#define REDIS_COMMAND(...)                                                   \
	((struct redis_command){.words = (const char *const[]){__VA_ARGS__}, \
	    .n = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)})

struct redis_call {
	const struct redis_command *commands;
	size_t n;          /* 1 .. 10,000 */
	bool all_or_none;  /* one transaction: MULTI … EXEC */
	int64_t answer_ms; /* 0: as configured. With BLOCK: more than it */
};

/* What the settings say: names and ca_file; all else stays. */
void redis_config_read(struct redis_config *cfg, const struct settings *s);
/*
 * Reads the address; connects nothing. ERR_NOTFOUND: no Redis is configured; ERR_INVALID says what is
 * wrong with the address.
 */
enum err redis_new(
    struct redis **out, const struct redis_config *cfg, struct errbuf *eb) MUST_CHECK;
void redis_free(struct redis *r);

/*
 * Sends commands and waits for all answers; *out is the caller's (redis_answer_free), NULL unless ERR_OK.
 * A reply may be a REDIS_ERROR: redis_reply_fault says what it means. A transaction that was refused
 * as a whole is an error of the call.
 */
enum err redis_call(struct redis *r, const struct redis_call *call, struct redis_answer **out,
    struct errbuf *eb) MUST_CHECK;
/* One command; an error that Redis answers is the call's. out NULL: the answer is not wanted. */
enum err redis_ask(struct redis *r, const struct redis_command *command, struct redis_answer **out,
    struct errbuf *eb) MUST_CHECK;

/* What the last call's error asks for; REDIS_FINE when it worked. */
enum redis_fault redis_fault(const struct redis *r);
/* What a reply of type REDIS_ERROR means, with words for people in eb (may be NULL); others: ERR_OK. */
enum err redis_reply_fault(const struct redis *r, const struct redis_reply *reply,
    enum redis_fault *fault, struct errbuf *eb);
/* Milliseconds until a call tries to connect again; 0: at once. */
int64_t redis_wait_ms(const struct redis *r);
/* "127.0.0.1:6379/0", "https://…" for people; borrowed. */
const char *redis_place(const struct redis *r);
const struct redis_target *redis_target(const struct redis *r);
bool redis_can_block(const struct redis *r);
/* Somebody wants it now: the next call connects at once, whatever failed a moment ago. */
void redis_hurry(struct redis *r);
/* Hangs up. The next call connects again. */
void redis_disconnect(struct redis *r);

/* ---- redis_check.c ---- */
struct redis_health {
	char version[32];
	int64_t clients;     /* connected; -1: not said */
	char memory[32];     /* in use, as Redis writes it: "1.05M"; "": not said */
	int64_t memory_most; /* maxmemory in bytes; 0: none */
	char policy[32];     /* what it evicts when full; "": not said */
	int64_t answer_ms;   /* a PING there and back, over an open connection */
};
/*
 * PING, a key written with an expiry, read and deleted in one transaction, INFO.
 * ERR_CORRUPT: the key did not come back as it was written.
 */
enum err redis_check(struct redis *r, struct redis_health *out, struct errbuf *eb) MUST_CHECK;

#endif

/*
 * wire - HTTP calls to one server on a thread of its own, several at a time, without ever keeping
 * anybody waiting: for node_remote. Limits on time and size, no redirects, certificates checked, no
 * call sent twice. The functions below a line belong to that thread: to turn, reply and piece.
 */
#ifndef TUBEOPS_TUI_WIRE_H
#define TUBEOPS_TUI_WIRE_H

#include "engine/base/err.h"
#include "engine/base/secret.h"

#include <stddef.h>
#include <stdint.h>

struct wire;

/* How a call ended. Texts are the wire's, until the function returns. */
struct wire_reply {
	int status;       /* 0: without an answer, or half of one */
	const char *text; /* NUL-terminated; of a stream "" */
	size_t len;
	const char *trouble; /* why there is none, clean and without secrets; "" */
};

/* All are called on the wire's thread. */
struct wire_ops {
	/* Makes calls that are due; gives the ms after which it wants the next turn. */
	int64_t (*turn)(void *arg, int64_t mono_ms);
	/* The call with this tag has ended; the tag is the caller's again. */
	void (*reply)(void *arg, void *tag, const struct wire_reply *r);
	/* What came of a stream. */
	void (*piece)(void *arg, const char *data, size_t len);
	/* A call that is given up (wire_drop, wire_free): only its tag is to be freed. */
	void (*dropped)(void *arg, void *tag);
};

struct wire_call {
	const char *path;
	const char *body; /* NULL: a GET; else POSTed, copied and wiped afterwards */
	const char *once; /* value of Idempotency-Key; NULL: none */
	bool stream;      /* goes to piece() as it comes; may last, but not be silent */
	int64_t most_ms;  /* of all but streams */
	void *tag;
};

enum err wire_new(
    struct wire **out, const struct wire_ops *ops, void *arg, struct errbuf *eb) MUST_CHECK;
/* Gives up what is under way. NULL is allowed. */
void wire_free(struct wire *w);
/* Its next turn is now. Any thread. */
void wire_wake(struct wire *w);

/* ---- on its thread ---- */
/*
 * Where calls go from now on. token: NULL none; copied. ca: certificates to trust besides the
 * system's, NULL none; own: the server's is in ca itself, whatever name it was made for.
 */
enum err wire_aim(struct wire *w, const char *url, const struct secret *token, const char *ca,
    bool own, struct errbuf *eb) MUST_CHECK;
/* False: out of memory; the tag stays the caller's. */
bool wire_send(struct wire *w, const struct wire_call *c) MUST_CHECK;
/* Gives up all calls under way. */
void wire_drop(struct wire *w);

#endif

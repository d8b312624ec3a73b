/*
 * fault - what an answer of the API means for us. One table of reasons; only the class decides
 * what is done, never the HTTP status alone. Pure functions, any thread.
 * Source: YouTube Data API error list; recorded error bodies; see assets/doc/architecture.md.
 */
#ifndef TUBEOPS_YOUTUBE_FAULT_H
#define TUBEOPS_YOUTUBE_FAULT_H

#include <stddef.h>

#define FAULT_LIST(X)                                                                             \
	X(FAULT_NONE, "ok")             /* a usable answer */                                     \
	X(FAULT_SERVER, "server")       /* 5xx, network, torn body: back off, try again */        \
	X(FAULT_SLOW_DOWN, "slow down") /* too fast with this key: lower its rate, try again */   \
	X(FAULT_BUCKET_SPENT, "quota spent") /* the project's bucket, until Pacific midnight */   \
	X(FAULT_KEY, "key refused")          /* this key never again: another key */              \
	X(FAULT_PROJECT, "project refused")  /* all keys of this project */                       \
	X(FAULT_REQUEST, "request refused")  /* our mistake or a bad id: split, never repeat */   \
	X(FAULT_PARK, "server trouble") /* a 400 that is often an outage: few tries, then park */ \
	X(FAULT_PAGE_TOKEN, "page token") /* stale token: restart the list once */                \
	X(FAULT_TARGET, "target")         /* final state of the thing asked for; key is fine */

enum fault {
#define FAULT_ENUM(name, word) name,
	FAULT_LIST(FAULT_ENUM)
#undef FAULT_ENUM
	    FAULT_COUNT
};

struct fault_info {
	enum fault fault;
	int status;        /* HTTP; 0: no answer */
	char reason[64];   /* "quotaExceeded", "API_KEY_INVALID", "timeout" …; ASCII */
	char message[256]; /* cleaned, without markup or secrets */
};

const char *fault_word(enum fault f);
/*
 * Classifies an answer by status, body and its details. A 200 is FAULT_NONE whatever it holds:
 * whether it parses is the parser's business (fault_torn then).
 */
void fault_classify(int status, const char *body, size_t len, struct fault_info *out);
/* For a 200 whose body does not parse: FAULT_SERVER, reason "badReply". */
void fault_torn(const char *why, struct fault_info *out);
/* A 429 or 403 that names neither minute nor day: after five in a row it counts as a day's. */
enum { FAULT_UNNAMED_LIMIT = 5 };

#endif

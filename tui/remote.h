/*
 * remote - asking and steering the process that owns a data folder, over its REST server. Blocks for some
 * seconds at most, but for remote_stream; main thread only, but for the same.
 */
#ifndef TUBEOPS_REMOTE_H
#define TUBEOPS_REMOTE_H

#include "engine/base/secret.h"
#include "engine/base/str.h"

#include <stdbool.h>

enum remote_method { REMOTE_GET, REMOTE_POST };

/* Whom to call; all borrowed. */
struct remote {
	const char *url;            /* "http://127.0.0.1:5000" */
	const struct secret *token; /* NULL: none */
	const char *cert;           /* the file that its certificate must come from; "", NULL: any
	                               that the system trusts, made for that name */
	bool named; /* cert is to be trusted besides, and the name matters all the same */
};

/*
 * One call of url + path, of a POST with body (JSON, or NULL). The reply of 200 is appended to reply.
 * ERR_UNAVAIL: nobody answers. ERR_NOTFOUND (404) and ERR_DENIED (all else) in the words of the
 * other side.
 */
enum err remote_call(const struct remote *r, enum remote_method method, const char *path,
    const char *body, struct str *reply, struct errbuf *eb) MUST_CHECK;
/* What came of a reply of 200, piece by piece; false: enough, ERR_CANCELLED. Also called with nothing
 * once in a second or so. */
typedef bool remote_piece_fn(void *arg, const char *data, size_t len);
/*
 * GET of what may be long and last long: pieces go to fn, and are not kept. Any thread. Errors as
 * of remote_call; ERR_UNAVAIL also when it broke off before its end.
 */
enum err remote_stream(const struct remote *r, const char *path, remote_piece_fn *fn, void *arg,
    struct errbuf *eb) MUST_CHECK;
/* POST, and appends the reply's message to text. */
enum err remote_post(const struct remote *r, const char *path, const char *body, struct str *text,
    struct errbuf *eb) MUST_CHECK;
/* base + path; "0.0.0.0" listens everywhere, and is called here. */
void remote_url(struct str *url, const char *base, const char *path);
struct curl_slist;
/* The lines of every call; once: an Idempotency-Key, or NULL. *ok false: out of memory. Freed, and
 * wiped, by remote_headers_free in any case. */
struct curl_slist *remote_headers(const struct secret *token, const char *once, bool *ok);
void remote_headers_free(struct curl_slist *list);
/* One segment of a path, percent-encoded. */
void remote_segment(struct str *path, const char *text);

#endif

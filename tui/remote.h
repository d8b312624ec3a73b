/*
 * remote - asking and steering the process that owns a data folder, over its REST server. Blocks for some
 * seconds at most; main thread only.
 */
#ifndef TUBEOPS_REMOTE_H
#define TUBEOPS_REMOTE_H

#include "engine/base/secret.h"
#include "engine/base/str.h"

enum remote_method { REMOTE_GET, REMOTE_POST };

/* Whom to call; all borrowed. */
struct remote {
	const char *url;            /* "http://127.0.0.1:5000" */
	const struct secret *token; /* NULL: none */
	const char *cert;           /* the file that its certificate must come from; "", NULL: any
	                               that the system trusts, made for that name */
};

/*
 * One call of url + path, of a POST with body (JSON, or NULL). The reply of 200 is appended to reply.
 * ERR_UNAVAIL: nobody answers. ERR_NOTFOUND (404) and ERR_DENIED (all else) in the words of the
 * other side.
 */
enum err remote_call(const struct remote *r, enum remote_method method, const char *path,
    const char *body, struct str *reply, struct errbuf *eb) MUST_CHECK;
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

/*
 * remote - steering the process that owns a data folder, over its REST server. Blocks for some
 * seconds at most; main thread only.
 */
#ifndef TUBEOPS_REMOTE_H
#define TUBEOPS_REMOTE_H

#include "engine/base/secret.h"
#include "engine/base/str.h"

enum remote_method { REMOTE_GET, REMOTE_POST };

/*
 * One call of http://listen/path, of a POST with body (JSON, or NULL); the token may be NULL. The
 * reply of 200 is appended to reply. ERR_UNAVAIL: nobody answers. ERR_NOTFOUND (404) and ERR_DENIED
 * (all else) in the words of the other side.
 */
enum err remote_call(const char *listen, enum remote_method method, const char *path,
    const char *body, const struct secret *token, struct str *reply, struct errbuf *eb) MUST_CHECK;
/*
 * POST http://listen/path with body (JSON, or NULL) and the token (or NULL). Appends the reply's
 * message to text. An error of the other side is returned in its own words.
 */
enum err remote_post(const char *listen, const char *path, const char *body,
    const struct secret *token, struct str *text, struct errbuf *eb) MUST_CHECK;
/* One segment of a path, percent-encoded. */
void remote_segment(struct str *path, const char *text);

#endif

/*
 * remote - asking and steering the process that owns a data folder, over its REST server. Blocks for some
 * seconds at most; main thread only.
 */
#ifndef TUBEOPS_REMOTE_H
#define TUBEOPS_REMOTE_H

#include "engine/base/secret.h"
#include "engine/base/str.h"

/*
 * POST url + path with body (JSON, or NULL) and the token (or NULL). cert: the file that its
 * certificate must come from, for https. Appends the reply's message to text. An error of the other
 * side is returned in its own words.
 */
enum err remote_post(const char *url, const char *path, const char *body,
    const struct secret *token, const char *cert, struct str *text, struct errbuf *eb) MUST_CHECK;
/* GET url + path, which must need no token; appends the reply's body to text. Errors as above. */
enum err remote_get(const char *url, const char *path, const char *cert, struct str *text,
    struct errbuf *eb) MUST_CHECK;
/* One segment of a path, percent-encoded. */
void remote_segment(struct str *path, const char *text);

#endif

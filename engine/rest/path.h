/*
 * path - taking a request line apart: route patterns, percent-encoding, query parameters.
 * Pure functions, any thread; paths and queries are as they came, not yet decoded.
 */
#ifndef TUBEOPS_REST_PATH_H
#define TUBEOPS_REST_PATH_H

#include "engine/base/str.h"

enum { REST_ARG_LIMIT = 512 };

/*
 * Does path fit a pattern such as "/api/jobs/{id}/pause"? A {name} stands for one segment that is
 * not empty; its decoded text is put into arg (which may be NULL; at most one {name} per pattern).
 * A slash at the end is a different path.
 */
bool rest_path_match(const char *pattern, const char *path, struct str *arg);
/* Appends text with %XX decoded (and + as a blank, when plus); false for a broken %XX or a NUL. */
bool rest_decode(const char *text, size_t len, bool plus, struct str *out);
/*
 * The first value of a parameter, decoded (as it came when it cannot be); false when there is none.
 */
bool rest_query_get(const char *query, const char *name, struct str *value);
/*
 * A whole number as Python's int() reads it (blanks around, a sign, single underscores between
 * digits); absent or empty is fallback. ERR_INVALID names the parameter and its range.
 */
enum err rest_query_int(const char *query, const char *name, int64_t fallback, int64_t least,
    int64_t most, int64_t *out, struct errbuf *eb) MUST_CHECK;
/* "application/json" or "application/…+json", with parameters or without. */
bool rest_is_json_type(const char *content_type);

#endif

/*
 * query - building the query of a call: values escaped so that nothing in them can end one
 * parameter and begin another. Pure, any thread.
 */
#ifndef TUBEOPS_YOUTUBE_QUERY_H
#define TUBEOPS_YOUTUBE_QUERY_H

#include "engine/base/str.h"

/* Appends text with everything but A-Z a-z 0-9 - _ . ~ as %XX. */
void query_escape(struct str *out, const char *text, size_t len);
/* Appends "&name=" and the escaped value; nothing when value is NULL. */
void query_add(struct str *out, const char *name, const char *value);

#endif

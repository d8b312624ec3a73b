/*
 * json_reader - fast reading of JSON from outside (simdjson behind a C face). A reader owns its
 * memory and belongs to one thread; nodes and texts live until its next parse. Depth and size
 * are limited; broken UTF-8 and lone surrogates are mended (U+FFFD), not fatal.
 */
#ifndef TUBEOPS_BASE_JSON_READER_H
#define TUBEOPS_BASE_JSON_READER_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_reader;

struct json_node {
	const void *doc; /* NULL: absent */
	size_t at;
};

enum json_type {
	JSON_NODE_NONE,
	JSON_NODE_NULL,
	JSON_NODE_BOOL,
	JSON_NODE_INT,
	JSON_NODE_REAL,
	JSON_NODE_TEXT,
	JSON_NODE_ARRAY,
	JSON_NODE_OBJECT
};

/* size_limit: bytes a document may have; depth_limit: 1..1024. NULL when out of memory. */
struct json_reader *json_reader_new(size_t size_limit, int depth_limit);
void json_reader_free(struct json_reader *r);
/* Memory that it holds ready, in bytes, roughly. */
size_t json_reader_bytes(const struct json_reader *r);
/* ERR_INVALID with position-free words, ERR_LIMIT for size or depth. text is borrowed for the call. */
enum err json_reader_parse(struct json_reader *r, const char *text, size_t len,
    struct json_node *root, struct errbuf *eb) MUST_CHECK;

enum json_type json_node_type(struct json_node node);
/* Member by name; absent when node is no object or has none. First one when repeated. */
struct json_node json_node_get(struct json_node node, const char *name);
/* Member by a path such as "a/b/c". */
struct json_node json_node_path(struct json_node node, const char *path);
/* False (and *text NULL) when it is no text. May hold NULs; borrowed. */
bool json_node_text(struct json_node node, const char **text, size_t *len);
/* A number, or a text that is a decimal number (YouTube sends counts so). */
bool json_node_int(struct json_node node, int64_t *out);
/* Any number. */
bool json_node_real(struct json_node node, double *out);
bool json_node_bool(struct json_node node, bool *out);

/* Walks an array or an object; false at its end. */
struct json_walk {
	const void *doc;
	size_t at, end;
	bool object;
};
void json_walk_start(struct json_walk *w, struct json_node node);
/*
 * name may be NULL; for arrays *name is NULL. Names are NUL-terminated, so one that holds a NUL seems to
 * end there, and json_node_get does not find it; borrowed.
 */
bool json_walk_next(struct json_walk *w, struct json_node *item, const char **name);

#ifdef __cplusplus
}
#endif

#endif

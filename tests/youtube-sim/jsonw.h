/*
 * jsonw: writes JSON straight into a buffer, indented as Google does or compact, and only the
 * members a `fields` tree selects.
 * Threads: none of its own.
 * Ownership: borrows buffer and tree for its life.
 */
#ifndef SIM_JSONW_H
#define SIM_JSONW_H

#include "fields.h"
#include "out.h"

#define JSONW_MAX_DEPTH 16

struct jsonw {
	struct out *out;
	bool pretty;
	unsigned depth;
	bool some[JSONW_MAX_DEPTH];
	const struct fields *select[JSONW_MAX_DEPTH];
};

void jsonw_init(struct jsonw *w, struct out *out, bool pretty, const struct fields *select);
/* Opens an object or array; name is NULL at the root and in arrays. False: not selected, nothing
 * was written. */
bool jsonw_object(struct jsonw *w, const char *name);
bool jsonw_array(struct jsonw *w, const char *name);
void jsonw_object_end(struct jsonw *w);
void jsonw_array_end(struct jsonw *w);
/* Ends the text: a newline when indented. */
void jsonw_end(struct jsonw *w);
void jsonw_string(struct jsonw *w, const char *name, const char *text);
/* Text from outside, any bytes. */
void jsonw_outside(struct jsonw *w, const char *name, struct slice text);
/* Content that is escaped already. */
void jsonw_escaped(struct jsonw *w, const char *name, const char *p, size_t len);
void jsonw_number(struct jsonw *w, const char *name, uint64_t v);
/* A uint64 or int64 of the API: a decimal number in a JSON string. */
void jsonw_number_text(struct jsonw *w, const char *name, uint64_t v);
void jsonw_bool(struct jsonw *w, const char *name, bool v);
/* A string of n characters to be filled in later: its offset, or 0 when the member is not selected.
 */
size_t jsonw_hole(struct jsonw *w, const char *name, size_t n);
/* JSON text made elsewhere. */
void jsonw_raw(struct jsonw *w, const char *name, const char *p, size_t len);

#endif

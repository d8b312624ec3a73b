/*
 * channel_ref - what a text from an import means: a channel id, the id inside a channel URL, or a
 * name that only a call can resolve (@handle, /user/NAME, /c/NAME). Pure functions, any thread.
 */
#ifndef TUBEOPS_DB_SOURCES_CHANNEL_REF_H
#define TUBEOPS_DB_SOURCES_CHANNEL_REF_H

#include "engine/base/ids.h"
#include "engine/base/str.h"

enum channel_ref_kind {
	CHANNEL_REF_NONE,
	CHANNEL_REF_ID,
	CHANNEL_REF_HANDLE,
	CHANNEL_REF_USER,
	CHANNEL_REF_CUSTOM
};

struct channel_ref {
	enum channel_ref_kind kind;
	struct cid cid;   /* of ID */
	const char *name; /* of HANDLE, USER, CUSTOM: as it stands in the text; borrowed from it */
	size_t name_len;
	const char *reason; /* of NONE: why, in words; static */
};

/* Blanks and quotes around the text do not count. */
void channel_ref_parse(const char *text, size_t len, struct channel_ref *out);
/* "handle", "user", "custom"; NULL for ids and NONE. */
const char *channel_ref_word(enum channel_ref_kind kind);
/*
 * Appends the name as it is stored: percent signs decoded, ASCII in lower case (YouTube takes these
 * names in any case), a handle with its @, as YouTube writes customUrl. Clean, never empty.
 */
void channel_ref_name(const struct channel_ref *ref, struct str *out);

#endif

/*
 * mentions - what a text of YouTube's names: channel ids, videos, @handles. Pure, any thread; the
 * text may be anything.
 */
#ifndef TUBEOPS_DISCOVERY_MENTIONS_H
#define TUBEOPS_DISCOVERY_MENTIONS_H

#include "engine/base/ids.h"

enum mention_kind {
	MENTION_CHANNEL, /* an id, alone or in an address */
	MENTION_VIDEO,   /* in an address of YouTube alone: eleven characters are any word */
	MENTION_HANDLE,  /* youtube.com/@name, or @name on a line that speaks of YouTube */
	MENTION_AT       /* a bare @name: other services write theirs so too */
};

enum {
	MENTION_NAME_MAX = 120,  /* bytes: 30 characters */
	MENTIONS_MOST = 500,     /* of one text */
	MENTION_CONTEXT_MAX = 60 /* bytes of its line before a bare @name that are looked at */
};

struct mention {
	enum mention_kind kind;
	struct cid cid;
	int64_t vid;
	const char *name; /* of handles, without the "@"; borrowed from the text */
	size_t len;
};

/*
 * Calls fn for each in the order of the text, at most MENTIONS_MOST; ends early when it is false.
 * An e-mail address is no handle, nor is the @name of an address of another site, nor one after
 * the word of another service ("Instagram: @name"), nor a fediverse address (@name@host).
 */
void mentions_scan(
    const char *text, size_t len, bool (*fn)(void *arg, const struct mention *m), void *arg);

#endif

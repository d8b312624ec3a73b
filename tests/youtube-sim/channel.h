/*
 * channel: one made-up channel, brought to life from its number and written as a channel resource.
 * Threads: a struct channel is scratch space of one worker; load it again and again.
 * Ownership: channel_new / channel_free; borrows the universe between load and the last write.
 */
#ifndef SIM_CHANNEL_H
#define SIM_CHANNEL_H

#include "jsonw.h"
#include "phrases.h"
#include "universe.h"

struct channel;

/* The parts of the resource, in the order they are written. */
#define CHANNEL_PARTS(X)                                \
	X(ID, "id")                                     \
	X(SNIPPET, "snippet")                           \
	X(CONTENT_DETAILS, "contentDetails")            \
	X(STATISTICS, "statistics")                     \
	X(TOPIC_DETAILS, "topicDetails")                \
	X(STATUS, "status")                             \
	X(BRANDING_SETTINGS, "brandingSettings")        \
	X(CONTENT_OWNER_DETAILS, "contentOwnerDetails") \
	X(LOCALIZATIONS, "localizations")               \
	X(AUDIT_DETAILS, "auditDetails")

enum channel_part_number {
#define X(name, text) CHANNEL_NUMBER_##name,
	CHANNEL_PARTS(X)
#undef X
	    CHANNEL_PART_COUNT
};

enum channel_part {
#define X(name, text) CHANNEL_##name = 1 << CHANNEL_NUMBER_##name,
	CHANNEL_PARTS(X)
#undef X
	    CHANNEL_ALL_PARTS = (1 << CHANNEL_PART_COUNT) - 1
};

struct channel *channel_new(void);
void channel_free(struct channel *c);
void channel_load(struct channel *c, const struct universe *u, uint64_t index);
/* Writes the item; hl (may be empty) chooses the language of snippet.localized. False: out of
 * memory. */
bool channel_write(
    struct channel *c, struct jsonw *w, unsigned parts, struct slice hl, const char *etag);
/* The handle (with @) or legacy name; empty when the channel has none. Borrowed until the next
 * load. */
struct slice channel_handle(struct channel *c);
struct slice channel_username(struct channel *c);
struct slice channel_title(struct channel *c); /* escaped for JSON */
struct slice channel_plain_title(struct channel *c);
struct slice channel_description(struct channel *c); /* escaped for JSON */
const struct phrases *channel_phrases(const struct channel *c);
/* The member thumbnails as search results and subscriptions show them: without sizes. */
void channel_write_faces(struct channel *c, struct jsonw *w);

#endif

/*
 * replay: recorded replies. Every channel and video of every *.json file of a folder is known by its
 * id; the parts recorded in several files are put together. The uploads of a channel are the videos
 * that name it.
 * Threads: read-only after replay_new, any thread.
 */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include "jsonw.h"

struct replay;
struct replay_item;

/* Files that do not parse are named on stderr and left out. NULL: the folder cannot be read. */
struct replay *replay_new(const char *folder);
void replay_free(struct replay *r);
size_t replay_count(const struct replay *r);
/* NULL: never recorded. Borrowed. */
const struct replay_item *replay_find(const struct replay *r, struct slice id);
/* A channel with this customUrl or @handle. */
const struct replay_item *replay_find_handle(const struct replay *r, struct slice handle);
/* The recorded videos of a channel, newest first; at most room. Returns how many. */
size_t replay_uploads(
    const struct replay *r, struct slice channel, const struct replay_item **found, size_t room);
/* When a video of this channel was published, as recorded; NULL: it is none of it. */
const char *replay_upload(const struct replay_item *item, struct slice channel);
const char *replay_id(const struct replay_item *item);
uint64_t replay_hash(const struct replay_item *item);
/* Writes the item with only the parts whose bit is set; names[i] is the member of bit i. */
void replay_write(const struct replay_item *item, struct jsonw *w, const char *const *names,
    unsigned parts, const char *etag);

#endif

/*
 * channel_language - fills the language of a channel that was just fetched. Any thread.
 */
#ifndef TUBEOPS_LANGUAGE_CHANNEL_LANGUAGE_H
#define TUBEOPS_LANGUAGE_CHANNEL_LANGUAGE_H

#include "db/rows.h"
#include "engine/base/arena.h"

/* From its own word, title and description; the code goes to the arena. ERR_NOMEM. */
enum err channel_language(struct arena *arena, struct channel_meta *m) MUST_CHECK;

#endif

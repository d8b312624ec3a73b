/*
 * texts - the stored texts of a source that may name other channels: title, description and those
 * of its newest videos. For methods that need no call to look.
 */
#ifndef TUBEOPS_DISCOVERY_TEXTS_H
#define TUBEOPS_DISCOVERY_TEXTS_H

#include "engine/discovery/mentions.h"
#include "engine/discovery/method.h"

enum { TEXTS_VIDEOS = 200 };

/* Calls fn for each mention in all of them until it is false. Errors are those of staging. */
enum err texts_scan(struct search *s, const struct search_source *src,
    bool (*fn)(void *arg, const struct mention *m), void *arg, struct errbuf *eb) MUST_CHECK;

#endif

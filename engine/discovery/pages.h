/*
 * pages - the walk along pages of channels that methods have in common: as many pages as the job's
 * parameter `pages` says. For methods of discovery.
 */
#ifndef TUBEOPS_DISCOVERY_PAGES_H
#define TUBEOPS_DISCOVERY_PAGES_H

#include "engine/base/arena.h"
#include "engine/discovery/search.h"
#include "engine/youtube/channel_page.h"

/* Asks for the page that page->next names (NULL: the first), reads it into *page, reports it. */
typedef enum err pages_fn(struct search *s, const struct search_source *src, struct arena *arena,
    struct channel_page *page, struct errbuf *eb);
enum err pages_walk(
    struct search *s, const struct search_source *src, pages_fn *fn, struct errbuf *eb) MUST_CHECK;
/* The same for lists that many hide: one that was found closed is not asked for in PAGES_CLOSED_DAYS. */
enum { PAGES_CLOSED_DAYS = 90 };
enum err pages_walk_open(
    struct search *s, const struct search_source *src, pages_fn *fn, struct errbuf *eb) MUST_CHECK;
/* A number among the job's parameters. */
int pages_param(const struct search *s, const char *name, int fallback);

#endif

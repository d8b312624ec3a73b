/*
 * section: the shelves of a channel's page, and with them the graph of the universe: which channels
 * a channel features. Pure functions, any thread.
 *
 * Made up: how many channels have shelves, and what is on them. Featured channels may have been
 * terminated since.
 */
#ifndef SIM_SECTION_H
#define SIM_SECTION_H

#include "universe.h"

#define SECTION_MAX 10          /* of a channel */
#define SECTION_CHANNELS_MAX 10 /* of a section */
#define SECTION_PLAYLISTS_MAX 8

enum section_kind {
	SECTION_RECENT_UPLOADS,
	SECTION_POPULAR_UPLOADS,
	SECTION_ALL_PLAYLISTS,
	SECTION_SINGLE_PLAYLIST,
	SECTION_MULTIPLE_PLAYLISTS,
	SECTION_MULTIPLE_CHANNELS,
	SECTION_SUBSCRIPTIONS
};

unsigned section_count(const struct universe *u, uint64_t channel);
enum section_kind section_kind(const struct universe *u, uint64_t channel, unsigned i);
uint64_t section_draw(const struct universe *u, uint64_t channel, unsigned i, unsigned what);
/* The channels a section of that kind features, none twice and never the channel itself. */
unsigned section_channels(const struct universe *u, uint64_t channel, unsigned i, uint64_t *to);
/* The numbers of the channel's own playlists a section shows. */
unsigned section_playlists(const struct universe *u, uint64_t channel, unsigned i, uint64_t *to);

#endif

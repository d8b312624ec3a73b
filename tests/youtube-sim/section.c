#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "section.h"

#include "ids.h"
#include "playlist.h"

unsigned section_count(const struct universe *u, uint64_t channel)
{
	uint64_t h = universe_draw(u, channel, DRAW_SECTIONS);

	return h % 10 < 3 ? 0 : 1 + (unsigned)(h >> 8) % SECTION_MAX;
}

uint64_t section_draw(const struct universe *u, uint64_t channel, unsigned i, unsigned what)
{
	return ids_mix(universe_draw(u, channel, DRAW_SECTIONS) ^
	               ids_mix(((uint64_t)i << 32 | what) * 0x9e3779b97f4a7c15u));
}

enum section_kind section_kind(const struct universe *u, uint64_t channel, unsigned i)
{
	static const enum section_kind kinds[] = {SECTION_RECENT_UPLOADS, SECTION_POPULAR_UPLOADS,
	    SECTION_ALL_PLAYLISTS, SECTION_SINGLE_PLAYLIST, SECTION_SINGLE_PLAYLIST,
	    SECTION_MULTIPLE_PLAYLISTS, SECTION_MULTIPLE_CHANNELS, SECTION_SUBSCRIPTIONS};
	enum section_kind kind =
	    kinds[section_draw(u, channel, i, 0) % (sizeof kinds / sizeof kinds[0])];
	bool shows_lists = kind == SECTION_SINGLE_PLAYLIST || kind == SECTION_MULTIPLE_PLAYLISTS;

	if (shows_lists && playlist_count(u, channel) == 0)
		return SECTION_RECENT_UPLOADS;
	if (kind == SECTION_MULTIPLE_CHANNELS && universe_channels(u) < 2)
		return SECTION_POPULAR_UPLOADS;
	return kind;
}

static bool is_among(const uint64_t *list, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == v)
			return true;
	return false;
}

unsigned section_channels(const struct universe *u, uint64_t channel, unsigned i, uint64_t *to)
{
	unsigned wanted = 1 + (unsigned)(section_draw(u, channel, i, 1) % SECTION_CHANNELS_MAX),
	         n = 0;

	for (unsigned k = 0; k < wanted; k++) {
		uint64_t other = section_draw(u, channel, i, 100 + k) % universe_channels(u);

		if (other == channel)
			other = (other + 1) % universe_channels(u);
		if (other != channel && !is_among(to, n, other))
			to[n++] = other;
	}
	return n;
}

unsigned section_playlists(const struct universe *u, uint64_t channel, unsigned i, uint64_t *to)
{
	uint64_t count = playlist_count(u, channel);
	unsigned wanted = 1, n = 0;

	if (section_kind(u, channel, i) == SECTION_MULTIPLE_PLAYLISTS)
		wanted = 1 + (unsigned)(section_draw(u, channel, i, 1) % SECTION_PLAYLISTS_MAX);
	for (unsigned k = 0; k < wanted; k++) {
		uint64_t number = section_draw(u, channel, i, 100 + k) % count;

		if (!is_among(to, n, number))
			to[n++] = number;
	}
	return n;
}

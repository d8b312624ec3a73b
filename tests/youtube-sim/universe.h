/*
 * universe: any number of made-up channels, none of them stored. Channel number i (0 ... N - 1) has
 * the id permutation(seed, i); an id belongs to the universe exactly when its number, got back by
 * the inverse, is below N. All else is drawn from a hash of (seed, i, what is asked), so two runs
 * and two machines agree.
 *
 * Real ids can be adopted: the n-th of a list takes the place of channel number n, with all that
 * channel has, so that jobs over somebody's own list have something to find.
 *
 * Threads: read-only after universe_new and universe_adopt, any thread.
 * Ownership: universe_free by whoever made it.
 *
 * Made up, because no recorded reply shows it, or shows how often it happens:
 *  - hidden subscriber counts (4 %): hiddenSubscriberCount true, subscriberCount absent in one half
 *    and "0" in the other; subscriber counts are rounded down to three significant figures, as the
 *    service documents;
 *  - terminated channels (2 %): listed by `youtube-sim ids`, silently absent from replies;
 *  - the shares of channels without handle, country, language, topics, branding, videos, statistics;
 *  - thumbnails beyond default, medium and high (fhd is announced by the service, and in no
 *    discovery document yet), and `thumbnails: {}`, known from video tombstones only;
 *  - madeForKids, longUploadsStatus, localizations;
 *  - handles and legacy user names: they carry the channel number, so a look-up needs no table;
 *  - what featured channels, playlists, subscriptions and comments name (section.h, playlist.h), and
 *    which channels hide their subscriptions (85 %) or have no list of playlists (1 %);
 *  - how often a page is short, empty or repeats an item;
 *  - every title and description (phrases.c).
 * Counts do not change with time: the same item has the same etag for ever.
 */
#ifndef SIM_UNIVERSE_H
#define SIM_UNIVERSE_H

#include <stdbool.h>
#include <stdint.h>

#include "ids.h"
#include "out.h"

struct universe;

enum universe_hit { UNIVERSE_UNKNOWN, UNIVERSE_TERMINATED, UNIVERSE_FOUND };

/* What a hash is drawn for; the order is part of the universe: append only. */
enum draw {
	DRAW_TERMINATED,
	DRAW_LANGUAGE,
	DRAW_TITLE,
	DRAW_TITLE_STYLE,
	DRAW_LENGTH,
	DRAW_TEXT,
	DRAW_HANDLE,
	DRAW_PUBLISHED,
	DRAW_COUNTRY,
	DRAW_DEFAULT_LANGUAGE,
	DRAW_THUMBNAILS,
	DRAW_SUBSCRIBERS,
	DRAW_VIEWS,
	DRAW_VIDEOS,
	DRAW_HIDDEN,
	DRAW_STATUS,
	DRAW_TOPICS,
	DRAW_BRANDING,
	DRAW_KEYWORDS,
	DRAW_LOCALIZATIONS,
	DRAW_USERNAME,
	DRAW_MENTION,
	DRAW_STATISTICS,
	DRAW_GONE,
	DRAW_LISTED,
	DRAW_SECTIONS,
	DRAW_PLAYLISTS,
	DRAW_SUBSCRIPTIONS
};

struct universe *universe_new(uint64_t channels, uint64_t seed);
void universe_free(struct universe *u);
/* Each line of the file that holds a channel id gives its first one to the next channel number;
 * repeated ids count once. False: it cannot be read, or holds no id, or more than there are channels. */
bool universe_adopt(struct universe *u, const char *path);
uint64_t universe_channels(const struct universe *u);
uint64_t universe_seed(const struct universe *u);
/* Writes the 24 characters of an id, no NUL. */
void universe_id(const struct universe *u, uint64_t index, char *to);
enum universe_hit universe_find(const struct universe *u, struct slice id, uint64_t *index);
/* The number at the end of a handle or legacy name; the caller checks that the channel really has
 * that name. */
bool universe_find_name(const struct universe *u, struct slice name, uint64_t *index);
/* Writes the number of a channel as handles carry it. */
void universe_name_number(const struct universe *u, uint64_t index, struct out *to);
bool universe_terminated(const struct universe *u, uint64_t index);
/* The permutations that ids are made with, and their inverses. tweak: another one for each use. */
struct bits128 universe_scramble(const struct universe *u, struct bits128 b);
struct bits128 universe_unscramble(const struct universe *u, struct bits128 b);
uint64_t universe_scramble64(const struct universe *u, uint64_t v, uint64_t tweak);
uint64_t universe_unscramble64(const struct universe *u, uint64_t v, uint64_t tweak);
uint64_t universe_draw(const struct universe *u, uint64_t index, enum draw what);

#endif

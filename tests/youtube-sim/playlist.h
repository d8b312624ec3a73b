/*
 * playlist: the lists of the universe: the uploads of each channel (UU...) and the lists people put
 * together (PL...), whose ids hold channel and number. Pure functions, any thread.
 */
#ifndef SIM_PLAYLIST_H
#define SIM_PLAYLIST_H

#include "phrases.h"
#include "video.h"

#define PLAYLIST_ID_MAX 34

struct playlist {
	uint64_t channel;
	uint64_t number; /* not for uploads */
	bool uploads;
};

/* How many a channel put together. */
uint64_t playlist_count(const struct universe *u, uint64_t channel);
/* False when there is none: also for terminated channels and for uploads without a video. */
bool playlist_find(const struct universe *u, struct slice id, struct playlist *p);
void playlist_id(const struct universe *u, struct playlist p, struct out *to);
/* What can be listed: of uploads the newest 20,000. */
uint64_t playlist_items(const struct universe *u, struct playlist p);
/* Position 0 comes first: of uploads the newest. */
struct video playlist_video(const struct universe *u, struct playlist p, uint64_t position);
/* When the video came to the list. */
int64_t playlist_added(const struct universe *u, struct playlist p, uint64_t position);
int64_t playlist_made(const struct universe *u, struct playlist p);
void playlist_title(
    const struct universe *u, struct playlist p, const struct phrases *ph, struct out *to);
/* The id of an item is base64url of the list's id, a point and the video's id or 16 hex digits. */
void playlist_item_id(
    const struct universe *u, struct playlist p, uint64_t position, struct out *to);
bool playlist_item_find(
    const struct universe *u, struct slice id, struct playlist *p, uint64_t *position);

#endif

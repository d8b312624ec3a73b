/*
 * video: the videos of the universe. Each is a channel and a slot (0 is its oldest); the id is a
 * permutation of both, so neither a list nor a table is needed to find one again. Pure functions of
 * the universe, any thread.
 *
 * Made up: one slot in 97 is private, deleted or unlisted and so in no uploads list; one listed
 * video in 100 has gone a moment ago, so that videos.list leaves it out while the uploads list still
 * shows it; the shares of everything that may be absent.
 */
#ifndef SIM_VIDEO_H
#define SIM_VIDEO_H

#include "jsonw.h"
#include "universe.h"

#define VIDEO_LIST_MAX 20000 /* the newest that an uploads list gives */

struct channel;

struct video {
	uint64_t channel;
	uint64_t slot;
};

enum video_state {
	VIDEO_PUBLIC,
	VIDEO_UNLISTED,
	VIDEO_VANISHED, /* deleted, and still in the uploads list */
	VIDEO_PRIVATE,
	VIDEO_DELETED
};

/* What a hash is drawn for; append only. */
enum video_draw {
	VIDEO_DRAW_STATE,
	VIDEO_DRAW_TITLE,
	VIDEO_DRAW_TEXT,
	VIDEO_DRAW_MOMENT,
	VIDEO_DRAW_DURATION,
	VIDEO_DRAW_LIVE,
	VIDEO_DRAW_TAGS,
	VIDEO_DRAW_SNIPPET,
	VIDEO_DRAW_VIEWS,
	VIDEO_DRAW_LIKES,
	VIDEO_DRAW_COMMENTS,
	VIDEO_DRAW_STATUS,
	VIDEO_DRAW_DETAILS,
	VIDEO_DRAW_THREADS
};

enum video_live { VIDEO_ORDINARY, VIDEO_LIVE, VIDEO_UPCOMING, VIDEO_WAS_LIVE, VIDEO_PREMIERE };

/* A number whose order of magnitude is what is spread evenly, near the middle of 0 .. 2^bits. */
uint64_t video_spread(uint64_t h, unsigned bits);
/* The public videos of a channel, and all it ever had. */
uint64_t video_count(const struct universe *u, uint64_t channel);
uint64_t video_slots(const struct universe *u, uint64_t channel);
/* The slot of the channel's r-th public video (0 is the oldest), and back: how many public ones are
 * older. */
uint64_t video_slot(const struct universe *u, uint64_t channel, uint64_t rank);
uint64_t video_rank(const struct universe *u, struct video v);
/* Writes 11 characters, no NUL. */
void video_id(const struct universe *u, struct video v, char *to);
/* False when no channel has, or had, such a video. */
bool video_find(const struct universe *u, struct slice id, struct video *v);
/* A video of a terminated channel is deleted. */
enum video_state video_state(const struct universe *u, struct video v);
static inline bool video_is_shown(enum video_state s)
{
	return s == VIDEO_PUBLIC || s == VIDEO_UNLISTED;
}
uint64_t video_draw(const struct universe *u, struct video v, enum video_draw what);
/* UTC seconds. */
int64_t video_published(const struct universe *u, struct video v);
enum video_live video_live(const struct universe *u, struct video v);
/* False: the service gives none (a running premiere). 0: live or upcoming. */
bool video_duration(const struct universe *u, struct video v, uint64_t *seconds);
/* False: hidden or off. */
bool video_views(const struct universe *u, struct video v, uint64_t *n);
bool video_likes(const struct universe *u, struct video v, uint64_t *n);
bool video_comments(const struct universe *u, struct video v, uint64_t *n);
/* The comment threads; how many replies the i-th has. */
uint64_t video_threads(const struct universe *u, struct video v);
unsigned video_replies(uint64_t thread);

#endif

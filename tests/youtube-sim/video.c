#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "video.h"

#include "channel_text.h"
#include "ids.h"
#include "moment.h"

/* Of every BLOCK slots of a channel one is in no uploads list: which one makes ranks computable. */
#define BLOCK 97
#define SLOT_BITS 24
#define TWEAK_VIDEO 0x7669646fu

uint64_t video_spread(uint64_t h, unsigned bits)
{
	unsigned k = (unsigned)((h & 0xff) * (bits - 4) + (h >> 8 & 0xff) * 4) / 255;

	return k == 0 ? h >> 63 : (UINT64_C(1) << k) + (h >> 16 & ((UINT64_C(1) << k) - 1));
}

uint64_t video_count(const struct universe *u, uint64_t channel)
{
	uint64_t h = universe_draw(u, channel, DRAW_VIDEOS);

	return h % 100 < 4 ? 0 : 1 + video_spread(h >> 8, 15);
}

static uint64_t hole(const struct universe *u, uint64_t channel)
{
	return universe_draw(u, channel, DRAW_GONE) % BLOCK;
}

uint64_t video_slot(const struct universe *u, uint64_t channel, uint64_t rank)
{
	uint64_t in = rank % (BLOCK - 1);

	return rank / (BLOCK - 1) * BLOCK + in + (in >= hole(u, channel));
}

uint64_t video_slots(const struct universe *u, uint64_t channel)
{
	uint64_t n = video_count(u, channel);

	return n == 0 ? 0 : video_slot(u, channel, n - 1) + 1;
}

uint64_t video_rank(const struct universe *u, struct video v)
{
	uint64_t in = v.slot % BLOCK;

	return v.slot / BLOCK * (BLOCK - 1) + in - (in > hole(u, v.channel));
}

void video_id(const struct universe *u, struct video v, char *to)
{
	ids_video_write(universe_scramble64(u, v.channel << SLOT_BITS | v.slot, TWEAK_VIDEO), to);
}

bool video_find(const struct universe *u, struct slice id, struct video *v)
{
	uint64_t bits;

	if (!ids_video_read(id.p, id.len, &bits))
		return false;
	bits = universe_unscramble64(u, bits, TWEAK_VIDEO);
	*v = (struct video){bits >> SLOT_BITS, bits & ((1u << SLOT_BITS) - 1)};
	return v->channel < universe_channels(u) && v->slot < video_slots(u, v->channel);
}

uint64_t video_draw(const struct universe *u, struct video v, enum video_draw what)
{
	return ids_mix(universe_draw(u, v.channel, DRAW_LISTED) ^
	               ids_mix(v.slot * 0x9e3779b97f4a7c15u + (uint64_t)what + 1));
}

enum video_state video_state(const struct universe *u, struct video v)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_STATE);

	if (universe_terminated(u, v.channel) || v.slot >= video_slots(u, v.channel))
		return VIDEO_DELETED;
	if (v.slot % BLOCK == hole(u, v.channel))
		return h % 4 == 0 ? VIDEO_UNLISTED : h % 4 == 1 ? VIDEO_DELETED : VIDEO_PRIVATE;
	return h % 100 == 0 ? VIDEO_VANISHED : VIDEO_PUBLIC;
}

/* Spread evenly over the life of the channel, so that the order of the slots is that of time. */
int64_t video_published(const struct universe *u, struct video v)
{
	int64_t birth = channel_text_birth(u, v.channel);
	uint64_t step = (uint64_t)(MOMENT_END - birth) / (video_slots(u, v.channel) + 2);

	return birth + (int64_t)(step * (v.slot + 1) +
	                         video_draw(u, v, VIDEO_DRAW_MOMENT) % (step ? step : 1));
}

/* Only the newest video of a channel can be running or announced. */
enum video_live video_live(const struct universe *u, struct video v)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_LIVE);

	if (v.slot + 1 == video_slots(u, v.channel)) {
		if (h % 20 < 3)
			return h % 20 == 0   ? VIDEO_LIVE
			       : h % 20 == 1 ? VIDEO_UPCOMING
			                     : VIDEO_PREMIERE;
	}
	return h % 25 == 4 ? VIDEO_WAS_LIVE : VIDEO_ORDINARY;
}

bool video_duration(const struct universe *u, struct video v, uint64_t *seconds)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_DURATION);
	enum video_live live = video_live(u, v);

	*seconds = 0;
	if (live == VIDEO_PREMIERE)
		return false;
	if (live == VIDEO_LIVE || live == VIDEO_UPCOMING)
		return true;
	if (live == VIDEO_WAS_LIVE && h % 8 == 0)
		*seconds = 86400 + (h >> 8) % 180000 * (h >> 40 & 1);
	else if (h % 16 == 1)
		*seconds = 60 * (1 + (h >> 8) % 240);
	else if (h % 4 == 2)
		*seconds = 3 + (h >> 8) % 58;
	else
		*seconds = 30 + video_spread(h >> 8, 14);
	return true;
}

bool video_views(const struct universe *u, struct video v, uint64_t *n)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_VIEWS);

	*n = video_spread(h >> 8, 30);
	return h % 250 != 0;
}

bool video_likes(const struct universe *u, struct video v, uint64_t *n)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_LIKES), views;

	video_views(u, v, &views);
	*n = views / (12 + (h >> 8) % 120);
	return h % 40 != 0;
}

uint64_t video_threads(const struct universe *u, struct video v)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_THREADS);

	return h % 5 == 0 ? 0 : video_spread(h >> 8, 9);
}

unsigned video_replies(uint64_t thread)
{
	return thread % 8 == 3 ? 2 : thread % 8 == 5 ? 5 : 0;
}

bool video_comments(const struct universe *u, struct video v, uint64_t *n)
{
	uint64_t threads = video_threads(u, v), rest = threads % 8;

	*n = threads + threads / 8 * 7 + (rest > 3 ? 2 : 0) + (rest > 5 ? 5 : 0);
	return video_draw(u, v, VIDEO_DRAW_COMMENTS) % 30 != 0;
}

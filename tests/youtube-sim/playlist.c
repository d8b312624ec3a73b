#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "playlist.h"

#include "channel_text.h"
#include "dice.h"
#include "moment.h"

#define TAG 0x504c0000u
#define TWEAK_ITEM 0x6974656du
#define NOISE (PLAYLIST_ID_MAX - IDS_CHANNEL_LEN)
#define UPLOADS_ITEM 36
#define ORDINARY_ITEM (PLAYLIST_ID_MAX + 17)

uint64_t playlist_count(const struct universe *u, uint64_t channel)
{
	uint64_t h = universe_draw(u, channel, DRAW_PLAYLISTS);

	return h % 10 < 4 ? 0 : h % 100 == 47 ? 40 + (h >> 8) % 80 : 1 + (h >> 8) % 9;
}

static void write_ordinary(const struct universe *u, struct playlist p, char *to)
{
	struct bits128 b =
	    universe_scramble(u, (struct bits128){(uint64_t)TAG << 32 | (p.number + 1), p.channel});

	ids_channel_write(b, to);
	to[0] = 'P';
	to[1] = 'L';
	ids_noise_write(b.hi ^ b.lo, to + IDS_CHANNEL_LEN, NOISE);
}

void playlist_id(const struct universe *u, struct playlist p, struct out *to)
{
	char id[PLAYLIST_ID_MAX];

	if (p.uploads) {
		universe_id(u, p.channel, id);
		id[1] = 'U';
	} else {
		write_ordinary(u, p, id);
	}
	out_add(to, id, p.uploads ? IDS_CHANNEL_LEN : PLAYLIST_ID_MAX);
}

static bool find_uploads(const struct universe *u, struct slice id, struct playlist *p)
{
	char text[IDS_CHANNEL_LEN];

	memcpy(text, id.p, sizeof text);
	text[1] = 'C';
	*p = (struct playlist){.uploads = true};
	return universe_find(u, (struct slice){text, sizeof text}, &p->channel) == UNIVERSE_FOUND &&
	       video_count(u, p->channel) > 0;
}

bool playlist_find(const struct universe *u, struct slice id, struct playlist *p)
{
	char text[PLAYLIST_ID_MAX];
	struct bits128 b;

	if (id.len == IDS_CHANNEL_LEN && id.p[0] == 'U' && id.p[1] == 'U')
		return find_uploads(u, id, p);
	if (id.len != PLAYLIST_ID_MAX || id.p[0] != 'P' || id.p[1] != 'L')
		return false;
	memcpy(text, id.p, sizeof text);
	text[0] = 'U';
	text[1] = 'C';
	if (!ids_channel_read(text, IDS_CHANNEL_LEN, &b))
		return false;
	b = universe_unscramble(u, b);
	if (b.hi >> 32 != TAG || b.lo >= universe_channels(u) || (b.hi & UINT32_MAX) == 0)
		return false;
	*p = (struct playlist){.channel = b.lo, .number = (b.hi & UINT32_MAX) - 1};
	if (p->number >= playlist_count(u, p->channel) || universe_terminated(u, p->channel))
		return false;
	write_ordinary(u, *p, text);
	return memcmp(text, id.p, sizeof text) == 0;
}

static uint64_t draw(const struct universe *u, struct playlist p, uint64_t what)
{
	return ids_mix(universe_draw(u, p.channel, DRAW_PLAYLISTS) ^
	               ids_mix((p.number << 32 | what) * 0x9e3779b97f4a7c15u));
}

#define WHAT_SIZE 0xffffff00u
#define WHAT_TITLE 0xffffff01u
#define WHAT_MADE 0xffffff02u

uint64_t playlist_items(const struct universe *u, struct playlist p)
{
	uint64_t h, n;

	if (p.uploads) {
		n = video_count(u, p.channel);
		return n < VIDEO_LIST_MAX ? n : VIDEO_LIST_MAX;
	}
	h = draw(u, p, WHAT_SIZE);
	return h % 20 == 0 ? 0 : h % 200 == 1 ? 5000 : video_spread(h >> 8, 7);
}

/* A list holds videos of its maker and of others, some of which were never there or are gone. */
struct video playlist_video(const struct universe *u, struct playlist p, uint64_t position)
{
	uint64_t h, slots;
	struct video v = {.channel = p.channel};

	if (p.uploads) {
		v.slot = video_slot(u, p.channel, video_count(u, p.channel) - 1 - position);
		return v;
	}
	h = draw(u, p, position);
	if (h & 1)
		v.channel = ids_mix(h) % universe_channels(u);
	slots = video_slots(u, v.channel);
	v.slot = slots ? (h >> 8) % slots : 0;
	return v;
}

int64_t playlist_added(const struct universe *u, struct playlist p, uint64_t position)
{
	struct video v = playlist_video(u, p, position);
	int64_t at = video_published(u, v);

	if (p.uploads || at >= MOMENT_END)
		return at;
	return at + (int64_t)(draw(u, p, position) >> 20) % (MOMENT_END - at);
}

int64_t playlist_made(const struct universe *u, struct playlist p)
{
	int64_t birth = channel_text_birth(u, p.channel);

	return p.uploads ? 0 : birth + (int64_t)(draw(u, p, WHAT_MADE) >> 1) % (MOMENT_END - birth);
}

void playlist_title(
    const struct universe *u, struct playlist p, const struct phrases *ph, struct out *to)
{
	struct dice d = {draw(u, p, WHAT_TITLE)};

	if (p.uploads) {
		out_text(to, "Uploads from ");
		channel_text_title(u, p.channel, ph, to);
		return;
	}
	out_text(to, ph->heads[dice_roll(&d, PHRASES_WORDS)]);
	out_text(to, ph->glue);
	out_text(to, ph->tails[dice_roll(&d, PHRASES_WORDS)]);
	if (dice_roll(&d, 3) == 0) {
		out_text(to, " & ");
		out_u64(to, 2006 + dice_roll(&d, 21));
	}
}

void playlist_item_id(
    const struct universe *u, struct playlist p, uint64_t position, struct out *to)
{
	static const char hex[] = "0123456789ABCDEF";
	char packed[ORDINARY_ITEM / 3 * 4];
	struct out plain;

	out_init(&plain, 256);
	playlist_id(u, p, &plain);
	out_char(&plain, '.');
	if (p.uploads && out_room(&plain, IDS_VIDEO_LEN)) {
		video_id(u, playlist_video(u, p, position), plain.data + plain.len);
		plain.len += IDS_VIDEO_LEN;
	}
	if (!p.uploads) {
		uint64_t v = universe_scramble64(u, position, TWEAK_ITEM + p.number);

		for (unsigned i = 0; i < 16; i++)
			out_char(&plain, hex[v >> (60 - 4 * i) & 15]);
	}
	to->failed |= plain.failed;
	if (!plain.failed) {
		ids_base64_write(plain.data, plain.len / 3, packed);
		out_add(to, packed, plain.len / 3 * 4);
	}
	out_done(&plain);
}

static bool read_hex(const char *p, uint64_t *v)
{
	*v = 0;
	for (unsigned i = 0; i < 16; i++) {
		if (!(p[i] >= '0' && p[i] <= '9') && !(p[i] >= 'A' && p[i] <= 'F'))
			return false;
		*v = *v << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : p[i] - 'A' + 10);
	}
	return true;
}

static bool uploads_position(
    const struct universe *u, struct playlist p, struct slice id, uint64_t *position)
{
	struct video v;
	enum video_state state;

	if (!video_find(u, id, &v) || v.channel != p.channel)
		return false;
	state = video_state(u, v);
	*position = video_count(u, p.channel) - 1 - video_rank(u, v);
	return state == VIDEO_PUBLIC || state == VIDEO_VANISHED;
}

bool playlist_item_find(
    const struct universe *u, struct slice id, struct playlist *p, uint64_t *position)
{
	char plain[ORDINARY_ITEM];
	size_t len = id.len / 4 * 3, list;

	if (id.len % 4 != 0 || (len != UPLOADS_ITEM && len != ORDINARY_ITEM) ||
	    !ids_base64_read(id.p, id.len / 4, plain))
		return false;
	list = len == UPLOADS_ITEM ? IDS_CHANNEL_LEN : PLAYLIST_ID_MAX;
	if (plain[list] != '.' || !playlist_find(u, (struct slice){plain, list}, p))
		return false;
	if (p->uploads) {
		if (!uploads_position(
		        u, *p, (struct slice){plain + list + 1, IDS_VIDEO_LEN}, position))
			return false;
	} else {
		if (!read_hex(plain + list + 1, position))
			return false;
		*position = universe_unscramble64(u, *position, TWEAK_ITEM + p->number);
	}
	return *position < playlist_items(u, *p);
}

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "channel_text.h"

#include "dice.h"
#include "moment.h"
#include "video.h"

static struct dice dice_of(const struct universe *u, uint64_t index, enum draw what)
{
	return (struct dice){universe_draw(u, index, what)};
}

const struct phrases *channel_text_language(const struct universe *u, uint64_t index)
{
	unsigned at = (unsigned)(universe_draw(u, index, DRAW_LANGUAGE) % phrases_weight);
	size_t i = 0;

	while (i + 1 < phrases_count && at >= phrases_table[i].weight)
		at -= phrases_table[i++].weight;
	return &phrases_table[i];
}

void channel_text_cut(struct out *to, size_t from, size_t max)
{
	size_t seen = 0;

	if (to->failed)
		return;
	for (size_t i = from; i < to->len; i++) {
		if (((unsigned char)to->data[i] & 0xc0) == 0x80)
			continue;
		if (seen++ == max) {
			to->len = i;
			return;
		}
	}
}

static const char *const emoji[] = {
    "😀", "🎸", "🚂", "🌱", "👩‍🔬", "🍲", "❤️", "🇺🇳", "✨", "🧵", "🏔️", "🐈"};
#define EMOJI_COUNT (sizeof emoji / sizeof emoji[0])

static void add_style(struct dice *d, struct out *to)
{
	switch (dice_roll(d, 24)) {
	case 0:
		out_char(to, ' ');
		out_text(to, emoji[dice_roll(d, EMOJI_COUNT)]);
		break;
	case 1:
		out_text(to, " TV");
		break;
	case 2:
		out_text(to, " <3");
		break;
	case 3:
		out_text(to, " \"");
		out_u64(to, 1970 + dice_roll(d, 57));
		out_char(to, '"');
		break;
	case 4:
		out_text(to, " - Official");
		break;
	case 5:
		out_text(to, " | HD & 4K");
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		out_char(to, ' ');
		out_u64(to, dice_roll(d, 10000));
		break;
	case 10:
		out_text(to, " \\o/");
		break;
	default:
		break;
	}
}

void channel_text_title(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to)
{
	struct dice d = dice_of(u, index, DRAW_TITLE), style = dice_of(u, index, DRAW_TITLE_STYLE);
	size_t from = to->len;

	if (dice_roll(&style, 40) == 0) {
		out_text(to, emoji[dice_roll(&style, EMOJI_COUNT)]);
		out_char(to, ' ');
	}
	out_text(to, ph->heads[dice_roll(&d, PHRASES_WORDS)]);
	out_text(to, ph->glue);
	out_text(to, ph->tails[dice_roll(&d, PHRASES_WORDS)]);
	add_style(&style, to);
	if (dice_roll(&style, 200) == 0)
		for (unsigned i = 0; i < 4; i++) {
			out_text(to, " · ");
			out_text(to, ph->sentences[dice_roll(&d, PHRASES_SENTENCES)]);
		}
	channel_text_cut(to, from, CHANNEL_TEXT_TITLE_MAX);
}

/* Where the mentions of a description are noted; n stays when there is no list. */
struct mentions {
	struct channel_mention *list;
	unsigned n;
};

static void note(
    struct mentions *m, enum channel_mention_kind kind, uint64_t channel, uint64_t slot, size_t end)
{
	if (m->list != NULL && m->n < CHANNEL_MENTIONS_MAX)
		m->list[m->n++] = (struct channel_mention){kind, channel, slot, end};
}

static void add_video(const struct universe *u, struct dice *d, uint64_t other, size_t from,
    struct out *to, struct mentions *m)
{
	static const char *const forms[] = {
	    "https://youtu.be/", "https://www.youtube.com/watch?v=", "youtube.com/shorts/"};
	uint64_t slots = video_slots(u, other);
	struct video v = {other, slots > 0 ? dice_roll(d, 1000) % slots : 0};
	char id[IDS_VIDEO_LEN];

	if (slots == 0)
		return;
	video_id(u, v, id);
	out_text(to, forms[dice_roll(d, 3)]);
	out_add(to, id, sizeof id);
	note(m, CHANNEL_MENTION_VIDEO, other, v.slot, to->len - from);
}

static void add_mention(const struct universe *u, struct dice *d, uint64_t index, size_t from,
    struct out *to, struct mentions *m)
{
	uint64_t other = universe_draw(u, index + dice_roll(d, 1000), DRAW_MENTION) %
	                 (universe_channels(u) ? universe_channels(u) : 1);
	unsigned kind = dice_roll(d, 5);
	char id[IDS_CHANNEL_LEN];
	size_t before;

	switch (kind) {
	case 1:
	case 2:
		if (kind == 2)
			out_text(to, "https://www.youtube.com/");
		before = to->len;
		channel_text_handle(u, other, channel_text_language(u, other), to);
		if (to->len > before)
			note(m, kind == 2 ? CHANNEL_MENTION_HANDLE : CHANNEL_MENTION_BARE, other, 0,
			    to->len - from);
		break;
	case 3:
		add_video(u, d, other, from, to, m);
		break;
	default:
		if (kind == 0)
			out_text(to, "https://www.youtube.com/channel/");
		universe_id(u, other, id);
		out_add(to, id, sizeof id);
		note(m, CHANNEL_MENTION_ID, other, 0, to->len - from);
		break;
	}
}

static void add_extra(const struct universe *u, struct dice *d, uint64_t index, size_t from,
    struct out *to, struct mentions *m)
{
	switch (dice_roll(d, 8)) {
	case 0:
		out_text(to, "https://example.org/");
		universe_name_number(u, index, to);
		break;
	case 1:
		universe_name_number(u, index, to);
		out_text(to, "@example.com");
		break;
	case 2:
	case 3:
		add_mention(u, d, index, from, to, m);
		break;
	case 4:
		out_text(to, emoji[dice_roll(d, EMOJI_COUNT)]);
		out_text(to, emoji[dice_roll(d, EMOJI_COUNT)]);
		break;
	case 5:
		out_text(to, "#");
		universe_name_number(u, index, to);
		break;
	case 6:
		out_text(to, "<b>\"100%\"</b> \\ 'ok' & 1 > 0");
		break;
	default:
		out_text(to, "Instagram: instagram.com/example\nX: x.com/example");
		break;
	}
}

/* How many bytes a description should have: none for one in nine, a median near 400, some at the
 * limit. */
static size_t wanted_length(const struct universe *u, uint64_t index)
{
	struct dice d = dice_of(u, index, DRAW_LENGTH);
	unsigned kind = dice_roll(&d, 100);

	if (kind < 11)
		return 0;
	if (kind < 22)
		return 20 + dice_roll(&d, 120);
	if (kind < 78)
		return 150 + dice_roll(&d, 550);
	if (kind < 95)
		return 600 + dice_roll(&d, 500);
	return 4 * CHANNEL_TEXT_DESCRIPTION_MAX;
}

static void add_description(const struct universe *u, uint64_t index, const struct phrases *ph,
    struct out *to, struct mentions *m)
{
	struct dice d = dice_of(u, index, DRAW_TEXT);
	size_t from = to->len, wanted = wanted_length(u, index);

	while (!to->failed && to->len - from < wanted) {
		if (to->len > from)
			out_text(to, dice_roll(&d, 4) == 0   ? "\n\n"
			             : dice_roll(&d, 5) == 0 ? "\n"
			                                     : " ");
		if (to->len > from && dice_roll(&d, 6) == 0)
			add_extra(u, &d, index, from, to, m);
		else
			out_text(to, ph->sentences[dice_roll(&d, PHRASES_SENTENCES)]);
	}
	channel_text_cut(to, from, CHANNEL_TEXT_DESCRIPTION_MAX);
}

void channel_text_description(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to)
{
	struct mentions none = {NULL, 0};

	add_description(u, index, ph, to, &none);
}

unsigned channel_text_mentions(const struct universe *u, uint64_t index, struct channel_mention *to)
{
	struct mentions m = {to, 0};
	struct out text;
	unsigned kept = 0;

	out_init(&text, 1 << 16);
	add_description(u, index, channel_text_language(u, index), &text, &m);
	for (unsigned i = 0; i < m.n; i++)
		if (to[i].end <= text.len)
			to[kept++] = to[i];
	out_done(&text);
	return kept;
}

void channel_text_keywords(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to)
{
	struct dice d = dice_of(u, index, DRAW_KEYWORDS);
	unsigned n = dice_roll(&d, 9);

	for (unsigned i = 0; i < n; i++) {
		bool phrase = dice_roll(&d, 3) == 0;

		if (i > 0)
			out_char(to, ' ');
		if (phrase) {
			out_char(to, '"');
			out_text(to, ph->heads[dice_roll(&d, PHRASES_WORDS)]);
			out_char(to, ' ');
		}
		out_text(to, ph->tails[dice_roll(&d, PHRASES_WORDS)]);
		if (phrase)
			out_char(to, '"');
	}
}

void channel_text_handle(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to)
{
	static const char *const words[] = {"luna", "rocket", "bread", "fjord", "pixel", "otter",
	    "violin", "maple", "cobalt", "tundra", "mango", "sprocket", "nimbus", "kettle",
	    "lantern", "zebra"};
	static const char *const marks[] = {"-", "_", ".", ""};
	static const char *const native[][2] = {
	    {"ja", "チャンネル"}, {"ru", "канал"}, {"ko", "채널"}, {"hi", "चैनल"}, {"ar", "قناة"}};
	struct dice d = dice_of(u, index, DRAW_HANDLE);
	const char *word = words[dice_roll(&d, sizeof words / sizeof words[0])];

	if (dice_roll(&d, 100) < 8)
		return;
	for (size_t i = 0; i < sizeof native / sizeof native[0]; i++)
		if (strcmp(native[i][0], ph->lang) == 0 && dice_roll(&d, 4) == 0)
			word = native[i][1];
	out_char(to, '@');
	out_text(to, word);
	out_text(to, marks[dice_roll(&d, 4)]);
	universe_name_number(u, index, to);
}

void channel_text_username(const struct universe *u, uint64_t index, struct out *to)
{
	if (universe_draw(u, index, DRAW_USERNAME) % 8 != 0)
		return;
	out_text(to, "user");
	universe_name_number(u, index, to);
}

/* The days run from 24 April 2005 to the spring of 2026. */
static uint64_t birthday(uint64_t h)
{
	return 113 + h % 7690;
}

int64_t channel_text_birth(const struct universe *u, uint64_t index)
{
	uint64_t h = universe_draw(u, index, DRAW_PUBLISHED);

	return MOMENT_2005 + (int64_t)(birthday(h) * 86400 + (h >> 16 & 15) * 3600 +
	                               (h >> 20) % 60 * 60 + (h >> 26) % 60);
}

/* 0, 3, 4 or 6 digits of a second, as all four are seen in replies. */
void channel_text_published(const struct universe *u, uint64_t index, struct out *to)
{
	static const unsigned digits[] = {0, 0, 0, 6, 6, 6, 3, 4};
	uint64_t h = universe_draw(u, index, DRAW_PUBLISHED), fraction = h >> 35;
	unsigned n = digits[h >> 32 & 7];

	moment_write(to, channel_text_birth(u, index), n,
	    n == 6   ? fraction % 1000000
	    : n == 4 ? fraction % 10000
	             : 0);
}

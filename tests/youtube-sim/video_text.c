#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "video_text.h"

#include "channel_text.h"
#include "dice.h"

static struct dice dice_of(const struct universe *u, struct video v, enum video_draw what)
{
	return (struct dice){video_draw(u, v, what)};
}

static void add_words(struct dice *d, const struct phrases *ph, struct out *to)
{
	out_text(to, ph->heads[dice_roll(d, PHRASES_WORDS)]);
	out_text(to, ph->glue);
	out_text(to, ph->tails[dice_roll(d, PHRASES_WORDS)]);
}

void video_text_title(
    const struct universe *u, struct video v, const struct phrases *ph, struct out *to)
{
	static const char *const marks[] = {" (Official Video)", " | Q&A", " \"live\"",
	    " - don't miss it", " 🎬", " ✨ 4K", " #shorts"};
	struct dice d = dice_of(u, v, VIDEO_DRAW_TITLE);
	size_t from = to->len;

	if (dice_roll(&d, 3) == 0)
		out_text(to, ph->sentences[dice_roll(&d, PHRASES_SENTENCES)]);
	else
		add_words(&d, ph, to);
	if (dice_roll(&d, 2) == 0) {
		out_text(to, " #");
		out_u64(to, v.slot + 1);
	}
	if (dice_roll(&d, 3) == 0)
		out_text(to, marks[dice_roll(&d, sizeof marks / sizeof marks[0])]);
	channel_text_cut(to, from, VIDEO_TEXT_TITLE_MAX);
}

void video_text_description(
    const struct universe *u, struct video v, const struct phrases *ph, struct out *to)
{
	struct dice d = dice_of(u, v, VIDEO_DRAW_TEXT);
	unsigned kind = dice_roll(&d, 200);
	unsigned n = kind < 40 ? 0 : kind == 199 ? 60 : 1 + dice_roll(&d, 9);
	char id[IDS_CHANNEL_LEN];

	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			out_text(to, dice_roll(&d, 3) == 0 ? "\n\n" : " ");
		out_text(to, ph->sentences[dice_roll(&d, PHRASES_SENTENCES)]);
	}
	if (n > 0 && dice_roll(&d, 6) == 0) {
		universe_id(u, video_draw(u, v, VIDEO_DRAW_TEXT) % universe_channels(u), id);
		out_text(to, "\n\nhttps://www.youtube.com/channel/");
		out_add(to, id, sizeof id);
	}
}

unsigned video_text_tags(const struct universe *u, struct video v)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_TAGS);

	return h % 100 < 13 ? 0 : 1 + (unsigned)(h >> 8) % 14;
}

void video_text_tag(
    const struct universe *u, struct video v, const struct phrases *ph, unsigned i, struct out *to)
{
	struct dice d = dice_of(u, v, VIDEO_DRAW_TAGS);

	d.state += i * 0x51ed270b8f0c2d45u;
	if (dice_roll(&d, 3) == 0)
		add_words(&d, ph, to);
	else
		out_text(to, dice_roll(&d, 2) == 0 ? ph->heads[dice_roll(&d, PHRASES_WORDS)]
		                                   : ph->tails[dice_roll(&d, PHRASES_WORDS)]);
}

void video_text_comment(uint64_t h, const struct phrases *ph, struct out *to)
{
	static const char *const short_ones[] = {
	    "first!", "<3 <3 & \"thanks\"", "😀😀😀", "it's great\nreally", "1:23 wow"};
	struct dice d = {h};

	if (dice_roll(&d, 3) == 0) {
		out_text(to, short_ones[dice_roll(&d, sizeof short_ones / sizeof short_ones[0])]);
		return;
	}
	out_text(to, ph->sentences[dice_roll(&d, PHRASES_SENTENCES)]);
	if (dice_roll(&d, 4) == 0) {
		out_char(to, '\n');
		out_text(to, ph->sentences[dice_roll(&d, PHRASES_SENTENCES)]);
	}
}

void video_text_html(struct out *to, struct slice plain)
{
	static const char from[] = "&<>\"'\n";
	static const char *const forms[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "<br>"};

	for (size_t i = 0; i < plain.len; i++) {
		const char *hit = plain.p[i] != '\0' ? strchr(from, plain.p[i]) : NULL;

		if (hit != NULL)
			out_text(to, forms[hit - from]);
		else
			out_char(to, plain.p[i]);
	}
}

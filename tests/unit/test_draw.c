/* Text in fields, bars and graphs, formats of numbers and times, themes. */
#include "config.h"
#include "engine/base/clock.h"
#include "tui/draw.h"
#include "tui/format.h"
#include "tui/theme.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

enum { FIELD_X = 3, SURFACE_W = 32 };

struct picture {
	struct surface s;
	struct glyphs g;
	struct pane p;
};

static void picture_init(struct picture *pic, bool utf8)
{
	assert_true(surface_init(&pic->s, SURFACE_W, 3));
	glyphs_init(&pic->g, utf8);
	pic->p = pane_whole(&pic->s, &pic->g);
	for (int x = 0; x < SURFACE_W; x++)
		surface_put(&pic->s, 1, x, "x", 1, ROLE_NORMAL);
}

/* Line 1 of the picture; every cell must add up to the width. */
static void assert_line(const struct picture *pic, const char *want)
{
	char *text = surface_text(&pic->s);
	char *line = strchr(text, '\n') + 1;
	int columns = 0;

	*strchr(line, '\n') = 0;
	assert_string_equal(line, want);
	for (int x = 0; x < SURFACE_W; x++)
		columns += surface_cell(&pic->s, 1, x)->width;
	assert_int_equal(columns, SURFACE_W);
	free(text);
}

/* Draws text into a field of width columns; the line must be want and the field's x around it. */
static void assert_field(
    bool utf8, int width, enum align align, const char *text, const char *field)
{
	struct picture pic;
	char want[512] = "xxx";

	picture_init(&pic, utf8);
	draw_text(&pic.p, 1, FIELD_X, width, align, ROLE_OK, text);
	strncat(want, field, sizeof want - strlen(want) - 1);
	for (int x = FIELD_X + width; x < SURFACE_W; x++)
		strncat(want, "x", sizeof want - strlen(want) - 1);
	assert_line(&pic, want);
	surface_done(&pic.s);
}

static void test_text_ascii(void **state)
{
	(void)state;
	assert_field(true, 5, ALIGN_LEFT, "abc", "abc  ");
	assert_field(true, 5, ALIGN_RIGHT, "abc", "  abc");
	assert_field(true, 5, ALIGN_CENTRE, "abc", " abc ");
	assert_field(true, 3, ALIGN_LEFT, "abc", "abc");
	assert_field(true, 3, ALIGN_RIGHT, "abcd", "ab~");
	assert_field(true, 1, ALIGN_LEFT, "abcd", "~");
	assert_field(true, 1, ALIGN_LEFT, "a", "a");
	assert_field(true, 0, ALIGN_LEFT, "abcd", "");
	assert_field(true, 4, ALIGN_LEFT, "", "    ");
}

static void test_text_wide(void **state)
{
	(void)state;
	assert_field(true, 6, ALIGN_LEFT, "日本語", "日本語");
	assert_field(true, 7, ALIGN_RIGHT, "日本語", " 日本語");
	assert_field(true, 5, ALIGN_LEFT, "日本語", "日本~");
	assert_field(true, 4, ALIGN_LEFT, "日本語", "日 ~");
	assert_field(true, 2, ALIGN_LEFT, "日本語", " ~");
	assert_field(true, 1, ALIGN_LEFT, "日", "~");
	assert_field(true, 2, ALIGN_LEFT, "日", "日");
	assert_field(false, 5, ALIGN_LEFT, "日本語", "???  ");
}

static void test_text_combining(void **state)
{
	(void)state;
	assert_field(true, 3, ALIGN_LEFT, "e\u0301e", "e\u0301e ");
	assert_field(true, 1, ALIGN_LEFT, "e\u0301", "e\u0301");
	assert_field(true, 2, ALIGN_LEFT, "e\u0301abc", "e\u0301~");
	/* a cell holds four marks, and a mark without a letter stands on nothing */
	assert_field(true, 2, ALIGN_LEFT, "a\u0300\u0301\u0302\u0303\u0304\u0305b",
	    "a\u0300\u0301\u0302\u0303b");
	assert_field(true, 2, ALIGN_LEFT, "\u0301a", "?a");
	/* joiners and variation selectors are left out: terminals disagree about them */
	assert_field(true, 4, ALIGN_LEFT, "👩\u200d💻", "👩💻");
	assert_field(true, 3, ALIGN_LEFT, "a\ufe0f\u200bb", "ab ");
}

static void test_text_hostile(void **state)
{
	(void)state;
	assert_field(true, 8, ALIGN_LEFT, "\033[2Jab", "?[2Jab  ");
	assert_field(true, 6, ALIGN_LEFT,
	    "\xc2\x9b"
	    "31m",
	    "?31m  ");
	assert_field(true, 6, ALIGN_LEFT, "a\u202eb\u2066c\u200f", "a?b?c?");
	assert_field(true, 4, ALIGN_LEFT, "\xff\xc3z", "??z ");
	assert_field(true, 4, ALIGN_LEFT, "\xf0\x9f\x98", "??? ");
	assert_field(true, 5, ALIGN_LEFT, "a\tb\nc", "a b c");
	assert_field(true, 3, ALIGN_LEFT, "\x7f\x01\r", "???");
	assert_field(false, 4, ALIGN_LEFT, "\u00e9\u2588", "??  ");
}

/* Whatever the text and the width: the field is filled exactly and nothing around it is touched. */
static void test_text_every_width(void **state)
{
	static const char *const texts[] = {"", "plain", "日本語日本語日本語日本語", "a日b本c語d",
	    "e\u0301\u0302日\u0301x", "\u0301\u0301", "\033]0;title\007\u202e\u2066",
	    "\xff\xfe\xc0\xaf", "👩\u200d👩\u200d👧 🇩🇪 ok", "\u061c\u200e\u0600", "\xed\xa0\x80 end"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		for (int width = 0; width <= 20; width++)
			for (int utf8 = 0; utf8 < 2; utf8++) {
				struct picture pic;
				int columns = 0, used;
				picture_init(&pic, utf8);
				used = draw_text(
				    &pic.p, 1, FIELD_X, width, ALIGN_LEFT, ROLE_OK, texts[i]);
				assert_true(used >= 0 && used <= width);
				for (int x = 0; x < SURFACE_W; x++) {
					const struct cell *c = surface_cell(&pic.s, 1, x);
					bool outside = x < FIELD_X || x >= FIELD_X + width;
					columns += c->width;
					if (outside)
						assert_string_equal(c->text, "x");
					assert_null(strpbrk(c->text, "\033\007\n"));
				}
				assert_int_equal(columns, SURFACE_W);
				surface_done(&pic.s);
			}
}

static void test_overwriting_wide(void **state)
{
	struct picture pic;

	(void)state;
	picture_init(&pic, true);
	draw_text(&pic.p, 1, 0, 6, ALIGN_LEFT, ROLE_OK, "日本語");
	draw_text(&pic.p, 1, 3, 1, ALIGN_LEFT, ROLE_OK, "a"); /* right half of the second */
	draw_text(&pic.p, 1, 4, 1, ALIGN_LEFT, ROLE_OK, "b"); /* left half of the third */
	assert_line(&pic, "日 ab xxxxxxxxxxxxxxxxxxxxxxxxxx");
	surface_put(&pic.s, 1, SURFACE_W - 1, "日", 2, ROLE_OK); /* has no room: ignored */
	assert_line(&pic, "日 ab xxxxxxxxxxxxxxxxxxxxxxxxxx");
	surface_done(&pic.s);
}

static void test_pane_clips(void **state)
{
	struct picture pic;
	struct pane part;

	(void)state;
	picture_init(&pic, true);
	part = pane_part(&pic.p, (struct rect){1, 30, 1, 10});
	assert_int_equal(part.at.w, 2);
	draw_text(&part, 0, 0, 10, ALIGN_LEFT, ROLE_OK, "abcdef");
	assert_line(&pic, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxa~");
	assert_int_equal(draw_text(&part, 1, 0, 2, ALIGN_LEFT, ROLE_OK, "zz"), 0);
	assert_int_equal(draw_text(&part, 0, -1, 2, ALIGN_LEFT, ROLE_OK, "zz"), 0);
	draw_bar(&part, 0, 1, 50, ROLE_OK, 1);
	assert_line(&pic, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxa█");
	surface_done(&pic.s);
}

static void assert_bar(bool utf8, double fraction, const char *bar)
{
	struct picture pic;
	char want[256] = "";

	picture_init(&pic, utf8);
	draw_bar(&pic.p, 1, 0, 4, ROLE_OK, fraction);
	strncat(want, bar, sizeof want - 1);
	strncat(want, "xxxxxxxxxxxxxxxxxxxxxxxxxxxx", sizeof want - strlen(want) - 1);
	assert_line(&pic, want);
	surface_done(&pic.s);
}

static void test_bars(void **state)
{
	(void)state;
	assert_bar(true, 0, "░░░░");
	assert_bar(true, 1, "████");
	assert_bar(true, 7, "████");
	assert_bar(true, -1, "░░░░");
	assert_bar(true, 0.5, "██░░");
	assert_bar(true, 0.53125, "██▏░");
	assert_bar(true, 0.999, "███▉");
	assert_bar(false, 0.5, "##..");
	assert_bar(false, 0.625, "###.");
	assert_bar(true, (double)NAN, "░░░░");
}

static void test_spark(void **state)
{
	static const double values[] = {0, 1, 4, 8, 0.01, 8, 8, 8};
	struct picture pic;

	(void)state;
	picture_init(&pic, true);
	draw_spark(&pic.p, 1, 0, 8, ROLE_OK, values, 8);
	assert_line(&pic, " ▁▄█▁███xxxxxxxxxxxxxxxxxxxxxxxx");
	draw_spark(&pic.p, 1, 0, 4, ROLE_OK, values, 8); /* pairs: 0.5, 6, 4.005, 8 */
	assert_line(&pic, "▁▆▄█▁███xxxxxxxxxxxxxxxxxxxxxxxx");
	draw_spark(&pic.p, 1, 0, 8, ROLE_OK, values, 0);
	assert_line(&pic, "        xxxxxxxxxxxxxxxxxxxxxxxx");
	surface_done(&pic.s);
	picture_init(&pic, false);
	draw_spark(&pic.p, 1, 0, 8, ROLE_OK, values, 8);
	assert_line(&pic, " .:|.|||xxxxxxxxxxxxxxxxxxxxxxxx");
	surface_done(&pic.s);
}

static void test_rule_and_hints(void **state)
{
	struct picture pic;

	(void)state;
	picture_init(&pic, true);
	draw_rule(&pic.p, 1, "Jobs", "3 of 4");
	assert_line(&pic, "─ Jobs ──────────────── 3 of 4 ─");
	draw_rule(&pic.p, 1, "a title that leaves no room", "3 of 4");
	assert_line(&pic, "─ a title that leaves no room ──");
	draw_rule(&pic.p, 1, "a title that is longer than the line", NULL);
	assert_line(&pic, "─ a title that is longer tha~ ──");
	draw_hints(&pic.p, 1, "n new job  i import  ? help  q leave");
	assert_line(&pic, " n new job  i import  ? help    ");
	assert_int_equal(surface_cell(&pic.s, 1, 1)->role, ROLE_KEY);
	assert_int_equal(surface_cell(&pic.s, 1, 3)->role, ROLE_NORMAL);
	surface_done(&pic.s);
}

static void test_select(void **state)
{
	struct picture pic;

	(void)state;
	picture_init(&pic, true);
	draw_select(&pic.p, 1);
	assert_true(surface_cell(&pic.s, 1, 0)->selected);
	assert_true(surface_cell(&pic.s, 1, SURFACE_W - 1)->selected);
	assert_false(surface_cell(&pic.s, 0, 0)->selected);
	assert_int_equal(pic.s.cursor_y, 1);
	surface_done(&pic.s);
}

static void test_counts(void **state)
{
	char b[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_count(b, 0), "0");
	assert_string_equal(format_count(b, 9999), "9,999");
	assert_string_equal(format_count(b, 10000), "10.0k");
	assert_string_equal(format_count(b, 12499), "12.4k");
	assert_string_equal(format_count(b, 311999), "311k");
	assert_string_equal(format_count(b, 999999), "999k");
	assert_string_equal(format_count(b, 1200000), "1.20M");
	assert_string_equal(format_count(b, 15000000), "15.00M");
	assert_string_equal(format_count(b, 123456789), "123.4M");
	assert_string_equal(format_count(b, INT64_MAX), "9223372036G");
	assert_string_equal(format_count(b, -1), "-");
	assert_string_equal(format_full(b, 62843), "62,843");
	assert_string_equal(format_full(b, 999), "999");
	assert_string_equal(format_full(b, INT64_MAX), "9,223,372,036,854,775,807");
	assert_string_equal(format_percent(b, 1, 3), "33.3");
	assert_string_equal(format_percent(b, 999999, 1000000), "99.9");
	assert_string_equal(format_percent(b, 3, 3), "100");
	assert_string_equal(format_percent(b, 0, 0), "-");
	assert_string_equal(format_percent(b, 5, -1), "-");
	assert_string_equal(format_bytes(b, 999), "999 B");
	assert_string_equal(format_bytes(b, 3100000), "3.1 MB");
	assert_string_equal(format_bytes(b, INT64_C(2400000000)), "2.4 GB");
}

static void test_rates(void **state)
{
	char b[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_rate(b, 39.5), "39.5/s");
	assert_string_equal(format_rate(b, 0.21), "12.6/m");
	assert_string_equal(format_rate(b, 0.001), "3.6/h");
	assert_string_equal(format_rate(b, 91000), "91.0k/s");
	assert_string_equal(format_rate(b, 0), "-");
	assert_string_equal(format_rate(b, (double)NAN), "-");
}

static void test_times(void **state)
{
	const int64_t now = INT64_C(1795373232); /* Sun 2026-11-22 18:47:12 UTC */
	char b[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_days(b, 3 * 86400 + 30000), "3.3");
	assert_string_equal(format_days(b, 291 * 86400), "291.0");
	assert_string_equal(format_days(b, 1311 * INT64_C(86400) + 5000), "1,311");
	assert_string_equal(format_days(b, -5), "0.0");
	assert_string_equal(format_each(b, 0.0204), ".0204");
	assert_string_equal(format_each(b, 1.52), "1.52");
	assert_string_equal(format_each(b, 0), "-");
	assert_string_equal(format_each(b, 0.99999), "1.0000");
	assert_string_equal(format_duration(b, 48), "48s");
	assert_string_equal(format_duration(b, 12 * 60 + 59), "12m");
	assert_string_equal(format_duration(b, 5 * 3600 + 54 * 60), "5h54m");
	assert_string_equal(format_duration(b, 47 * 3600), "47h00m");
	assert_string_equal(format_duration(b, 1971000), "22.8 d");
	assert_string_equal(format_duration(b, -5), "0s");
	assert_string_equal(format_countdown(b, 47568), "13:12:48");
	assert_string_equal(format_countdown(b, -1), "00:00:00");
	assert_string_equal(format_clock(b, now), "18:47:12Z");
	assert_string_equal(format_weekday(now), "Sun");
	assert_string_equal(format_when(b, now + 60, now), "18:48Z");
	assert_string_equal(format_when(b, now - 3600, now), "17:47Z");
	assert_string_equal(format_when(b, now + 8 * 3600, now), "02:47Z");
	assert_string_equal(format_when(b, now + 30 * 3600, now), "Tue 00:47Z");
	assert_string_equal(format_when(b, now - 30 * 3600, now), "Sat 12:47Z");
	assert_string_equal(format_when(b, INT64_C(1820448000), now), "09 Sep 2027");
	assert_string_equal(format_when(b, 0, now), "-");
}

static void test_themes(void **state)
{
	struct theme_style s = theme_style(ROLE_ERROR, 256, THEME_AUTO, false);

	(void)state;
	assert_int_equal(s.colour, 166);
	s = theme_style(ROLE_ERROR, 256, THEME_AUTO, true);
	assert_int_equal(s.colour, 130);
	s = theme_style(ROLE_ERROR, 8, THEME_AUTO, false);
	assert_int_equal(s.colour, 1);
	for (int role = 0; role < ROLE_COUNT; role++) {
		s = theme_style((enum role)role, 0, THEME_AUTO, false);
		assert_int_equal(s.colour, THEME_DEFAULT);
		s = theme_style((enum role)role, 8, THEME_AUTO, false);
		assert_true(s.colour < 8);
	}
	assert_true(theme_style(ROLE_ERROR, 0, THEME_AUTO, false).reverse);
	assert_int_equal(theme_find("no such theme"), THEME_AUTO);
	assert_int_equal(theme_find(NULL), THEME_AUTO);
	for (int i = 0; theme_name(i); i++) {
		assert_int_equal(theme_find(theme_name(i)), i);
		assert_int_equal(theme_style(ROLE_OK, 0, i, false).colour, THEME_DEFAULT);
	}
	assert_int_equal(
	    theme_style(ROLE_ERROR, 256, theme_find("mono"), false).colour, THEME_DEFAULT);
	assert_true(theme_is_light("0;15"));
	assert_false(theme_is_light("15;0"));
	assert_false(theme_is_light("15;default;0"));
	assert_false(theme_is_light(NULL));
	assert_false(theme_is_light("x"));
}

static void test_glyphs(void **state)
{
	struct glyphs g;
	char out[4];

	(void)state;
	glyphs_init(&g, true);
	assert_string_equal(g.sign[GLYPH_BAR_FULL], "█");
	glyphs_init(&g, false);
	for (int i = 0; i < GLYPH_COUNT; i++) {
		assert_int_equal(strlen(g.sign[i]), 1);
		assert_true(g.sign[i][0] > 0x20 && g.sign[i][0] < 0x7f);
	}
	assert_int_equal(glyph_encode(0x65e5, out), 3);
	assert_memory_equal(out, "日", 3);
	assert_int_equal(glyph_encode(0x1f600, out), 4);
	assert_memory_equal(out, "😀", 4);
	assert_int_equal(glyph_encode(0xd800, out), 0);
	assert_int_equal(glyph_encode(0x110000, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_ascii),
	    cmocka_unit_test(test_text_wide),
	    cmocka_unit_test(test_text_combining),
	    cmocka_unit_test(test_text_hostile),
	    cmocka_unit_test(test_text_every_width),
	    cmocka_unit_test(test_overwriting_wide),
	    cmocka_unit_test(test_pane_clips),
	    cmocka_unit_test(test_bars),
	    cmocka_unit_test(test_spark),
	    cmocka_unit_test(test_rule_and_hints),
	    cmocka_unit_test(test_select),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_rates),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_themes),
	    cmocka_unit_test(test_glyphs),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77; /* this system has no UTF-8 locale: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

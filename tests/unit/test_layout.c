/* The layout at every size: inside the screen, no overlap, the main pane visible. */
#include "config.h"
#include "tui/layout.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static bool is_empty(struct rect r)
{
	return r.h <= 0 || r.w <= 0;
}

static bool is_inside(struct rect r, struct rect frame)
{
	return is_empty(r) || (r.y >= frame.y && r.x >= frame.x && r.y + r.h <= frame.y + frame.h &&
	                          r.x + r.w <= frame.x + frame.w);
}

static bool is_apart(struct rect a, struct rect b)
{
	return is_empty(a) || is_empty(b) || a.y + a.h <= b.y || b.y + b.h <= a.y ||
	       a.x + a.w <= b.x || b.x + b.w <= a.x;
}

static void check_frame(const struct layout *l, int w, int h)
{
	struct rect screen = {0, 0, h, w};
	struct rect parts[] = {l->header, l->tabs, l->banner, l->view, l->hints, l->message};
	size_t n = l->message_shared ? 5 : 6;

	for (size_t i = 0; i < 6; i++)
		assert_true(is_inside(parts[i], screen));
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			assert_true(is_apart(parts[i], parts[k]));
	assert_true(l->view.h >= 1 && l->view.w >= 1);
}

static void check_dash(const struct layout *l, const struct dash_want *want)
{
	struct rect view = {0, 0, l->view.h, l->view.w};
	struct rect panes[DASH_PANES];

	layout_dash(l, want, panes);
	for (int i = 0; i < DASH_PANES; i++) {
		assert_true(is_inside(panes[i], view));
		for (int k = i + 1; k < DASH_PANES; k++)
			assert_true(is_apart(panes[i], panes[k]));
	}
	if (l->profile >= PROFILE_SHORT)
		assert_true(panes[DASH_JOBS].h >= 3 && panes[DASH_JOBS].w >= 60 * 5 / 8);
	else
		assert_true(is_empty(panes[DASH_JOBS]));
	if (want->notices && l->profile >= PROFILE_SHORT)
		assert_true(panes[DASH_NOTICES].h >= 1);
}

static void test_every_size(void **state)
{
	static const struct dash_want wants[] = {
	    {0, 2, 1, 0}, {1, 5, 3, 1}, {3, 5, 3, 5}, {12, 4, 3, 64}, {0, 5, 4, 64}, {24, 2, 1, 0}};
	struct layout l;

	(void)state;
	for (int w = 1; w <= 300; w++)
		for (int h = 1; h <= 100; h++) {
			struct frame_want want = {(w + h) % 2, (w + h) % 7 == 0, 0};
			layout_frame(&l, w, h, want);
			check_frame(&l, w, h);
			for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++)
				check_dash(&l, &wants[i]);
			want.banner = 4;
			layout_frame(&l, w, h, want);
			check_frame(&l, w, h);
			if (l.profile >= PROFILE_SHORT)
				assert_int_equal(l.banner.h, 4);
		}
}

static enum profile profile_of(int w, int h)
{
	struct layout l;

	layout_frame(&l, w, h, (struct frame_want){false, false, 0});
	return l.profile;
}

static void test_profiles(void **state)
{
	(void)state;
	assert_int_equal(profile_of(1, 1), PROFILE_NONE);
	assert_int_equal(profile_of(19, 50), PROFILE_NONE);
	assert_int_equal(profile_of(20, 4), PROFILE_SMALL);
	assert_int_equal(profile_of(300, 15), PROFILE_SMALL);
	assert_int_equal(profile_of(60, 16), PROFILE_SHORT);
	assert_int_equal(profile_of(79, 100), PROFILE_SHORT);
	assert_int_equal(profile_of(80, 24), PROFILE_NARROW);
	assert_int_equal(profile_of(119, 60), PROFILE_NARROW);
	assert_int_equal(profile_of(120, 29), PROFILE_NARROW);
	assert_int_equal(profile_of(120, 30), PROFILE_WIDE);
}

static void test_standard_size(void **state)
{
	struct dash_want want = {5, 5, 3, 13};
	struct rect panes[DASH_PANES];
	struct layout l;
	int lines = 0;

	(void)state;
	layout_frame(&l, 80, 24, (struct frame_want){true, false, 0});
	assert_int_equal(l.view.h, 20);
	assert_int_equal(l.message.y, 22);
	assert_false(l.message_shared);
	layout_frame(&l, 80, 24, (struct frame_want){false, true, 0});
	assert_int_equal(l.view.y, 0);
	assert_int_equal(l.view.h, 24);
	layout_frame(&l, 80, 24, (struct frame_want){false, false, 0});
	assert_true(l.message_shared);
	assert_int_equal(l.header.y, 0);
	assert_int_equal(l.tabs.y, 1);
	assert_int_equal(l.view.y, 2);
	assert_int_equal(l.view.h, 21);
	assert_int_equal(l.message.y, 22);
	assert_int_equal(l.hints.y, 23);
	layout_dash(&l, &want, panes);
	for (int i = 0; i < DASH_PANES; i++)
		lines += panes[i].h;
	assert_int_equal(lines, 21);
	assert_int_equal(panes[DASH_STAGES].h, 6);
	assert_int_equal(panes[DASH_QUOTA].h, 4);
	assert_int_equal(panes[DASH_HISTORY].h, 4);
	assert_int_equal(panes[DASH_NOTICES].h, 4);
	assert_int_equal(panes[DASH_JOBS].h, 3);
}

static void test_share(void **state)
{
	struct layout_part parts[] = {{2, 4, 0, 0}, {2, 9, 1, 0}, {3, 3, 2, 0}};

	(void)state;
	layout_share(parts, 3, 3, 0);
	assert_int_equal(parts[0].got, 3);
	assert_int_equal(parts[1].got, 0);
	assert_int_equal(parts[2].got, 0);
	layout_share(parts, 3, 8, 0);
	assert_int_equal(parts[0].got, 3);
	assert_int_equal(parts[1].got, 2);
	assert_int_equal(parts[2].got, 3);
	layout_share(parts, 3, 30, 1);
	assert_int_equal(parts[0].got, 4);
	assert_int_equal(parts[1].got, 23);
	layout_share(parts, 3, 1, 0);
	assert_int_equal(parts[0].got + parts[1].got + parts[2].got, 0);
}

static void test_rects(void **state)
{
	struct rect r = rect_clip((struct rect){-2, -3, 10, 10}, (struct rect){0, 0, 5, 4});

	(void)state;
	assert_int_equal(r.y, 0);
	assert_int_equal(r.x, 0);
	assert_int_equal(r.h, 5);
	assert_int_equal(r.w, 4);
	r = rect_clip((struct rect){9, 9, 3, 3}, (struct rect){0, 0, 5, 4});
	assert_true(is_empty(r));
	r = rect_middle((struct rect){0, 0, 24, 80}, 10, 76);
	assert_int_equal(r.y, 7);
	assert_int_equal(r.x, 2);
	r = rect_middle((struct rect){0, 0, 4, 20}, 10, 76);
	assert_int_equal(r.h, 4);
	assert_int_equal(r.w, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_size),
	    cmocka_unit_test(test_profiles),
	    cmocka_unit_test(test_standard_size),
	    cmocka_unit_test(test_share),
	    cmocka_unit_test(test_rects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

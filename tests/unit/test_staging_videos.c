/* staging: videos, their counts, absences, walks along uploads, what is due, what it will cost. */
#include "config.h"
#include "db/staging_feeds.h"
#include "db/staging_videos.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

static const char *const tags[] = {"plain", "quote \" back \\", "\xC3\xA9", ""};

static struct video_row full_video(uint32_t channel, int64_t vid, int64_t at)
{
	return (struct video_row){.vid = vid,
	    .channel = seed_cid(channel),
	    .title = "Title",
	    .description = "About\nit",
	    .duration = "PT4M13S",
	    .thumbnail_url = "https://t",
	    .live_state = "none",
	    .default_language = "pt",
	    .audio_language = "pt-BR",
	    .privacy_status = "public",
	    .published_at = -5,
	    .duration_s = 253,
	    .category = 10,
	    .view_count = INT64_C(30000000000),
	    .like_count = 0,
	    .comment_count = COUNT_NONE,
	    .made_for_kids = 1,
	    .tags = {tags, 4},
	    .language = "pt",
	    .language_source = "youtube",
	    .language_confidence = 100,
	    .fetched_at = at,
	    .counted_at = at};
}

static struct video_row bare_video(uint32_t channel, int64_t vid, int64_t at)
{
	return (struct video_row){.vid = vid,
	    .channel = seed_cid(channel),
	    .published_at = INT64_MIN,
	    .duration_s = VIDEO_UNKNOWN,
	    .category = VIDEO_UNKNOWN,
	    .view_count = COUNT_NONE,
	    .like_count = COUNT_NONE,
	    .comment_count = COUNT_NONE,
	    .made_for_kids = -1,
	    .tags = {NULL, -1},
	    .fetched_at = at,
	    .counted_at = at};
}

static bool put(struct staging *s, const struct video_row *v)
{
	struct errbuf eb = {0};
	bool added = false;

	if (staging_video_put(s, v, &added, &eb))
		fail_msg("%s", eb.text);
	return added;
}

/* What a walk saw; the first row is kept value by value. */
struct seen {
	int n;
	int64_t vids[64];
	uint32_t channels[64];
	struct video_row first;
	int tags;
	char title[32];
	int most; /* 0: any */
};

static enum err see(void *arg, const struct video_row *v, struct errbuf *eb)
{
	struct seen *s = arg;

	(void)eb;
	assert_true(s->n < 64);
	if (!s->n) {
		s->first = *v;
		s->tags = v->tags.n;
		snprintf(s->title, sizeof s->title, "%s", v->title ? v->title : "(null)");
	}
	s->vids[s->n] = v->vid;
	s->channels[s->n++] = seed_number(&v->channel);
	return s->most && s->n == s->most ? ERR_CANCELLED : ERR_OK;
}

static struct seen look(struct staging *s, uint32_t channel)
{
	struct cid cid = seed_cid(channel);
	struct seen seen = {0};
	struct errbuf eb = {0};

	if (staging_videos_of(s, &cid, NULL, 0, see, &seen, &eb))
		fail_msg("%s", eb.text);
	return seen;
}

static enum err check_full(void *arg, const struct video_row *v, struct errbuf *eb)
{
	const struct video_row w = full_video(1, 7, 1000);

	(void)eb;
	++*(int *)arg;
	assert_memory_equal(&v->channel, &w.channel, sizeof w.channel);
	assert_int_equal(v->vid, 7);
	assert_string_equal(v->title, w.title);
	assert_string_equal(v->description, w.description);
	assert_string_equal(v->duration, w.duration);
	assert_string_equal(v->thumbnail_url, w.thumbnail_url);
	assert_string_equal(v->live_state, w.live_state);
	assert_string_equal(v->default_language, w.default_language);
	assert_string_equal(v->audio_language, w.audio_language);
	assert_string_equal(v->privacy_status, w.privacy_status);
	assert_string_equal(v->language, "pt");
	assert_string_equal(v->language_source, "youtube");
	assert_int_equal(v->language_confidence, 100);
	assert_int_equal(v->published_at, -5);
	assert_int_equal(v->duration_s, 253);
	assert_int_equal(v->category, 10);
	assert_int_equal(v->view_count, w.view_count);
	assert_int_equal(v->like_count, 0);
	assert_int_equal(v->comment_count, COUNT_NONE);
	assert_int_equal(v->made_for_kids, 1);
	assert_int_equal(v->fetched_at, 1000);
	assert_int_equal(v->counted_at, 1000);
	assert_int_equal(v->absent_day, 0);
	assert_int_equal(v->tags.n, 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(v->tags.items[i], tags[i]);
	return ERR_OK;
}

static void test_every_column(void **state)
{
	struct room *r = *state;
	struct video_row v = full_video(1, 7, 1000);
	struct cid cid = seed_cid(1);
	struct errbuf eb = {0};
	int calls = 0;

	seed_channels(r->s, 1, 3);
	begin(r->s);
	assert_true(put(r->s, &v));
	commit(r->s);
	assert_int_equal(staging_videos_of(r->s, &cid, NULL, 0, check_full, &calls, &eb), ERR_OK);
	assert_int_equal(calls, 1);
}

static void test_newest_wins_and_is_counted_once(void **state)
{
	struct room *r = *state;
	struct video_row v = full_video(1, -7, 1000), older = bare_video(1, -7, 999),
	                 newer = bare_video(1, -7, 1001), other = bare_video(2, -7, 1);
	struct counters c;
	struct errbuf eb;
	struct seen seen;

	seed_channels(r->s, 1, 3);
	begin(r->s);
	assert_true(put(r->s, &v));
	assert_false(put(r->s, &older));
	assert_false(put(r->s, &v));
	assert_true(put(r->s, &other)); /* of another channel */
	commit(r->s);
	seen = look(r->s, 1);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.title, "Title");
	begin(r->s);
	assert_false(put(r->s, &newer));
	commit(r->s);
	seen = look(r->s, 1);
	assert_string_equal(seen.title, "(null)");
	assert_int_equal(seen.first.fetched_at, 1001);
	assert_int_equal(seen.first.view_count, COUNT_NONE);
	assert_int_equal(seen.first.made_for_kids, -1);
	assert_int_equal(seen.tags, -1);
	assert_true(seen.first.published_at == INT64_MIN);
	assert_int_equal(staging_counters(r->s, &c, &eb), ERR_OK);
	assert_int_equal(c.videos, 2);
	begin(r->s);
	assert_true(put(r->s, &(struct video_row){.vid = 1, .channel = seed_cid(3)}));
	staging_rollback(r->s);
	assert_int_equal(staging_check_counters(r->s, &eb), ERR_OK);
}

static void test_counts_and_absences(void **state)
{
	struct room *r = *state;
	struct video_row v = full_video(1, 7, 1000);
	struct video_counts c = {.vid = 7,
	    .channel = seed_cid(1),
	    .view_count = COUNT_NONE,
	    .like_count = 3,
	    .comment_count = 0,
	    .counted_at = 2000,
	    .day = 20};
	struct errbuf eb = {0};
	struct seen seen;

	seed_channels(r->s, 1, 1);
	begin(r->s);
	assert_int_equal(staging_video_counts_put(r->s, &c, &eb), ERR_NOTFOUND);
	put(r->s, &v);
	assert_int_equal(staging_video_counts_put(r->s, &c, &eb), ERR_OK);
	commit(r->s);
	seen = look(r->s, 1);
	assert_string_equal(seen.title, "Title");
	assert_int_equal(seen.first.view_count, COUNT_NONE);
	assert_int_equal(seen.first.like_count, 3);
	assert_int_equal(seen.first.comment_count, 0);
	assert_int_equal(seen.first.counted_at, 2000);
	assert_int_equal(seen.first.fetched_at, 1000);
	c.absent = true;
	begin(r->s);
	assert_int_equal(staging_video_counts_put(r->s, &c, &eb), ERR_OK);
	/* one that was never stored leaves nothing behind */
	assert_int_equal(staging_video_absent(r->s, &c.channel, 8, 20, &eb), ERR_OK);
	commit(r->s);
	seen = look(r->s, 1);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.first.absent_day, 20);
	assert_int_equal(seen.first.like_count, 3); /* what was known stays */
	begin(r->s);
	v.fetched_at = v.counted_at = 3000;
	put(r->s, &v);
	commit(r->s);
	assert_int_equal(look(r->s, 1).first.absent_day, 0);
}

static void test_order_and_pages(void **state)
{
	static const int64_t vids[] = {INT64_MAX, 0, -1, INT64_MIN, 5};
	struct room *r = *state;
	struct cid two = seed_cid(2);
	struct seen seen = {0}, all = {0}, rest = {0}, last = {0};
	struct errbuf eb = {0};
	int64_t after = 0, n = 0, most = INT64_MAX;

	seed_channels(r->s, 1, 3);
	begin(r->s);
	for (uint32_t channel = 3; channel; channel--)
		for (int i = 0; i < 5; i++)
			put(r->s,
			    &(struct video_row){.vid = vids[i], .channel = seed_cid(channel)});
	commit(r->s);
	assert_int_equal(staging_videos_of(r->s, &two, NULL, 3, see, &seen, &eb), ERR_OK);
	assert_int_equal(seen.n, 3);
	assert_true(seen.vids[0] == INT64_MIN && seen.vids[1] == -1 && seen.vids[2] == 0);
	seen.n = 0;
	assert_int_equal(staging_videos_of(r->s, &two, &after, 0, see, &seen, &eb), ERR_OK);
	assert_true(seen.n == 2 && seen.vids[0] == 5 && seen.vids[1] == INT64_MAX);
	assert_int_equal(staging_videos_of(r->s, &two, &most, 0, see, &last, &eb), ERR_OK);
	assert_int_equal(last.n, 0);
	assert_int_equal(staging_videos_count(r->s, &two, &n, &eb), ERR_OK);
	assert_int_equal(n, 5);
	assert_int_equal(staging_videos_each(r->s, NULL, INT64_MIN, 0, see, &all, &eb), ERR_OK);
	assert_int_equal(all.n, 15);
	assert_true(all.channels[4] == 1 && all.channels[5] == 2 && all.vids[5] == INT64_MIN);
	rest.most = 2;
	assert_int_equal(staging_videos_each(r->s, &two, 5, 0, see, &rest, &eb), ERR_OK);
	assert_int_equal(rest.n, 2);
	assert_true(rest.vids[0] == INT64_MAX && rest.channels[0] == 2 && rest.channels[1] == 3);
}

/* A place that is moved on with each row. */
struct walker {
	struct cid at;
	int n;
};

static enum err walk_on(void *arg, const struct video_row *v, struct errbuf *eb)
{
	struct walker *w = arg;

	(void)eb;
	w->at = v->channel;
	w->n++;
	return ERR_OK;
}

static void test_a_walk_goes_on_from_where_it_began(void **state)
{
	struct room *r = *state;
	struct walker w = {.at = seed_cid(1)};
	struct errbuf eb = {0};

	seed_channels(r->s, 1, 3);
	begin(r->s);
	for (uint32_t channel = 3; channel; channel--)
		for (int64_t vid = 1; vid <= 5; vid++)
			put(r->s, &(struct video_row){.vid = vid, .channel = seed_cid(channel)});
	commit(r->s);
	assert_int_equal(staging_videos_each(r->s, &w.at, 3, 0, walk_on, &w, &eb), ERR_OK);
	assert_int_equal(w.n, 2 + 5 + 5);
}

/* ---- what is due ---- */

static int due(struct staging *s, uint32_t channel, const int64_t *after, int64_t bound,
    int64_t today, int64_t *vids)
{
	struct cid cid = seed_cid(channel);
	struct errbuf eb = {0};
	int n = 0;

	if (staging_videos_due(s, &cid, after, bound, today, vids, 4, &n, &eb))
		fail_msg("%s", eb.text);
	return n;
}

static int64_t feed_count(struct staging *s, enum feed_kind kind, int64_t bound, int64_t today)
{
	struct feed_ask ask = {.today = today, .bound = bound};
	struct feed_place place = {0};
	struct errbuf eb = {0};
	struct cid ids[16];
	int64_t counted = 0;
	int n = 0;

	if (staging_feed_count(s, kind, &ask, &counted, &eb) ||
	    staging_feed_page(s, kind, &ask, &place, ids, 16, &n, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(counted, n); /* both questions mean the same */
	return counted;
}

static void test_due_counts(void **state)
{
	struct room *r = *state;
	struct cid one = seed_cid(1), two = seed_cid(2);
	struct errbuf eb = {0};
	int64_t vids[4], after = 2, videos, channels, six = 6;

	seed_channels(r->s, 1, 3);
	begin(r->s);
	for (int64_t vid = 1; vid <= 6; vid++)
		put(r->s, &(struct video_row){
		              .vid = vid, .channel = one, .counted_at = vid < 6 ? 100 : 200});
	put(r->s, &(struct video_row){.vid = 1, .channel = two, .counted_at = 100});
	commit(r->s);
	assert_int_equal(due(r->s, 1, NULL, 150, 10, vids), 4);
	assert_int_equal(due(r->s, 1, &after, 150, 10, vids), 3);
	assert_true(vids[0] == 3 && vids[2] == 5);
	assert_int_equal(feed_count(r->s, FEED_COUNTS, 150, 10), 2);
	assert_int_equal(feed_count(r->s, FEED_COUNTS, 100, 10), 0);
	assert_int_equal(staging_counts_price(r->s, 150, 10, &videos, &channels, &eb), ERR_OK);
	assert_true(videos == 6 && channels == 2);
	begin(r->s);
	assert_int_equal(staging_video_absent(r->s, &one, 3, 10, &eb), ERR_OK);
	assert_int_equal(staging_video_vain(r->s, &two, NULL, 10, &eb), ERR_OK);
	assert_int_equal(staging_video_vain(r->s, &one, &six, 10, &eb), ERR_OK);
	commit(r->s);
	/* asked for in vain today: not again before tomorrow */
	assert_int_equal(feed_count(r->s, FEED_COUNTS, 150, 10), 1);
	assert_int_equal(due(r->s, 1, &after, 300, 10, vids), 2);
	assert_int_equal(due(r->s, 1, &after, 300, 11, vids), 4);
	assert_int_equal(feed_count(r->s, FEED_COUNTS, 150, 11), 2);
}

static void put_meta(struct staging *s, uint32_t channel, int64_t video_count)
{
	struct channel_meta m = {.cid = seed_cid(channel),
	    .video_count = video_count,
	    .keywords = {NULL, -1},
	    .topics = {NULL, -1}};
	struct errbuf eb = {0};

	if (staging_meta_put(s, &m, &eb) ||
	    staging_state_set(s, OP_METADATA, &m.cid, ITEM_DONE, NULL, &eb))
		fail_msg("%s", eb.text);
}

static void test_due_videos_and_their_price(void **state)
{
	struct room *r = *state;
	struct cid ids[5], five = seed_cid(5);
	int64_t told[5], pages, videos;
	struct errbuf eb = {0};

	seed_channels(r->s, 1, 6);
	begin(r->s);
	put_meta(r->s, 1, 0);
	put_meta(r->s, 2, 120);
	put_meta(r->s, 3, COUNT_NONE);
	put_meta(r->s, 4, 7);
	put_meta(r->s, 5, 7);
	assert_int_equal(staging_state_set(r->s, OP_VIDEOS, &five, ITEM_DONE, NULL, &eb), ERR_OK);
	commit(r->s);
	for (uint32_t i = 0; i < 5; i++)
		ids[i] = seed_cid(i + 2);
	assert_int_equal(staging_videos_told(r->s, ids, 5, told, &eb), ERR_OK);
	assert_true(told[0] == 120 && told[1] == COUNT_NONE && told[3] == 7);
	assert_int_equal(told[4], COUNT_NONE); /* no metadata at all */
	assert_int_equal(feed_count(r->s, FEED_VIDEOS, 0, 10), 4);
	assert_int_equal(staging_videos_price(r->s, 10, 0, 60, 10, &pages, &videos, &eb), ERR_OK);
	assert_true(pages == 0 + 2 + 2 + 1 && videos == 60 + 60 + 7);
	assert_int_equal(staging_videos_price(r->s, 2, 0, 25, 10, &pages, &videos, &eb), ERR_OK);
	assert_true(pages == 1 && videos == 25); /* the first two */
}

static void test_upload_lists_enter_the_outbox(void **state)
{
	struct room *r = *state;
	struct upload_list_row l = {
	    .cid = seed_cid(1), .listed = 20000, .truncated = true, .at = 50};
	struct outbox_row rows[8];
	struct errbuf eb = {0};
	sqlite3_stmt *t = NULL;
	int n = 0, videos = 0;

	seed_channels(r->s, 1, 1);
	begin(r->s);
	assert_int_equal(staging_outbox_page(r->s, rows, 8, &n, &eb), ERR_OK);
	assert_int_equal(staging_outbox_walked(r->s, rows[0].seq, &l.cid, &eb), ERR_OK);
	commit(r->s);
	begin(r->s);
	assert_int_equal(staging_upload_list_put(r->s, &l, &eb), ERR_OK);
	l.listed = 3;
	l.truncated = false;
	assert_int_equal(staging_upload_list_put(r->s, &l, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(staging_outbox_page(r->s, rows, 8, &n, &eb), ERR_OK);
	for (int i = 0; i < n; i++)
		videos += rows[i].kind == OUTBOX_VIDEOS && rows[i].has_key &&
		          cid_compare(&rows[i].key, &l.cid) == 0;
	assert_true(videos > 0);
	assert_int_equal(db_prepare(staging_db(r->s), &t,
	                     "SELECT count(*), max(listed), max(truncated) FROM upload_list", &eb),
	    ERR_OK);
	assert_int_equal(sqlite3_step(t), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(t, 0), 1);
	assert_int_equal(sqlite3_column_int(t, 1), 3);
	assert_int_equal(sqlite3_column_int(t, 2), 0);
	sqlite3_finalize(t);
}

#define ROOM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROOM_TEST(test_every_column),
	    ROOM_TEST(test_newest_wins_and_is_counted_once),
	    ROOM_TEST(test_counts_and_absences),
	    ROOM_TEST(test_order_and_pages),
	    ROOM_TEST(test_a_walk_goes_on_from_where_it_began),
	    ROOM_TEST(test_due_counts),
	    ROOM_TEST(test_due_videos_and_their_price),
	    ROOM_TEST(test_upload_lists_enter_the_outbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

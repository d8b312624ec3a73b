/* playlistItems.list, videos.list and videos.batchGetStats: queries, durations, hostile replies. */
#include "config.h"
#include "engine/youtube/playlist_items.h"
#include "engine/youtube/videos.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define CHANNEL "UC_x5XG1OV2P6uZZ5FSM9Ttw"
#define VID_A "9bZkp7q19f0"
#define VID_B "_0jRX0xq24w"

struct fix {
	struct json_reader *reader;
	struct arena *arena;
	struct video_row *rows;
	struct video_counts counts[VIDEOS_MAX_IDS];
	struct playlist_page page;
	struct errbuf eb;
	int n, odd;
};

static struct fix fix;

static int start(void **state)
{
	fix = (struct fix){.reader = json_reader_new(8 << 20, 64), .arena = arena_new(0)};
	*state = &fix;
	return !fix.reader || !fix.arena;
}

static int end(void **state)
{
	struct fix *f = *state;

	json_reader_free(f->reader);
	arena_free(f->arena);
	return 0;
}

static enum err parse(struct fix *f, const char *body)
{
	return videos_parse(
	    f->reader, body, strlen(body), f->arena, &f->rows, &f->n, &f->odd, &f->eb);
}

static enum err parse_stats(struct fix *f, const char *body)
{
	return videos_stats_parse(f->reader, body, strlen(body), f->counts, &f->n, &f->odd, &f->eb);
}

static enum err parse_page(struct fix *f, const char *body)
{
	return playlist_items_parse(f->reader, body, strlen(body), &f->page, &f->eb);
}

static int64_t vid(const char *text)
{
	int64_t v = 0;

	assert_true(vid_parse(text, strlen(text), &v));
	return v;
}

/* ---- queries ---- */

static void test_queries(void **state)
{
	const int64_t vids[] = {vid(VID_A), vid(VID_B)};
	struct cid cid;
	struct str q;

	(void)state;
	assert_true(cid_parse(CHANNEL, CID_TEXT, &cid));
	str_init(&q, 4096);
	videos_query(vids, 2, &q);
	assert_non_null(
	    strstr(str_get(&q), "part=snippet,contentDetails,statistics,status&id=" VID_A "," VID_B
	                        "&fields=items(id,snippet("));
	assert_null(strstr(str_get(&q), "maxResults")); /* not supported with ids */
	str_reset(&q);
	videos_stats_query(vids, 1, &q);
	assert_string_equal(str_get(&q),
	    "part=id,statistics&id=" VID_A
	    "&fields=items(id,statistics(viewCount,likeCount,commentCount))"
	    "&prettyPrint=false");
	str_reset(&q);
	playlist_items_query(&cid, NULL, &q);
	assert_string_equal(str_get(&q),
	    "part=contentDetails&playlistId=UU_x5XG1OV2P6uZZ5FSM9Ttw&maxResults=50"
	    "&fields=nextPageToken,items/contentDetails(videoId,videoPublishedAt)"
	    "&prettyPrint=false");
	str_reset(&q);
	playlist_items_query(&cid, "EAAaB1BUOkNESQ+/=&key=x \xC3\xA9", &q);
	assert_non_null(
	    strstr(str_get(&q), "&pageToken=EAAaB1BUOkNESQ%2B%2F%3D%26key%3Dx%20%C3%A9&fields="));
	str_done(&q);
}

/* ---- durations ---- */

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {{"PT4M13S", 253}, {"PT1H17S", 3617}, {"PT18M37S", 1117}, {"PT56S", 56},
	    {"PT2H", 7200}, {"P1DT2H", 93600}, {"P1D", 86400}, {"P1DT1S", 86401}, {"P2W", 1209600},
	    {"P0D", 0}, {"PT0S", 0}, {"PT1M", 60}, {"PT1.9S", 1}, {"PT1,5S", 1}, {"PT90M", 5400},
	    {"P1W2DT3H4M5S", 604800 + 2 * 86400 + 3 * 3600 + 245}, {"", -1}, {"P", -1}, {"PT", -1},
	    {"P1", -1}, {"PT5", -1}, {"PTS", -1}, {"P1Y", -1}, {"P1M", -1}, {"P1S", -1},
	    {"PT1D", -1}, {"PT1S1M", -1}, {"PT1M1M", -1}, {"P1DT", -1}, {"PTT1S", -1}, {"T1S", -1},
	    {"pt1s", -1}, {"PT-1S", -1}, {" PT1S", -1}, {"PT1S ", -1}, {"12.5s", -1},
	    {"PT99999999999999999999S", -1}, {"PT999999999999S", 999999999999}, {"PT1.S", 1},
	    {"PT.5S", -1}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (videos_duration(rows[i].text, strlen(rows[i].text)) != rows[i].seconds)
			fail_msg("%s is not %lld", rows[i].text, (long long)rows[i].seconds);
	assert_int_equal(videos_duration("PT4M13S", 5), VIDEO_UNKNOWN);
}

/* ---- videos.list ---- */

static void test_whole_video(void **state)
{
	struct fix *f = *state;
	const struct video_row *v;

	assert_int_equal(
	    parse(f,
	        "{\"kind\":\"youtube#videoListResponse\",\"items\":[{\"id\":\"" VID_A
	        "\",\"snippet\":{\"publishedAt\":\"2012-07-15T07:46:32Z\",\"title\":\"a\\u0000b\","
	        "\"description\":\"x\\r\\ny\",\"thumbnails\":{\"high\":{\"url\":\"https://h\"}},"
	        "\"tags\":[\"one\",5,\"\",\"t\\\"wo\"],\"categoryId\":\"10\","
	        "\"liveBroadcastContent\":\"upcoming\",\"defaultLanguage\":\"ko\","
	        "\"defaultAudioLanguage\":\"en-US\"},\"contentDetails\":{\"duration\":\"P1DT2H\"},"
	        "\"statistics\":{\"viewCount\":\"9223372036854775807\",\"likeCount\":\"0\"},"
	        "\"status\":{\"privacyStatus\":\"unlisted\",\"madeForKids\":false}}]}"),
	    ERR_OK);
	assert_int_equal(f->n, 1);
	v = f->rows;
	assert_true(v->vid == vid(VID_A));
	assert_string_equal(v->title, "ab");
	assert_string_equal(v->description, "x\ny");
	assert_string_equal(v->thumbnail_url, "https://h");
	assert_string_equal(v->live_state, "upcoming");
	assert_string_equal(v->default_language, "ko");
	assert_string_equal(v->audio_language, "en-US");
	assert_string_equal(v->privacy_status, "unlisted");
	assert_string_equal(v->duration, "P1DT2H");
	assert_int_equal(v->duration_s, 93600);
	assert_int_equal(v->published_at, 1342338392);
	assert_int_equal(v->category, 10);
	assert_true(v->view_count == INT64_MAX);
	assert_int_equal(v->like_count, 0); /* none is not unknown */
	assert_int_equal(v->comment_count, COUNT_NONE);
	assert_int_equal(v->made_for_kids, 0);
	assert_int_equal(v->tags.n, 2);
	assert_string_equal(v->tags.items[1], "t\"wo");
	assert_int_equal(v->absent_day, 0);
}

/* Whatever may be absent, or of another kind, is "not known" and spoils nothing else. */
static void test_bare_videos(void **state)
{
	static const char *const bodies[] = {"{\"items\":[{\"id\":\"" VID_A "\"}]}",
	    "{\"items\":[{\"id\":\"" VID_A
	    "\",\"snippet\":5,\"statistics\":[],\"status\":\"x\",\"contentDetails\":null}]}",
	    "{\"items\":[{\"id\":\"" VID_A "\",\"snippet\":{\"title\":{},\"tags\":\"x\","
	    "\"publishedAt\":\"yesterday\",\"categoryId\":\"ten\",\"thumbnails\":{}},"
	    "\"statistics\":{"
	    "\"viewCount\":\"-1\",\"likeCount\":\"1e3\",\"commentCount\":true},\"contentDetails\":{"
	    "\"duration\":5},\"status\":{\"madeForKids\":\"no\"}}]}"};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		assert_int_equal(parse(f, bodies[i]), ERR_OK);
		assert_int_equal(f->n, 1);
		assert_null(f->rows->title);
		assert_null(f->rows->duration);
		assert_null(f->rows->thumbnail_url);
		assert_int_equal(f->rows->duration_s, VIDEO_UNKNOWN);
		assert_int_equal(f->rows->category, VIDEO_UNKNOWN);
		assert_int_equal(f->rows->tags.n, -1);
		assert_int_equal(f->rows->view_count, COUNT_NONE);
		assert_int_equal(f->rows->like_count, COUNT_NONE);
		assert_int_equal(f->rows->comment_count, COUNT_NONE);
		assert_int_equal(f->rows->made_for_kids, -1);
		assert_true(f->rows->published_at == INT64_MIN);
	}
}

static const char *const torn[] = {"", "[]", "null", "5", "{\"items\":{}}", "{\"items\":null}",
    "{\"items\":[]", "<html></html>", "{\"error\":{\"code\":503}}", "{\"items\":[],\"error\":{}}",
    "{\"kind\":\"youtube#channelListResponse\",\"items\":[]}", "{\"items\":[]}{\"items\":[]}"};

static void test_torn(void **state)
{
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++) {
		assert_int_equal(parse(f, torn[i]), ERR_INVALID);
		assert_int_equal(f->n, 0);
		assert_int_equal(parse_stats(f, torn[i]), ERR_INVALID);
		assert_int_equal(f->n, 0);
		assert_int_equal(parse_page(f, torn[i]), ERR_INVALID);
		assert_int_equal(f->page.n, 0);
	}
	assert_int_equal(parse(f, "{}"), ERR_OK);
	assert_int_equal(f->n, 0);
	assert_int_equal(parse_stats(f, "{}"), ERR_OK);
	assert_int_equal(parse_page(f, "{}"), ERR_OK);
	assert_null(f->page.token);
}

#define ODD_ITEMS                                                                             \
	"{\"items\":[null,5,\"x\",[],{},{\"id\":5},{\"id\":\"not a video\"},{\"id\":\"" VID_A \
	"\"},{\"id\":\"9bZkp7q19f1\"},{\"id\":\"" VID_A "\"},{\"id\":\"" VID_A                \
	"\\u0000\"},{\"id\":\"" VID_B "\"}]}"

static void test_odd_and_repeated(void **state)
{
	struct fix *f = *state;

	assert_int_equal(parse(f, ODD_ITEMS), ERR_OK);
	assert_int_equal(f->n, 2);
	assert_int_equal(f->odd, 9);
	assert_true(f->rows[1].vid == vid(VID_B));
	assert_int_equal(parse_stats(f, ODD_ITEMS), ERR_OK);
	assert_int_equal(f->n, 2);
	assert_int_equal(f->odd, 9);
}

/* A reply with more videos than were asked for ends at the room there is. */
static void test_too_many(void **state)
{
	struct fix *f = *state;
	char text[VID_TEXT + 1];
	struct str body;

	str_init(&body, 1 << 20);
	str_adds(&body, "{\"items\":[");
	for (int64_t i = 0; i < 60; i++)
		str_addf(&body, "%s{\"id\":\"%s\",\"contentDetails\":{\"videoId\":\"%s\"}}",
		    i ? "," : "", vid_format(i * 977, text), vid_format(i * 977, text));
	str_adds(&body, "]}");
	assert_int_equal(parse(f, str_get(&body)), ERR_OK);
	assert_int_equal(f->n, VIDEOS_MAX_IDS);
	assert_int_equal(f->odd, 10);
	assert_int_equal(parse_stats(f, str_get(&body)), ERR_OK);
	assert_int_equal(f->n, VIDEOS_MAX_IDS);
	assert_int_equal(f->odd, 10);
	assert_int_equal(parse_page(f, str_get(&body)), ERR_INVALID);
	str_done(&body);
}

static void test_too_little_memory(void **state)
{
	struct fix *f = *state;
	struct arena *small = arena_new(64);
	const char *body = "{\"items\":[{\"id\":\"" VID_A "\"}]}";

	assert_non_null(small);
	assert_int_equal(
	    videos_parse(f->reader, body, strlen(body), small, &f->rows, &f->n, &f->odd, &f->eb),
	    ERR_NOMEM);
	assert_int_equal(f->n, 0);
	arena_free(small);
}

/* ---- videos.batchGetStats ---- */

static void test_stats(void **state)
{
	struct fix *f = *state;

	assert_int_equal(
	    parse_stats(f, "{\"kind\":\"youtube#batchGetStatsResponse\",\"summary\":{"
	                   "\"failedVideoIds\":[\"x\"]},\"items\":[{\"id\":\"" VID_B
	                   "\",\"statistics\":{\"viewCount\":\"5\",\"commentCount\":\"0\"}},"
	                   "{\"id\":\"" VID_A "\",\"contentDetails\":{\"duration\":\"12.5s\"}}]}"),
	    ERR_OK);
	assert_int_equal(f->n, 2);
	assert_true(f->counts[0].vid == vid(VID_B));
	assert_int_equal(f->counts[0].view_count, 5);
	assert_int_equal(f->counts[0].like_count, COUNT_NONE);
	assert_int_equal(f->counts[0].comment_count, 0);
	assert_false(f->counts[0].absent);
	assert_int_equal(f->counts[1].view_count, COUNT_NONE);
}

/* ---- playlistItems.list ---- */

static void test_page(void **state)
{
	struct fix *f = *state;

	assert_int_equal(
	    parse_page(f, "{\"nextPageToken\":\"CDIQAA\",\"pageInfo\":{\"totalResults\":7},"
	                  "\"items\":[{\"contentDetails\":{\"videoId\":\"" VID_B
	                  "\",\"videoPublishedAt\":\"2020-01-01T00:00:00Z\"}},"
	                  "{\"contentDetails\":{\"videoId\":\"" VID_A
	                  "\"}},{\"contentDetails\":{\"videoId\":\"short\"}},{},7]}"),
	    ERR_OK);
	assert_int_equal(f->page.n, 2);
	assert_int_equal(f->page.odd, 3);
	assert_true(f->page.items[0].vid == vid(VID_B));
	assert_false(f->page.items[0].tombstone);
	assert_true(f->page.items[1].tombstone);
	assert_string_equal(f->page.token, "CDIQAA");
	assert_int_equal(parse_page(f, "{\"nextPageToken\":\"x\",\"items\":[]}"), ERR_OK);
	assert_int_equal(f->page.n, 0);
	assert_string_equal(f->page.token, "x"); /* an empty page is not the last one */
}

static void test_tokens(void **state)
{
	struct fix *f = *state;
	struct str body;

	str_init(&body, 1 << 16);
	for (int len = PLAYLIST_TOKEN_MOST; len <= PLAYLIST_TOKEN_MOST + 1; len++) {
		str_reset(&body);
		str_adds(&body, "{\"nextPageToken\":\"");
		for (int i = 0; i < len; i++)
			str_addc(&body, 'T');
		str_adds(&body, "\"}");
		assert_int_equal(parse_page(f, str_get(&body)),
		    len > PLAYLIST_TOKEN_MOST ? ERR_INVALID : ERR_OK);
	}
	str_done(&body);
	assert_int_equal(parse_page(f, "{\"nextPageToken\":null}"), ERR_OK);
	assert_null(f->page.token);
	assert_int_equal(parse_page(f, "{\"nextPageToken\":\"\"}"), ERR_OK);
	assert_null(f->page.token);
	/* a token that cannot be used must not look like the end of the list */
	assert_int_equal(parse_page(f, "{\"nextPageToken\":5}"), ERR_INVALID);
	assert_int_equal(parse_page(f, "{\"nextPageToken\":\"a\\u0000b\"}"), ERR_INVALID);
}

#define VIDEOS_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    VIDEOS_TEST(test_queries),
	    VIDEOS_TEST(test_durations),
	    VIDEOS_TEST(test_whole_video),
	    VIDEOS_TEST(test_bare_videos),
	    VIDEOS_TEST(test_torn),
	    VIDEOS_TEST(test_odd_and_repeated),
	    VIDEOS_TEST(test_too_many),
	    VIDEOS_TEST(test_too_little_memory),
	    VIDEOS_TEST(test_stats),
	    VIDEOS_TEST(test_page),
	    VIDEOS_TEST(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

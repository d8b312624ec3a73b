/* Pages that name channels, of five methods: what is read, what is passed over, what is torn. */
#include "config.h"
#include "engine/youtube/comment_threads.h"
#include "engine/youtube/playlists_list.h"
#include "engine/youtube/query.h"
#include "engine/youtube/search_list.h"
#include "engine/youtube/subscriptions_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ID_A "UC_x5XG1OV2P6uZZ5FSM9Ttw"
#define ID_B "UCBR8-60-B28hp2BmDPdntcQ"
#define ID_C "UCx4xkrz9Zxgc7gjqsi1iEZg"

struct fix {
	struct json_reader *reader;
	struct arena *arena;
	struct channel_page page;
	struct errbuf eb;
};

static int start(void **state)
{
	struct fix *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->reader = json_reader_new(8 << 20, 64);
	f->arena = arena_new(0);
	*state = f;
	return f->reader && f->arena ? 0 : -1;
}

static int end(void **state)
{
	struct fix *f = *state;

	json_reader_free(f->reader);
	arena_free(f->arena);
	free(f);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static enum err parse(struct fix *f, const struct channel_page_shape *shape, const char *body)
{
	return channel_page_parse(f->reader, body, strlen(body), shape, f->arena, &f->page, &f->eb);
}

/* want: "id=title|…", - for no title. */
static void check(struct fix *f, const struct channel_page_shape *shape, const char *body,
    const char *want, int without, const char *next)
{
	char id[CID_TEXT + 1];
	struct str got;

	if (parse(f, shape, body))
		fail_msg("%s", f->eb.text);
	str_init(&got, 100000);
	for (int i = 0; i < f->page.n; i++)
		str_addf(&got, "%s=%s|", cid_format(&f->page.rows[i].cid, id),
		    f->page.rows[i].title ? f->page.rows[i].title : "-");
	assert_string_equal(str_get(&got), want);
	assert_int_equal(f->page.without, without);
	assert_string_equal(f->page.next ? f->page.next : "(none)", next ? next : "(none)");
	str_done(&got);
}

static void test_subscriptions(void **state)
{
	/* the kind is written with a capital as well */
	check(*state, &subscriptions_shape,
	    "{\"kind\":\"youtube#SubscriptionListResponse\",\"nextPageToken\":\"CDIQAA\",\"items\":"
	    "["
	    "{\"snippet\":{\"title\":\"A &amp; b\",\"resourceId\":{\"channelId\":\"" ID_A "\"}}},"
	    "{\"snippet\":{\"title\":\"\",\"resourceId\":{\"channelId\":\"" ID_B "\"}}},"
	    "{\"snippet\":{\"resourceId\":{\"playlistId\":\"PLx\"}}},null,7,"
	    "{\"snippet\":{\"title\":5,\"resourceId\":{\"channelId\":\"" ID_A "\"}}}]}",
	    ID_A "=A &amp; b|" ID_B "=-|" ID_A "=-|", 3, "CDIQAA");
}

static void test_comments_and_their_replies(void **state)
{
	check(*state, &comment_threads_shape,
	    "{\"kind\":\"youtube#commentThreadListResponse\",\"nextPageToken\":\"\",\"items\":["
	    "{\"snippet\":{\"topLevelComment\":{\"snippet\":{\"authorDisplayName\":\"@a\","
	    "\"authorChannelId\":{\"value\":\"" ID_A "\"}}}},\"replies\":{\"comments\":["
	    "{\"snippet\":{\"authorDisplayName\":\"B\\u0007\",\"authorChannelId\":{\"value\":"
	    "\"" ID_B "\"}}},{\"snippet\":{\"authorDisplayName\":\"nobody\"}},5]}},"
	    "{\"snippet\":{\"topLevelComment\":{\"snippet\":{\"authorChannelId\":{\"value\":\"" ID_C
	    "\"}}}},\"replies\":{\"comments\":{}}}]}",
	    ID_A "=@a|" ID_B "=B|" ID_C "=-|", 2, NULL);
}

static void test_only_search_titles_are_html(void **state)
{
	check(*state, &search_list_shape,
	    "{\"kind\":\"youtube#searchListResponse\",\"items\":["
	    "{\"id\":{\"channelId\":\"" ID_A
	    "\"},\"snippet\":{\"title\":\"Tom &amp; Jerry&#39;s\"}},"
	    "{\"id\":{\"videoId\":\"x\"},\"snippet\":{\"title\":\"v\"}},"
	    "{\"id\":{\"channelId\":\"" ID_B "\"},\"snippet\":{\"title\":\"&#x0;a&#27;\"}}]}",
	    ID_A "=Tom & Jerry's|" ID_B "=&#x0;a&#27;|", 1, NULL);
}

static void test_owners_of_videos(void **state)
{
	check(*state, &playlist_owners_shape,
	    "{\"items\":[{\"snippet\":{\"videoOwnerChannelId\":\"" ID_A
	    "\",\"videoOwnerChannelTitle\":\"A\"}},{\"snippet\":{}}]}",
	    ID_A "=A|", 1, NULL);
	check(*state, &playlist_owners_shape, "{}", "", 0, NULL);
}

static void test_torn(void **state)
{
	static const char *const rows[] = {"", "[]", "null", "{\"items\":{}}", "{\"items\":[]",
	    "<html></html>", "{\"error\":{\"code\":503}}",
	    "{\"kind\":\"youtube#videoListResponse\",\"items\":[]}",
	    "{\"nextPageToken\":\"a\\u0000b\",\"items\":[]}"};
	struct fix *f = *state;
	struct playlist_name *lists;
	int n;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(parse(f, &subscriptions_shape, rows[i]), ERR_INVALID);
		assert_int_equal(f->page.n, 0);
		assert_int_equal(playlists_parse(f->reader, rows[i], strlen(rows[i]), f->arena,
		                     &lists, &n, &f->eb),
		    ERR_INVALID);
		assert_int_equal(n, 0);
	}
}

static void test_too_many(void **state)
{
	struct fix *f = *state;
	struct str body;

	str_init(&body, 4 << 20);
	str_adds(&body, "{\"items\":[");
	for (int i = 0; i < 3 * CHANNEL_PAGE_MOST; i++)
		str_addf(&body, "%s{\"id\":{\"channelId\":\"" ID_A "\"}}", i ? "," : "");
	str_adds(&body, "]}");
	assert_int_equal(parse(f, &search_list_shape, str_get(&body)), ERR_OK);
	assert_int_equal(f->page.n, CHANNEL_PAGE_MOST);
	str_reset(&body);
	str_adds(&body, "{\"nextPageToken\":\"");
	for (int i = 0; i <= CHANNEL_PAGE_TOKEN; i++)
		str_addc(&body, 'x');
	str_adds(&body, "\"}");
	assert_int_equal(parse(f, &search_list_shape, str_get(&body)), ERR_INVALID);
	str_done(&body);
}

static void test_playlists(void **state)
{
	static const char body[] =
	    "{\"kind\":\"youtube#playlistListResponse\",\"items\":["
	    "{\"id\":\"PLa_-9\",\"contentDetails\":{\"itemCount\":7}},{\"id\":\"PLb\"},"
	    "{\"id\":\"PL&key=x\"},{\"id\":\"\"},{\"id\":5},null]}";
	struct fix *f = *state;
	struct playlist_name *lists = NULL;
	int n = 0;

	assert_int_equal(
	    playlists_parse(f->reader, body, sizeof body - 1, f->arena, &lists, &n, &f->eb),
	    ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(lists[0].id, "PLa_-9");
	assert_int_equal(lists[0].items, 7);
	assert_int_equal(lists[1].items, -1);
}

/* What comes from outside cannot leave its parameter. */
static void test_queries(void **state)
{
	struct str out;
	struct cid cid;

	(void)state;
	assert_true(cid_parse(ID_A, 24, &cid));
	str_init(&out, 10000);
	search_list_query("a&key=b c+d#%é", "pt", &out);
	assert_non_null(
	    strstr(str_get(&out), "&q=a%26key%3Db%20c%2Bd%23%25%C3%A9&relevanceLanguage=pt"));
	str_reset(&out);
	search_list_query("x", NULL, &out);
	assert_null(strstr(str_get(&out), "relevanceLanguage"));
	str_reset(&out);
	subscriptions_query(&cid, "a=&b", &out);
	assert_non_null(strstr(str_get(&out), "channelId=" ID_A "&"));
	assert_non_null(strstr(str_get(&out), "order=alphabetical"));
	assert_non_null(strstr(str_get(&out), "&pageToken=a%3D%26b"));
	str_reset(&out);
	comment_threads_query(&cid, NULL, &out);
	assert_non_null(strstr(str_get(&out), "maxResults=100"));
	assert_null(strstr(str_get(&out), "pageToken"));
	str_reset(&out);
	query_escape(&out, "\0/\xff", 3);
	assert_string_equal(str_get(&out), "%00%2F%FF");
	str_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_subscriptions),
	    TEST(test_comments_and_their_replies), TEST(test_only_search_titles_are_html),
	    TEST(test_owners_of_videos), TEST(test_torn), TEST(test_too_many), TEST(test_playlists),
	    cmocka_unit_test(test_queries)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

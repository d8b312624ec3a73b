/* channels.list: the fields of made-up channels, and keywords. */
#include "config.h"
#include "tests/unit/channels_fixture.h"

#include <stdio.h>
#include <string.h>

/* The only row of a reply with one item, which is given without its braces. */
static const struct channel_meta *one(struct fix *f, const char *members)
{
	char body[4096];

	snprintf(body, sizeof body, "{\"items\":[{\"id\":\"" ID_A "\",%s}]}", members);
	assert_int_equal(parse(f, body), ERR_OK);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->odd, 0);
	return &f->rows[0];
}

static void test_all_fields(void **state)
{
	static const char *const words[] = {"news", "world cup", "fußball"};
	static const char *const topics[] = {
	    "https://en.wikipedia.org/wiki/Music", "https://en.wikipedia.org/wiki/Sport"};
	const struct channel_meta *m = one(*state,
	    "\"etag\":\"RuuXzTIr0OoDqI4S0RU6n4FqKEM\",\"snippet\":{\"title\":\"T \\u00e9\","
	    "\"description\":\"D\\nE\",\"customUrl\":\"@t\",\"publishedAt\":\"2020-01-02T03:04:05."
	    "678901Z\","
	    "\"defaultLanguage\":\"de\",\"country\":\"AT\",\"thumbnails\":{\"uhd\":{\"url\":\"u\","
	    "\"width\":3840},\"high\":{\"url\":\"h\",\"width\":800}}},"
	    "\"statistics\":{\"viewCount\":\"9000000000\",\"subscriberCount\":\"1230000\","
	    "\"hiddenSubscriberCount\":false,\"videoCount\":17},"
	    "\"status\":{\"privacyStatus\":\"public\",\"madeForKids\":true},"
	    "\"topicDetails\":{\"topicCategories\":[\"https://en.wikipedia.org/wiki/Music\",7,"
	    "\"https://en.wikipedia.org/wiki/Sport\",\"\"]},"
	    "\"brandingSettings\":{\"channel\":{\"keywords\":\"news \\\"world cup\\\" fu\xC3\x9F"
	    "ball\",\"country\":\"DE\",\"defaultLanguage\":\"en\"},"
	    "\"image\":{\"bannerExternalUrl\":\"https://b\"}}");

	check_text(m->etag, "RuuXzTIr0OoDqI4S0RU6n4FqKEM");
	check_text(m->title, "T \xC3\xA9");
	check_text(m->description, "D\nE");
	check_text(m->custom_url, "@t");
	assert_int_equal(m->published_at, 1577934245);
	check_text(m->default_language, "de");
	check_text(m->country, "AT");
	check_text(m->thumbnail_url, "h");
	check_text(m->banner_url, "https://b");
	check_text(m->privacy_status, "public");
	assert_int_equal(m->made_for_kids, 1);
	assert_int_equal(m->hidden_subscribers, 0);
	assert_int_equal(m->view_count, 9000000000);
	assert_int_equal(m->subscriber_count, 1230000);
	assert_int_equal(m->video_count, 17);
	check_list(&m->keywords, words, 3);
	check_list(&m->topics, topics, 2);
	assert_null(m->language);
	assert_null(m->language_source);
	assert_int_equal(m->fetched_at, 0);
}

static void test_counts(void **state)
{
	static const struct {
		const char *stats;
		int64_t subscribers;
		int hidden;
	} rows[] = {{"{\"hiddenSubscriberCount\":true,\"subscriberCount\":\"0\"}", -1, 1},
	    {"{\"hiddenSubscriberCount\":true,\"subscriberCount\":\"55\"}", -1, 1},
	    {"{\"hiddenSubscriberCount\":true}", -1, 1},
	    {"{\"hiddenSubscriberCount\":false}", -1, 0}, {"{\"subscriberCount\":\"0\"}", 0, -1},
	    {"{\"subscriberCount\":12}", 12, -1}, {"{\"subscriberCount\":\"-4\"}", -1, -1},
	    {"{\"subscriberCount\":-4}", -1, -1},
	    {"{\"subscriberCount\":\"18446744073709551615\"}", -1, -1},
	    {"{\"subscriberCount\":99999999999999999999999}", -1, -1},
	    {"{\"subscriberCount\":\"1.2M\"}", -1, -1}, {"{\"subscriberCount\":null}", -1, -1},
	    {"{\"subscriberCount\":{},\"hiddenSubscriberCount\":\"true\"}", -1, -1}, {"{}", -1, -1},
	    {"null", -1, -1}, {"[]", -1, -1}, {"\"x\"", -1, -1}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[256];
		const struct channel_meta *m;
		snprintf(text, sizeof text, "\"statistics\":%s", rows[i].stats);
		m = one(*state, text);
		assert_int_equal(m->subscriber_count, rows[i].subscribers);
		assert_int_equal(m->hidden_subscribers, rows[i].hidden);
		assert_int_equal(m->view_count, COUNT_NONE);
		assert_int_equal(m->video_count, COUNT_NONE);
	}
}

static void test_thumbnails(void **state)
{
	static const struct {
		const char *json, *want;
	} rows[] = {{"{}", NULL}, {"[]", NULL}, {"null", NULL}, {"{\"high\":{}}", NULL},
	    {"{\"default\":{\"url\":\"d\",\"width\":88},\"medium\":{\"url\":\"m\",\"width\":240}}",
	        "m"},
	    {"{\"fhd\":{\"url\":\"f\",\"width\":1920},\"default\":{\"url\":\"d\",\"width\":88}}",
	        "f"},
	    {"{\"default\":{\"url\":\"d\"}}", "d"},
	    {"{\"a\":{\"url\":5},\"b\":{\"url\":\"b\"}}", "b"},
	    {"{\"high\":{\"url\":\"\"},\"b\":{\"url\":\"b\",\"width\":\"x\"}}", "b"},
	    {"{\"a\":\"text\",\"b\":[1],\"c\":{\"url\":\"c\",\"width\":-3}}", "c"}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[512];
		snprintf(text, sizeof text, "\"snippet\":{\"thumbnails\":%s}", rows[i].json);
		check_text(one(*state, text)->thumbnail_url, rows[i].want);
	}
}

static void test_fallbacks_and_cleaning(void **state)
{
	struct fix *f = *state;
	const struct channel_meta *m = one(f,
	    "\"snippet\":{\"title\":\"\",\"customUrl\":\"\",\"description\":\"\\u0000\\u0007\","
	    "\"publishedAt\":\"soon\"},\"brandingSettings\":{\"channel\":{\"country\":\"JP\","
	    "\"defaultLanguage\":\"ja\",\"keywords\":\"\"}},\"topicDetails\":{\"topicCategories\":["
	    "]}");

	assert_null(m->title);
	assert_null(m->custom_url);
	assert_null(m->description);
	check_text(m->country, "JP");
	check_text(m->default_language, "ja");
	assert_int_equal(m->published_at, INT64_MIN);
	assert_int_equal(m->keywords.n, 0);
	assert_int_equal(m->topics.n, 0);
	m = one(f, "\"snippet\":{\"title\":\"a\\u0000b\\u001b[31m\\ud83dz\xFF\","
	           "\"description\":\"x\\r\\ny\\rz\\u0085\"}");
	check_text(m->title, "ab[31m\xEF\xBF\xBDz\xEF\xBF\xBD");
	check_text(m->description, "x\ny\nz");
}

/* Elements that are no texts, behind texts: they take no room, and no other text's. */
static void test_mixed_list(void **state)
{
	static const char *const topics[] = {"g", "i"};
	struct fix *f = *state;

	assert_int_equal(
	    parse(f, "{\"items\":[{\"id\":\"" ID_A
	             "\",\"topicDetails\":{\"topicCategories\":[\"g\",\"i\",3,null]}}]}"),
	    ERR_OK);
	assert_int_equal(f->n, 1);
	check_list(&f->rows[0].topics, topics, 2);
}

static void test_wrong_types(void **state)
{
	static const char *const junk[] = {
	    "null", "true", "0", "-1.5", "\"x\"", "[]", "[[1],{}]", "{}", "{\"a\":{\"b\":[null]}}"};
	static const char *const names[] = {
	    "etag", "snippet", "statistics", "status", "topicDetails", "brandingSettings"};
	static const char *const inner[] = {"title", "description", "customUrl", "publishedAt",
	    "thumbnails", "country", "defaultLanguage"};
	char text[512];

	for (size_t j = 0; j < sizeof junk / sizeof junk[0]; j++) {
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			const struct channel_meta *m;
			snprintf(text, sizeof text, "\"%s\":%s", names[i], junk[j]);
			m = one(*state, text);
			assert_null(m->title);
			assert_int_equal(m->view_count, COUNT_NONE);
			assert_int_equal(m->published_at, INT64_MIN);
			assert_int_equal(m->keywords.n, -1);
		}
		for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
			snprintf(text, sizeof text, "\"snippet\":{\"%s\":%s}", inner[i], junk[j]);
			assert_int_equal(one(*state, text)->published_at, INT64_MIN);
		}
		snprintf(text, sizeof text, "\"brandingSettings\":{\"channel\":%s,\"image\":%s}",
		    junk[j], junk[j]);
		assert_null(one(*state, text)->banner_url);
	}
}

static void test_keywords(void **state)
{
	static const struct {
		const char *text;
		int n;
		const char *want[6];
	} rows[] = {{"", 0, {NULL}}, {"   \t\n ", 0, {NULL}}, {"\"\"", 0, {NULL}},
	    {"\"", 0, {NULL}}, {"\" \"", 0, {NULL}}, {"a", 1, {"a"}},
	    {"a \"b c\" d", 3, {"a", "b c", "d"}}, {"\"b c\"", 1, {"b c"}},
	    {"a,b c, \"d, e\"", 3, {"a,b", "c,", "d, e"}}, {"a  \t\r\n b", 2, {"a", "b"}},
	    {"\"a\"\"b c\"d", 3, {"a", "b c", "d"}}, {"x \"open end", 3, {"x", "open", "end"}},
	    {"12\" vinyl", 2, {"12\"", "vinyl"}},
	    {"\" padded  phrase \" z", 2, {"padded  phrase", "z"}},
	    {"\xE9\x9F\xB3\xE6\xA5\xBD\xE3\x80\x80\xE6\x97\xA5", 2,
	        {"\xE9\x9F\xB3\xE6\xA5\xBD", "\xE6\x97\xA5"}},
	    {"a\xC2\xA0"
	     "b\xE2\x80\x83"
	     "c",
	        3, {"a", "b", "c"}},
	    {"\"\xE3\x80\x80q\xC2\xA0\"", 1, {"q"}}, {"\xFFz \xC3", 2, {"\xFFz", "\xC3"}},
	    {"'a b'", 2, {"'a", "b'"}}};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text_list list;
		assert_int_equal(
		    channels_keywords(rows[i].text, strlen(rows[i].text), f->arena, &list), ERR_OK);
		check_list(&list, rows[i].want, rows[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNELS_TEST(test_mixed_list),
	    CHANNELS_TEST(test_all_fields),
	    CHANNELS_TEST(test_counts),
	    CHANNELS_TEST(test_thumbnails),
	    CHANNELS_TEST(test_fallbacks_and_cleaning),
	    CHANNELS_TEST(test_wrong_types),
	    CHANNELS_TEST(test_keywords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

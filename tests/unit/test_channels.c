#include "config.h"
#include "engine/youtube/channels.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURES "../shared/fixtures/channels"
#define ID_A "UC_x5XG1OV2P6uZZ5FSM9Ttw"
#define ID_B "UCBR8-60-B28hp2BmDPdntcQ"

struct fix {
	struct json_reader *reader;
	struct arena *arena;
	struct channel_meta *rows;
	int n, odd;
	struct errbuf eb;
};

static int fix_start(void **state)
{
	struct fix *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->reader = json_reader_new(8 << 20, 64);
	f->arena = arena_new(0);
	assert_non_null(f->reader);
	assert_non_null(f->arena);
	*state = f;
	return 0;
}

static int fix_end(void **state)
{
	struct fix *f = *state;

	json_reader_free(f->reader);
	arena_free(f->arena);
	free(f);
	return 0;
}

static enum err parse_n(struct fix *f, const char *body, size_t len)
{
	return channels_parse(f->reader, body, len, f->arena, &f->rows, &f->n, &f->odd, &f->eb);
}

static enum err parse(struct fix *f, const char *body)
{
	return parse_n(f, body, strlen(body));
}

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

static void check_text(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "(null)", want);
}

static void check_list(const struct text_list *got, const char *const *want, int n)
{
	assert_int_equal(got->n, n);
	for (int i = 0; i < n; i++)
		assert_string_equal(got->items[i], want[i]);
}

/* ---- the query ---- */

static void test_query(void **state)
{
	struct cid ids[CHANNELS_MAX_IDS];
	struct str q;
	int commas = 0;

	(void)state;
	str_init(&q, 64 * 1024);
	assert_true(cid_parse(ID_A, 24, &ids[0]));
	assert_true(cid_parse(ID_B, 24, &ids[1]));
	channels_query(ids, 2, &q);
	assert_int_equal(q.err, ERR_OK);
	assert_non_null(
	    strstr(q.text, "part=snippet,statistics,status,topicDetails,brandingSettings&"));
	assert_non_null(
	    strstr(q.text, "&id=" ID_A "," ID_B "&maxResults=50&fields=items(id,etag,"));
	assert_non_null(strstr(q.text, "&prettyPrint=false"));
	assert_null(strstr(q.text, "key="));
	str_reset(&q);
	for (int i = 0; i < CHANNELS_MAX_IDS; i++) {
		ids[i] = ids[0];
		ids[i].b[15] = (unsigned char)i;
	}
	channels_query(ids, CHANNELS_MAX_IDS, &q);
	for (const char *p = strstr(q.text, "&id=") + 4; *p != '&'; p++)
		commas += *p == ',';
	assert_int_equal(commas, 49);
	assert_true(q.len < 2048);
	str_done(&q);
}

/* ---- recorded replies ---- */

#define NT INT64_MIN
static const struct recorded {
	const char *file;
	int n, at; /* rows in all; which one this is */
	const char *id, *title, *custom_url, *country;
	int64_t published, subscribers, videos, views;
	int hidden;
	const char *privacy;
	size_t description; /* bytes */
} recorded[] = {
    {"fsyt-001-id_UCZDZGN_73I019o6UYD2_4bg_maxResults_50_part_statistics", 1, 0,
        "UCZDZGN_73I019o6UYD2-4bg", NULL, NULL, NULL, NT, 1, 1, 16, 0, NULL, 0},
    {"fsyt-002-id_UCAmh1DexLGcMtDlzMCIxo4w_part_contentDetails", 1, 0, "UCAmh1DexLGcMtDlzMCIxo4w",
        NULL, NULL, NULL, NT, -1, -1, -1, -1, NULL, 0},
    {"fsyt-003-id_UCAmh1DexLGcMtDlzMCIxo4w_part_contentDetails", 1, 0, "UCAmh1DexLGcMtDlzMCIxo4w",
        NULL, NULL, NULL, NT, -1, -1, -1, -1, NULL, 0},
    {"fsyt-004-id_UCAmh1DexLGcMtDlzMCIxo4w_part_status", 1, 0, "UCAmh1DexLGcMtDlzMCIxo4w", NULL,
        NULL, NULL, NT, -1, -1, -1, -1, "public", 0},
    {"fsyt-005-id_UCAmh1DexLGcMtDlzMCIxo4w_maxResults_50_part_statistics", 1, 0,
        "UCAmh1DexLGcMtDlzMCIxo4w", NULL, NULL, NULL, NT, 2, 3, 16, 0, NULL, 0},
    {"fsyt-006-id_UCAmh1DexLGcMtDlzMCIxo4w_part_contentDetails", 1, 0, "UCAmh1DexLGcMtDlzMCIxo4w",
        NULL, NULL, NULL, NT, -1, -1, -1, -1, NULL, 0},
    {"fsyt-007-id_UCAmh1DexLGcMtDlzMCIxo4w_part_snippet", 1, 0, "UCAmh1DexLGcMtDlzMCIxo4w",
        "Derek Barnes", NULL, "US", 1535415182, -1, -1, -1, -1, NULL, 0},
    {"fsyt-008-id_not_a_channel_id_part_snippet", 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
        0},
    {"fsyt-009-id_not_a_channel_id_part_status", 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
        0},
    {"fsyt-011-id_not_a_channel_id_part_snippet", 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
        0},
    {"fsyt-012-id_not_a_channel_id_part_status", 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
        0},
    {"fsyt-014-id_UCBR8_60_B28hp2BmDPdntcQ_part_contentDetails", 1, 0, ID_B, NULL, NULL, NULL, NT,
        -1, -1, -1, -1, NULL, 0},
    {"fsyt-015-id_UCBR8_60_B28hp2BmDPdntcQ_part_contentDetails", 1, 0, ID_B, NULL, NULL, NULL, NT,
        -1, -1, -1, -1, NULL, 0},
    {"fsyt-016-id_UC0v_tlzsn0QZwJnkiaUSJVQ_maxResults_50_part_statistics", 1, 0,
        "UC0v-tlzsn0QZwJnkiaUSJVQ", NULL, NULL, NULL, NT, 19900000, 2196, 8706674678, 0, NULL, 0},
    {"fsyt-017-id_UCBR8_60_B28hp2BmDPdntcQ_part_snippet", 1, 0, ID_B, "YouTube", NULL, "US", NT, -1,
        -1, -1, -1, NULL, 228},
    {"fsyt-018-id_UCBR8_60_B28hp2BmDPdntcQ_part_status", 1, 0, ID_B, NULL, NULL, NULL, NT, -1, -1,
        -1, -1, "public", 0},
    {"fsyt-019-id_UCBR8_60_B28hp2BmDPdntcQ_maxResults_50_part_statistics", 1, 0, ID_B, NULL, NULL,
        NULL, NT, 29500000, 308, 2031442907, 0, NULL, 0},
    {"fsyt-020-id_UCxO1tY8h1AhOz0T4ENwmpow_part_snippet", 1, 0, "UCxO1tY8h1AhOz0T4ENwmpow",
        "FullscreenMedia", NULL, "US", 1143094405, -1, -1, -1, -1, NULL, 387},
    {"issue-no-items-key-mine25", 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, 0},
    {"issue-no-items-key-terminated", 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, 0},
    {"joostlek-channel_response_snippet", 1, 0, ID_A, "Google for Developers", "@googledevelopers",
        "US", 1187829283, 2300000, 5783, 234084903, 0, NULL, 177},
    {"mitodl-channels.list.0", 3, 0, "UCEBb1b_L6zDS3xTUrIALZOw", "MIT OpenCourseWare", "mitocw",
        "US", 1129023374, -1, -1, -1, -1, NULL, 882},
    {"mitodl-channels.list.0", 3, 1, "UCTBMWu8yshnAmpzR3MoJFtw", "MITx Videos", "mitxvideos", "US",
        1398263377, -1, -1, -1, -1, NULL, 619},
    {"mitodl-channels.list.0", 3, 2, "UCBpxspUNl1Th33XbugiHJzw", "MITCSAIL", "mitcsail", NULL,
        1186691860, -1, -1, -1, -1, NULL, 348},
    {"smapp-channel_metadata", 1, 0, ID_A, "Google Developers", "googledevelopers", NULL,
        1187829283, 1613009, 4785, 142708710, 0, NULL, 157},
};

enum { N_RECORDED = sizeof recorded / sizeof recorded[0] };

static void fixture_path(char *buf, size_t size, const char *name, const char *end)
{
	const char *root = getenv("TOP_SRCDIR");

	snprintf(buf, size, "%s/" FIXTURES "/%s%s", root ? root : ".", name, end);
}

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;

	if (!f)
		return NULL;
	text = malloc(1 << 16);
	assert_non_null(text);
	*len = fread(text, 1, 1 << 16, f);
	fclose(f);
	return text;
}

static void check_recorded(const struct channel_meta *m, const struct recorded *want)
{
	char id[CID_TEXT + 1];

	assert_string_equal(cid_format(&m->cid, id), want->id);
	check_text(m->title, want->title);
	check_text(m->custom_url, want->custom_url);
	check_text(m->country, want->country);
	check_text(m->privacy_status, want->privacy);
	assert_int_equal(m->published_at, want->published);
	assert_int_equal(m->subscriber_count, want->subscribers);
	assert_int_equal(m->video_count, want->videos);
	assert_int_equal(m->view_count, want->views);
	assert_int_equal(m->hidden_subscribers, want->hidden);
	assert_int_equal(m->made_for_kids, -1);
	assert_int_equal(m->description ? strlen(m->description) : 0, want->description);
	assert_int_equal(m->keywords.n, -1);
	assert_int_equal(m->topics.n, -1);
	assert_non_null(m->etag);
	if (m->title) {
		assert_non_null(m->thumbnail_url);
		assert_memory_equal(m->thumbnail_url, "https://yt3.ggpht.com/", 22);
		assert_non_null(strstr(m->thumbnail_url, "=s800-"));
	}
}

static void test_recorded(void **state)
{
	struct fix *f = *state;
	char path[512];

	for (size_t i = 0; i < N_RECORDED; i++) {
		size_t len = 0;
		char *body;

		fixture_path(path, sizeof path, recorded[i].file, ".json");
		body = read_file(path, &len);
		if (!body) {
			print_message("skipped: %s is not there\n", path);
			skip();
		}
		assert_int_equal(parse_n(f, body, len), ERR_OK);
		assert_int_equal(f->n, recorded[i].n);
		assert_int_equal(f->odd, 0);
		if (recorded[i].n)
			check_recorded(&f->rows[recorded[i].at], &recorded[i]);
		free(body);
	}
}

static void test_no_fixture_left_out(void **state)
{
	char path[512];
	struct dirent *e;
	size_t files = 0, named = 0;
	DIR *d;

	(void)state;
	fixture_path(path, sizeof path, "", "");
	d = opendir(path);
	if (!d) {
		print_message("skipped: %s is not there\n", path);
		skip();
	}
	while ((e = readdir(d)) != NULL)
		files += strstr(e->d_name, ".json") != NULL;
	closedir(d);
	for (size_t i = 0; i < N_RECORDED; i++)
		named += recorded[i].at == 0;
	assert_int_equal(files, named);
}

/* ---- made replies ---- */

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

static void test_torn(void **state)
{
	static const char *const rows[] = {"", "[]", "null", "5", "\"x\"", "{\"items\":{}}",
	    "{\"items\":null}", "{\"items\":\"x\"}", "{\"items\":[]", "<html></html>",
	    "{\"error\":{\"code\":503}}", "{\"items\":[],\"error\":{}}",
	    "{\"kind\":\"youtube#videoListResponse\",\"items\":[]}",
	    "{\"items\":[]}{\"items\":[]}"};
	static const char nul[] = "{\"items\":[]}\0\0";
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(parse(f, rows[i]), ERR_INVALID);
		assert_int_equal(f->n, 0);
		assert_null(f->rows);
		assert_true(strlen(f->eb.text) > 10);
	}
	assert_int_equal(parse_n(f, nul, sizeof nul - 1), ERR_INVALID);
	assert_int_equal(parse(f, "{}"), ERR_OK);
	assert_int_equal(f->n, 0);
}

static void test_odd_and_repeated(void **state)
{
	struct fix *f = *state;

	assert_int_equal(
	    parse(f, "{\"items\":[null,5,\"x\",[],{},{\"id\":5},{\"id\":\"not a channel\"},"
	             "{\"id\":\"" ID_A "\",\"snippet\":{\"title\":\"first\"}},"
	             "{\"id\":\"UC_x5XG1OV2P6uZZ5FSM9Ttx\"},"
	             "{\"id\":\"" ID_A "\",\"snippet\":{\"title\":\"second\"}},"
	             "{\"id\":\"" ID_A "\\u0000\"},{\"id\":\"" ID_B "\"}]}"),
	    ERR_OK);
	assert_int_equal(f->n, 2);
	assert_int_equal(f->odd, 9);
	check_text(f->rows[0].title, "first");
	assert_int_equal(
	    channels_parse(f->reader, "{\"items\":[1]}", 13, f->arena, &f->rows, &f->n, NULL, NULL),
	    ERR_OK);
	assert_int_equal(f->n, 0);
}

/* Fifty channels in an order of their own: each row has its own texts. */
static void test_fifty_shuffled(void **state)
{
	struct fix *f = *state;
	struct cid cid;
	struct str body;
	char id[CID_TEXT + 1];

	str_init(&body, 1 << 20);
	str_adds(&body, "{\"kind\":\"youtube#channelListResponse\",\"items\":[");
	assert_true(cid_parse(ID_A, 24, &cid));
	for (int i = 0; i < 50; i++) {
		int k = i * 37 % 50;
		cid.b[3] = (unsigned char)k;
		str_addf(&body,
		    "%s{\"id\":\"%s\",\"snippet\":{\"title\":\"T%d\"},\"statistics\":{"
		    "\"viewCount\":\"%d\"}}",
		    i ? "," : "", cid_format(&cid, id), k, k * 1000);
	}
	str_adds(&body, "]}");
	assert_int_equal(parse_n(f, body.text, body.len), ERR_OK);
	assert_int_equal(f->n, 50);
	for (int i = 0; i < 50; i++) {
		char want[16];
		int k = f->rows[i].cid.b[3];
		assert_int_equal(k, i * 37 % 50);
		snprintf(want, sizeof want, "T%d", k);
		check_text(f->rows[i].title, want);
		assert_int_equal(f->rows[i].view_count, k * 1000);
	}
	str_done(&body);
}

static void test_truncated_everywhere(void **state)
{
	static const char body[] =
	    " {\"kind\":\"youtube#channelListResponse\",\"items\":[{\"id\":\"" ID_A
	    "\",\"snippet\":{\"title\":\"T\\ud83d\\ude00\xC3\xA4\",\"thumbnails\":{\"high\":{"
	    "\"url\":"
	    "\"u\",\"width\":800}}},\"statistics\":{\"viewCount\":\"5\",\"videoCount\":17},"
	    "\"topicDetails\":{\"topicCategories\":[\"t\"]},\"status\":{\"madeForKids\":false}}]}";
	struct fix *f = *state;

	for (size_t n = 0; n < sizeof body - 1; n++) {
		char *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, body, n);
		assert_int_equal(parse_n(f, copy, n), ERR_INVALID);
		assert_int_equal(f->n, 0);
		/* with NULs instead of the rest */
		free(copy);
		copy = calloc(1, sizeof body);
		assert_non_null(copy);
		memcpy(copy, body, n);
		assert_int_equal(parse_n(f, copy, sizeof body - 1), ERR_INVALID);
		free(copy);
	}
	assert_int_equal(parse(f, body), ERR_OK);
	assert_int_equal(f->n, 1);
	check_text(f->rows[0].title, "T\xF0\x9F\x98\x80\xC3\xA4");
	assert_int_equal(f->rows[0].made_for_kids, 0);
}

static void test_nested(void **state)
{
	enum { DEPTH = 10000 };
	struct fix *f = *state;
	struct str body;

	str_init(&body, 1 << 20);
	str_adds(&body, "{\"items\":[{\"id\":\"" ID_A "\",\"snippet\":");
	for (int i = 0; i < DEPTH; i++)
		str_adds(&body, "{\"title\":");
	str_adds(&body, "1");
	for (int i = 0; i < DEPTH; i++)
		str_addc(&body, '}');
	str_adds(&body, "}]}");
	assert_int_equal(parse_n(f, body.text, body.len), ERR_LIMIT);
	assert_int_equal(f->n, 0);
	str_done(&body);
}

/* A reply that is far too long is cut, not believed and not a danger. */
static void test_too_many(void **state)
{
	struct fix *f = *state;
	struct cid cid;
	struct str body;
	char id[CID_TEXT + 1];

	str_init(&body, 4 << 20);
	str_adds(&body, "{\"items\":[0");
	assert_true(cid_parse(ID_A, 24, &cid));
	for (int i = 0; i < 5000; i++) {
		cid.b[2] = (unsigned char)(i >> 8);
		cid.b[3] = (unsigned char)i;
		str_addf(&body, ",{\"id\":\"%s\"}", cid_format(&cid, id));
	}
	str_adds(&body, "]}");
	assert_int_equal(parse_n(f, body.text, body.len), ERR_OK);
	assert_int_equal(f->n, 1000);
	str_done(&body);
}

static void test_memory(void **state)
{
	static const char body[] = "{\"items\":[{\"id\":\"" ID_A "\",\"snippet\":{\"title\":"
	                           "\"0123456789012345678901234567890123456789\"}}]}";
	struct fix *f = *state;

	/* each limit at which another allocation is the one that fails */
	for (size_t limit = 1; limit <= 700; limit += 20) {
		struct arena *a = arena_new(limit);
		enum err e;
		assert_non_null(a);
		e = channels_parse(
		    f->reader, body, sizeof body - 1, a, &f->rows, &f->n, NULL, &f->eb);
		assert_true(e == ERR_NOMEM || (e == ERR_OK && f->n == 1 && f->rows[0].title));
		assert_true(limit > 200 || e == ERR_NOMEM);
		arena_free(a);
	}
}

/* ---- keywords ---- */

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
#define T(name) cmocka_unit_test_setup_teardown(name, fix_start, fix_end)
	const struct CMUnitTest tests[] = {T(test_query), T(test_recorded),
	    T(test_no_fixture_left_out), T(test_all_fields), T(test_counts), T(test_thumbnails),
	    T(test_fallbacks_and_cleaning), T(test_wrong_types), T(test_torn),
	    T(test_odd_and_repeated), T(test_fifty_shuffled), T(test_truncated_everywhere),
	    T(test_nested), T(test_too_many), T(test_memory), T(test_keywords)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* channels.list: the query, and replies that were recorded. */
#include "config.h"
#include "tests/unit/recorded.h"
#include "tests/unit/channels_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

		recorded_path(path, sizeof path, "channels", recorded[i].file, ".json");
		body = recorded_read(path, &len);
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
	recorded_path(path, sizeof path, "channels", "", "");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNELS_TEST(test_query),
	    CHANNELS_TEST(test_recorded),
	    CHANNELS_TEST(test_no_fixture_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* videos.list and playlistItems.list: every recorded reply, value by value as jansson reads it. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/youtube/playlist_items.h"
#include "engine/youtube/videos.h"
#include "tests/unit/recorded.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <string.h>

struct tally {
	int files, items, durations, views, no_comments, tags;
};

static const char *text_at(const json_t *item, const char *part, const char *name)
{
	return json_string_value(json_object_get(json_object_get(item, part), name));
}

/* An empty text is no text; a few hold line ends and controls that are cleaned. */
static void check_text(const char *got, const char *want)
{
	if (!want || !*want)
		assert_null(got);
	else if (!text_is_clean(want, strlen(want)))
		assert_true(got && text_is_clean(got, strlen(got)));
	else
		assert_string_equal(got ? got : "(null)", want);
}

static void check_count(int64_t got, const char *want)
{
	assert_int_equal(got, want ? strtoll(want, NULL, 10) : COUNT_NONE);
}

static void check_video(const struct video_row *v, const json_t *item, struct tally *t)
{
	const json_t *tags = json_object_get(json_object_get(item, "snippet"), "tags");
	const char *published = text_at(item, "snippet", "publishedAt");
	char id[VID_TEXT + 1];
	int64_t at = INT64_MIN;

	assert_string_equal(vid_format(v->vid, id), json_string_value(json_object_get(item, "id")));
	check_text(v->title, text_at(item, "snippet", "title"));
	check_text(v->description, text_at(item, "snippet", "description"));
	check_text(v->live_state, text_at(item, "snippet", "liveBroadcastContent"));
	check_text(v->audio_language, text_at(item, "snippet", "defaultAudioLanguage"));
	check_text(v->duration, text_at(item, "contentDetails", "duration"));
	check_text(v->privacy_status, text_at(item, "status", "privacyStatus"));
	check_count(v->view_count, text_at(item, "statistics", "viewCount"));
	check_count(v->like_count, text_at(item, "statistics", "likeCount"));
	check_count(v->comment_count, text_at(item, "statistics", "commentCount"));
	check_count(v->category, text_at(item, "snippet", "categoryId"));
	assert_int_equal(v->tags.n, tags ? (int)json_array_size(tags) : -1);
	if (published)
		assert_int_equal(clock_parse_rfc3339(published, strlen(published), &at), ERR_OK);
	assert_true(v->published_at == at);
	assert_true((v->duration_s == VIDEO_UNKNOWN) == (v->duration == NULL));
	t->items++;
	t->durations += v->duration_s > 0;
	t->views += v->view_count >= 0;
	t->no_comments += v->view_count >= 0 && v->comment_count < 0;
	t->tags += v->tags.n > 0;
}

/* Calls fn for each recorded file of a folder; skips the test when there are none. */
static void each_file(
    const char *folder, void (*fn)(const char *body, size_t len, struct tally *t), struct tally *t)
{
	char path[1024];
	struct dirent *e;
	DIR *d;

	recorded_path(path, sizeof path, folder, "", "");
	d = opendir(path);
	if (!d)
		skip();
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		char *body;
		if (len < 5 || strcmp(e->d_name + len - 5, ".json") != 0)
			continue;
		recorded_path(path, sizeof path, folder, e->d_name, "");
		body = recorded_read(path, &len);
		assert_non_null(body);
		fn(body, len, t);
		t->files++;
		free(body);
	}
	closedir(d);
}

static void check_videos_file(const char *body, size_t len, struct tally *t)
{
	struct json_reader *reader = json_reader_new(8 << 20, 64);
	struct arena *arena = arena_new(0);
	json_t *told = json_loadb(body, len, 0, NULL);
	const json_t *items = json_object_get(told, "items");
	struct video_row *rows;
	struct errbuf eb = {0};
	int n, odd;

	assert_non_null(items);
	if (videos_parse(reader, body, len, arena, &rows, &n, &odd, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(n, json_array_size(items));
	assert_int_equal(odd, 0);
	for (int i = 0; i < n; i++)
		check_video(&rows[i], json_array_get(items, (size_t)i), t);
	json_decref(told);
	arena_free(arena);
	json_reader_free(reader);
}

static void test_videos(void **state)
{
	struct tally t = {0};

	(void)state;
	each_file("videos", check_videos_file, &t);
	/* the recordings do hold what matters */
	assert_true(t.files > 40 && t.items > 300);
	assert_true(t.durations > 100 && t.views > 50 && t.tags > 100 && t.no_comments > 5);
}

static void check_page_file(const char *body, size_t len, struct tally *t)
{
	struct json_reader *reader = json_reader_new(8 << 20, 64);
	json_t *told = json_loadb(body, len, 0, NULL), *item;
	const char *token = json_string_value(json_object_get(told, "nextPageToken"));
	struct playlist_page page;
	struct errbuf eb = {0};
	int n = 0;
	size_t i;

	if (playlist_items_parse(reader, body, len, &page, &eb))
		fail_msg("%s", eb.text);
	check_text(page.token, token);
	json_array_foreach(json_object_get(told, "items"), i, item)
	{
		const char *id = text_at(item, "contentDetails", "videoId");
		char text[VID_TEXT + 1];
		if (!id)
			continue;
		assert_string_equal(vid_format(page.items[n].vid, text), id);
		assert_int_equal(page.items[n].tombstone,
		    text_at(item, "contentDetails", "videoPublishedAt") == NULL);
		t->tags += page.items[n++].tombstone;
	}
	assert_int_equal(page.n, n);
	t->items += n;
	json_decref(told);
	json_reader_free(reader);
}

static void test_pages(void **state)
{
	struct tally t = {0};

	(void)state;
	each_file("playlistItems", check_page_file, &t);
	assert_true(t.files > 20 && t.items > 80);
	assert_int_equal(t.tags, 2); /* tombstones */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_videos),
	    cmocka_unit_test(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

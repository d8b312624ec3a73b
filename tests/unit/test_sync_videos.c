/* What the sync pushes besides channels: their videos, their discoveries, and what is to be gone. */
#include "config.h"
#include "tests/unit/sync_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* x'…' of a channel's key; valid for three more calls. */
static const char *hex_of(uint32_t i)
{
	static char text[4][2 * CID_BYTES + 4];
	static int at;
	struct cid key = key_of(i);
	char *p = text[at = (at + 1) % 4];

	snprintf(p, 3, "x'");
	for (int k = 0; k < CID_BYTES; k++)
		snprintf(p + 2 + 2 * k, 3, "%02x", key.b[k]);
	snprintf(p + 2 + 2 * CID_BYTES, 2, "'");
	return p;
}

static void stage(struct bench *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void stage(struct bench *b, const char *fmt, ...)
{
	struct str sql;
	va_list ap;

	str_init(&sql, 65536);
	va_start(ap, fmt);
	str_addv(&sql, fmt, ap);
	va_end(ap);
	change(b, run_sql, (struct change){.sql = str_get(&sql)});
	str_done(&sql);
	count_outbox(b);
}

/* n videos of channel i, vids from first on. */
static void put_videos(struct bench *b, uint32_t i, int first, int n, int at)
{
	stage(b,
	    "WITH RECURSIVE n (v) AS (SELECT %d UNION ALL SELECT v + 1 FROM n WHERE v < %d) "
	    "INSERT INTO video (channel, vid, title, description, duration, duration_s, tags, "
	    "view_count, privacy_status, fetched_at, counted_at) SELECT %s, v, 'video ' || v, "
	    "'text', 'PT5M', 300, '[\"a\",\"b \\\"c\\\"\"]', v * 10, 'public', %d, %d FROM n",
	    first, first + n - 1, hex_of(i), at, at);
}

/* n edges from channel i to made-up channels from number `first` on. */
static void put_edges(struct bench *b, uint32_t i, int first, int n, const char *method)
{
	stage(b,
	    "WITH RECURSIVE n (v) AS (SELECT %d UNION ALL SELECT v + 1 FROM n WHERE v < %d) "
	    "INSERT INTO edge SELECT %s, CAST(printf('%%016d', v) AS BLOB), '%s', 'youtube', 0.1, "
	    "2, 0, "
	    "1700000000, 1700000500 FROM n",
	    first, first + n - 1, hex_of(i), method);
}

static void outbox(struct bench *b, enum outbox_kind kind, uint32_t i, int64_t num)
{
	stage(b, "INSERT INTO outbox (kind, num, key) VALUES (%d, %lld, %s)", (int)kind,
	    (long long)num, hex_of(i));
}

/* Everything once more: nothing that stands is written again. */
static void check_walk_again(struct bench *b, int64_t rows)
{
	struct sync_numbers n;

	stage(b, "INSERT INTO outbox (kind) VALUES (1)");
	n = push(b);
	assert_int_equal(n.rows, rows);
	assert_int_equal(n.written, 0);
	assert_int_equal(n.refused, 0);
}

static void test_walk(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	fill(b, 0, 3000);
	/* few, so many that they need several batches, none; the first and the last channel too */
	for (uint32_t i = 0; i < 40; i++)
		put_videos(b, i * 70, (int)i * 100, 25, 1700000000);
	put_videos(b, 5, 10000, 3500, 1700000000);
	stage(b,
	    "INSERT INTO video (channel, vid, fetched_at, counted_at) SELECT max(cid), -1, 5, 5 "
	    "FROM channel UNION ALL SELECT min(cid), -2, 5, 5 FROM channel");
	put_edges(b, 5, 1, 2500, "youtube_featured");
	put_edges(b, 140, 7, 3, "playlists");
	put_edges(b, 140, 7, 3, "subscriptions");
	assert_int_equal(push(b).rows, 3000 + 1000 + 3500 + 2 + 2506);
	check_equal(b, 3000, 0);
	assert_string_equal(
	    ask(b, "SELECT concat_ws(' ', count(*), count(DISTINCT video_id), sum(v.view_count), "
	           "count(*) FILTER (WHERE v.channel_external_id = c.channel_id)) FROM videos v "
	           "JOIN channels c ON c.id = v.channel_id"),
	    "4502 4502 430852500 4502");
	assert_string_equal(
	    ask(b, "SELECT concat_ws(' ', count(*), count(DISTINCT discovered_channel_id), "
	           "count(DISTINCT source_channel_id)) FROM channel_discoveries"),
	    "2506 2500 2");
	check_walk_again(b, 10008);
	bench_free(b);
}

/* Imports come later, when the walk over everything is long done. */
static void test_origin(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	fill(b, 0, 50);
	put_videos(b, 7, 0, 3, 1700000000);
	push(b);
	fill(b, 100, 2500);
	put_videos(b, 150, 100, 30, 1700000000);
	put_videos(b, 1500, 200, 30, 1700000000);
	put_videos(b, 8, 300, 5, 1700000000); /* another's: not of this walk */
	put_edges(b, 2000, 1, 4, "playlists");
	stage(b,
	    "INSERT INTO origin (id, source, label, created_at) VALUES (77, 'migration', 'x', 5); "
	    "UPDATE channel SET origin = 77 WHERE title LIKE 'imported 1%%' OR title LIKE "
	    "'imported 2%%'; INSERT INTO outbox (kind, num) VALUES (2, 77)");
	push(b);
	assert_string_equal(
	    ask(b, "SELECT concat_ws(' ', (SELECT count(*) FROM videos), (SELECT count(*) FROM "
	           "channel_discoveries), (SELECT count(*) FROM channels))"),
	    "63 4 1850");
	bench_free(b);
}

static void test_fields(void **state)
{
	struct bench *b = bench_new();
	char title[1201];

	(void)state;
	for (size_t i = 0; i < 600; i++)
		memcpy(title + 2 * i, "\xC3\xA9", 2);
	title[1200] = '\0';
	fill(b, 1, 1);
	stage(b,
	    "INSERT INTO video (channel, vid, title, description, published_at, duration, "
	    "duration_s, category, tags, thumbnail_url, view_count, like_count, live_state, "
	    "default_language, audio_language, language, language_source, language_confidence, "
	    "privacy_status, made_for_kids, fetched_at, counted_at, absent_day) VALUES (%s, 0, "
	    "'%s', 'one' || char(10, 9, 92) || 'end', 1262304000, 'P1DT2H', 93600, 99999999999, "
	    "'[\"plain\",\"q\\\"\",\"\"]', printf('%%.*c', 700, 'u'), 9223372036854775807, 0, "
	    "'upcoming', 'zh-Hant-TW', 'en-GB', 'zh-Hant-Long', 'youtube', 100, 'unlisted', 1, "
	    "1700000000, 1700000100, 20000)",
	    hex_of(1), title);
	stage(b, "INSERT INTO video (channel, vid, fetched_at, counted_at) VALUES (%s, 1, 0, 0)",
	    hex_of(1));
	assert_int_equal(push(b).rows, 3);
	assert_string_equal(
	    ask(b,
	        "SELECT concat_ws(',', char_length(title), published_at, duration, "
	        "duration_seconds, coalesce(category_id::text, '-'), char_length(thumbnail_url), "
	        "view_count, like_count, coalesce(comment_count::text, '-'), live_state, "
	        "default_language, audio_language, language, language_source, "
	        "language_confidence, privacy_status, made_for_kids, absent_on, fetched_at, "
	        "counted_at) FROM videos WHERE title IS NOT NULL"),
	    "500,2010-01-01 00:00:00,P1DT2H,93600,-,500,9223372036854775807,0,-,upcoming,"
	    "zh-Hant-TW,en-GB,zh-Hant-Lo,youtube,100,unlisted,t,2024-10-04,2023-11-14 22:13:20,"
	    "2023-11-14 22:15:00");
	assert_string_equal(
	    ask(b, "SELECT description = E'one\\n\\t\\\\end' AND tags = ARRAY['plain', 'q\"', ''] "
	           "FROM videos WHERE title IS NOT NULL"),
	    "t");
	assert_string_equal(
	    ask(b, "SELECT num_nulls(title, description, published_at, duration, "
	           "duration_seconds, view_count, like_count, comment_count, thumbnail_url, tags, "
	           "category_id, language, made_for_kids, absent_on) FROM videos WHERE title IS "
	           "NULL"),
	    "14");
	bench_free(b);
}

/* A single row brings the channel along, and what it had on the way is sent as it is now. */
static void test_single_rows(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;

	(void)state;
	fill(b, 0, 10);
	push(b);
	fill(b, 20, 3);
	put_videos(b, 20, 1, 2500, 1700000000);
	put_videos(b, 21, 5000, 5, 1700000000);
	put_edges(b, 22, 1, 3, "playlists");
	put_edges(b, 3, 1, 2, "playlists");
	outbox(b, OUTBOX_VIDEOS, 20, 0);
	outbox(b, OUTBOX_VIDEOS, 20, 0);
	outbox(b, OUTBOX_VIDEOS, 21, 0);
	outbox(b, OUTBOX_EDGES, 22, 0);
	outbox(b, OUTBOX_EDGES, 3, 0);
	outbox(b, OUTBOX_VIDEOS, 999, 0); /* erased since */
	n = push(b);
	assert_int_equal(n.rows, 4 + 2505 + 5);
	assert_int_equal(n.refused, 0);
	assert_string_equal(
	    ask(b, "SELECT concat_ws(' ', (SELECT count(*) FROM videos), (SELECT count(*) FROM "
	           "channel_discoveries), (SELECT count(*) FROM channels))"),
	    "2505 5 13");
	stage(b, "UPDATE video SET title = 'again', fetched_at = 1700000001 WHERE vid = 5000");
	stage(b, "UPDATE edge SET seen = 3, last_seen = 1700000501 WHERE source = %s", hex_of(3));
	outbox(b, OUTBOX_VIDEOS, 21, 0);
	outbox(b, OUTBOX_EDGES, 3, 0);
	assert_int_equal(push(b).written, 3);
	assert_string_equal(
	    ask(b, "SELECT concat_ws(' ', (SELECT count(*) FROM videos WHERE title = 'again'), "
	           "(SELECT sum(times_seen) FROM channel_discoveries))"),
	    "1 12");
	bench_free(b);
}

/* Another node has read the same videos: texts and counts are each as new as can be. */
static void test_newest_wins(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	fill(b, 1, 1);
	put_videos(b, 1, 0, 4, 1700000000);
	put_edges(b, 1, 1, 2, "playlists");
	push(b);
	ask(b, "UPDATE videos SET title = 'theirs', fetched_at = '2100-01-01', view_count = 7");
	ask(b, "UPDATE videos SET counted_at = '2100-01-01' WHERE duration_seconds = 300 AND "
	       "video_id = (SELECT min(video_id COLLATE \"C\") FROM videos)");
	ask(b, "UPDATE channel_discoveries SET times_seen = 50, last_seen = '2100-01-01'");
	stage(b,
	    "UPDATE video SET title = 'ours', fetched_at = fetched_at + 1, view_count = 99, "
	    "counted_at = counted_at + 2; UPDATE edge SET seen = 3, last_seen = last_seen + 1");
	outbox(b, OUTBOX_VIDEOS, 1, 0);
	outbox(b, OUTBOX_EDGES, 1, 0);
	push(b);
	assert_string_equal(
	    ask(b, "SELECT string_agg(concat_ws(' ', title, view_count), ',' ORDER BY video_id "
	           "COLLATE \"C\") FROM videos"),
	    "theirs 7,theirs 99,theirs 99,theirs 99");
	assert_string_equal(ask(b, "SELECT sum(times_seen) FROM channel_discoveries"), "100");
	/* and the other way round */
	ask(b, "UPDATE videos SET fetched_at = '2001-01-01', counted_at = '2100-01-01'");
	outbox(b, OUTBOX_VIDEOS, 1, 0);
	push(b);
	assert_string_equal(ask(b, "SELECT string_agg(DISTINCT concat_ws(' ', title, counted_at > "
	                           "'2099-01-01'), ',') FROM videos"),
	    "ours t");
	bench_free(b);
}

static void test_refused_rows(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	char *log, id[VID_TEXT + 1];

	(void)state;
	fill(b, 0, 20);
	push(b);
	ask(b, "ALTER TABLE videos ADD CONSTRAINT no_seven CHECK (title NOT LIKE '%77')");
	ask(b, "ALTER TABLE channel_discoveries ADD CONSTRAINT no_lists CHECK (discovery_method <> "
	       "'playlists')");
	ask(b, "ALTER TABLE channels ADD CONSTRAINT no_hundred CHECK (title <> 'imported 100')");
	for (uint32_t i = 0; i < 20; i++) {
		put_videos(b, i, (int)i * 10, 10, 1700000000);
		outbox(b, OUTBOX_VIDEOS, i, 0);
	}
	fill(b, 100, 1); /* refused with what hangs on it */
	put_videos(b, 100, 1000, 2, 1700000000);
	outbox(b, OUTBOX_VIDEOS, 100, 0);
	put_edges(b, 4, 1, 3, "playlists");
	put_edges(b, 4, 1, 3, "subscriptions");
	outbox(b, OUTBOX_EDGES, 4, 0);
	n = push(b);
	assert_int_equal(n.refused, 2 + 3 + 3);
	assert_int_equal(n.rows, 20 + 198 + 3);
	assert_string_equal(ask(b, "SELECT count(*) FROM videos"), "198");
	log = read_log(b);
	assert_non_null(strstr(log, vid_format(77, id)));
	assert_non_null(strstr(log, vid_format(1001, id)));
	assert_non_null(strstr(log, "no_seven"));
	assert_non_null(strstr(log, "no_lists"));
	assert_non_null(strstr(log, id_of(100)));
	free(log);
	bench_free(b);
}

/* As purge leaves staging. */
static void erase(struct bench *b, uint32_t i)
{
	const char *key = hex_of(i);

	stage(b,
	    "DELETE FROM video WHERE channel = %s; DELETE FROM edge WHERE %s IN (source, target); "
	    "DELETE FROM channel_meta WHERE cid = %s; DELETE FROM channel WHERE cid = %s",
	    key, key, key, key);
	outbox(b, OUTBOX_ERASE, i, 0);
}

static void test_erase(void **state)
{
	struct bench *b = bench_new();
	char sql[640];

	(void)state;
	fill(b, 0, 100);
	put_videos(b, 7, 0, 10, 1700000000);
	put_videos(b, 8, 50, 10, 1700000000);
	put_edges(b, 7, 1, 5, "playlists");
	stage(b, "INSERT INTO edge VALUES (%s, %s, 'playlists', 'youtube', 0.5, 1, 1, 5, 5)",
	    hex_of(9), hex_of(7));
	push(b);
	snprintf(sql, sizeof sql,
	    "UPDATE channels SET discovered_from = (SELECT id FROM channels WHERE channel_id = "
	    "'%s') WHERE channel_id = '%s'; INSERT INTO processing_jobs (job_type, channel_id) "
	    "SELECT 'old', id FROM channels WHERE channel_id = '%s'",
	    id_of(7), id_of(8), id_of(7));
	ask(b, sql);
	/* rows that were on their way before it went, and one that stands again */
	outbox(b, OUTBOX_CHANNEL, 7, 0);
	outbox(b, OUTBOX_VIDEOS, 7, 0);
	erase(b, 7);
	outbox(b, OUTBOX_VIDEOS, 7, 0);
	outbox(b, OUTBOX_EDGES, 7, 0);
	erase(b, 10);
	fill(b, 10, 1);
	assert_int_equal(push(b).refused, 0);
	snprintf(sql, sizeof sql,
	    "SELECT concat_ws(' ', (SELECT count(*) FROM channels), (SELECT count(*) FROM channels "
	    "WHERE channel_id IN ('%s', '%s')), (SELECT count(*) FROM videos), (SELECT count(*) "
	    "FROM channel_discoveries), (SELECT count(discovered_from) FROM channels), (SELECT "
	    "count(*) FROM processing_jobs WHERE channel_id IS NULL))",
	    id_of(7), id_of(10));
	assert_string_equal(ask(b, sql), "99 1 10 0 0 1");
	/* everything once more: it stays away; imported again: it is back */
	stage(b, "INSERT INTO outbox (kind) VALUES (1)");
	push(b);
	assert_string_equal(ask(b, "SELECT count(*) FROM channels"), "99");
	fill(b, 7, 1);
	outbox(b, OUTBOX_CHANNEL, 7, 0);
	push(b);
	assert_string_equal(ask(b, "SELECT count(*) FROM channels"), "100");
	bench_free(b);
}

/* An erasure is noted even if no walk has begun: PostgreSQL may have the channel from elsewhere. */
static enum err add_erase(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;
	struct cid key = key_of(c->first);

	return staging_outbox_add(s, OUTBOX_ERASE, 0, &key, eb);
}

static void test_erase_before_any_walk(void **state)
{
	struct bench *b = bench_new();
	char sql[160];

	(void)state;
	push(b);
	snprintf(sql, sizeof sql, "INSERT INTO channels (channel_id) VALUES ('%s'), ('%s')",
	    id_of(1), id_of(2));
	ask(b, sql);
	stage(b, "DELETE FROM outbox; INSERT INTO outbox (kind) VALUES (1)");
	fill(b, 2, 1);
	change(b, add_erase, (struct change){.first = 1});
	change(b, add_erase, (struct change){.first = 2}); /* stands in staging: sent again */
	push(b);
	assert_string_equal(
	    ask(b, "SELECT string_agg(channel_id || ' ' || title, ',') FROM channels"),
	    (snprintf(sql, sizeof sql, "%s imported 2", id_of(2)), sql));
	bench_free(b);
}

static void test_forget(void **state)
{
	struct bench *b = bench_new();
	char sql[640];

	(void)state;
	fill(b, 1, 4);
	fetch(b, 1, 3, "fetched", 1700000000);
	put_videos(b, 1, 0, 10, 1700000000);
	put_videos(b, 1, 20, 5, 1700009000);
	put_edges(b, 1, 1, 5, "playlists");
	push(b);
	snprintf(sql, sizeof sql,
	    "UPDATE channels SET fetched_at = '2100-01-01' WHERE channel_id = '%s'", id_of(2));
	ask(b, sql); /* another node has read it since */
	stage(b, "DELETE FROM channel_meta; DELETE FROM edge; DELETE FROM video WHERE fetched_at < "
	         "1700005000; UPDATE channel SET metadata = 0");
	for (uint32_t i = 1; i <= 3; i++)
		outbox(b, OUTBOX_FORGET, i, 1700005000);
	assert_int_equal(push(b).refused, 0);
	snprintf(sql, sizeof sql,
	    "SELECT string_agg(concat_ws(' ', metadata_fetched, metadata_state, "
	    "coalesce(left(title, 8), '-'), num_nulls(description, subscriber_count, language, "
	    "fetched_at)), ',' ORDER BY array_position(ARRAY['%s','%s','%s','%s'], "
	    "channel_id::text)) FROM channels",
	    id_of(1), id_of(2), id_of(3), id_of(4));
	assert_string_equal(ask(b, sql),
	    "f pending imported 4,t done fetched  0,f pending imported 4,"
	    "f pending imported 4");
	assert_string_equal(
	    ask(b, "SELECT concat_ws(' ', (SELECT count(*) FROM videos), (SELECT count(*) FROM "
	           "channel_discoveries))"),
	    "5 0");
	/* fetched anew: it comes back */
	fetch(b, 1, 1, "anew", 1700010000);
	push(b);
	assert_string_equal(
	    ask(b, "SELECT count(*) FROM channels WHERE title = 'anew 1' AND metadata_fetched"),
	    "1");
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_origin),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_single_rows),
	    cmocka_unit_test(test_newest_wins),
	    cmocka_unit_test(test_refused_rows),
	    cmocka_unit_test(test_erase),
	    cmocka_unit_test(test_erase_before_any_walk),
	    cmocka_unit_test(test_forget),
	};

	if (!bench_ready())
		return BENCH_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

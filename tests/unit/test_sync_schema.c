/* The sync and its tables: made, found, adopted from the original schema or refused. */
#include "config.h"
#include "tests/unit/sync_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_file(struct bench *b, const char *name)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	struct str sql;
	FILE *f;
	int ch;

	snprintf(path, sizeof path, "CREATE SCHEMA %s", b->schema);
	ask(b, path);
	snprintf(path, sizeof path, "%s/tests/integration/%s", top ? top : ".", name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing", path);
	str_init(&sql, 1 << 20);
	while ((ch = getc(f)) != EOF)
		str_addc(&sql, (char)ch);
	fclose(f);
	ask(b, "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" SCHEMA public");
	ask(b, str_get(&sql));
	str_done(&sql);
}

/* The first of them, and how many are missing up to the last. */
static const char every_version_once[] =
    "SELECT min(version) || ' ' || max(version) - count(*) FROM tubeops_schema";

static void test_empty_database(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	assert_int_equal(push(b).rows, 0);
	assert_string_equal(ask(b, every_version_once), "1 0");
	assert_string_equal(ask(b, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class "
	                           "WHERE relkind = 'r' "
	                           "AND relname NOT LIKE 'cluster%' AND relname NOT LIKE 'quota%' "
	                           "AND relname <> 'work_chunk' "
	                           "AND relnamespace = current_schema()::regnamespace"),
	    "api_keys channel_discoveries channels processing_jobs tubeops_schema videos");
	assert_string_equal(
	    ask(b, "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() "
	           "AND indexname LIKE 'idx\\_%'"),
	    "16");
	assert_string_equal(
	    ask(b, "SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger t "
	           "JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND "
	           "relnamespace = current_schema()::regnamespace"),
	    "update_api_keys_updated_at update_channels_updated_at update_videos_updated_at");
	assert_string_equal(ask(b, "INSERT INTO channels (channel_id) VALUES ('UCx') RETURNING (id "
	                           "IS NOT NULL)::text || "
	                           "metadata_fetched::text || source"),
	    "truefalsemigration");
	assert_int_equal(push(b).rows, 0); /* a second start changes nothing */
	assert_string_equal(ask(b, every_version_once), "1 0");
	bench_free(b);
}

struct migrant {
	struct bench *b;
	struct errbuf eb;
	enum err err;
};

static void *migrate_main(void *arg)
{
	struct migrant *m = arg;
	struct postgres_config cfg = {.url = m->b->secret, .log = m->b->log};
	struct postgres *pg = NULL;

	m->err = postgres_open(&pg, &cfg, &m->eb);
	if (!m->err)
		m->err = postgres_migrate(pg, &m->eb);
	postgres_close(pg);
	return NULL;
}

/* Nodes that start together on an empty database: one makes the tables, the others find them. */
static void test_all_at_once(void **state)
{
	struct bench *b = bench_new();
	struct migrant m[4];
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		m[i] = (struct migrant){.b = b};
		assert_int_equal(pthread_create(&threads[i], NULL, migrate_main, &m[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 4; i++)
		if (m[i].err)
			fail_msg("node %d: %s", i, err_text(&m[i].eb));
	assert_string_equal(ask(b, every_version_once), "1 0");
	bench_free(b);
}

static void test_newer_version(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	struct errbuf eb = {0};

	(void)state;
	push(b);
	ask(b, "INSERT INTO tubeops_schema (version) VALUES (9)");
	assert_int_equal(sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb), ERR_DENIED);
	assert_non_null(strstr(eb.text, "newer tubeops"));
	assert_non_null(strstr(eb.text, "version 9"));
	assert_false(n.ok);
	bench_free(b);
}

static void test_adopted(void **state)
{
	struct bench *b = bench_new();
	char sql[1024];

	(void)state;
	run_file(b, "original_schema.sql");
	snprintf(sql, sizeof sql,
	    "INSERT INTO channels (id, channel_id, title, source, metadata_fetched, last_updated, "
	    "created_at) VALUES "
	    "('00000000-0000-4000-8000-000000000001', '%s', 'old', 'discovery', true, "
	    "'2020-01-01', "
	    "'2019-01-01'),"
	    "('00000000-0000-4000-8000-000000000002', '%s', 'newer', 'migration', true, "
	    "'2100-01-01', "
	    "'2019-01-01'),"
	    "('00000000-0000-4000-8000-000000000003', '%s', 'plain', NULL, NULL, '2100-01-01', "
	    "NULL),"
	    "('00000000-0000-4000-8000-000000000004', 'somebody else''s', 'kept', 'migration', "
	    "false, "
	    "'2018-01-01', '2018-01-01')",
	    id_of(1), id_of(2), id_of(3));
	ask(b, sql);
	fill(b, 1, 5);
	fetch(b, 1, 3, "fetched", 1700000000);
	assert_int_equal(push(b).rows, 5);
	assert_string_equal(ask(b, "SELECT count(*) FROM channels"), "6");
	assert_string_equal(
	    ask(b, "SELECT string_agg(concat_ws(':', right(id::text, 1), title, source, "
	           "metadata_fetched, created_at::date), ' ' ORDER BY id) FROM channels "
	           "WHERE id::text LIKE '00000000-0000-4000-8000-%'"),
	    "1:fetched 1:discovery:t:2019-01-01 2:newer:migration:t:2019-01-01 3:fetched 3:t "
	    "4:kept:migration:f:2018-01-01");
	bench_free(b);
}

/* Videos and discoveries beside those that the original has stored. */
static void test_adopted_videos(void **state)
{
	struct bench *b = bench_new();
	char sql[1024], vid[VID_TEXT + 1];

	(void)state;
	run_file(b, "original_schema.sql");
	fill(b, 1, 2);
	change(b, run_sql,
	    (struct change){
	        .sql = "INSERT INTO video (channel, vid, title, fetched_at, counted_at) SELECT "
	               "cid, 0, 'ours', 1700000000, 1700000000 FROM channel WHERE title = "
	               "'imported 1' UNION ALL SELECT cid, 1, 'ours', 1700000000, 1700000000 "
	               "FROM channel WHERE title = 'imported 1';"
	               "INSERT INTO edge SELECT cid, zeroblob(16), 'youtube_featured', "
	               "'youtube', 0.9, 1, 0, 1700000000, 1700000000 FROM channel WHERE title = "
	               "'imported 1'"});
	snprintf(sql, sizeof sql,
	    "INSERT INTO channels (id, channel_id) VALUES "
	    "('00000000-0000-4000-8000-000000000001', '%s');"
	    "INSERT INTO videos (video_id, channel_id, channel_external_id, title, updated_at) "
	    "SELECT '%s', id, channel_id, 'theirs', '2100-01-01' FROM channels;"
	    "INSERT INTO channel_discoveries (source_channel_id, discovered_channel_id, "
	    "discovery_method, service_name, already_exists) SELECT id, "
	    "'UC---------------------A', 'youtube_featured', 'youtube', true FROM channels",
	    id_of(1), vid_format(0, vid));
	ask(b, sql);
	assert_int_equal(push(b).rows, 5);
	assert_string_equal(
	    ask(b, "SELECT string_agg(v.title || right(c.id::text, 1), ',' ORDER BY "
	           "v.title) FROM videos v JOIN channels c ON c.id = v.channel_id"),
	    "ours1,theirs1");
	assert_string_equal(ask(b, "SELECT string_agg(concat_ws(' ', confidence_score, "
	                           "already_exists, times_seen), ',') FROM channel_discoveries"),
	    "0.9 t 1");
	bench_free(b);
}

/* A version that did not write videos adopted tables that this one cannot use. */
static void test_update_refused(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	struct errbuf eb = {0};

	(void)state;
	push(b);
	ask(b, "DELETE FROM tubeops_schema WHERE version > 2; ALTER TABLE videos DROP CONSTRAINT "
	       "videos_video_id_key; ALTER TABLE channel_discoveries DROP CONSTRAINT "
	       "channel_discoveries_source_channel_id_discovered_channel_id_key");
	assert_int_equal(sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "ALTER TABLE videos ADD UNIQUE (video_id)"));
	assert_non_null(strstr(eb.text, "ALTER TABLE channel_discoveries ADD UNIQUE"));
	ask(b,
	    "ALTER TABLE videos ADD UNIQUE (video_id); ALTER TABLE channel_discoveries ADD UNIQUE "
	    "(source_channel_id, discovered_channel_id, discovery_method)");
	push(b);
	bench_free(b);
}

static void test_adoption_refused(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	struct errbuf eb = {0};

	(void)state;
	run_file(b, "original_schema.sql");
	ask(b, "ALTER TABLE channels DROP COLUMN banner_url; ALTER TABLE channels ALTER keywords "
	       "TYPE text;"
	       "ALTER TABLE channels DROP CONSTRAINT channels_channel_id_key;"
	       "ALTER TABLE videos ALTER tags TYPE text; ALTER TABLE channel_discoveries DROP "
	       "COLUMN discovery_method");
	assert_int_equal(sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "channels.banner_url is missing"));
	assert_non_null(strstr(eb.text, "channels.keywords is text"));
	assert_non_null(strstr(eb.text, "channels.channel_id is not unique"));
	assert_non_null(strstr(eb.text, "videos.tags is text"));
	assert_non_null(strstr(eb.text, "channel_discoveries.discovery_method is missing"));
	assert_string_equal(
	    ask(b, "SELECT coalesce(to_regclass('tubeops_schema')::text, 'none')"), "none");
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty_database),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_newer_version),
	    cmocka_unit_test(test_adopted),
	    cmocka_unit_test(test_adopted_videos),
	    cmocka_unit_test(test_update_refused),
	    cmocka_unit_test(test_adoption_refused),
	};

	if (!bench_ready())
		return BENCH_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

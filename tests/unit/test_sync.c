/*
 * The sync against a real PostgreSQL. TEST_DATABASE_URL names a database in which schemas called
 * tubeops_test_… may be made and dropped; without it everything is skipped. TEST_ONLY is a pattern
 * of test names. With TEST_RESTART somebody else stops and starts the server when this program
 * prints "pushing"; without it the test ends the session itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "engine/sync.h"
#include "db/postgres_rows.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *base_url;

/* One test: a schema of its own, a staging file, its writer and log. */
struct bench {
	char dir[64];
	char path[96];
	char log_path[96];
	char schema[48];
	struct str url;
	struct secret *secret;
	struct writer *writer;
	struct log *log;
	PGconn *pg;
	struct sync_config cfg;
	int64_t origin;
	/* for callbacks */
	int n, seen;
};

/* ---- helpers ---- */

static PGconn *connect_pg(const struct bench *b)
{
	PGconn *pg = PQconnectdb(base_url);
	char sql[160];

	if (PQstatus(pg) != CONNECTION_OK)
		fail_msg("cannot connect: %s", PQerrorMessage(pg));
	snprintf(sql, sizeof sql, "SET client_min_messages = error; SET search_path = %s, public",
	    b->schema);
	PQclear(PQexec(pg, sql));
	return pg;
}

/* The first field of the first row. */
static const char *ask(struct bench *b, const char *sql)
{
	static char answer[4096];
	PGresult *res = PQexec(b->pg, sql);

	if (PQresultStatus(res) != PGRES_TUPLES_OK && PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(res));
	snprintf(answer, sizeof answer, "%s", PQntuples(res) ? PQgetvalue(res, 0, 0) : "");
	PQclear(res);
	return answer;
}

static struct cid key_of(uint32_t i)
{
	struct cid c = {{0}};
	uint32_t h = i * 2654435761u; /* spread, and one to one */

	for (int k = 0; k < 4; k++) {
		c.b[k] = (unsigned char)(h >> (24 - 8 * k));
		c.b[12 + k] = (unsigned char)(i >> (24 - 8 * k));
	}
	return c;
}

static const char *id_of(uint32_t i)
{
	static char text[4][CID_TEXT + 1];
	static int at;
	struct cid c = key_of(i);

	at = (at + 1) % 4;
	return cid_format(&c, text[at]);
}

static struct channel_meta meta_of(uint32_t i, const char *title, int64_t fetched_at)
{
	return (struct channel_meta){.cid = key_of(i),
	    .title = title,
	    .description = "line one\nline\ttwo \\ end",
	    .subscriber_count = (int64_t)i * 10,
	    .video_count = 3,
	    .view_count = COUNT_NONE,
	    .published_at = 1262304000,
	    .hidden_subscribers = 0,
	    .made_for_kids = -1,
	    .keywords = {.n = -1},
	    .topics = {.n = 0},
	    .language = "en",
	    .language_source = "text",
	    .language_confidence = 90,
	    .fetched_at = fetched_at};
}

struct change {
	struct bench *b;
	uint32_t first, n;
	const char *title;
	int64_t fetched_at;
	enum item_state state;
	struct channel_meta *meta;
	const char *sql;
	struct job_row *job;
};

static enum err add_origin(struct staging *s, void *arg, struct errbuf *eb)
{
	struct change *c = arg;

	return staging_origin_add(s, "bulk_upload", "a test", &c->b->origin, eb);
}

static enum err add_channels(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;
	sqlite3_stmt *t = NULL;
	enum err err = db_prepare(
	    staging_db(s), &t, "INSERT INTO channel (cid, title, origin) VALUES (?1, ?2, ?3)", eb);

	for (uint32_t i = c->first; i < c->first + c->n && !err; i++) {
		struct cid key = key_of(i);
		char title[32];

		snprintf(title, sizeof title, "imported %u", i);
		db_bind_cid(t, 1, &key);
		db_bind_text(t, 2, title);
		sqlite3_bind_int64(t, 3, c->b->origin);
		err = db_run(staging_db(s), t, eb);
		sqlite3_reset(t);
	}
	sqlite3_finalize(t);
	staging_count_new_channels(s, c->n);
	return err;
}

static enum err put_meta(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;
	enum err err = ERR_OK;

	if (c->meta)
		return staging_meta_put(s, c->meta, eb);
	for (uint32_t i = c->first; i < c->first + c->n && !err; i++) {
		char title[64];
		struct channel_meta m = meta_of(i, title, c->fetched_at);

		snprintf(title, sizeof title, "%s %u", c->title, i);
		err = staging_meta_put(s, &m, eb);
	}
	return err;
}

static enum err set_state(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;
	struct cid key = key_of(c->first);

	return staging_state_set(s, OP_METADATA, &key, c->state, NULL, eb);
}

static enum err run_sql(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;

	return db_exec(staging_db(s), c->sql, eb);
}

static enum err add_job(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;

	return c->job->no ? staging_job_put(s, c->job, eb) : staging_job_add(s, c->job, eb);
}

static void change(struct bench *b, write_fn *fn, struct change c)
{
	struct errbuf eb = {0};

	c.b = b;
	if (writer_run(b->writer, fn, &c, false, &eb))
		fail_msg("staging: %s", err_text(&eb));
}

static void fill(struct bench *b, uint32_t first, uint32_t n)
{
	change(b, add_channels, (struct change){.first = first, .n = n});
}

static void fetch(struct bench *b, uint32_t first, uint32_t n, const char *title, int64_t at)
{
	change(
	    b, put_meta, (struct change){.first = first, .n = n, .title = title, .fetched_at = at});
}

static struct sync_numbers push(struct bench *b)
{
	struct sync_numbers n;
	struct errbuf eb = {0};

	if (sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb))
		fail_msg("push: %s", err_text(&eb));
	assert_true(n.ok);
	assert_int_equal(n.outbox, 0);
	return n;
}

/* After outbox rows that came in by SQL. */
static void count_outbox(struct bench *b)
{
	change(b, run_sql,
	    (struct change){.sql = "UPDATE counter SET value = (SELECT count(*) FROM outbox) "
	                           "WHERE name = 'outbox'"});
}

/* Everything once more. */
static void walk_again(struct bench *b)
{
	change(b, run_sql, (struct change){.sql = "INSERT INTO outbox (kind) VALUES (1)"});
	count_outbox(b);
}

static struct bench *bench_new(void)
{
	static int count;
	struct bench *b = calloc(1, sizeof *b);
	struct log_config log = {.level = LOG_DEBUG};
	struct errbuf eb = {0};

	assert_non_null(b);
	snprintf(b->dir, sizeof b->dir, "/tmp/tubeops-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof b->path, "%s/staging.db", b->dir);
	snprintf(b->log_path, sizeof b->log_path, "%s/log", b->dir);
	snprintf(b->schema, sizeof b->schema, "tubeops_test_%d_%d", (int)getpid(), count++);
	str_init(&b->url, 4096);
	str_addf(&b->url, "%s%sschema=%s", base_url, strchr(base_url, '?') ? "&" : "?", b->schema);
	b->secret = secret_new(str_get(&b->url), b->url.len);
	log.path = b->log_path;
	assert_int_equal(log_open(&b->log, &log, &eb), ERR_OK);
	if (writer_start(&b->writer, b->path, b->log, &eb))
		fail_msg("writer: %s", err_text(&eb));
	b->cfg = (struct sync_config){.url = b->secret,
	    .staging_path = b->path,
	    .writer = b->writer,
	    .log = b->log,
	    .batch = 1000};
	b->pg = connect_pg(b);
	change(b, add_origin, (struct change){0});
	return b;
}

static void bench_free(struct bench *b)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char text[160];

	snprintf(text, sizeof text, "DROP SCHEMA IF EXISTS %s CASCADE", b->schema);
	ask(b, text);
	PQfinish(b->pg);
	writer_stop(b->writer);
	log_close(b->log);
	secret_free(b->secret);
	str_done(&b->url);
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "%s%s", b->path, ends[i]);
		unlink(text);
	}
	unlink(b->log_path);
	rmdir(b->dir);
	free(b);
}

/* Closes the log and returns it whole; the caller frees. */
static char *read_log(struct bench *b)
{
	struct str text;
	FILE *f;
	int ch;

	log_close(b->log);
	b->log = NULL;
	str_init(&text, 1 << 24);
	f = fopen(b->log_path, "r");
	assert_non_null(f);
	while ((ch = getc(f)) != EOF)
		str_addc(&text, (char)ch);
	fclose(f);
	return str_take(&text);
}

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

/* ---- the schema ---- */

static void test_empty_database(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	assert_int_equal(push(b).rows, 0);
	assert_string_equal(
	    ask(b, "SELECT string_agg(version::text, ',' ORDER BY version) FROM tubeops_schema"),
	    "1,2");
	assert_string_equal(ask(b, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class "
	                           "WHERE relkind = 'r' "
	                           "AND relnamespace = current_schema()::regnamespace"),
	    "api_keys channel_discoveries channels processing_jobs tubeops_schema videos");
	assert_string_equal(
	    ask(b, "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() "
	           "AND indexname LIKE 'idx\\_%'"),
	    "15");
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
	assert_string_equal(ask(b, "SELECT count(*) FROM tubeops_schema"), "2");
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
	assert_string_equal(ask(b, "SELECT count(*) FROM tubeops_schema"), "2");
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

static void test_adoption_refused(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	struct errbuf eb = {0};

	(void)state;
	run_file(b, "original_schema.sql");
	ask(b, "ALTER TABLE channels DROP COLUMN banner_url; ALTER TABLE channels ALTER keywords "
	       "TYPE text;"
	       "ALTER TABLE channels DROP CONSTRAINT channels_channel_id_key");
	assert_int_equal(sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "channels.banner_url is missing"));
	assert_non_null(strstr(eb.text, "channels.keywords is text"));
	assert_non_null(strstr(eb.text, "channels.channel_id is not unique"));
	assert_string_equal(
	    ask(b, "SELECT coalesce(to_regclass('tubeops_schema')::text, 'none')"), "none");
	bench_free(b);
}

/* ---- rows ---- */

/* Asks channel by channel whether PostgreSQL has what staging has. */
static enum err same_row(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	struct bench *b = arg;
	char id[CID_TEXT + 1], uuid[UUID_TEXT + 1];
	const char *title = row->has_meta ? row->meta.title : row->import_title;
	struct uuid u;

	(void)eb;
	memcpy(u.b, row->cid.b, sizeof u.b);
	if (row->has_meta)
		b->seen++;
	{
		const char *params[] = {cid_format(&row->cid, id), uuid_format(&u, uuid), title,
		    row->has_meta ? "t" : "f", row->has_meta ? "line one\nline\ttwo \\ end" : NULL};
		PGresult *r = PQexecParams(b->pg,
		    "SELECT 1 FROM channels WHERE channel_id = $1 AND id = $2::uuid AND title = $3 "
		    "AND "
		    "metadata_fetched = $4::boolean AND description IS NOT DISTINCT FROM $5 AND "
		    "source = 'bulk_upload'",
		    5, NULL, params, NULL, NULL, 0);
		if (PQntuples(r) != 1)
			fail_msg("channel %s (%s) differs: %s", id, title, PQerrorMessage(b->pg));
		PQclear(r);
	}
	b->n++;
	return ERR_OK;
}

static void check_equal(struct bench *b, int channels, int fetched)
{
	struct staging *s;
	struct errbuf eb = {0};
	char count[16];

	assert_int_equal(staging_open(&s, b->path, DB_READ, &eb), ERR_OK);
	b->n = b->seen = 0;
	assert_int_equal(staging_channels_each(s, NULL, 0, same_row, b, &eb), ERR_OK);
	staging_close(s);
	assert_int_equal(b->n, channels);
	assert_int_equal(b->seen, fetched);
	snprintf(count, sizeof count, "%d", channels);
	assert_string_equal(ask(b, "SELECT count(*) FROM channels"), count);
}

/* After the third batch something changes that the walk has passed, and something it has not. */
static bool change_during_walk(void *arg, const struct sync_numbers *n)
{
	struct bench *b = arg;

	if (n->batches == 3 && !b->seen) {
		b->seen = 1;
		assert_true(n->walk_left > 0);
		fetch(b, 1, 600, "changed", 1800000000);
	}
	return true;
}

static void test_walk(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	struct errbuf eb = {0};
	char before[64];

	(void)state;
	fill(b, 0, 20000);
	fetch(b, 0, 10000, "fetched", 1700000000);
	if (sync_push(&b->cfg, NULL, change_during_walk, b, &n, &eb))
		fail_msg("push: %s", err_text(&eb));
	assert_int_equal(b->seen, 1);
	assert_int_equal(n.rows, 20600);
	assert_int_equal(n.refused, 0);
	assert_int_equal(n.outbox, 0);
	check_equal(b, 20000, 10000);
	assert_string_equal(
	    ask(b, "SELECT count(*) FROM channels WHERE title LIKE 'changed %' AND "
	           "last_updated = '2027-01-15 08:00:00' AND fetched_at = last_updated"),
	    "600");
	/* nothing is left, and a second walk rewrites nothing */
	assert_int_equal(push(b).rows, 0);
	snprintf(before, sizeof before, "%s",
	    ask(b, "SELECT md5(string_agg(xmin::text || ctid::text, ' ' ORDER BY channel_id)) FROM "
	           "channels"));
	walk_again(b);
	n = push(b);
	assert_int_equal(n.rows, 20000);
	assert_int_equal(n.written, 0);
	assert_string_equal(ask(b, "SELECT md5(string_agg(xmin::text || ctid::text, ' ' ORDER BY "
	                           "channel_id)) FROM channels"),
	    before);
	bench_free(b);
}

static void test_first_and_last_key(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	/* the all-zero key is a channel like any other */
	change(b, run_sql,
	    (struct change){
	        .sql = "INSERT INTO channel (cid, title, origin) VALUES (zeroblob(16), 'zero', 1), "
	               "(x'ffffffffffffffffffffffffffffffff', 'last', 1)"});
	assert_int_equal(push(b).rows, 2);
	assert_string_equal(
	    ask(b, "SELECT string_agg(channel_id || ' ' || title, ',' ORDER BY id) FROM channels"),
	    "UC---------------------A zero,UCzzzzzzzzzzzzzzzzzzzzzw last");
	bench_free(b);
}

static void test_fields(void **state)
{
	struct bench *b = bench_new();
	const char *keywords[] = {
	    "plain", "with \"quotes\"", "back\\slash", "new\nline", "", "NULL", "{},"};
	char title[1201], url[701];
	struct channel_meta m = meta_of(7, title, 1700000000);

	(void)state;
	for (size_t i = 0; i < 600; i++) {
		title[2 * i] = (char)0xC3;
		title[2 * i + 1] = (char)0xA9;
	}
	title[1200] = '\0';
	memset(url, 'u', 700);
	url[700] = '\0';
	m.custom_url = m.thumbnail_url = m.banner_url = url;
	m.country = "a country far too long";
	m.default_language = "zh-Hant-TW";
	m.privacy_status = "public";
	m.etag = "\"etag\\\"";
	m.hidden_subscribers = 1;
	m.subscriber_count = COUNT_NONE;
	m.view_count = INT64_MAX;
	m.keywords = (struct text_list){.items = keywords, .n = 7};
	fill(b, 7, 1);
	change(b, put_meta, (struct change){.meta = &m});
	assert_int_equal(push(b).rows, 1);
	assert_string_equal(
	    ask(b,
	        "SELECT concat_ws(',', char_length(title), octet_length(title), "
	        "char_length(custom_url), "
	        "char_length(thumbnail_url), char_length(banner_url), country, default_language, "
	        "privacy_status, etag, hidden_subscribers, made_for_kids, view_count, "
	        "metadata_state, "
	        "published_at, language, language_source, language_confidence) FROM channels"),
	    "500,1000,255,500,500,a country "
	    ",zh-Hant-TW,public,\"etag\\\",t,9223372036854775807,done,"
	    "2010-01-01 00:00:00,en,text,90");
	assert_string_equal(
	    ask(b,
	        "SELECT subscriber_count IS NULL AND made_for_kids IS NULL AND topic_categories = "
	        "'{}' "
	        "AND keywords = ARRAY['plain', 'with \"quotes\"', E'back\\\\slash', E'new\\nline', "
	        "'', "
	        "'NULL', '{},'] AND description = E'line one\\nline\\ttwo \\\\ end' FROM channels"),
	    "t");
	bench_free(b);
}

static void test_outcomes(void **state)
{
	struct bench *b = bench_new();
	char sql[256];

	(void)state;
	fill(b, 1, 4);
	assert_int_equal(push(b).rows, 4);
	assert_string_equal(
	    ask(b, "SELECT string_agg(DISTINCT metadata_state, ',') FROM channels"), "pending");
	/* another node has fetched number 2 meanwhile */
	snprintf(sql, sizeof sql,
	    "UPDATE channels SET metadata_fetched = true, metadata_state = 'done', fetched_at = "
	    "now() "
	    "WHERE channel_id = '%s'",
	    id_of(2));
	ask(b, sql);
	change(b, set_state, (struct change){.first = 1, .state = ITEM_MISSING});
	change(b, set_state, (struct change){.first = 2, .state = ITEM_FAILED});
	change(b, set_state, (struct change){.first = 3, .state = ITEM_FAILED});
	for (uint32_t i = 1; i <= 3; i++) { /* as those do who change a state */
		char text[160];
		struct cid key = key_of(i);
		int at =
		    snprintf(text, sizeof text, "INSERT INTO outbox (kind, key) VALUES (3, x'");

		for (int k = 0; k < CID_BYTES; k++)
			at += snprintf(text + at, sizeof text - (size_t)at, "%02x", key.b[k]);
		snprintf(text + at, sizeof text - (size_t)at, "')");
		change(b, run_sql, (struct change){.sql = text});
	}
	walk_again(b);
	push(b);
	snprintf(sql, sizeof sql,
	    "SELECT string_agg(metadata_state, ',' ORDER BY "
	    "array_position(ARRAY['%s','%s','%s','%s'], "
	    "channel_id::text)) FROM channels",
	    id_of(1), id_of(2), id_of(3), id_of(4));
	assert_string_equal(ask(b, sql), "missing,done,failed,pending");
	bench_free(b);
}

static void test_refused_rows(void **state)
{
	struct bench *b = bench_new();
	struct sync_numbers n;
	char *log;

	(void)state;
	fill(b, 0, 3000);
	push(b);
	ask(b,
	    "ALTER TABLE channels ADD CONSTRAINT no_seven CHECK (title NOT LIKE 'fetched %777')");
	fetch(b, 0, 3000, "fetched", 1700000000);
	n = push(b);
	assert_int_equal(n.refused, 3);
	assert_int_equal(n.rows, 2997);
	assert_string_equal(ask(b, "SELECT count(*) FROM channels WHERE metadata_fetched"), "2997");
	assert_string_equal(
	    ask(b, "SELECT string_agg(title, ',' ORDER BY title) FROM channels WHERE NOT "
	           "metadata_fetched"),
	    "imported 1777,imported 2777,imported 777");
	log = read_log(b);
	assert_non_null(strstr(log, id_of(777)));
	assert_non_null(strstr(log, id_of(1777)));
	assert_non_null(strstr(log, id_of(2777)));
	assert_non_null(strstr(log, "no_seven"));
	free(log);
	bench_free(b);
}

static void test_jobs(void **state)
{
	static const struct {
		enum job_status status;
		const char *reason, *want;
		int64_t total;
	} cases[] = {
	    {JOB_PENDING, "", "pending,-,10", 10},
	    {JOB_RUNNING, "", "running,-,10", 10},
	    {JOB_WAITING, "quota", "pending,-,10", 10},
	    {JOB_PAUSED, "by console", "pending,-,-", -1},
	    {JOB_INTERRUPTED, "", "pending,-,10", 10},
	    {JOB_CANCELLED, "cancelled by rest", "failed,cancelled by rest,10", 10},
	    {JOB_CANCELLED, "by rest", "failed,cancelled: by rest,2147483647", (int64_t)1 << 40},
	    {JOB_FAILED, "no key", "failed,no key,10", 10},
	    {JOB_COMPLETED, "", "completed,-,10", 10},
	};
	struct bench *b = bench_new();

	(void)state;
	push(b);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct job_row j = {.type = "batch_metadata",
		    .status = JOB_PENDING,
		    .params = "{}",
		    .total = -1,
		    .created_ms = 1700000000123};
		char sql[320], uuid[UUID_TEXT + 1];

		assert_int_equal(uuid_new(&j.uuid), ERR_OK);
		change(b, add_job, (struct change){.job = &j});
		push(b);
		snprintf(j.reason, sizeof j.reason, "%s", cases[i].reason);
		j.status = cases[i].status;
		j.total = cases[i].total;
		j.started_ms = 1700000001000;
		change(b, add_job, (struct change){.job = &j});
		/* a status that did not change need not enter the outbox by itself */
		change(b, run_sql,
		    (struct change){
		        .sql = "INSERT INTO outbox (kind, num) SELECT 4, max(no) FROM job"});
		count_outbox(b);
		push(b);
		snprintf(sql, sizeof sql,
		    "SELECT concat_ws(',', status, coalesce(error_message, '-'), "
		    "coalesce(total_items::text, "
		    "'-')) FROM processing_jobs WHERE id = '%s' AND job_type = 'batch_metadata' "
		    "AND "
		    "created_at = '2023-11-14 22:13:20.123' AND started_at = '2023-11-14 22:13:21'",
		    uuid_format(&j.uuid, uuid));
		assert_string_equal(ask(b, sql), cases[i].want);
	}
	bench_free(b);
}

/* ---- trouble ---- */

static void test_restart(void **state)
{
	struct bench *b = bench_new();
	struct sync *s;
	struct sync_numbers n;
	struct errbuf eb = {0};
	bool restart = getenv("TEST_RESTART") != NULL, disturbed = false, failed = false;
	int64_t until = clock_mono_ms() + 90000;

	(void)state;
	fill(b, 0, 20000);
	fetch(b, 0, 20000, "fetched", 1700000000);
	b->cfg.batch = 200;
	assert_int_equal(sync_start(&s, &b->cfg, &eb), ERR_OK);
	for (;;) {
		sync_numbers(s, &n);
		failed = failed || n.trouble[0];
		if (n.rows >= 2000 && !disturbed) {
			disturbed = true;
			if (restart) {
				printf("pushing\n");
				fflush(stdout);
			} else {
				ask(b,
				    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
				    "application_name = 'tubeops'");
			}
		}
		if (n.rows >= 20000 && n.ok && n.outbox == 0 && n.walk_left == 0)
			break;
		if (clock_mono_ms() > until)
			fail_msg("not finished: %lld rows, %s", (long long)n.rows, n.trouble);
		clock_sleep_ms(20);
	}
	assert_true(disturbed && failed);
	/* what comes later is sent on a poke alone */
	fetch(b, 5, 1, "later", 1700000001);
	sync_poke(s);
	for (int64_t rows = n.rows; n.rows == rows; sync_numbers(s, &n)) {
		assert_true(clock_mono_ms() < until + 10000);
		clock_sleep_ms(20);
	}
	sync_stop(s);
	PQfinish(b->pg);
	b->pg = connect_pg(b);
	check_equal(b, 20000, 20000);
	assert_int_equal(push(b).rows, 0);
	bench_free(b);
}

static void test_stop_is_quick(void **state)
{
	struct bench *b = bench_new();
	struct sync *s;
	struct errbuf eb = {0};
	int64_t began;

	(void)state;
	fill(b, 0, 5000);
	push(b);
	/* somebody holds the table: the push waits for a lock */
	fetch(b, 0, 10, "fetched", 1700000000);
	ask(b, "BEGIN; LOCK TABLE channels");
	assert_int_equal(sync_start(&s, &b->cfg, &eb), ERR_OK);
	clock_sleep_ms(700);
	began = clock_mono_ms();
	sync_stop(s);
	assert_true(clock_mono_ms() - began < 1500);
	ask(b, "ROLLBACK");
	assert_int_equal(push(b).rows, 10);
	bench_free(b);
}

static enum err push_to(struct bench *b, const char *url, struct sync_numbers *n, struct errbuf *eb)
{
	struct sync_config cfg = b->cfg;
	struct secret *secret = secret_new(url, strlen(url));
	enum err err;

	cfg.url = secret;
	err = sync_push(&cfg, NULL, NULL, NULL, n, eb);
	secret_free(secret);
	return err;
}

static void test_bad_addresses(void **state)
{
	static const char *const urls[] = {
	    "postgresql://tubeops:hidden42@127.0.0.1:1/none",
	    "postgresql://tubeops:hidden42@127.0.0.1:port/none",
	    "postgresql://tubeops:hidden42@127.0.0.1:1/none?hidden42",
	    "postgresql://tubeops:a@hidden42@127.0.0.1:1/none",
	    "mysql://tubeops:hidden42@127.0.0.1:1/none",
	    "hidden42",
	};
	struct bench *b = bench_new();
	struct str url;
	char *log;

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct sync_numbers n;
		struct errbuf eb = {0};
		enum err err = push_to(b, urls[i], &n, &eb);

		assert_int_equal(err, i == 0 ? ERR_UNAVAIL : ERR_INVALID);
		assert_true(strlen(eb.text) > 20);
		assert_null(strstr(eb.text, "hidden42"));
		assert_null(strstr(n.trouble, "hidden42"));
		assert_false(n.ok);
	}
	/* a database that only reads asks for a person, at once */
	str_init(&url, 4096);
	str_addf(&url, "%s&options=-c%%20default_transaction_read_only%%3Don", str_get(&b->url));
	{
		struct sync_numbers n;
		struct errbuf eb = {0};

		assert_int_equal(push_to(b, str_get(&url), &n, &eb), ERR_DENIED);
		assert_non_null(strstr(eb.text, "only reads"));
	}
	str_reset(&url);
	str_addf(&url, "%s&dbname=tubeops_no_such_database", str_get(&b->url));
	{
		struct sync_numbers n;
		struct errbuf eb = {0};

		assert_int_equal(push_to(b, str_get(&url), &n, &eb), ERR_NOTFOUND);
		assert_non_null(strstr(eb.text, "create the database"));
	}
	/* a server that trusts everybody would not mind */
	str_reset(&url);
	str_addf(&url, "%s&password=hidden42", str_get(&b->url));
	{
		struct sync_numbers n;
		struct errbuf eb = {0};
		enum err err = push_to(b, str_get(&url), &n, &eb);

		assert_true(err == ERR_OK || err == ERR_DENIED);
		assert_true(err == ERR_OK || strstr(eb.text, "check user and password"));
		assert_null(strstr(eb.text, "hidden42"));
	}
	str_done(&url);
	log = read_log(b);
	assert_null(strstr(log, "hidden42"));
	free(log);
	bench_free(b);
}

static void test_not_configured(void **state)
{
	struct bench *b = bench_new();
	struct sync *s;
	struct sync_numbers n;
	struct errbuf eb = {0};

	(void)state;
	b->cfg.url = NULL;
	assert_int_equal(sync_start(&s, &b->cfg, &eb), ERR_OK);
	sync_poke(s);
	sync_numbers(s, &n);
	assert_false(n.configured);
	assert_int_equal(n.rows, 0);
	sync_stop(s);
	assert_int_equal(sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb), ERR_DENIED);
	assert_non_null(strstr(eb.text, "DATABASE_URL"));
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty_database),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_newer_version),
	    cmocka_unit_test(test_adopted),
	    cmocka_unit_test(test_adoption_refused),
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_first_and_last_key),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_refused_rows),
	    cmocka_unit_test(test_jobs),
	    cmocka_unit_test(test_restart),
	    cmocka_unit_test(test_stop_is_quick),
	    cmocka_unit_test(test_bad_addresses),
	    cmocka_unit_test(test_not_configured),
	};

	base_url = getenv("TEST_DATABASE_URL");
	if (!base_url || !*base_url) {
		printf("skipped: TEST_DATABASE_URL names no database\n");
		return 77;
	}
	if (getenv("TEST_ONLY"))
		cmocka_set_test_filter(getenv("TEST_ONLY"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

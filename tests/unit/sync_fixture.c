#include "config.h"
#include "tests/unit/sync_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *base_url;

bool bench_ready(void)
{
	base_url = getenv("TEST_DATABASE_URL");
	if (!base_url || !*base_url) {
		printf("skipped: TEST_DATABASE_URL names no database\n");
		return false;
	}
	if (getenv("TEST_ONLY"))
		cmocka_set_test_filter(getenv("TEST_ONLY"));
	return true;
}

PGconn *connect_pg(const struct bench *b)
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

const char *ask(struct bench *b, const char *sql)
{
	static char answer[4096];
	PGresult *res = PQexec(b->pg, sql);

	if (PQresultStatus(res) != PGRES_TUPLES_OK && PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(res));
	snprintf(answer, sizeof answer, "%s", PQntuples(res) ? PQgetvalue(res, 0, 0) : "");
	PQclear(res);
	return answer;
}

char *read_log(struct bench *b)
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

/* ---- channels ---- */

struct cid key_of(uint32_t i)
{
	struct cid c = {{0}};
	uint32_t h = i * 2654435761u; /* spread, and one to one */

	for (int k = 0; k < 4; k++) {
		c.b[k] = (unsigned char)(h >> (24 - 8 * k));
		c.b[12 + k] = (unsigned char)(i >> (24 - 8 * k));
	}
	return c;
}

const char *id_of(uint32_t i)
{
	static char text[4][CID_TEXT + 1];
	static int at;
	struct cid c = key_of(i);

	at = (at + 1) % 4;
	return cid_format(&c, text[at]);
}

struct channel_meta meta_of(uint32_t i, const char *title, int64_t fetched_at)
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

/* ---- what is written to staging ---- */

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

static enum err put_one(struct staging *s, const struct channel_meta *m, struct errbuf *eb)
{
	enum err err = staging_meta_put(s, m, eb);

	/* as the worker does, whose task the state is */
	return err ? err : staging_state_set(s, OP_METADATA, &m->cid, ITEM_DONE, NULL, eb);
}

enum err put_meta(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;
	enum err err = ERR_OK;

	if (c->meta)
		return put_one(s, c->meta, eb);
	for (uint32_t i = c->first; i < c->first + c->n && !err; i++) {
		char title[64];
		struct channel_meta m = meta_of(i, title, c->fetched_at);

		snprintf(title, sizeof title, "%s %u", c->title, i);
		err = put_one(s, &m, eb);
	}
	return err;
}

enum err run_sql(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;

	return db_exec(staging_db(s), c->sql, eb);
}

void change(struct bench *b, write_fn *fn, struct change c)
{
	struct errbuf eb = {0};

	c.b = b;
	if (writer_run(b->writer, fn, &c, false, &eb))
		fail_msg("staging: %s", err_text(&eb));
}

void fill(struct bench *b, uint32_t first, uint32_t n)
{
	change(b, add_channels, (struct change){.first = first, .n = n});
}

void fetch(struct bench *b, uint32_t first, uint32_t n, const char *title, int64_t at)
{
	change(
	    b, put_meta, (struct change){.first = first, .n = n, .title = title, .fetched_at = at});
}

void count_outbox(struct bench *b)
{
	change(b, run_sql,
	    (struct change){.sql = "UPDATE counter SET value = (SELECT count(*) FROM outbox) "
	                           "WHERE name = 'outbox'"});
}

/* ---- the bench ---- */

struct bench *bench_new(void)
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

void bench_free(struct bench *b)
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

/* ---- what was pushed ---- */

struct sync_numbers push(struct bench *b)
{
	struct sync_numbers n;
	struct errbuf eb = {0};

	if (sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb))
		fail_msg("push: %s", err_text(&eb));
	assert_true(n.ok);
	assert_int_equal(n.outbox, 0);
	return n;
}

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

void check_equal(struct bench *b, int channels, int fetched)
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

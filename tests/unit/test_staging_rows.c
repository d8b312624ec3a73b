/* staging: metadata and lists, jobs, the outbox, views, imports' left-overs, lists as JSON. */
#include "config.h"
#include "db/staging_dead.h"
#include "db/staging.h"
#include "db/staging_events.h"
#include "db/staging_sums.h"
#include "db/text_json.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

/* ---- metadata ---- */

static const char *const words[] = {
    "plain", "quote \" back \\ slash", "line\ntab\t\x01", "\xC3\xA9\xF0\x9F\x8E\xA5", "", "a,b]"};

static struct channel_meta full_meta(uint32_t n, int64_t fetched_at)
{
	return (struct channel_meta){.cid = seed_cid(n),
	    .title = "Title",
	    .description = "About\nit",
	    .custom_url = "@handle",
	    .country = "BR",
	    .default_language = "pt",
	    .thumbnail_url = "https://t",
	    .banner_url = "https://b",
	    .privacy_status = "public",
	    .etag = "etag",
	    .published_at = -5,
	    .subscriber_count = 0,
	    .video_count = 7,
	    .view_count = INT64_C(30000000000),
	    .hidden_subscribers = 0,
	    .made_for_kids = 1,
	    .keywords = {words, 6},
	    .topics = {words, 0},
	    .language = "pt",
	    .language_source = "guess",
	    .language_confidence = 93,
	    .fetched_at = fetched_at};
}

static struct channel_meta empty_meta(uint32_t n, int64_t fetched_at)
{
	return (struct channel_meta){.cid = seed_cid(n),
	    .published_at = INT64_MIN,
	    .subscriber_count = COUNT_NONE,
	    .video_count = COUNT_NONE,
	    .view_count = COUNT_NONE,
	    .hidden_subscribers = -1,
	    .made_for_kids = -1,
	    .keywords = {NULL, -1},
	    .topics = {NULL, -1},
	    .fetched_at = fetched_at};
}

static enum err check_full(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	const struct channel_meta want = full_meta(3, 1000), *m = &row->meta;

	(void)eb;
	assert_true(row->has_meta);
	assert_memory_equal(&row->cid, &want.cid, sizeof want.cid);
	assert_memory_equal(&m->cid, &want.cid, sizeof want.cid);
	assert_string_equal(row->source, "migration");
	assert_string_equal(row->import_title, "seeded");
	assert_null(row->import_description);
	assert_int_equal(row->state[OP_METADATA], ITEM_DONE);
	assert_int_equal(row->state[OP_VIDEOS], ITEM_PENDING);
	assert_string_equal(m->title, want.title);
	assert_string_equal(m->description, want.description);
	assert_string_equal(m->custom_url, want.custom_url);
	assert_string_equal(m->country, want.country);
	assert_string_equal(m->default_language, want.default_language);
	assert_string_equal(m->thumbnail_url, want.thumbnail_url);
	assert_string_equal(m->banner_url, want.banner_url);
	assert_string_equal(m->privacy_status, want.privacy_status);
	assert_string_equal(m->etag, want.etag);
	assert_int_equal(m->published_at, -5);
	assert_int_equal(m->subscriber_count, 0); /* none is not unknown */
	assert_int_equal(m->video_count, 7);
	assert_int_equal(m->view_count, INT64_C(30000000000));
	assert_int_equal(m->hidden_subscribers, 0);
	assert_int_equal(m->made_for_kids, 1);
	assert_int_equal(m->keywords.n, 6);
	for (int i = 0; i < 6; i++)
		assert_string_equal(m->keywords.items[i], words[i]);
	assert_int_equal(m->topics.n, 0);
	assert_string_equal(m->language, "pt");
	assert_string_equal(m->language_source, "guess");
	assert_int_equal(m->language_confidence, 93);
	assert_int_equal(m->fetched_at, 1000);
	*(int *)arg += 1;
	return ERR_OK;
}

static enum err check_empty(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	const struct channel_meta *m = &row->meta;

	(void)eb;
	assert_true(row->has_meta);
	assert_null(m->title);
	assert_null(m->description);
	assert_null(m->etag);
	assert_null(m->language);
	assert_true(m->published_at == INT64_MIN);
	assert_int_equal(m->subscriber_count, COUNT_NONE);
	assert_int_equal(m->view_count, COUNT_NONE);
	assert_int_equal(m->hidden_subscribers, -1);
	assert_int_equal(m->made_for_kids, -1);
	assert_int_equal(m->keywords.n, -1);
	assert_int_equal(m->topics.n, -1);
	assert_int_equal(m->fetched_at, 2000);
	*(int *)arg += 1;
	return ERR_OK;
}

static void put(struct staging *s, const struct channel_meta *m)
{
	struct errbuf eb = {0};

	begin(s);
	if (staging_meta_put(s, m, &eb) ||
	    staging_state_set(s, OP_METADATA, &m->cid, ITEM_DONE, NULL, &eb))
		fail_msg("%s", eb.text);
	commit(s);
}

static void test_meta(void **state)
{
	struct room *r = *state;
	struct channel_meta full = full_meta(3, 1000), older = empty_meta(3, 999),
	                    newer = empty_meta(3, 2000);
	struct cid nobody = seed_cid(99);
	struct errbuf eb = {0};
	int seen = 0;

	seed_channels(r->s, 0, 5);
	put(r->s, &full);
	put(r->s, &older); /* came late: the newest wins */
	assert_int_equal(staging_channel_get(r->s, &full.cid, check_full, &seen, &eb), ERR_OK);
	put(r->s, &newer);
	assert_int_equal(staging_channel_get(r->s, &full.cid, check_empty, &seen, &eb), ERR_OK);
	assert_int_equal(seen, 2);
	assert_int_equal(staging_channel_get(r->s, &nobody, check_full, &seen, &eb), ERR_NOTFOUND);
	assert_int_equal(seen, 2);
}

/* What is stored again touches only what has changed: all of it arrives, and indexes agree. */
static void test_meta_again(void **state)
{
	struct room *r = *state;
	struct channel_meta full = full_meta(3, 1000), odd, bare = empty_meta(3, 900);
	struct errbuf eb = {0};
	int seen = 0;

	seed_channels(r->s, 0, 5);
	for (int part = 0; part < 16; part++) {
		/* everything differs that no index holds, and of the rest what part says */
		odd = bare;
		if (part & 1) {
			odd.title = full.title;
			odd.custom_url = full.custom_url;
			odd.country = full.country;
			odd.language = full.language;
		}
		odd.subscriber_count = part & 2 ? full.subscriber_count : COUNT_NONE;
		odd.view_count = part & 4 ? full.view_count : 5;
		odd.video_count = part & 8 ? full.video_count : 6;
		put(r->s, &odd);
		full.fetched_at = 1000;
		put(r->s, &full);
		assert_int_equal(
		    staging_channel_get(r->s, &full.cid, check_full, &seen, &eb), ERR_OK);
		bare.fetched_at = 1000; /* of the same second: the later word counts */
	}
	assert_int_equal(seen, 16);
	bare.fetched_at = 999;
	bare.title = full.title;
	bare.custom_url = full.custom_url;
	bare.country = full.country;
	bare.language = full.language;
	put(r->s, &bare); /* one that has the same names, and is older */
	assert_int_equal(staging_channel_get(r->s, &full.cid, check_full, &seen, &eb), ERR_OK);
	assert_int_equal(staging_check(r->s, &eb), ERR_OK);
	assert_int_equal(staging_sums_check(r->s, &eb), ERR_OK);
}

/* The short way from pending to done moves what is pending and nothing else. */
static void test_state_done(void **state)
{
	struct room *r = *state;
	struct cid c = seed_cid(1), nobody = seed_cid(99);
	struct errbuf eb = {0};
	enum item_state was;
	bool moved;

	seed_channels(r->s, 0, 5);
	for (int st = 0; st < ITEM_STATE_COUNT; st++) {
		begin(r->s);
		assert_int_equal(
		    staging_state_set(r->s, OP_VIDEOS, &c, (enum item_state)st, NULL, &eb), ERR_OK);
		assert_int_equal(staging_state_done(r->s, OP_VIDEOS, &c, &moved, &eb), ERR_OK);
		assert_int_equal(moved, st == ITEM_PENDING);
		assert_int_equal(
		    staging_state_set(r->s, OP_VIDEOS, &c, ITEM_PENDING, &was, &eb), ERR_OK);
		assert_int_equal(was, st == ITEM_PENDING ? ITEM_DONE : st);
		commit(r->s);
	}
	begin(r->s);
	assert_int_equal(staging_state_done(r->s, OP_VIDEOS, &nobody, &moved, &eb), ERR_OK);
	assert_false(moved);
	commit(r->s);
}

static enum err note_number(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	uint32_t *next = arg;

	(void)eb;
	assert_false(row->has_meta);
	assert_int_equal(seed_number(&row->cid), *next);
	(*next)++;
	return *next == 90 ? ERR_CANCELLED : *next == 95 ? ERR_DENIED : ERR_OK;
}

static void test_walks(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	int64_t first = seed_channels(r->s, 0, 20), second = seed_channels(r->s, 20, 30);
	struct cid after = seed_cid(7);
	uint32_t next = 0;

	assert_int_equal(staging_channels_each(r->s, NULL, 0, note_number, &next, &eb), ERR_OK);
	assert_int_equal(next, 50);
	next = 8;
	assert_int_equal(staging_channels_each(r->s, &after, 5, note_number, &next, &eb), ERR_OK);
	assert_int_equal(next, 13);
	next = 8;
	assert_int_equal(
	    staging_origin_channels_each(r->s, first, &after, 0, note_number, &next, &eb), ERR_OK);
	assert_int_equal(next, 20);
	assert_int_equal(
	    staging_origin_channels_each(r->s, second, NULL, 10, note_number, &next, &eb), ERR_OK);
	assert_int_equal(next, 30);
	seed_channels(r->s, 50, 50);
	next = 50;
	after = seed_cid(49);
	assert_int_equal(staging_channels_each(r->s, &after, 0, note_number, &next, &eb), ERR_OK);
	assert_int_equal(next, 90); /* ended early by the callback: no error */
	after = seed_cid(89);
	assert_int_equal(
	    staging_channels_each(r->s, &after, 0, note_number, &next, &eb), ERR_DENIED);
	assert_int_equal(next, 95);
}

/* ---- jobs ---- */

static int64_t add_job(struct staging *s, const char *type, enum job_status status)
{
	struct job_row j = {
	    .status = status, .total = -1, .created_ms = 1234, .params = "{\"a\":1}"};
	struct errbuf eb = {0};

	assert_int_equal(uuid_new(&j.uuid), ERR_OK);
	snprintf(j.type, sizeof j.type, "%s", type);
	begin(s);
	assert_int_equal(staging_job_add(s, &j, &eb), ERR_OK);
	commit(s);
	return j.no;
}

static enum err sum_jobs(void *arg, const struct job_row *j, struct errbuf *eb)
{
	int64_t *last = arg;

	(void)eb;
	assert_true(last[0] == 0 || j->no < last[0]); /* newest first */
	last[0] = j->no;
	last[1]++;
	return ERR_OK;
}

static enum err one_interrupted(void *arg, const struct job_event *e, struct errbuf *eb)
{
	int64_t *n = arg;

	(void)eb;
	assert_string_equal(e->kind, "interrupted");
	assert_string_equal(e->text, "its process ended without stopping: found at the next start");
	assert_true(e->at_ms > 0 && e->at_ms == e->last_ms && e->n == 1);
	(*n)++;
	return ERR_OK;
}

static void test_jobs(void **state)
{
	struct room *r = *state;
	struct job_count by = {5, 2, 1, 3, 4, 0}, back = {0, 0, 0, -3, 0, 0};
	int64_t a = add_job(r->s, "batch_metadata", JOB_PENDING), b, c, found = 0, seen[2] = {0};
	struct job_row j;
	struct errbuf eb = {0};
	char *params = NULL;

	assert_int_equal(a, 1001);
	b = add_job(r->s, "migration", JOB_RUNNING);
	c = add_job(r->s, "batch_metadata", JOB_WAITING);
	assert_int_equal(c, 1003);
	assert_int_equal(staging_job_get(r->s, a, &j, &params, &eb), ERR_OK);
	assert_string_equal(params, "{\"a\":1}");
	assert_ptr_equal(j.params, params);
	assert_string_equal(j.type, "batch_metadata");
	assert_int_equal(j.total, -1);
	assert_int_equal(j.created_ms, 1234);
	assert_int_equal(staging_job_find(r->s, &j.uuid, &found, &eb), ERR_OK);
	assert_int_equal(found, a);
	free(params);
	j.uuid.b[0] ^= 1;
	assert_int_equal(staging_job_find(r->s, &j.uuid, &found, &eb), ERR_NOTFOUND);
	j.status = JOB_WAITING;
	snprintf(j.reason, sizeof j.reason, "because");
	j.until = 77;
	j.total = 100;
	j.started_ms = 5;
	j.worked_ms = 6;
	begin(r->s);
	assert_int_equal(staging_job_put(r->s, &j, &eb), ERR_OK);
	assert_int_equal(staging_job_count(r->s, a, &by, &eb), ERR_OK);
	assert_int_equal(staging_job_count(r->s, a, &back, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(staging_job_get(r->s, a, &j, NULL, &eb), ERR_OK);
	assert_null(j.params);
	assert_int_equal(j.status, JOB_WAITING);
	assert_string_equal(j.reason, "because");
	assert_int_equal(j.until, 77);
	assert_int_equal(j.total, 100);
	assert_int_equal(j.started_ms, 5);
	assert_int_equal(j.worked_ms, 6);
	assert_int_equal(j.processed, 8);
	assert_int_equal(j.done * 1000 + j.missing * 100 + j.absent * 10 + j.failed, 5210);
	assert_int_equal(j.units, 4);
	assert_int_equal(staging_jobs_each(r->s, JOB_STATUS_COUNT, 0, sum_jobs, seen, &eb), ERR_OK);
	assert_int_equal(seen[1], 3);
	memset(seen, 0, sizeof seen);
	assert_int_equal(staging_jobs_each(r->s, JOB_WAITING, 1, sum_jobs, seen, &eb), ERR_OK);
	assert_int_equal(seen[0], c);
	assert_int_equal(seen[1], 1);
	begin(r->s);
	assert_int_equal(staging_jobs_interrupt(r->s, &found, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(found, 1); /* those that wait or pend had ended well */
	assert_int_equal(staging_job_get(r->s, b, &j, NULL, &eb), ERR_OK);
	assert_int_equal(j.status, JOB_INTERRUPTED);
	found = 0;
	assert_int_equal(staging_job_events_each(r->s, a, one_interrupted, &found, &eb), ERR_OK);
	assert_int_equal(found, 0);
	assert_int_equal(staging_job_events_each(r->s, b, one_interrupted, &found, &eb), ERR_OK);
	assert_int_equal(found, 1);
	assert_int_equal(staging_job_get(r->s, 5000, &j, NULL, &eb), ERR_NOTFOUND);
	assert_string_equal(eb.text, "there is no job J-5000");
	j.no = 5000;
	begin(r->s);
	assert_int_equal(staging_job_put(r->s, &j, &eb), ERR_NOTFOUND);
	staging_rollback(r->s);
}

/* ---- the outbox ---- */

static int page(struct staging *s, struct outbox_row *rows, int max)
{
	struct errbuf eb = {0};
	int n = -1;

	assert_int_equal(staging_outbox_page(s, rows, max, &n, &eb), ERR_OK);
	return n;
}

static void test_outbox(void **state)
{
	struct room *r = *state;
	struct channel_meta m = full_meta(3, 1000);
	struct outbox_row rows[20];
	struct errbuf eb = {0};
	struct cid key = seed_cid(2);
	int64_t job, origin = seed_channels(r->s, 0, 10);

	/* a walk over everything is to begin: single changes are seen by it, jobs are not */
	assert_int_equal(page(r->s, rows, 20), 1);
	assert_int_equal(rows[0].kind, OUTBOX_ALL);
	assert_false(rows[0].has_key);
	put(r->s, &m);
	job = add_job(r->s, "batch_metadata", JOB_PENDING);
	assert_int_equal(page(r->s, rows, 20), 2);
	assert_int_equal(rows[1].kind, OUTBOX_JOB);
	assert_int_equal(rows[1].num, job);
	begin(r->s);
	assert_int_equal(staging_outbox_walked(r->s, rows[0].seq, &key, &eb), ERR_OK);
	commit(r->s);
	/* it has begun: what changes now must be sent by itself */
	m.fetched_at++;
	put(r->s, &m);
	begin(r->s);
	assert_int_equal(staging_outbox_add(r->s, OUTBOX_ORIGIN, origin, NULL, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(page(r->s, rows, 20), 4);
	assert_int_equal(rows[0].kind, OUTBOX_ALL);
	assert_memory_equal(&rows[0].key, &key, sizeof key);
	assert_int_equal(rows[2].kind, OUTBOX_CHANNEL);
	assert_memory_equal(&rows[2].key, &m.cid, sizeof key);
	assert_int_equal(rows[3].kind, OUTBOX_ORIGIN);
	assert_int_equal(rows[3].num, origin);
	assert_int_equal(page(r->s, rows, 2), 2);
	assert_int_equal(page(r->s, rows, 20), 4);
	/* done up to the last: walks that were passed stay */
	begin(r->s);
	assert_int_equal(staging_outbox_done(r->s, rows[3].seq - 1, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(page(r->s, rows, 20), 2);
	assert_int_equal(rows[0].kind, OUTBOX_ALL);
	assert_int_equal(rows[1].kind, OUTBOX_ORIGIN);
	begin(r->s);
	assert_int_equal(staging_outbox_done(r->s, rows[0].seq, &eb), ERR_OK);
	assert_int_equal(staging_outbox_done(r->s, rows[1].seq, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(page(r->s, rows, 20), 0);
}

/* A job enters it when its status changes, and only then. */
static void test_outbox_jobs(void **state)
{
	struct room *r = *state;
	struct outbox_row rows[10];
	struct errbuf eb = {0};
	struct job_row j;
	int64_t no = add_job(r->s, "batch_metadata", JOB_PENDING);

	assert_int_equal(staging_job_get(r->s, no, &j, NULL, &eb), ERR_OK);
	for (int i = 0; i < 3; i++) {
		j.status = JOB_RUNNING;
		j.total = i;
		begin(r->s);
		assert_int_equal(staging_job_put(r->s, &j, &eb), ERR_OK);
		commit(r->s);
	}
	assert_int_equal(page(r->s, rows, 10), 3);
	assert_int_equal(rows[1].kind, OUTBOX_JOB);
	assert_int_equal(rows[2].kind, OUTBOX_JOB);
}

/* ---- what else is in the file ---- */

/* Another program's connection, with nothing of ours but the file. */
static void test_views(void **state)
{
	struct room *r = *state;
	struct channel_meta m = full_meta(3, 1000);
	struct dead_letter d = {.cid = seed_cid(200), .op = OP_VIDEOS, .reason = "x", .at = 1};
	struct errbuf eb = {0};
	sqlite3_stmt *t;
	sqlite3 *db;
	uint32_t n = 0;

	seed_channels(r->s, 0, 300);
	put(r->s, &m);
	begin(r->s);
	assert_int_equal(staging_dead_letter_put(r->s, &d, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(sqlite3_open(scratch_path(&r->scratch, "staging.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
	                     "SELECT channel_id, title, metadata, published_at, view_count, source"
	                     " FROM channels ORDER BY 1",
	                     -1, &t, NULL),
	    SQLITE_OK);
	for (; sqlite3_step(t) == SQLITE_ROW; n++) {
		struct cid c = seed_cid(n);
		char id[CID_TEXT + 1];
		assert_string_equal(db_column_text(t, 0), cid_format(&c, id));
		assert_string_equal(db_column_text(t, 1), n == 3 ? "Title" : "seeded");
		assert_string_equal(db_column_text(t, 2), n == 3 ? "done" : "pending");
		if (n == 3)
			assert_string_equal(db_column_text(t, 3), "1969-12-31 23:59:55");
		else
			assert_null(db_column_text(t, 3));
		assert_string_equal(db_column_text(t, 5), "migration");
	}
	assert_int_equal(n, 300);
	sqlite3_finalize(t);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT channel_id, reason FROM dead_letters", -1, &t, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(t), SQLITE_ROW);
	assert_string_equal(db_column_text(t, 1), "x");
	assert_int_equal(sqlite3_step(t), SQLITE_DONE);
	sqlite3_finalize(t);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_origins(void **state)
{
	struct room *r = *state;
	struct unresolved_row u = {.kind = "handle", .name = "@x", .line = 7};
	struct errbuf eb = {0};
	struct counters c;
	int64_t origin = 0;
	bool added = false;

	begin(r->s);
	assert_int_equal(staging_origin_add(r->s, "bulk_upload", "file", &origin, &eb), ERR_OK);
	assert_int_equal(staging_unresolved_put(r->s, origin, &u, &added, &eb), ERR_OK);
	assert_true(added);
	u.line = 8;
	assert_int_equal(staging_unresolved_put(r->s, origin, &u, &added, &eb), ERR_OK);
	assert_false(added);
	u.kind = "user";
	assert_int_equal(staging_unresolved_put(r->s, origin, &u, &added, &eb), ERR_OK);
	assert_true(added);
	assert_int_equal(seed_put(r->s, origin, 0, 10, NULL), 10);
	assert_int_equal(seed_put(r->s, origin, 5, 10, NULL), 5); /* five were known */
	assert_int_equal(staging_origin_done(r->s, origin, 20, 15, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(staging_counters(r->s, &c, &eb), ERR_OK);
	assert_int_equal(c.unresolved, 2);
	assert_int_equal(c.channels, 15);
}

/* ---- lists as JSON ---- */

static void test_text_json(void **state)
{
	static const char *const bad[] = {"", "x", "{}", "[1]", "[\"a\"", "[\"a\",]", "[,\"a\"]",
	    "[\"a\" \"b\"]", "[\"a\"]x", "[\"a", "[\"\\u00", "[\"\\u0", "[\"\\u", "[\"\\",
	    "[\"\\u1234\"]", "[null]", "[[\"a\"]]"};
	const struct text_list list = {words, 6}, none = {words, 0};
	struct text_list back;
	struct str s;
	char **owned;

	(void)state;
	str_init(&s, 1000);
	text_json_write(&list, &s);
	assert_string_equal(str_get(&s),
	    "[\"plain\",\"quote \\\" back \\\\ slash\",\"line\\ntab\\u0009\\u0001\","
	    "\"\xC3\xA9\xF0\x9F\x8E\xA5\",\"\",\"a,b]\"]");
	assert_int_equal(text_json_read(str_get(&s), &back, &owned), ERR_OK);
	assert_int_equal(back.n, 6);
	for (int i = 0; i < 6; i++)
		assert_string_equal(back.items[i], words[i]);
	text_json_free(owned);
	str_reset(&s);
	text_json_write(&none, &s);
	assert_string_equal(str_get(&s), "[]");
	assert_int_equal(text_json_read("[]", &back, &owned), ERR_OK);
	assert_int_equal(back.n, 0);
	text_json_free(owned);
	assert_int_equal(text_json_read(NULL, &back, &owned), ERR_OK);
	assert_int_equal(back.n, -1);
	assert_null(owned);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char *copy = str_dup(bad[i]); /* on the heap: reading past its end is seen */
		assert_int_equal(text_json_read(copy, &back, &owned), ERR_OK);
		if (back.n != -1)
			fail_msg("%s gave %d", bad[i], back.n);
		text_json_free(owned);
		free(copy);
	}
	str_done(&s);
}

static void test_words(void **state)
{
	enum job_status st;

	(void)state;
	for (int i = 0; i < JOB_STATUS_COUNT; i++) {
		assert_true(job_status_parse(job_status_word((enum job_status)i), &st));
		assert_int_equal(st, i);
		assert_int_equal(job_status_is_open(st), i <= JOB_INTERRUPTED);
	}
	assert_false(job_status_parse("lost", &st));
	assert_string_equal(op_word(OP_DISCOVERY), "discovery");
	assert_string_equal(op_word(OP_NONE), "none");
	assert_string_equal(item_state_word(ITEM_MISSING), "missing");
	assert_string_equal(item_state_word(ITEM_STATE_COUNT), "unknown");
	assert_string_equal(job_status_word(JOB_STATUS_COUNT), "unknown");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_meta),
	    TEST(test_meta_again),
	    TEST(test_state_done),
	    TEST(test_walks),
	    TEST(test_jobs),
	    TEST(test_outbox),
	    TEST(test_outbox_jobs),
	    TEST(test_views),
	    TEST(test_origins),
	    cmocka_unit_test(test_text_json),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the sync pushes: channels, their fields and states, jobs. */
#include "config.h"
#include "tests/unit/sync_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err set_state(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;
	struct cid key = key_of(c->first);

	return staging_state_set(s, OP_METADATA, &key, c->state, NULL, eb);
}

static enum err add_job(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct change *c = arg;

	return c->job->no ? staging_job_put(s, c->job, eb) : staging_job_add(s, c->job, eb);
}

/* Everything once more. */
static void walk_again(struct bench *b)
{
	change(b, run_sql, (struct change){.sql = "INSERT INTO outbox (kind) VALUES (1)"});
	count_outbox(b);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_first_and_last_key),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_refused_rows),
	    cmocka_unit_test(test_jobs),
	};

	if (!bench_ready())
		return BENCH_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

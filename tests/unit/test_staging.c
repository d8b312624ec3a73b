/* staging: files it opens and refuses, states and counters, absences, dead letters, pages. */
#include "config.h"
#include "db/staging_dead.h"
#include "db/staging_feeds.h"
#include "db/staging.h"
#include "tests/unit/staging_fixture.h"

#include <sys/stat.h>

#include "tests/unit/seed.h"

static uint32_t dice(uint32_t n)
{
	static uint64_t x = UINT64_C(88172645463325252);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32) % n;
}

static int64_t count_items(struct staging *s, enum op op, enum item_state st)
{
	struct counters c;
	struct errbuf eb = {0};

	assert_int_equal(staging_counters(s, &c, &eb), ERR_OK);
	return c.items[op][st];
}

/* ---- files ---- */

static void test_open(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	struct staging *again;
	struct stat st;

	assert_int_equal(stat(scratch_path(&r->scratch, "staging.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	seed_channels(r->s, 0, 10);
	assert_int_equal(stat(scratch_path(&r->scratch, "staging.db-wal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(staging_check(r->s, &eb), ERR_OK);
	assert_int_equal(
	    staging_open(&again, scratch_path(&r->scratch, "none.db"), DB_READ, &eb), ERR_NOTFOUND);
	assert_null(again);
	/* a reader sees what was committed, and cannot change it */
	assert_int_equal(
	    staging_open(&again, scratch_path(&r->scratch, "staging.db"), DB_READ, &eb), ERR_OK);
	assert_int_equal(count_items(again, OP_METADATA, ITEM_PENDING), 10);
	assert_int_not_equal(db_exec(staging_db(again), "DELETE FROM channel", &eb), ERR_OK);
	staging_close(again);
	/* opening what is there changes nothing */
	staging_close(r->s);
	assert_int_equal(
	    staging_open(&r->s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	assert_int_equal(staging_check_counters(r->s, &eb), ERR_OK);
	assert_int_equal(count_items(r->s, OP_DISCOVERY, ITEM_PENDING), 10);
	assert_int_equal(staging_checkpoint(r->s, true, &eb), ERR_OK);
}

static void check_refused(struct room *r, const char *sql, const char *words)
{
	char path[SCRATCH_SIZE * 2];
	struct errbuf eb = {0};
	struct staging *s;
	sqlite3 *db;

	snprintf(path, sizeof path, "%s", scratch_path(&r->scratch, "foreign.db"));
	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	for (int mode = DB_WRITE; mode <= DB_READ; mode++) {
		assert_int_equal(staging_open(&s, path, (enum db_mode)mode, &eb), ERR_DENIED);
		assert_null(s);
		assert_non_null(strstr(eb.text, "foreign.db"));
		if (!strstr(eb.text, words))
			fail_msg("%s", eb.text);
	}
}

static void test_refused(void **state)
{
	struct room *r = *state;
	const char *path = scratch_path(&r->scratch, "text.db");
	struct errbuf eb = {0};
	struct staging *s;
	FILE *f;

	check_refused(r, "CREATE TABLE x (y); PRAGMA user_version=3", "another program");
	check_refused(r, "PRAGMA application_id=77; PRAGMA user_version=1", "another program");
	check_refused(r, "PRAGMA application_id=77", "another program");
	check_refused(r, "CREATE TABLE x (y)", "another program");
	check_refused(
	    r, "PRAGMA application_id=0x7475626F; PRAGMA user_version=99", "newer tubeops");
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 200; i++)
		fputs("this is no database at all\n", f);
	fclose(f);
	assert_int_equal(staging_open(&s, path, DB_WRITE, &eb), ERR_CORRUPT);
	assert_int_equal(staging_open(&s, "/nowhere/at/all.db", DB_WRITE, &eb), ERR_IO);
	assert_non_null(strstr(eb.text, "/nowhere/at/all.db"));
}

/* ---- states ---- */

static void test_unknown_channel(void **state)
{
	struct room *r = *state;
	struct cid c = seed_cid(5);
	struct errbuf eb = {0};
	struct dead_letter d = {.cid = c, .op = OP_VIDEOS, .reason = "x"};

	begin(r->s);
	assert_int_equal(
	    staging_state_set(r->s, OP_VIDEOS, &c, ITEM_DONE, NULL, &eb), ERR_NOTFOUND);
	assert_int_equal(staging_dead_letter_put(r->s, &d, &eb), ERR_NOTFOUND);
	commit(r->s);
}

/* One random change; what it should leave is noted in the model. */
static void change(struct staging *s, enum item_state model[OP_COUNT][50], int day)
{
	uint32_t n = dice(50);
	enum op op = (enum op)dice(OP_COUNT);
	struct cid c = seed_cid(n);
	struct dead_letter d = {
	    .cid = c, .op = op, .reason = "bad", .attempts = 1, .job = 1 + dice(3), .at = day};
	enum item_state now = ITEM_PENDING, was;
	struct errbuf eb = {0};
	enum err err;

	switch (dice(5)) {
	case 0:
		now = ITEM_PENDING;
		err = staging_state_set(s, op, &c, now, &was, &eb);
		assert_int_equal(was, model[op][n]);
		break;
	case 1:
		now = ITEM_DONE;
		err = staging_state_set(s, op, &c, now, &was, &eb);
		assert_int_equal(was, model[op][n]);
		break;
	case 2:
		now = ITEM_FAILED;
		err = staging_dead_letter_put(s, &d, &eb);
		break;
	default:
		err = staging_absence(s, op, &c, day, 1 + dice(3), &now, &eb);
		assert_true(now == ITEM_ABSENT || now == ITEM_MISSING);
		assert_true(now == ITEM_ABSENT || model[op][n] == ITEM_ABSENT ||
		            model[op][n] == ITEM_MISSING);
	}
	assert_int_equal(err, ERR_OK);
	model[op][n] = now;
}

static void test_random_changes(void **state)
{
	struct room *r = *state;
	enum item_state model[OP_COUNT][50] = {{ITEM_PENDING}}, saved[OP_COUNT][50];
	struct errbuf eb = {0};

	seed_channels(r->s, 0, 50);
	for (int round = 0; round < 400; round++) {
		int day = 100 + round / 20, part = (int)dice(3);
		int64_t pending = 0;
		memcpy(saved, model, sizeof model);
		begin(r->s);
		for (uint32_t i = dice(8); i > 0; i--)
			change(r->s, model, day);
		if (part) {
			enum item_state before[OP_COUNT][50];
			memcpy(before, model, sizeof model);
			assert_int_equal(staging_part_begin(r->s, &eb), ERR_OK);
			for (uint32_t i = dice(8); i > 0; i--)
				change(r->s, model, day);
			assert_int_equal(staging_part_end(r->s, part == 1, &eb), ERR_OK);
			if (part == 2)
				memcpy(model, before, sizeof model);
		}
		if (round % 9 == 0) {
			staging_rollback(r->s);
			memcpy(model, saved, sizeof model);
		} else {
			commit(r->s);
		}
		for (int op = 0; op < OP_COUNT; op++) {
			int64_t want[ITEM_STATE_COUNT] = {0};
			for (int i = 0; i < 50; i++)
				want[model[op][i]]++;
			for (int st = 0; st < ITEM_STATE_COUNT; st++)
				assert_int_equal(
				    count_items(r->s, (enum op)op, (enum item_state)st), want[st]);
		}
		for (int kind = FEED_METADATA; kind <= FEED_DISCOVERY; kind++) {
			const struct feed_ask ask = {.today = day, .bound = 1};
			struct feed_place place = {0};
			struct cid ids[50];
			int n = 0;
			assert_int_equal(staging_feed_page(r->s, (enum feed_kind)kind, &ask, &place,
			                     ids, 50, &n, &eb),
			    ERR_OK);
			assert_int_equal(
			    staging_feed_count(r->s, (enum feed_kind)kind, &ask, &pending, &eb),
			    ERR_OK);
			assert_int_equal(pending, n);
		}
	}
}

static enum item_state absence(struct staging *s, uint32_t n, int64_t day, int64_t job)
{
	struct cid c = seed_cid(n);
	enum item_state now = ITEM_FAILED;
	struct errbuf eb = {0};
	int64_t noted = -1;

	begin(s);
	assert_int_equal(staging_absence(s, OP_METADATA, &c, day, job, &now, &eb), ERR_OK);
	assert_int_equal(staging_absence_job(s, OP_METADATA, &c, &noted, &eb), ERR_OK);
	assert_int_equal(noted, job);
	commit(s);
	return now;
}

static void test_absence(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	struct cid c = seed_cid(1);
	int64_t job = -1;

	seed_channels(r->s, 0, 5);
	assert_int_equal(absence(r->s, 1, 200, 7), ITEM_ABSENT);
	assert_int_equal(absence(r->s, 1, 200, 8), ITEM_ABSENT); /* the same day proves nothing */
	assert_int_equal(absence(r->s, 1, 199, 8), ITEM_ABSENT); /* nor does a clock set back */
	assert_int_equal(absence(r->s, 1, 201, 9), ITEM_MISSING);
	assert_int_equal(absence(r->s, 1, 201, 9), ITEM_MISSING);
	assert_int_equal(absence(r->s, 2, 201, 9), ITEM_ABSENT);
	assert_int_equal(count_items(r->s, OP_METADATA, ITEM_MISSING), 1);
	assert_int_equal(count_items(r->s, OP_METADATA, ITEM_ABSENT), 1);
	assert_int_equal(count_items(r->s, OP_VIDEOS, ITEM_PENDING), 5);
	/* found again: its absences are forgotten */
	begin(r->s);
	assert_int_equal(staging_state_set(r->s, OP_METADATA, &c, ITEM_DONE, NULL, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(staging_absence_job(r->s, OP_METADATA, &c, &job, &eb), ERR_OK);
	assert_int_equal(job, 0);
	assert_int_equal(absence(r->s, 1, 300, 9), ITEM_ABSENT);
}

static enum err count_letter(void *arg, const struct dead_letter *d, struct errbuf *eb)
{
	int *n = arg;

	(void)eb;
	assert_string_equal(d->reason, "badId");
	assert_int_equal(d->attempts, d->cid.b[3] == 3 ? 5 : 2);
	assert_int_equal(d->op, OP_METADATA);
	n[d->job]++;
	return n[0] && n[1] + n[2] == n[0] ? ERR_CANCELLED : ERR_OK;
}

static void test_dead_letters(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	int n[3] = {0};
	int64_t again = 0;

	seed_channels(r->s, 0, 2000);
	begin(r->s);
	for (uint32_t i = 0; i < 1200; i++) {
		struct dead_letter d = {.cid = seed_cid(i),
		    .op = OP_METADATA,
		    .reason = "badId",
		    .message = i % 2 ? "it is bad" : NULL,
		    .attempts = 2,
		    .job = i < 1100 ? 1 : 2,
		    .at = i};
		assert_int_equal(staging_dead_letter_put(r->s, &d, &eb), ERR_OK);
		if (d.cid.b[3] == 3) { /* given up on once more: attempts add up */
			d.attempts = 3;
			assert_int_equal(staging_dead_letter_put(r->s, &d, &eb), ERR_OK);
		}
	}
	commit(r->s);
	assert_int_equal(count_items(r->s, OP_METADATA, ITEM_FAILED), 1200);
	assert_int_equal(
	    staging_dead_letters_each(
	        r->s, &(struct dead_filter){.op = OP_NONE, .job = 0}, 0, count_letter, n, &eb),
	    ERR_OK);
	assert_int_equal(n[1], 1100);
	assert_int_equal(n[2], 100);
	memset(n, 0, sizeof n);
	assert_int_equal(
	    staging_dead_letters_each(
	        r->s, &(struct dead_filter){.op = OP_NONE, .job = 2}, 30, count_letter, n, &eb),
	    ERR_OK);
	assert_int_equal(n[2], 30);
	memset(n, 0, sizeof n);
	n[0] = 4; /* the callback ends it */
	assert_int_equal(
	    staging_dead_letters_each(
	        r->s, &(struct dead_filter){.op = OP_NONE, .job = 0}, 0, count_letter, n, &eb),
	    ERR_OK);
	assert_int_equal(n[1] + n[2], 4);
	begin(r->s);
	assert_int_equal(
	    staging_dead_retry(r->s, &(struct dead_filter){.op = OP_VIDEOS, .job = 0}, &again, &eb),
	    ERR_OK);
	assert_int_equal(again, 0);
	assert_int_equal(staging_dead_retry(
	                     r->s, &(struct dead_filter){.op = OP_METADATA, .job = 1}, &again, &eb),
	    ERR_OK);
	assert_int_equal(again, 1100); /* over several pages */
	commit(r->s);
	assert_int_equal(count_items(r->s, OP_METADATA, ITEM_FAILED), 100);
	begin(r->s);
	assert_int_equal(staging_dead_retry(
	                     r->s, &(struct dead_filter){.op = OP_METADATA, .job = 0}, &again, &eb),
	    ERR_OK);
	assert_int_equal(again, 100);
	commit(r->s);
	memset(n, 0, sizeof n);
	assert_int_equal(
	    staging_dead_letters_each(
	        r->s, &(struct dead_filter){.op = OP_NONE, .job = 0}, 0, count_letter, n, &eb),
	    ERR_OK);
	assert_int_equal(n[1] + n[2], 0);
}

/* ---- pages ---- */

static void walk(struct staging *s, int page, int64_t today, const bool *want, uint32_t n)
{
	const struct feed_ask ask = {.today = today};
	struct feed_place place = {0};
	struct cid ids[70];
	struct errbuf eb = {0};
	int64_t pending = 0, total = 0;
	uint32_t next = 0;
	int got;

	do {
		assert_int_equal(
		    staging_feed_page(s, FEED_METADATA, &ask, &place, ids, page, &got, &eb),
		    ERR_OK);
		for (int i = 0; i < got; i++) {
			while (next < n && !want[next])
				next++;
			assert_true(next < n);
			assert_int_equal(seed_number(&ids[i]), next);
			next++;
		}
		total += got;
	} while (got == page);
	while (next < n && !want[next])
		next++;
	assert_int_equal(next, n); /* nobody was left out */
	assert_int_equal(staging_feed_count(s, FEED_METADATA, &ask, &pending, &eb), ERR_OK);
	assert_int_equal(pending, total);
}

static void test_pending_pages(void **state)
{
	struct room *r = *state;
	bool today[60], tomorrow[60];
	struct errbuf eb = {0};
	enum item_state now;

	seed_channels(r->s, 0, 60);
	begin(r->s);
	for (uint32_t i = 0; i < 60; i++) {
		struct cid c = seed_cid(i);
		today[i] = tomorrow[i] = i % 7 == 0;
		if (i % 7 == 3) {
			assert_int_equal(
			    staging_absence(r->s, OP_METADATA, &c, 500, 1, &now, &eb), ERR_OK);
			tomorrow[i] = true;
		} else if (i % 7) {
			assert_int_equal(
			    staging_state_set(r->s, OP_METADATA, &c, ITEM_DONE, NULL, &eb), ERR_OK);
		}
	}
	commit(r->s);
	for (int page = 1; page <= 61; page++) {
		walk(r->s, page, 500, today, 60);
		walk(r->s, page, 501, tomorrow, 60);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_open),
	    TEST(test_refused),
	    TEST(test_unknown_channel),
	    TEST(test_random_changes),
	    TEST(test_absence),
	    TEST(test_dead_letters),
	    TEST(test_pending_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

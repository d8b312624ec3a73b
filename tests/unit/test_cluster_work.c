/* Budgets of shared jobs, and what else than states work chunks tell, on a real PostgreSQL. */
#include "config.h"
#include "db/cluster.h"
#include "tests/unit/sync_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 20000, IDS = 3 };

struct work_bench {
	struct bench *b;
	struct postgres *pg;
	struct uuid node;
};

static void must(enum err err, const struct errbuf *eb)
{
	if (err)
		fail_msg("%s", err_text(eb));
}

static struct postgres *session(struct bench *b)
{
	struct postgres_config cfg = {.url = b->secret, .log = b->log};
	struct postgres *pg = NULL;
	struct errbuf eb = {0};

	must(postgres_open(&pg, &cfg, &eb), &eb);
	must(postgres_migrate(pg, &eb), &eb);
	return pg;
}

static int set_up(void **state)
{
	struct work_bench *t = calloc(1, sizeof *t);

	assert_non_null(t);
	t->b = bench_new();
	t->pg = session(t->b);
	assert_int_equal(uuid_new(&t->node), ERR_OK);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct work_bench *t = *state;

	postgres_close(t->pg);
	bench_free(t->b);
	free(t);
	return 0;
}

/* A job with so many chunks of IDS channels. */
static struct uuid new_job(struct work_bench *t, int64_t units, int64_t units_per_day, int chunks)
{
	const struct cluster_limits limits = {units, units_per_day, DAY, 0};
	struct uuid job;
	struct errbuf eb = {0};

	assert_int_equal(uuid_new(&job), ERR_OK);
	must(cluster_job_add(t->pg, &job, &t->node, "batch_videos", "{}", &limits, &eb), &eb);
	for (int c = 0; c < chunks; c++) {
		struct cid ids[IDS];
		struct feed_place to = {.begun = true, .num = -7 * c};

		for (int i = 0; i < IDS; i++)
			ids[i] = cid_from_number(c * IDS + i + 1);
		to.cid = ids[0];
		must(cluster_plan(t->pg, &job, c, ids, IDS, &to, &eb), &eb);
	}
	return job;
}

static struct cluster_job job_of(struct work_bench *t, const struct uuid *job)
{
	struct cluster_job jobs[16], found = {.chunks = -1};
	struct errbuf eb = {0};
	int n;

	must(cluster_jobs(t->pg, jobs, 16, &n, &eb), &eb);
	for (int i = 0; i < n; i++) {
		free(jobs[i].params);
		if (memcmp(&jobs[i].job, job, sizeof *job) == 0)
			found = jobs[i];
	}
	assert_true(found.chunks >= 0);
	return found;
}

static struct cluster_portion portion(
    struct postgres *pg, const struct uuid *job, int64_t day, int64_t least, int64_t want)
{
	struct cluster_portion p;
	struct errbuf eb = {0};

	must(cluster_budget(pg, job, day, least, want, &p, &eb), &eb);
	return p;
}

/* ---- budgets ---- */

static void test_a_walk_of_any_order_keeps_its_place(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, -1, -1, 2);
	struct cluster_job j = job_of(t, &job);

	assert_true(j.place.begun && j.place.num == -7 && cid_number(&j.place.cid) == IDS + 1);
	assert_false(j.has_budget);
	assert_int_equal(j.units_left, -1);
}

static void test_a_job_without_a_budget_gets_what_it_asks_for(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, -1, -1, 0);
	struct cluster_portion p = portion(t->pg, &job, DAY, 100, 116);

	assert_true(p.got == 116 && p.units_left == -1);
}

static void test_portions_get_smaller_and_end_at_the_budget(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, 40, -1, 0);
	struct cluster_portion p = portion(t->pg, &job, DAY, 1, 17);
	int64_t sum = p.got;

	assert_true(p.got == 5 && p.units_left == 35); /* an eighth, for others come too */
	for (int i = 0; i < 100 && p.units_left; i++) {
		p = portion(t->pg, &job, DAY + i / 10, 1, 17);
		assert_true(p.got >= 1);
		sum += p.got;
	}
	assert_int_equal(sum, 40);
	assert_int_equal(portion(t->pg, &job, DAY + 20, 1, 17).got, 0);
	assert_int_equal(job_of(t, &job).units_left, 0);
}

static void test_a_day_has_its_own_budget_and_gives_nothing_to_yesterday(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, -1, 10, 0);
	struct errbuf eb = {0};
	int64_t sum = 0;

	for (int i = 0; i < 20; i++)
		sum += portion(t->pg, &job, DAY, 1, 4).got;
	assert_int_equal(sum, 10);
	assert_int_equal(portion(t->pg, &job, DAY + 1, 10, 10).got, 10);
	assert_int_equal(portion(t->pg, &job, DAY, 1, 4).got, 0);
	/* what yesterday's left over is no unit of today */
	must(cluster_budget_back(t->pg, &job, DAY, 3, &eb), &eb);
	assert_int_equal(portion(t->pg, &job, DAY + 1, 1, 4).got, 0);
	must(cluster_budget_back(t->pg, &job, DAY + 1, 3, &eb), &eb);
	assert_int_equal(portion(t->pg, &job, DAY + 1, 5, 5).got, 3);
}

static void test_an_ended_job_gets_nothing(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, 40, -1, 0);
	struct errbuf eb = {0};

	must(cluster_job_end(t->pg, &job, &eb), &eb);
	assert_int_equal(portion(t->pg, &job, DAY, 1, 4).got, 0);
}

struct racer {
	pthread_t thread;
	struct postgres *pg;
	struct uuid job;
	int64_t units;
};

static void *race_units(void *arg)
{
	struct racer *r = arg;
	struct cluster_portion p = {.got = 1};
	int backs = 0;

	while (p.got > 0) {
		if (cluster_budget(r->pg, &r->job, DAY, 1, 9, &p, NULL))
			break;
		r->units += p.got;
		if (p.got > 1 && backs++ < 20 &&
		    cluster_budget_back(r->pg, &r->job, DAY, 1, NULL) == ERR_OK)
			r->units--;
	}
	return NULL;
}

static void test_many_nodes_never_get_more_than_there_is(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, 700, 500, 0);
	struct racer r[4];
	int64_t sum = 0;

	for (int i = 0; i < 4; i++) {
		r[i] = (struct racer){.pg = session(t->b), .job = job};
		assert_int_equal(pthread_create(&r[i].thread, NULL, race_units, &r[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(r[i].thread, NULL);
		postgres_close(r[i].pg);
		sum += r[i].units;
	}
	assert_in_range(
	    sum, 496, 500); /* the last to give back may have found nobody to ask again */
	assert_string_equal(ask(t->b, "SELECT day_granted <= 500 FROM cluster_job"), "t");
}

/* ---- chunks of a job without units ---- */

static struct cluster_chunk claim(struct work_bench *t, const struct uuid *job)
{
	static struct cluster_chunk got;
	struct errbuf eb = {0};
	bool yes = false;

	must(cluster_claim(t->pg, &t->node, job, 0, 60000, 0, &got, &yes, &eb), &eb);
	assert_true(yes);
	return got;
}

static bool mark(struct work_bench *t, const struct cluster_chunk *c, int at, uint64_t facts)
{
	const unsigned char place[2] = {0, (unsigned char)at}, outcome = CLUSTER_DONE;
	const struct cluster_mark m = {c->id, c->epoch, 2, 1, place, &outcome, &facts};
	struct str sql;
	bool yes;

	str_init(&sql, 4096);
	cluster_mark_sql(&sql, &t->node, &m);
	yes = strcmp(ask(t->b, str_get(&sql)), "t") == 0;
	str_done(&sql);
	return yes;
}

static void test_a_spent_job_is_closed_when_nobody_works_at_it(void **state)
{
	struct work_bench *t = *state;
	struct uuid job = new_job(t, 8, -1, 3);
	struct cluster_chunk c = claim(t, &job), away;
	struct cluster_lease lease = {c.id, c.epoch, false};
	struct errbuf eb = {0};
	bool yes = false;

	assert_true(mark(t, &c, 1, 0));
	must(cluster_release(t->pg, &lease, &eb), &eb);
	must(cluster_job_close(t->pg, &job, 0, &eb), &eb);
	assert_int_equal(job_of(t, &job).open, 3); /* it has units still */
	assert_int_equal(portion(t->pg, &job, DAY, 8, 8).got, 8);
	c = claim(t, &job);
	must(cluster_job_close(t->pg, &job, 0, &eb), &eb);
	assert_int_equal(job_of(t, &job).open, 3); /* somebody works */
	assert_int_equal(job_of(t, &job).leased, 1);
	lease = (struct cluster_lease){c.id, c.epoch, false};
	must(cluster_release(t->pg, &lease, &eb), &eb);
	must(cluster_job_close(t->pg, &job, 0, &eb), &eb);
	assert_int_equal(job_of(t, &job).open, 0);
	/* what was done of it comes home, what was not has nothing to bring */
	assert_int_equal(job_of(t, &job).away, 1);
	must(cluster_away(t->pg, &job, &away, &yes, &eb), &eb);
	assert_true(yes && away.outcome[0] == CLUSTER_OPEN && away.outcome[1] == CLUSTER_DONE);
}

static void test_facts_come_back_as_they_were_told(void **state)
{
	static const struct upload_list_row lists[] = {
	    {.listed = 20000, .truncated = true, .at = 1764437000},
	    {.empty = true, .at = 4102444800}};
	struct work_bench *t = *state;
	struct uuid job = new_job(t, -1, -1, 1);
	struct cluster_chunk c = claim(t, &job), away;
	struct upload_list_row l;
	struct errbuf eb = {0};
	bool yes = false;

	assert_true(mark(t, &c, 2, cluster_facts(&lists[0])));
	assert_true(mark(t, &c, 0, cluster_facts(&lists[1])));
	assert_true(mark(t, &c, 1, 0));
	/* an old epoch changes nothing */
	c.epoch--;
	assert_false(mark(t, &c, 1, cluster_facts(&lists[0])));
	must(cluster_away(t->pg, &job, &away, &yes, &eb), &eb);
	assert_true(yes);
	assert_true(cluster_facts_read(away.facts[2], &l));
	assert_true(l.listed == 20000 && l.truncated && !l.empty && l.at == 1764437000);
	assert_true(cluster_facts_read(away.facts[0], &l));
	assert_true(l.listed == 0 && !l.truncated && l.empty && l.at == 4102444800);
	assert_false(cluster_facts_read(away.facts[1], &l));
	assert_string_equal(ask(t->b, "SELECT sum(units) FROM cluster_count"), "6");
}

/* ---- videos ---- */

static enum err take_video(void *arg, const struct video_row *v, struct errbuf *eb)
{
	int *seen = arg;

	(void)eb;
	(*seen)++;
	assert_int_equal(cid_number(&v->channel), 2);
	assert_int_equal(v->vid, INT64_MIN + 16 * *seen);
	assert_string_equal(v->title, "a title");
	assert_null(v->description);
	assert_int_equal(v->view_count, COUNT_NONE);
	assert_int_equal(v->like_count, 7);
	assert_int_equal(v->duration_s, VIDEO_UNKNOWN);
	assert_int_equal(v->made_for_kids, 1);
	assert_int_equal(v->tags.n, *seen == 1 ? 2 : -1);
	if (*seen == 1)
		assert_string_equal(v->tags.items[1], "b,c");
	assert_int_equal(v->fetched_at, 1764437000);
	assert_int_equal(v->absent_day, *seen == 1 ? 0 : 20421);
	assert_int_equal(v->published_at, INT64_MIN);
	return ERR_OK;
}

static void put_video(struct work_bench *t, const char *channel, int i, const char *more)
{
	char sql[600], vid[VID_TEXT + 1];

	snprintf(sql, sizeof sql,
	    "INSERT INTO videos (video_id, channel_id, channel_external_id, title, like_count, "
	    "made_for_kids, fetched_at, counted_at, tags, absent_on) SELECT '%s', id, channel_id, "
	    "'a title', 7, TRUE, to_timestamp(1764437000) AT TIME ZONE 'UTC', "
	    "to_timestamp(1764437000) AT TIME ZONE 'UTC', %s FROM channels WHERE channel_id = '%s'",
	    vid_format(INT64_MIN + 16 * i, vid), more, channel);
	ask(t->b, sql);
}

static void test_videos_of_some_channels(void **state)
{
	struct work_bench *t = *state;
	const struct cid ids[2] = {cid_from_number(2), cid_from_number(5)};
	struct errbuf eb = {0};
	int64_t known = -1;
	int seen = 0;

	for (int i = 1; i < 4; i++) {
		struct cid cid = cid_from_number(i);
		char channel[CID_TEXT + 1], sql[200];

		snprintf(sql, sizeof sql,
		    "INSERT INTO channels (channel_id, metadata_fetched, fetched_at) "
		    "VALUES ('%s', %s, now())",
		    cid_format(&cid, channel), i == 3 ? "FALSE" : "TRUE");
		ask(t->b, sql);
		put_video(t, channel, i == 2 ? 1 : 10 + i, "'{a,\"b,c\"}', NULL");
		if (i == 2)
			put_video(t, channel, 2, "NULL, DATE '2025-11-29'");
	}
	must(cluster_videos(t->pg, ids, 2, take_video, &seen, &eb), &eb);
	assert_int_equal(seen, 2);
	must(cluster_metas_known(t->pg, ids, 2, &known, &eb), &eb);
	assert_int_equal(known, 1);
	must(cluster_metas_known(t->pg, ids, 0, &known, &eb), &eb);
	assert_int_equal(known, 0);
}

static enum err count_video(void *arg, const struct video_row *v, struct errbuf *eb)
{
	(void)v;
	(void)eb;
	++*(int *)arg;
	return ERR_OK;
}

/* Memory is for so many; one channel alone comes whole. */
static void test_more_videos_than_memory_is_for(void **state)
{
	struct work_bench *t = *state;
	const struct cid ids[2] = {cid_from_number(1), cid_from_number(2)};
	struct errbuf eb = {0};
	char channel[CID_TEXT + 1], sql[600];
	int seen = 0;

	snprintf(sql, sizeof sql,
	    "WITH c AS (INSERT INTO channels (channel_id) VALUES ('%s') RETURNING id, channel_id) "
	    "INSERT INTO videos (video_id, channel_id, channel_external_id, title, fetched_at) "
	    "SELECT 'AAAAA' || lpad(to_hex(n), 5, '0') || 'A', id, channel_id, 'a title', now() "
	    "FROM c, generate_series(1, %d) n",
	    cid_format(&ids[0], channel), CLUSTER_VIDEOS + 1);
	ask(t->b, sql);
	assert_int_equal(cluster_videos(t->pg, ids, 2, count_video, &seen, &eb), ERR_LIMIT);
	assert_int_equal(seen, 0);
	must(cluster_videos(t->pg, ids, 1, count_video, &seen, &eb), &eb);
	assert_int_equal(seen, CLUSTER_VIDEOS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_a_walk_of_any_order_keeps_its_place),
	    TEST(test_a_job_without_a_budget_gets_what_it_asks_for),
	    TEST(test_portions_get_smaller_and_end_at_the_budget),
	    TEST(test_a_day_has_its_own_budget_and_gives_nothing_to_yesterday),
	    TEST(test_an_ended_job_gets_nothing),
	    TEST(test_many_nodes_never_get_more_than_there_is),
	    TEST(test_a_spent_job_is_closed_when_nobody_works_at_it),
	    TEST(test_facts_come_back_as_they_were_told),
	    TEST(test_videos_of_some_channels),
	    TEST(test_more_videos_than_memory_is_for),
	};

	return bench_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : BENCH_SKIPPED;
}

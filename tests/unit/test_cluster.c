/* The cluster's SQL on a real PostgreSQL: chunks side by side with chunk_rules, grants, nodes, lead. */
#include "config.h"
#include "db/cluster.h"
#include "tests/unit/chunk_rules.h"
#include "tests/unit/sync_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct postgres *session(struct bench *b)
{
	struct postgres_config cfg = {.url = b->secret, .log = b->log};
	struct postgres *pg = NULL;
	struct errbuf eb = {0};

	if (postgres_open(&pg, &cfg, &eb) || postgres_migrate(pg, &eb))
		fail_msg("%s", err_text(&eb));
	return pg;
}

static void must(enum err err, const struct errbuf *eb)
{
	if (err)
		fail_msg("%s", err_text(eb));
}

static struct uuid new_uuid(void)
{
	struct uuid u;

	assert_int_equal(uuid_new(&u), ERR_OK);
	return u;
}

/* A job with chunks of n ids each. */
static struct uuid new_job(struct postgres *pg, const struct uuid *home, int chunks, int n)
{
	struct uuid job = new_uuid();
	const struct cluster_limits limits = {.units = -1, .units_per_day = -1};
	struct feed_place to = {.begun = true, .num = -5};
	struct cid ids[64];
	struct errbuf eb = {0};

	must(cluster_job_add(pg, &job, home, "batch_metadata", "{}", &limits, &eb), &eb);
	for (int c = 0; c < chunks; c++) {
		for (int i = 0; i < n; i++)
			ids[i] = cid_from_number(c * n + i + 1);
		to.cid = ids[n - 1];
		must(cluster_plan(pg, &job, c, ids, n, &to, &eb), &eb);
		must(cluster_plan(pg, &job, c, ids, n, &to, &eb), &eb); /* told twice */
	}
	must(cluster_planned(pg, &job, true, &eb), &eb);
	return job;
}

static bool mark(
    struct bench *b, const struct uuid *node, int64_t chunk, int epoch, int at, int how)
{
	const unsigned char place[2] = {0, (unsigned char)at}, outcome = (unsigned char)how;
	const struct cluster_mark m = {chunk, epoch, 1, 1, place, &outcome, NULL};
	struct str sql;
	bool yes;

	str_init(&sql, 4096);
	cluster_mark_sql(&sql, node, &m);
	yes = strcmp(ask(b, str_get(&sql)), "t") == 0;
	str_done(&sql);
	return yes;
}

static struct cluster_job job_of(struct postgres *pg, const struct uuid *job)
{
	struct cluster_job jobs[64], found = {.chunks = -1};
	struct errbuf eb = {0};
	int n;

	must(cluster_jobs(pg, jobs, 64, &n, &eb), &eb);
	for (int i = 0; i < n; i++) {
		free(jobs[i].params);
		if (memcmp(&jobs[i].job, job, sizeof *job) == 0)
			found = jobs[i];
	}
	assert_true(found.chunks >= 0);
	return found;
}

/* ---- chunks ---- */

static void compare(struct bench *b, int64_t id, const struct rule_chunk *want)
{
	char sql[256], line[64];

	snprintf(sql, sizeof sql,
	    "SELECT state || ' ' || epoch || ' ' || lost || ' ' || encode(outcome, 'hex') || ' ' "
	    "|| "
	    "n_left FROM work_chunk WHERE id = %lld",
	    (long long)id);
	snprintf(line, sizeof line, "%d %d %d %02x%02x%02x %d", want->state, want->epoch,
	    want->lost, want->outcome[0], want->outcome[1], want->outcome[2],
	    !want->outcome[0] + !want->outcome[1] + !want->outcome[2]);
	assert_string_equal(ask(b, sql), line);
}

/* A lease of this chunk ran out, and the slack after it. */
static void expire(struct bench *b, int64_t id)
{
	char sql[160];

	snprintf(sql, sizeof sql,
	    "UPDATE work_chunk SET lease_until = now() - interval '1 hour' WHERE id = %lld",
	    (long long)id);
	ask(b, sql);
}

/* One step at random, in SQL and by the rules. */
static void step(struct bench *b, struct postgres *pg, const struct uuid *nodes,
    const struct uuid *job, int64_t id, struct rule_chunk *r, unsigned dice)
{
	int n = (int)(dice >> 4 & 1), at = (int)(dice >> 6) % 3, how = 1 + (int)(dice >> 8 & 3);
	int epoch = r->epoch - (int)(dice >> 10 & 1);
	struct cluster_lease lease = {id, epoch, false};
	struct cluster_chunk got;
	struct errbuf eb = {0};
	bool yes = false;

	switch (dice & 7) {
	case 0:
	case 1:
		must(cluster_claim(pg, &nodes[n], job, id, 60000, 15000, &got, &yes, &eb), &eb);
		assert_int_equal(yes, rule_claim(r, n + 1));
		if (yes)
			assert_int_equal(got.epoch, r->epoch);
		break;
	case 2:
		must(cluster_renew(pg, &nodes[n], &lease, 1, 60000, &eb), &eb);
		assert_int_equal(lease.held, rule_renew(r, n + 1, epoch));
		break;
	case 3:
		must(cluster_release(pg, &lease, &eb), &eb);
		rule_release(r, epoch);
		break;
	case 4:
	case 5:
		assert_int_equal(
		    mark(b, &nodes[n], id, epoch, at, how), rule_mark(r, epoch, at, how));
		break;
	default:
		if (r->state != RULE_LEASED)
			break;
		expire(b, id);
		r->expired = true;
	}
}

static void test_chunks_follow_the_rules(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg = session(b);
	const struct uuid nodes[2] = {new_uuid(), new_uuid()};
	struct uuid job = new_job(pg, &nodes[0], 40, 3);
	unsigned dice = 2463534242u;
	int64_t done = 0, aside = 0;
	struct cluster_job j;

	(void)state;
	for (int c = 0; c < 40; c++) {
		struct rule_chunk r = {.n = 3};
		char sql[64];
		int64_t id;

		snprintf(sql, sizeof sql, "SELECT id FROM work_chunk WHERE seq = %d", c);
		id = strtoll(ask(b, sql), NULL, 10);
		for (int i = 0; i < 60; i++) {
			dice ^= dice << 13;
			dice ^= dice >> 17;
			dice ^= dice << 5;
			step(b, pg, nodes, &job, id, &r, dice >> 7);
			compare(b, id, &r);
		}
		done += r.state == RULE_DONE;
		aside += r.state == RULE_ASIDE;
	}
	j = job_of(pg, &job);
	assert_int_equal(j.chunks, 40);
	assert_int_equal(j.planned, 120);
	assert_int_equal(j.open, 40 - done - aside);
	assert_int_equal(j.away, done);
	assert_int_equal(j.aside, aside);
	assert_true(done > 10);
	snprintf(
	    b->path, sizeof b->path, "%lld", (long long)(j.done + j.missing + j.absent + j.failed));
	assert_string_equal(b->path, ask(b, "SELECT sum(n - n_left) FROM work_chunk"));
	postgres_close(pg);
	bench_free(b);
}

static void test_a_chunk_that_kills_is_set_aside(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg = session(b);
	const struct uuid node = new_uuid();
	struct uuid job = new_job(pg, &node, 1, 3);
	struct cluster_chunk got;
	struct errbuf eb = {0};
	bool yes = true;
	int claims = 0;

	(void)state;
	for (; yes && claims < 20; claims++) {
		must(cluster_claim(pg, &node, &job, 0, 60000, 15000, &got, &yes, &eb), &eb);
		expire(b, got.id);
	}
	assert_int_equal(claims, RULE_LOST_MOST + 1);
	assert_int_equal(job_of(pg, &job).aside, 1);
	assert_int_equal(job_of(pg, &job).open, 0);
	postgres_close(pg);
	bench_free(b);
}

static void test_people_hold_chunks_back(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg = session(b);
	const struct uuid node = new_uuid();
	struct uuid job = new_job(pg, &node, 1, 3);
	struct cluster_chunk got;
	struct errbuf eb = {0};
	int64_t wanted = 0;
	bool yes = true;

	(void)state;
	must(cluster_job_want(pg, &job, CLUSTER_PAUSE, &wanted, &eb), &eb);
	assert_int_equal(wanted, 1);
	must(cluster_claim(pg, &node, &job, 0, 60000, 0, &got, &yes, &eb), &eb);
	assert_false(yes);
	must(cluster_job_want(pg, &job, CLUSTER_GO_ON, &wanted, &eb), &eb);
	must(cluster_claim(pg, &node, &job, 0, 60000, 0, &got, &yes, &eb), &eb);
	assert_true(yes);
	for (int i = 0; i < 3; i++)
		assert_true(mark(b, &node, got.id, got.epoch, i, CLUSTER_DONE));
	must(cluster_away(pg, &job, &got, &yes, &eb), &eb);
	assert_true(yes && got.n == 3 && got.outcome[2] == CLUSTER_DONE);
	assert_int_equal(cid_number(&got.ids[1]), 2);
	must(cluster_came_home(pg, got.id, &eb), &eb);
	must(cluster_away(pg, &job, &got, &yes, &eb), &eb);
	assert_false(yes);
	must(cluster_job_end(pg, &job, &eb), &eb);
	assert_true(job_of(pg, &job).ended);
	postgres_close(pg);
	bench_free(b);
}

/* ---- many at a time ---- */

struct racer {
	pthread_t thread;
	struct postgres *pg;
	struct uuid node, job;
	int64_t claims, units;
	int64_t of; /* limit */
};

static void *race_claims(void *arg)
{
	struct racer *r = arg;
	struct cluster_chunk got;
	bool yes = true;

	while (yes && !cluster_claim(r->pg, &r->node, &r->job, 0, 60000, 15000, &got, &yes, NULL))
		r->claims += yes;
	return NULL;
}

static void *race_grants(void *arg)
{
	struct racer *r = arg;
	int64_t got = 1;

	while (got > 0) {
		struct cluster_grant g = {
		    .of = {"pool", "units", 20000}, .limit = r->of, .want = 7};
		int64_t again = -1;

		if (uuid_new(&g.grant) || cluster_grant(r->pg, &r->node, &g, &got, NULL) ||
		    cluster_grant(r->pg, &r->node, &g, &again, NULL))
			break;
		r->units += got;
		r->claims += got != again; /* the same question, another answer */
	}
	return NULL;
}

static void race(struct bench *b, void *(*run)(void *), const struct uuid *job, struct racer r[4])
{
	for (int i = 0; i < 4; i++) {
		r[i] =
		    (struct racer){.pg = session(b), .node = new_uuid(), .job = *job, .of = 1000};
		assert_int_equal(pthread_create(&r[i].thread, NULL, run, &r[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(r[i].thread, NULL);
		postgres_close(r[i].pg);
	}
}

static void test_each_chunk_goes_to_one(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg = session(b);
	struct uuid node = new_uuid(), job = new_job(pg, &node, 200, 1);
	struct racer r[4];

	(void)state;
	race(b, race_claims, &job, r);
	assert_int_equal(r[0].claims + r[1].claims + r[2].claims + r[3].claims, 200);
	assert_string_equal(ask(b, "SELECT count(*) FROM work_chunk WHERE epoch <> 1"), "0");
	postgres_close(pg);
	bench_free(b);
}

static void test_grants_never_exceed_the_limit(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg = session(b);
	struct uuid none = new_uuid();
	struct racer r[4];
	struct cluster_grant g = {
	    .of = {"pool", "units", 20000}, .limit = 1000, .used = 5, .want = 9};
	struct errbuf eb = {0};
	int64_t got = 0;

	(void)state;
	race(b, race_grants, &none, r);
	for (int i = 0; i < 4; i++)
		assert_int_equal(r[i].claims, 0);
	assert_int_equal(r[0].units + r[1].units + r[2].units + r[3].units, 1000);
	assert_string_equal(ask(b, "SELECT granted FROM quota_day"), "1000");
	assert_string_equal(ask(b, "SELECT day FROM quota_day"), "2024-10-04");
	/* what was spent before a node joined is spent, whatever the limit says */
	g.grant = new_uuid();
	must(cluster_grant(pg, &none, &g, &got, &eb), &eb);
	assert_int_equal(got, 5);
	g.grant = new_uuid();
	must(cluster_give_back(pg, &none, &g.grant, &g.of, 100, &eb), &eb);
	must(cluster_give_back(pg, &none, &g.grant, &g.of, 100, &eb), &eb); /* told twice */
	assert_string_equal(ask(b, "SELECT granted FROM quota_day"), "905");
	must(cluster_exhausted(pg, &g.of, &eb), &eb);
	g = (struct cluster_grant){.grant = new_uuid(), .of = g.of, .limit = 1000, .want = 9};
	must(cluster_grant(pg, &none, &g, &got, &eb), &eb);
	assert_int_equal(got, 0);
	postgres_close(pg);
	bench_free(b);
}

/* ---- nodes ---- */

static void test_nodes_and_lead(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg = session(b);
	struct cluster_self one = {new_uuid(), new_uuid(), "one", "host", "1", "all", 15000};
	struct cluster_self twin = one,
	                    two = {new_uuid(), new_uuid(), "one", "host", "1", "all", 15000};
	struct cluster_node nodes[8];
	struct errbuf eb = {0};
	char pool[80];
	bool ok = false;
	int n = 0;

	(void)state;
	twin.boot = new_uuid();
	must(cluster_join(pg, &one, &ok, &eb), &eb);
	assert_true(ok);
	must(cluster_join(pg, &twin, &ok, &eb), &eb);
	assert_false(ok); /* the same data folder twice */
	must(cluster_join(pg, &two, &ok, &eb), &eb);
	assert_true(ok); /* the same name is nobody's harm */
	must(cluster_beat(pg, &one, "{\"rate\": 1}", &ok, &eb), &eb);
	assert_true(ok);
	must(cluster_lead(pg, &one.node, 30000, &ok, &eb), &eb);
	assert_true(ok);
	must(cluster_lead(pg, &two.node, 30000, &ok, &eb), &eb);
	assert_false(ok);
	must(cluster_nodes(pg, 20000, nodes, 8, &n, &eb), &eb);
	assert_int_equal(n, 2);
	assert_int_equal(nodes[0].leads + nodes[1].leads, 1);
	must(cluster_leave(pg, &one, &eb), &eb);
	must(cluster_lead(pg, &two.node, 30000, &ok, &eb), &eb);
	assert_true(ok);
	must(cluster_join(pg, &twin, &ok, &eb), &eb);
	assert_true(ok); /* the other one has left */
	must(cluster_beat(pg, &one, "{}", &ok, &eb), &eb);
	assert_false(ok);
	must(cluster_key(pg, "abc", "p1", pool, sizeof pool, &eb), &eb);
	must(cluster_key(pg, "abc", "p2", pool, sizeof pool, &eb), &eb);
	assert_string_equal(pool, "p1");
	postgres_close(pg);
	bench_free(b);
}

/* ---- metadata back out of PostgreSQL ---- */

static enum err see_meta(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	struct bench *b = arg;

	(void)eb;
	b->seen++;
	assert_int_equal(strncmp(m->title, "fetched ", 8), 0);
	assert_string_equal(m->description, "line one\nline\ttwo \\ end");
	assert_int_equal(m->view_count, COUNT_NONE);
	assert_int_equal(m->published_at, 1262304000);
	assert_int_equal(m->made_for_kids, -1);
	assert_int_equal(m->hidden_subscribers, 0);
	assert_int_equal(m->keywords.n, -1);
	assert_int_equal(m->topics.n, 0);
	assert_string_equal(m->language, "en");
	assert_int_equal(m->fetched_at, 1700000000);
	return ERR_OK;
}

static void test_metadata_comes_back(void **state)
{
	struct bench *b = bench_new();
	struct postgres *pg;
	struct cid ids[120];
	struct errbuf eb = {0};

	(void)state;
	fill(b, 0, 120);
	fetch(b, 0, 100, "fetched", 1700000000);
	push(b);
	pg = session(b);
	for (uint32_t i = 0; i < 120; i++)
		ids[i] = key_of(i);
	must(cluster_metas(pg, ids, 120, see_meta, b, &eb), &eb);
	assert_int_equal(b->seen, 100);
	postgres_close(pg);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_chunks_follow_the_rules),
	    cmocka_unit_test(test_a_chunk_that_kills_is_set_aside),
	    cmocka_unit_test(test_people_hold_chunks_back),
	    cmocka_unit_test(test_each_chunk_goes_to_one),
	    cmocka_unit_test(test_grants_never_exceed_the_limit),
	    cmocka_unit_test(test_nodes_and_lead),
	    cmocka_unit_test(test_metadata_comes_back),
	};

	return bench_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : BENCH_SKIPPED;
}

/* Nodes, jobs and chunks. */
#include "config.h"
#include "db/cluster_parts.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- nodes ---- */

enum err cluster_join(
    struct postgres *pg, const struct cluster_self *self, bool *ok, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, &self->node);
	params_uuid(&p, &self->boot);
	params_text(&p, self->name);
	params_text(&p, self->host);
	params_text(&p, self->version);
	params_text(&p, self->role);
	params_ms(&p, self->patience_ms);
	return params_run_bool(&p, pg, "SELECT tubeops_join($1, $2, $3, $4, $5, $6, $7)", ok, eb);
}

enum err cluster_beat(struct postgres *pg, const struct cluster_self *self, const char *facts,
    bool *ok, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, &self->node);
	params_uuid(&p, &self->boot);
	params_text(&p, facts);
	return params_run_bool(&p, pg,
	    "WITH up AS (UPDATE cluster_node SET seen_at = clock_timestamp(), facts = $3 "
	    "WHERE node = $1 AND boot = $2 RETURNING 1) SELECT count(*) > 0 FROM up",
	    ok, eb);
}

enum err cluster_leave(struct postgres *pg, const struct cluster_self *self, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, &self->node);
	params_uuid(&p, &self->boot);
	return params_run(&p, pg,
	    "WITH out AS (UPDATE cluster_node SET stopped = TRUE, seen_at = clock_timestamp() "
	    "WHERE node = $1 AND boot = $2) "
	    "UPDATE cluster_leader SET until = '-infinity' WHERE node = $1",
	    NULL, eb);
}

enum err cluster_lead(
    struct postgres *pg, const struct uuid *node, int lease_ms, bool *ok, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, node);
	params_ms(&p, lease_ms);
	return params_run_bool(&p, pg, "SELECT coalesce(tubeops_lead($1, $2), FALSE)", ok, eb);
}

/* ---- jobs ---- */

enum err cluster_job_add(struct postgres *pg, const struct uuid *job, const struct uuid *home,
    const char *type, const char *params, const struct cluster_limits *limits, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	params_uuid(&p, home);
	params_text(&p, type);
	params_text(&p, params);
	params_int(&p, limits->units);
	params_int(&p, limits->units_per_day);
	params_day(&p, limits->day);
	params_int(&p, limits->day_spent);
	return params_run(&p, pg,
	    "INSERT INTO cluster_job (job, home, type, params, units, units_per_day, budget_day, "
	    "day_granted) VALUES ($1, $2, $3, $4, nullif($5::bigint, -1), nullif($6::bigint, -1), "
	    "$7, $8) ON CONFLICT DO NOTHING",
	    NULL, eb);
}

/* The place of a walk: the last key, and behind it the number of feeds that are not in key order. */
static void params_place(struct params *p, const struct feed_place *to)
{
	unsigned char bytes[CID_BYTES + 8];
	uint64_t num = (uint64_t)to->num;

	memcpy(bytes, to->cid.b, CID_BYTES);
	for (int i = 7; i >= 0; i--, num >>= 8)
		bytes[CID_BYTES + i] = (unsigned char)(num & 255u);
	params_bytes(p, bytes, sizeof bytes);
}

static void cluster_place_read(const PGresult *res, int row, int column, struct feed_place *out)
{
	unsigned char bytes[CID_BYTES + 8] = {0};
	uint64_t num = 0;

	*out = (struct feed_place){
	    .begun = field_bytes(res, row, column, bytes, sizeof bytes) >= CID_BYTES};
	memcpy(out->cid.b, bytes, CID_BYTES);
	for (int i = 0; i < 8; i++)
		num = num << 8 | bytes[CID_BYTES + i];
	out->num = (int64_t)num;
}

static enum err cluster_job_read(
    const PGresult *res, int row, struct cluster_job *out, struct errbuf *eb)
{
	*out = (struct cluster_job){.want = (enum cluster_want)field_int(res, row, 3),
	    .wanted = field_int(res, row, 4),
	    .planned = field_int(res, row, 5),
	    .is_planned = field_bool(res, row, 6),
	    .ended = field_bool(res, row, 8),
	    .chunks = field_int(res, row, 9),
	    .open = field_int(res, row, 10),
	    .away = field_int(res, row, 11),
	    .aside = field_int(res, row, 12),
	    .done = field_int(res, row, 13),
	    .missing = field_int(res, row, 14),
	    .absent = field_int(res, row, 15),
	    .failed = field_int(res, row, 16),
	    .units = field_int(res, row, 17),
	    .has_budget = field_bool(res, row, 19),
	    .units_left = field_int(res, row, 20),
	    .leased = field_int(res, row, 21)};
	field_uuid(res, row, 0, &out->job);
	field_uuid(res, row, 1, &out->home);
	snprintf(out->type, sizeof out->type, "%s", PQgetvalue(res, row, 2));
	cluster_place_read(res, row, 7, &out->place);
	out->params = str_dup(PQgetvalue(res, row, 18));
	return out->params ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

enum err cluster_jobs(
    struct postgres *pg, struct cluster_job *out, int max, int *n, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	*n = 0;
	params_init(&p);
	params_int(&p, max);
	err = params_run(&p, pg,
	    "SELECT j.job, home, type, want, wanted, planned, is_planned, planned_to, ended, "
	    "w.chunks, w.open, w.away, w.aside, c.done, c.missing, c.absent, c.failed, c.units, "
	    "params, j.units IS NOT NULL OR units_per_day IS NOT NULL, "
	    "CASE WHEN j.units IS NULL THEN -1 ELSE greatest(j.units - units_granted, 0) END, "
	    "w.leased "
	    "FROM cluster_job j CROSS JOIN LATERAL ("
	    "SELECT (SELECT coalesce(max(seq) + 1, 0) FROM work_chunk WHERE job = j.job) AS "
	    "chunks, "
	    "(SELECT count(*) FROM work_chunk WHERE job = j.job AND state < 2) AS open, "
	    "(SELECT count(*) FROM work_chunk WHERE job = j.job AND state = 1 "
	    "AND lease_until > clock_timestamp()) AS leased, "
	    "(SELECT count(*) FROM work_chunk WHERE job = j.job AND state = 2 "
	    "AND home_at IS NULL) AS away, "
	    "(SELECT count(*) FROM work_chunk WHERE job = j.job AND state = 4) AS aside) w "
	    "CROSS JOIN LATERAL (SELECT sum(done) AS done, sum(missing) AS missing, "
	    "sum(absent) AS absent, sum(failed) AS failed, sum(units) AS units "
	    "FROM cluster_count WHERE job = j.job) c "
	    "WHERE NOT ended OR ended_at > clock_timestamp() - interval '1 hour' "
	    "ORDER BY ended, created_at, j.job LIMIT $1",
	    &res, eb);
	for (int i = 0; !err && i < PQntuples(res); i++) {
		err = cluster_job_read(res, i, &out[*n], eb);
		*n += !err;
	}
	PQclear(res);
	return err;
}

enum err cluster_job_want(struct postgres *pg, const struct uuid *job, enum cluster_want want,
    int64_t *wanted, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	params_int(&p, want);
	return params_run_int(&p, pg,
	    "UPDATE cluster_job SET want = $2, wanted = wanted + 1 WHERE job = $1 "
	    "RETURNING wanted",
	    wanted, eb);
}

enum err cluster_plan(struct postgres *pg, const struct uuid *job, int64_t seq,
    const struct cid *ids, int n, const struct feed_place *to, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	params_int(&p, seq);
	params_bytes(&p, ids, (size_t)n * sizeof *ids);
	params_place(&p, to);
	return params_run(&p, pg, "SELECT tubeops_plan($1, $2, $3, $4)", NULL, eb);
}

enum err cluster_planned(struct postgres *pg, const struct uuid *job, bool over, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	params_text(&p, over ? "t" : "f");
	return params_run(&p, pg,
	    "UPDATE cluster_job SET is_planned = $2::boolean, "
	    "planned_to = CASE WHEN $2::boolean THEN planned_to END WHERE job = $1",
	    NULL, eb);
}

enum err cluster_job_end(struct postgres *pg, const struct uuid *job, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	return params_run(&p, pg,
	    "UPDATE cluster_job SET ended = TRUE, ended_at = clock_timestamp() "
	    "WHERE job = $1 AND NOT ended",
	    NULL, eb);
}

enum err cluster_forget(struct postgres *pg, int days, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_int(&p, days);
	return params_run(&p, pg,
	    "WITH g AS (DELETE FROM quota_grant WHERE day < current_date - $1::int), "
	    "q AS (DELETE FROM quota_day WHERE day < current_date - $1::int), "
	    "n AS (DELETE FROM cluster_node WHERE seen_at < current_date - $1::int), "
	    "u AS (DELETE FROM cluster_use WHERE day < current_date - $1::int), "
	    "a AS (DELETE FROM cluster_ask WHERE asked_at < current_date - $1::int) "
	    "DELETE FROM cluster_job WHERE ended AND ended_at < current_date - $1::int",
	    NULL, eb);
}

/* ---- chunks ---- */

static enum err cluster_chunk_read(
    const PGresult *res, struct cluster_chunk *out, struct errbuf *eb)
{
	out->id = field_int(res, 0, 0);
	out->epoch = (int)field_int(res, 0, 2);
	out->n = (int)field_int(res, 0, 3);
	out->units_away = field_int(res, 0, 6);
	field_uuid(res, 0, 1, &out->job);
	memset(out->facts, 0, sizeof out->facts);
	field_bytes(res, 0, 7, out->facts, sizeof out->facts);
	for (int i = 0; i < CLUSTER_CHUNK_IDS; i++)
		out->facts[i] = be64toh(out->facts[i]);
	if (out->n < 1 || out->n > CLUSTER_CHUNK_IDS ||
	    field_bytes(res, 0, 4, out->ids, sizeof out->ids) !=
	        (size_t)out->n * sizeof out->ids[0] ||
	    field_bytes(res, 0, 5, out->outcome, sizeof out->outcome) != (size_t)out->n)
		return err_set(
		    eb, ERR_CORRUPT, "work chunk %lld cannot be read", (long long)out->id);
	return ERR_OK;
}

static enum err cluster_chunk_ask(struct params *p, struct postgres *pg, const char *sql,
    struct cluster_chunk *out, bool *got, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = params_run(p, pg, sql, &res, eb);

	*got = false;
	if (!err && PQntuples(res) == 1) {
		err = cluster_chunk_read(res, out, eb);
		*got = !err;
	}
	PQclear(res);
	return err;
}

enum err cluster_claim(struct postgres *pg, const struct uuid *node, const struct uuid *job,
    int64_t chunk, int lease_ms, int slack_ms, struct cluster_chunk *out, bool *got,
    struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, node);
	params_uuid(&p, job);
	params_int(&p, chunk);
	params_ms(&p, lease_ms);
	params_ms(&p, slack_ms);
	return cluster_chunk_ask(&p, pg,
	    "SELECT id, job, epoch, n, ids, outcome, units_away, facts "
	    "FROM tubeops_claim($1, $2, nullif($3::bigint, 0), $4, $5)",
	    out, got, eb);
}

enum err cluster_renew(struct postgres *pg, const struct uuid *node, struct cluster_lease *leases,
    int n, int lease_ms, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct str chunks, epochs;
	struct params p;
	enum err err;

	str_init(&chunks, 1 << 16);
	str_init(&epochs, 1 << 16);
	for (int i = 0; i < n; i++) {
		str_addf(&chunks, "%c%lld", i ? ',' : '{', (long long)leases[i].chunk);
		str_addf(&epochs, "%c%d", i ? ',' : '{', leases[i].epoch);
		leases[i].held = false;
	}
	str_addc(&chunks, '}');
	str_addc(&epochs, '}');
	params_init(&p);
	params_uuid(&p, node);
	params_text(&p, str_get(&chunks));
	params_text(&p, str_get(&epochs));
	params_ms(&p, lease_ms);
	str_done(&chunks);
	str_done(&epochs);
	err = params_run(&p, pg, "SELECT tubeops_renew($1, $2, $3, $4)", &res, eb);
	for (int row = 0; !err && row < PQntuples(res); row++)
		for (int i = 0; i < n; i++)
			if (leases[i].chunk == field_int(res, row, 0))
				leases[i].held = true;
	PQclear(res);
	return err;
}

enum err cluster_release(struct postgres *pg, const struct cluster_lease *lease, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_int(&p, lease->chunk);
	params_int(&p, lease->epoch);
	return params_run(&p, pg, "SELECT tubeops_release($1, $2)", NULL, eb);
}

void cluster_mark_sql(struct str *out, const struct uuid *node, const struct cluster_mark *m)
{
	char text[UUID_TEXT + 1];

	str_addf(out, "SELECT tubeops_mark('%s', %lld, %d, '", uuid_format(node, text),
	    (long long)m->chunk, m->epoch);
	cluster_hex(out, m->at, (size_t)m->n * 2);
	str_adds(out, "', '");
	cluster_hex(out, m->outcome, (size_t)m->n);
	str_addf(out, "', %lld", (long long)m->units);
	for (int i = 0; m->facts && i < m->n; i++)
		str_addf(out, "%s%016llx", i ? "" : ", '\\x", (unsigned long long)m->facts[i]);
	str_adds(out, m->facts && m->n ? "');" : ");");
}

/* 32 bits of time, then the number of videos and, from the lowest bit on: walked, truncated, empty. */
uint64_t cluster_facts(const struct upload_list_row *l)
{
	return (uint64_t)(l->at & 0xffffffff) << 32 | (uint64_t)(l->listed & 0xffffff) << 3 |
	       (l->empty ? 4u : 0u) | (l->truncated ? 2u : 0u) | 1u;
}

bool cluster_facts_read(uint64_t facts, struct upload_list_row *l)
{
	l->at = (int64_t)(facts >> 32);
	l->listed = (int64_t)(facts >> 3 & 0xffffff);
	l->empty = (facts & 4) != 0;
	l->truncated = (facts & 2) != 0;
	return (facts & 1) != 0;
}

/* ---- bringing results home ---- */

enum err cluster_away(struct postgres *pg, const struct uuid *job, struct cluster_chunk *out,
    bool *got, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	return cluster_chunk_ask(&p, pg,
	    "SELECT id, job, epoch, n, ids, outcome, units_away, facts FROM work_chunk "
	    "WHERE job = $1 AND state = 2 AND home_at IS NULL ORDER BY id LIMIT 1",
	    out, got, eb);
}

enum err cluster_came_home(struct postgres *pg, int64_t chunk, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_int(&p, chunk);
	return params_run(
	    &p, pg, "UPDATE work_chunk SET home_at = clock_timestamp() WHERE id = $1", NULL, eb);
}

/* ---- pointers ---- */

enum err cluster_name(struct postgres *pg, struct uuid *out, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = postgres_query(pg, "SELECT cluster FROM cluster_leader", 0, NULL, &res, eb);

	if (!err && PQntuples(res) != 1)
		err = err_set(eb, ERR_CORRUPT, "the table cluster_leader is empty");
	if (!err)
		field_uuid(res, 0, 0, out);
	PQclear(res);
	return err;
}

enum err cluster_unseen(struct postgres *pg, int again_s, int slack_ms, struct cluster_pointer *out,
    int max, int *n, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	*n = 0;
	params_init(&p);
	params_ms(&p, (int64_t)again_s * 1000);
	params_ms(&p, slack_ms);
	params_int(&p, max);
	err = params_run(&p, pg,
	    "SELECT id, w.job FROM work_chunk w JOIN cluster_job j ON j.job = w.job "
	    "WHERE w.state < 2 AND NOT j.ended AND j.want = 0 "
	    "AND (w.state = 0 OR w.lease_until < clock_timestamp() - $2::interval) "
	    "AND (published_at IS NULL OR published_at < clock_timestamp() - $1::interval) "
	    "ORDER BY id LIMIT $3",
	    &res, eb);
	for (int i = 0; !err && i < PQntuples(res); i++, (*n)++) {
		out[i].chunk = field_int(res, i, 0);
		field_uuid(res, i, 1, &out[i].job);
	}
	PQclear(res);
	return err;
}

enum err cluster_published(
    struct postgres *pg, const struct cluster_pointer *p, int n, struct errbuf *eb)
{
	struct params sent;
	struct str list;

	str_init(&list, 1 << 16);
	for (int i = 0; i < n; i++)
		str_addf(&list, "%c%lld", i ? ',' : '{', (long long)p[i].chunk);
	str_addc(&list, '}');
	params_init(&sent);
	params_text(&sent, str_get(&list));
	str_done(&list);
	return params_run(&sent, pg,
	    "UPDATE work_chunk SET published_at = clock_timestamp() WHERE id = ANY ($1::bigint[])",
	    NULL, eb);
}

enum err cluster_unpublished(struct postgres *pg, struct errbuf *eb)
{
	return postgres_exec(pg,
	    "UPDATE work_chunk SET published_at = NULL "
	    "WHERE state < 2 AND published_at IS NOT NULL",
	    eb);
}

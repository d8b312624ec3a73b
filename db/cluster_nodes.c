/* What whoever looks at the cluster reads: its nodes, its units, the server's clock. */
#include "config.h"
#include "db/cluster_parts.h"

#include <stdio.h>

static void cluster_node_read(const PGresult *res, int row, struct cluster_node *out)
{
	*out = (struct cluster_node){.started_at = field_int(res, row, 5),
	    .seen_ms = field_int(res, row, 6),
	    .told_ms = field_int(res, row, 7),
	    .stopped = field_bool(res, row, 8),
	    .leads = field_bool(res, row, 9),
	    .leases = field_int(res, row, 10),
	    .units_used = field_int(res, row, 11)};
	field_uuid(res, row, 0, &out->node);
	snprintf(out->name, sizeof out->name, "%s", PQgetvalue(res, row, 1));
	snprintf(out->host, sizeof out->host, "%s", PQgetvalue(res, row, 2));
	snprintf(out->version, sizeof out->version, "%s", PQgetvalue(res, row, 3));
	snprintf(out->role, sizeof out->role, "%s", PQgetvalue(res, row, 4));
	snprintf(out->facts, sizeof out->facts, "%s", PQgetvalue(res, row, 12));
}

enum err cluster_nodes(
    struct postgres *pg, int64_t day, struct cluster_node *out, int max, int *n, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	*n = 0;
	params_init(&p);
	params_int(&p, max);
	params_day(&p, day);
	err = params_run(&p, pg,
	    "SELECT c.node, name, host, version, role, extract(epoch FROM started_at)::bigint, "
	    "(extract(epoch FROM clock_timestamp() - seen_at) * 1000)::bigint, "
	    "(extract(epoch FROM seen_at) * 1000)::bigint, stopped, "
	    "coalesce(l.until > clock_timestamp(), FALSE), "
	    "(SELECT count(*) FROM work_chunk w WHERE w.owner = c.node AND w.state = 1), "
	    "(SELECT coalesce(sum(used), 0)::bigint FROM cluster_use u "
	    "WHERE u.node = c.node AND u.day = $2), facts "
	    "FROM cluster_node c LEFT JOIN cluster_leader l ON l.node = c.node "
	    "WHERE seen_at > clock_timestamp() - interval '1 day' "
	    "ORDER BY stopped, name, c.node LIMIT $1",
	    &res, eb);
	for (int i = 0; !err && i < PQntuples(res); i++)
		cluster_node_read(res, i, &out[(*n)++]);
	PQclear(res);
	return err;
}

/* ---- units ---- */

/* One more text of an array as PostgreSQL reads it. */
static void array_text(struct str *out, const char *text)
{
	str_adds(out, out->len ? ",\"" : "{\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			str_addc(out, '\\');
		str_addc(out, *text);
	}
	str_addc(out, '"');
}

static void array_int(struct str *out, int64_t n)
{
	str_addf(out, "%c%lld", out->len ? ',' : '{', (long long)n);
}

static void params_array(struct params *p, struct str *array)
{
	str_adds(array, array->len ? "}" : "{}");
	params_text(p, str_get(array));
	str_done(array);
}

enum err cluster_use_tell(struct postgres *pg, const struct uuid *node, int64_t day,
    const struct cluster_use *use, int n, struct errbuf *eb)
{
	struct str pools, used, limits;
	struct params p;

	str_init(&pools, 1 << 16);
	str_init(&used, 1 << 16);
	str_init(&limits, 1 << 16);
	for (int i = 0; i < n; i++) {
		array_text(&pools, use[i].pool);
		array_int(&used, use[i].used);
		array_int(&limits, use[i].limit);
	}
	params_init(&p);
	params_uuid(&p, node);
	params_day(&p, day);
	params_array(&p, &pools);
	params_array(&p, &used);
	params_array(&p, &limits);
	return params_run(&p, pg,
	    "INSERT INTO cluster_use AS u (day, node, pool, used, day_limit) "
	    "SELECT $2, $1, pool, max(used), max(day_limit) "
	    "FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS t (pool, used, day_limit) "
	    "GROUP BY pool "
	    "ON CONFLICT (day, node, pool) "
	    "DO UPDATE SET used = excluded.used, day_limit = excluded.day_limit "
	    "WHERE u.used <> excluded.used OR u.day_limit <> excluded.day_limit",
	    NULL, eb);
}

enum err cluster_units(
    struct postgres *pg, int64_t day, struct cluster_units *out, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	*out = (struct cluster_units){.pools = 0};
	params_init(&p);
	params_day(&p, day);
	err = params_run(&p, pg,
	    "SELECT count(*), sum(used)::bigint, sum(day_limit)::bigint, "
	    "sum(CASE WHEN spent THEN 0 ELSE greatest(day_limit - used, 0) END)::bigint FROM ("
	    "SELECT sum(u.used) AS used, max(u.day_limit) AS day_limit, "
	    "bool_or(q.exhausted_at IS NOT NULL) AS spent "
	    "FROM cluster_use u LEFT JOIN quota_day q "
	    "ON q.pool = u.pool AND q.bucket = 'units' AND q.day = u.day "
	    "WHERE u.day = $1 GROUP BY u.pool) p",
	    &res, eb);
	if (!err && PQntuples(res) == 1)
		*out = (struct cluster_units){field_int(res, 0, 0), field_int(res, 0, 1),
		    field_int(res, 0, 2), field_int(res, 0, 3)};
	PQclear(res);
	return err;
}

enum err cluster_clock(struct postgres *pg, int64_t *now_ms, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	return params_run_int(
	    &p, pg, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint", now_ms, eb);
}

/* Quota: pools of keys, grants, what was given back. */
#include "config.h"
#include "db/cluster_parts.h"

#include <stdio.h>

enum err cluster_key(struct postgres *pg, const char *print, const char *pool, char *out,
    size_t size, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	params_init(&p);
	params_text(&p, print);
	params_text(&p, pool);
	err = params_run(&p, pg,
	    "INSERT INTO cluster_key AS k VALUES ($1, $2) "
	    "ON CONFLICT (print) DO UPDATE SET pool = k.pool RETURNING pool",
	    &res, eb);
	if (!err)
		snprintf(out, size, "%s", PQntuples(res) == 1 ? PQgetvalue(res, 0, 0) : "");
	PQclear(res);
	return err;
}

static void params_pool_day(struct params *p, const struct cluster_pool_day *of)
{
	params_text(p, of->pool);
	params_text(p, of->bucket);
	params_day(p, of->day);
}

enum err cluster_grant(struct postgres *pg, const struct uuid *node, const struct cluster_grant *g,
    int64_t *got, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, &g->grant);
	params_uuid(&p, node);
	params_pool_day(&p, &g->of);
	params_int(&p, g->limit);
	params_int(&p, g->used);
	params_int(&p, g->want);
	return params_run_int(
	    &p, pg, "SELECT tubeops_grant($1, $2, $3, $4, $5, $6, $7, $8)", got, eb);
}

enum err cluster_give_back(struct postgres *pg, const struct uuid *node, const struct uuid *grant,
    const struct cluster_pool_day *of, int64_t n, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, grant);
	params_uuid(&p, node);
	params_pool_day(&p, of);
	params_int(&p, n);
	return params_run(&p, pg, "SELECT tubeops_give_back($1, $2, $3, $4, $5, $6)", NULL, eb);
}

enum err cluster_exhausted(
    struct postgres *pg, const struct cluster_pool_day *of, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_pool_day(&p, of);
	return params_run(&p, pg,
	    "INSERT INTO quota_day AS q (pool, bucket, day, exhausted_at) "
	    "VALUES ($1, $2, $3, clock_timestamp()) ON CONFLICT (pool, bucket, day) "
	    "DO UPDATE SET exhausted_at = coalesce(q.exhausted_at, excluded.exhausted_at)",
	    NULL, eb);
}

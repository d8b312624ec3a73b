/* Budgets of units of jobs that nodes share. */
#include "config.h"
#include "db/cluster_parts.h"

enum err cluster_budget(struct postgres *pg, const struct uuid *job, int64_t day, int64_t least,
    int64_t want, struct cluster_portion *out, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	*out = (struct cluster_portion){0};
	params_init(&p);
	params_uuid(&p, job);
	params_day(&p, day);
	params_int(&p, least);
	params_int(&p, want);
	err = params_run(&p, pg,
	    "SELECT got, coalesce(units_left, -1) FROM tubeops_budget($1, $2, $3, $4)", &res, eb);
	if (!err && PQntuples(res) == 1)
		*out = (struct cluster_portion){field_int(res, 0, 0), field_int(res, 0, 1)};
	PQclear(res);
	return err;
}

enum err cluster_budget_back(
    struct postgres *pg, const struct uuid *job, int64_t day, int64_t n, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	params_day(&p, day);
	params_int(&p, n);
	return params_run(&p, pg,
	    "UPDATE cluster_job SET units_granted = units_granted - $3::bigint, day_granted = "
	    "day_granted - CASE WHEN budget_day = $2::date THEN $3::bigint ELSE 0 END "
	    "WHERE job = $1",
	    NULL, eb);
}

enum err cluster_job_close(
    struct postgres *pg, const struct uuid *job, int slack_ms, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	params_ms(&p, slack_ms);
	return params_run(&p, pg, "SELECT tubeops_close($1, $2)", NULL, eb);
}

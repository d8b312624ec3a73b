/* Jobs that one node asks of another. */
#include "config.h"
#include "db/cluster_parts.h"

#include <stdio.h>

enum err cluster_ask_add(struct postgres *pg, const struct cluster_ask *a, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, &a->job);
	params_uuid(&p, &a->node);
	params_text(&p, a->type);
	params_text(&p, a->params);
	params_text(&p, a->who);
	return params_run(&p, pg,
	    "INSERT INTO cluster_ask (job, node, type, params, who) VALUES ($1, $2, $3, $4, $5) "
	    "ON CONFLICT DO NOTHING",
	    NULL, eb);
}

enum err cluster_asks(struct postgres *pg, const struct uuid *node, struct cluster_ask *out,
    int max, int *n, struct errbuf *eb)
{
	PGresult *res = NULL;
	struct params p;
	enum err err;

	*n = 0;
	params_init(&p);
	params_uuid(&p, node);
	params_int(&p, max);
	err = params_run(&p, pg,
	    "SELECT job, node, type, params, who, "
	    "asked_at < clock_timestamp() - interval '1 hour' "
	    "FROM cluster_ask WHERE node = $1 ORDER BY asked_at LIMIT $2",
	    &res, eb);
	for (int i = 0; !err && i < PQntuples(res); i++) {
		struct cluster_ask *a = &out[(*n)++];

		*a = (struct cluster_ask){.is_old = field_bool(res, i, 5)};
		field_uuid(res, i, 0, &a->job);
		field_uuid(res, i, 1, &a->node);
		snprintf(a->type, sizeof a->type, "%s", PQgetvalue(res, i, 2));
		snprintf(a->params, sizeof a->params, "%s", PQgetvalue(res, i, 3));
		snprintf(a->who, sizeof a->who, "%s", PQgetvalue(res, i, 4));
	}
	PQclear(res);
	return err;
}

enum err cluster_ask_done(struct postgres *pg, const struct uuid *job, struct errbuf *eb)
{
	struct params p;

	params_init(&p);
	params_uuid(&p, job);
	return params_run(&p, pg, "DELETE FROM cluster_ask WHERE job = $1", NULL, eb);
}

/* Grants: from the ledger's wishes to PostgreSQL and back. */
#include "config.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/quota/ledger_grant.h"

#include <stdio.h>

enum { GRANTS = 64 };

enum err node_pools(struct cluster *c, struct errbuf *eb)
{
	struct ledger_pool pools[GRANTS];
	size_t n = ledger_pools(c->parts->ledger, pools, GRANTS);
	enum err err = ERR_OK;

	for (size_t i = 0; i < n && !err; i++) {
		char known[80];

		err = cluster_key(c->pg, pools[i].print, pools[i].pool, known, sizeof known, eb);
		if (!err && strcmp(known, pools[i].pool) != 0)
			err = err_set(eb, ERR_DENIED,
			    "%s belongs to %s on another node and to %s here: give it the same "
			    "YOUTUBE_API_KEY_n_PROJECT on all nodes, or units would be spent twice",
			    pools[i].key, known, pools[i].pool);
	}
	return err;
}

static struct cluster_pool_day pool_day(const struct ledger_grant *g)
{
	struct cluster_pool_day of = {.day = g->day};

	snprintf(of.pool, sizeof of.pool, "%s", g->pool);
	snprintf(of.bucket, sizeof of.bucket, "%s", bucket_word(g->bucket));
	return of;
}

static enum err node_grant(struct cluster *c, const struct ledger_grant *w, struct errbuf *eb)
{
	struct cluster_grant g = {
	    .of = pool_day(w), .limit = w->limit, .used = w->used, .want = w->want};
	int64_t got = 0;
	enum err err;

	if (w->is_spent)
		return cluster_exhausted(c->pg, &g.of, eb);
	if (uuid_new(&g.grant))
		return err_set(eb, ERR_IO, "the system gives no random numbers");
	/* an answer that is lost costs these units, for today; it never gives them twice */
	err = cluster_grant(c->pg, &c->self.node, &g, &got, eb);
	return err ? err : ledger_grant_add(c->parts->ledger, w, got, eb);
}

enum err node_grants(struct cluster *c, struct errbuf *eb)
{
	struct ledger_grant wants[GRANTS];
	size_t n = ledger_grant_wants(c->parts->ledger, wants, GRANTS);
	enum err err = ERR_OK;

	for (size_t i = 0; i < n && !err; i++)
		err = node_grant(c, &wants[i], eb);
	return err;
}

enum err node_give_back(struct cluster *c, struct errbuf *eb)
{
	struct ledger_grant rest[GRANTS];
	size_t n = ledger_grant_rest(c->parts->ledger, rest, GRANTS);
	enum err err = ERR_OK;

	for (size_t i = 0; i < n && !err; i++) {
		struct cluster_pool_day of = pool_day(&rest[i]);
		struct uuid grant;

		err = uuid_new(&grant)
		          ? err_set(eb, ERR_IO, "the system gives no random numbers")
		          : cluster_give_back(c->pg, &c->self.node, &grant, &of, rest[i].want, eb);
	}
	return err;
}

/* Metadata that other nodes of a cluster have fetched, from PostgreSQL: results of jobs that began here. */
#include "config.h"
#include "db/cluster.h"
#include "engine/jobs/metadata.h"
#include "engine/jobs/rows_keep.h"

/* A row that is older than what the job asks for is not its result; nor is one of a channel that is told to be gone. */
static enum err bring_meta(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	struct chunk *c = arg;
	struct channel_meta *rows = c->rows;
	int at = 0;

	while (at < c->n && cid_compare(&c->ids[at], &m->cid) != 0)
		at++;
	if (at == c->n || c->states[at] != ITEM_PENDING || c->n_rows == c->n ||
	    (c->type->ages && m->fetched_at < c->ask.bound))
		return ERR_OK;
	if (!rows_keep_meta(c->arena, m, &rows[c->n_rows]))
		return err_set(eb, ERR_NOMEM, "out of memory");
	c->n_rows++;
	c->states[at] = ITEM_DONE;
	return ERR_OK;
}

enum err metadata_bring(struct postgres *pg, struct chunk *c, struct errbuf *eb)
{
	c->rows = arena_alloc(c->arena, CHUNK_IDS * sizeof(struct channel_meta));
	if (!c->rows)
		return err_set(eb, ERR_NOMEM, "out of memory");
	return cluster_metas(pg, c->ids, c->n, bring_meta, c, eb);
}

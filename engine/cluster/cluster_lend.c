/*
 * What a node gets in hand with a chunk of another node's job: its channels, and the metadata of those for types
 * that go on from it. They become this node's too, so that no job of its own pays for them again.
 */
#include "config.h"
#include "db/staging_discovery.h"
#include "db/staging_shared.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/jobs/rows_keep.h"

#include <stdlib.h>

struct lend {
	const struct cluster_chunk *chunk;
	struct arena *arena;
	struct channel_meta *metas;
	int n;
};

static enum err lend_meta(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	struct lend *l = arg;

	if (l->n < l->chunk->n && !rows_keep_meta(l->arena, m, &l->metas[l->n++]))
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

/* A channel that was erased here stays so. */
static enum err lend_store(struct staging *s, const struct channel_meta *m, struct errbuf *eb)
{
	enum err err = staging_state_set(s, OP_METADATA, &m->cid, ITEM_DONE, NULL, eb);

	if (err == ERR_NOTFOUND)
		return ERR_OK;
	return err ? err : staging_meta_put(s, m, eb);
}

static enum err lend_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct lend *l = arg;
	int64_t origin = 0, added = 0;
	enum err err = staging_origin_of(s, "cluster", "lent by other nodes", &origin, eb);

	if (!err)
		err = staging_channels_lend(s, l->chunk->ids, l->chunk->n, origin, &added, eb);
	for (int i = 0; i < l->n && !err; i++)
		err = lend_store(s, &l->metas[i], eb);
	return err;
}

enum err node_lend_ids(struct cluster *c, const struct follow *f, struct errbuf *eb)
{
	const struct job_type *type = job_type_find(f->of.type);
	struct lend l = {.chunk = c->chunk};
	enum err err = ERR_OK;

	if (type && type->op != OP_METADATA) {
		l.arena = arena_new(0);
		l.metas = calloc((size_t)c->chunk->n, sizeof *l.metas);
		err = l.arena && l.metas
		          ? cluster_metas(c->pg, c->chunk->ids, c->chunk->n, lend_meta, &l, eb)
		          : err_set(eb, ERR_NOMEM, "out of memory");
	}
	if (!err)
		err = writer_run(c->parts->writer, lend_apply, &l, false, eb);
	arena_free(l.arena);
	free(l.metas);
	return err;
}

#include "config.h"
#include "db/staging_discovery.h"
#include "db/staging_core.h"
#include "db/staging_rank.h"

/* Steps a statement that answers with at most one row; *row says whether there is one. The caller
 * resets it after reading. */
static enum err discovery_one(struct staging *s, sqlite3_stmt *t, bool *row, struct errbuf *eb)
{
	enum err err = db_step(s->db, t, row, eb);

	*row = !err && *row;
	return err;
}

/* The number in the first column of the only row; fallback without one. */
static enum err discovery_number(
    struct staging *s, sqlite3_stmt *t, int64_t fallback, int64_t *out, struct errbuf *eb)
{
	bool row = false;
	enum err err = discovery_one(s, t, &row, eb);

	*out = row ? sqlite3_column_int64(t, 0) : fallback;
	sqlite3_reset(t);
	return err;
}

/* ---- edges ---- */

static enum err edge_write(
    struct staging *s, enum staging_sql which, const struct edge_row *e, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, which, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, &e->source);
	db_bind_cid(t, 2, &e->target);
	db_bind_text(t, 3, e->method);
	db_bind_text(t, 4, e->service);
	sqlite3_bind_double(t, 5, e->confidence);
	sqlite3_bind_int64(t, 6, e->seen);
	if (which == SQL_EDGE_ADD)
		sqlite3_bind_int(t, 7, e->known);
	sqlite3_bind_int64(t, 8, e->first_seen);
	sqlite3_bind_int64(t, 9, e->last_seen);
	return db_run(s->db, t, eb);
}

enum err staging_edge_put(
    struct staging *s, const struct edge_row *e, bool *is_new, struct errbuf *eb)
{
	enum err err = edge_write(s, SQL_EDGE_ADD, e, eb);
	bool added = !err && sqlite3_changes(s->db) > 0;

	staging_count(s, "edges", added);
	if (!err && !added)
		err = edge_write(s, SQL_EDGE_AGAIN, e, eb);
	if (is_new)
		*is_new = added;
	return err;
}

enum err staging_edges_changed(struct staging *s, const struct cid *source, struct errbuf *eb)
{
	return staging_outbox_add(s, OUTBOX_EDGES, 0, source, eb);
}

static enum err edge_read(sqlite3_stmt *t, staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	struct edge_row e = {0};

	if (!db_column_cid(t, 0, &e.source) || !db_column_cid(t, 1, &e.target))
		return ERR_OK; /* no key of ours */
	e.method = db_column_text(t, 2);
	e.service = db_column_text(t, 3);
	e.confidence = sqlite3_column_double(t, 4);
	e.seen = sqlite3_column_int64(t, 5);
	e.known = sqlite3_column_int(t, 6) != 0;
	e.first_seen = sqlite3_column_int64(t, 7);
	e.last_seen = sqlite3_column_int64(t, 8);
	return fn(arg, &e, eb);
}

/* Rows of a statement whose values are bound. */
static enum err edge_rows(
    struct staging *s, sqlite3_stmt *t, staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	enum err err = ERR_OK;
	bool row = true;

	while (!err && !(err = db_step(s->db, t, &row, eb)) && row)
		err = edge_read(t, fn, arg, eb);
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

static enum err edge_walk(struct staging *s, enum staging_sql which, const struct cid *cid,
    staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, which, eb);

	if (!t)
		return ERR_INVALID;
	if (cid)
		db_bind_cid(t, 1, cid);
	else
		sqlite3_bind_zeroblob(t, 1, 0);
	return edge_rows(s, t, fn, arg, eb);
}

enum err staging_edge_get(struct staging *s, const struct cid *source, const struct cid *target,
    const char *method, staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_EDGE_GET, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, source);
	db_bind_cid(t, 2, target);
	db_bind_text(t, 3, method);
	return edge_rows(s, t, fn, arg, eb);
}

enum err staging_edges_from(
    struct staging *s, const struct cid *source, staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	return edge_walk(s, SQL_EDGES_FROM, source, fn, arg, eb);
}

enum err staging_edges_to(
    struct staging *s, const struct cid *target, staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	return edge_walk(s, SQL_EDGES_TO, target, fn, arg, eb);
}

enum err staging_edges_each(
    struct staging *s, const struct cid *after, staging_edge_fn *fn, void *arg, struct errbuf *eb)
{
	return edge_walk(s, SQL_EDGES_EACH, after, fn, arg, eb);
}

enum err staging_edge_has(struct staging *s, const struct cid *source, const struct cid *target,
    bool *yes, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_EDGE_HAS, eb);
	int64_t n = 0;
	enum err err;

	*yes = false;
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, source);
	db_bind_cid(t, 2, target);
	err = discovery_number(s, t, 0, &n, eb);
	*yes = n > 0;
	return err;
}

enum err staging_edges_degree(
    struct staging *s, const struct cid *source, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_EDGES_DEGREE, eb);

	*n = 0;
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, source);
	return discovery_number(s, t, 0, n, eb);
}

/* ---- channels that were found ---- */

enum err staging_channel_has(struct staging *s, const struct cid *cid, bool *yes, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_CHANNEL_HAS, eb);
	int64_t n = 0;
	enum err err;

	*yes = false;
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	err = discovery_number(s, t, 0, &n, eb);
	*yes = n > 0;
	return err;
}

static enum err found_put(struct staging *s, const struct found_row *f, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_FOUND_PUT, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, &f->cid);
	db_bind_cid(t, 2, &f->source);
	sqlite3_bind_int(t, 3, f->depth);
	sqlite3_bind_int64(t, 4, f->job);
	return db_run(s->db, t, eb);
}

enum err staging_found_put(
    struct staging *s, const struct found_row *f, bool *added, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_CHANNEL_FOUND, eb);
	enum err err;

	*added = false;
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, &f->cid);
	db_bind_text(t, 2, f->title);
	sqlite3_bind_int64(t, 3, f->origin);
	sqlite3_bind_int(t, 4, f->is_done ? ITEM_DONE : ITEM_PENDING);
	err = db_run(s->db, t, eb);
	*added = !err && sqlite3_changes(s->db) > 0;
	if (!*added)
		return err;
	staging_count_new_channels(s, 1);
	if (f->is_done) {
		staging_count_item(s, OP_METADATA, ITEM_PENDING, -1);
		staging_count_item(s, OP_METADATA, ITEM_DONE, 1);
	}
	err = staging_rank_add(s, &f->cid, 1, eb);
	return err ? err : found_put(s, f, eb);
}

enum err staging_found_nearer(struct staging *s, const struct cid *cid, const struct cid *source,
    int depth, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_FOUND_NEARER, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	db_bind_cid(t, 2, source);
	sqlite3_bind_int(t, 3, depth);
	return db_run(s->db, t, eb);
}

enum err staging_found_depth(
    struct staging *s, const struct cid *cid, int *depth, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_FOUND_DEPTH, eb);
	int64_t n = 0;
	enum err err;

	*depth = 0;
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	err = discovery_number(s, t, 0, &n, eb);
	*depth = (int)n;
	return err;
}

enum err staging_origin_of(
    struct staging *s, const char *source, const char *label, int64_t *id, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_ORIGIN_FIND, eb);
	enum err err;

	*id = 0;
	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, source);
	db_bind_text(t, 2, label);
	err = discovery_number(s, t, 0, id, eb);
	return err || *id ? err : staging_origin_add(s, source, label, id, eb);
}

/* ---- which may be taken ---- */

enum err staging_rule_put(
    struct staging *s, int64_t job, const struct cid *cid, bool allow, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RULE_PUT, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	db_bind_cid(t, 2, cid);
	sqlite3_bind_int(t, 3, allow);
	return db_run(s->db, t, eb);
}

enum err staging_rules_have(
    struct staging *s, int64_t job, bool allow, bool *yes, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RULES_HAVE, eb);
	int64_t n = 0;
	enum err err;

	*yes = false;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	sqlite3_bind_int(t, 2, allow);
	err = discovery_number(s, t, 0, &n, eb);
	*yes = n > 0;
	return err;
}

enum err staging_rule_get(
    struct staging *s, int64_t job, const struct cid *cid, bool *allow, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RULE_GET, eb);
	int64_t n = -1;
	enum err err;

	*allow = false;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	db_bind_cid(t, 2, cid);
	err = discovery_number(s, t, -1, &n, eb);
	*allow = n == 1;
	return err ? err : n < 0 ? ERR_NOTFOUND : ERR_OK;
}

/* ---- texts ---- */

enum err staging_video_texts(struct staging *s, const struct cid *channel, int max,
    staging_text_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_VIDEO_TEXTS, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, channel);
	sqlite3_bind_int(t, 2, max);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row)
		err = fn(arg, db_column_text(t, 0), db_column_text(t, 1), eb);
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

enum err staging_mentioned_video_put(
    struct staging *s, const struct mentioned_video *v, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_MENTIONED_VIDEO_PUT, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, v->vid);
	if (v->found)
		db_bind_cid(t, 2, &v->channel);
	sqlite3_bind_int64(t, 3, v->at);
	return db_run(s->db, t, eb);
}

enum err staging_mentioned_video_get(
    struct staging *s, int64_t vid, struct mentioned_video *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_MENTIONED_VIDEO_GET, eb);
	bool row = false;
	enum err err;

	*out = (struct mentioned_video){.vid = vid};
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, vid);
	err = discovery_one(s, t, &row, eb);
	if (row) {
		out->found = db_column_cid(t, 0, &out->channel);
		out->at = sqlite3_column_int64(t, 1);
	}
	sqlite3_reset(t);
	return err ? err : row ? ERR_OK : ERR_NOTFOUND;
}

#include "config.h"
#include "db/staging_erase.h"
#include "db/staging_core.h"
#include "db/staging_sums.h"
#include "db/staging_rank.h"
#include "engine/base/clock.h"

#include <stdio.h>

/* ---- statements ---- */

/* Runs one with the channel as ?1 (and bound as ?2); *n rows changed, or the number it selected. */
static enum err erase_run(struct staging *s, const char *sql, const struct cid *cid, int64_t bound,
    int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err = db_prepare(s->db, &stmt, sql, eb);

	if (!err && sqlite3_bind_parameter_count(stmt) >= 1 && cid)
		db_bind_cid(stmt, 1, cid);
	if (!err && sqlite3_bind_parameter_count(stmt) >= 2)
		sqlite3_bind_int64(stmt, 2, bound);
	if (!err)
		err = db_step(s->db, stmt, &row, eb);
	if (!err && n)
		*n = row ? sqlite3_column_int64(stmt, 0) : sqlite3_changes64(s->db);
	sqlite3_finalize(stmt);
	return err;
}

static enum err erase_add(
    struct staging *s, const char *sql, const struct cid *cid, int64_t *sum, struct errbuf *eb)
{
	int64_t n = 0;
	enum err err = erase_run(s, sql, cid, 0, &n, eb);

	*sum += n;
	return err;
}

/* What is deleted while it is on is overwritten with zeros. */
static enum err erase_secure(struct staging *s, bool on, struct errbuf *eb)
{
	return db_exec(s->db, on ? "PRAGMA secure_delete=ON" : "PRAGMA secure_delete=OFF", eb);
}

/* ---- one channel ---- */

/* Every place of staging that names a channel; a new one belongs here. */
static const struct {
	const char *table, *column;
	const char *counter; /* of its rows; NULL: none, or counted elsewhere */
} erase_places[] = {
    {"channel_text", "cid", NULL},
    {"channel_meta", "cid", NULL},
    {"absence", "cid", NULL},
    {"dead_letter", "cid", NULL},
    {"upload_list", "cid", NULL},
    {"video", "channel", NULL},
    {"edge", "source", "edges"},
    {"edge", "target", "edges"},
    {"found", "cid", NULL},
    {"handle", "cid", NULL},
    {"discovery_rule", "cid", NULL},
    {"term_channel", "cid", NULL},
    {"wanted", "cid", NULL},
    {"mentioned_video", "channel", NULL},
    {"target_note", "cid", NULL},
    {"sighting", "source", NULL},
    {"sighting", "target", NULL},
    {"channel", "cid", NULL},
};

enum { ERASE_PLACES = sizeof erase_places / sizeof erase_places[0], ERASE_SQL = 320 };

/* Its names, as imports and texts hold them: they name it as well as its id does. */
#define ERASE_OWN_NAMES                                                           \
	"(SELECT ltrim(lower(custom_url), '@') FROM channel_meta WHERE cid = ?1 " \
	"AND custom_url IS NOT NULL)"
static const char erase_handles[] =
    "DELETE FROM handle WHERE kind IN ('handle', 'custom') AND name IN " ERASE_OWN_NAMES;
static const char erase_names[] =
    "DELETE FROM unresolved WHERE (kind, name) IN (SELECT k.column1, k.column2 || n.name FROM "
    "(VALUES ('handle', '@'), ('custom', '')) k, (SELECT ltrim(lower(custom_url), '@') AS name "
    "FROM channel_meta WHERE cid = ?1 AND custom_url IS NOT NULL) n)";

enum err staging_traces_of(
    struct staging *s, const struct cid *cid, struct staging_traces *out, struct errbuf *eb)
{
	int64_t known = 0;
	enum err err;

	*out = (struct staging_traces){0};
	err = erase_add(s, "SELECT count(*) FROM channel WHERE cid = ?1", cid, &known, eb);
	out->is_known = known > 0;
	if (!err)
		err = staging_is_erased(s, cid, &out->is_erased, eb);
	if (!err)
		err = erase_add(
		    s, "SELECT count(*) FROM video WHERE channel = ?1", cid, &out->videos, eb);
	if (!err)
		err = erase_add(s, "SELECT count(*) FROM edge WHERE source = ?1 OR target = ?1",
		    cid, &out->edges, eb);
	if (!err)
		err = erase_add(s,
		    "SELECT count(*) FROM handle WHERE cid = ?1 OR kind IN ('handle', 'custom') "
		    "AND name IN " ERASE_OWN_NAMES,
		    cid, &out->names, eb);
	return err;
}

/* The channel leaves the counter of its state in every operation. */
static enum err erase_uncount(struct staging *s, const struct cid *cid, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err = db_prepare(
	    s->db, &stmt, "SELECT metadata, videos, discovery FROM channel WHERE cid = ?1", eb);

	if (!err) {
		db_bind_cid(stmt, 1, cid);
		err = db_step(s->db, stmt, &row, eb);
	}
	for (int op = 0; op < OP_COUNT && row; op++)
		staging_count_item(
		    s, (enum op)op, (enum item_state)sqlite3_column_int(stmt, op), -1);
	if (row)
		staging_count(s, "channels", -1);
	if (row && !err)
		err = staging_rank_add(s, cid, -1, eb);
	sqlite3_finalize(stmt);
	return err;
}

/* From now on these tables take no row that names an erased channel. */
static enum err erase_guard(struct staging *s, bool on, struct errbuf *eb)
{
	char sql[ERASE_SQL];
	enum err err = ERR_OK;

	for (int i = 0; i < ERASE_PLACES && !err; i++) {
		const char *t = erase_places[i].table, *c = erase_places[i].column;
		if (on)
			snprintf(sql, sizeof sql,
			    "CREATE TRIGGER IF NOT EXISTS erased_%s_%s BEFORE INSERT ON %s WHEN "
			    "EXISTS (SELECT 1 FROM erased WHERE cid = NEW.%s) "
			    "BEGIN SELECT RAISE(IGNORE); END",
			    t, c, t, c);
		else
			snprintf(sql, sizeof sql, "DROP TRIGGER IF EXISTS erased_%s_%s", t, c);
		err = db_exec(s->db, sql, eb);
	}
	return err;
}

/* Of terms that its topics and keywords belong to. */
static enum err erase_terms(struct staging *s, const struct cid *cid, struct errbuf *eb)
{
	enum err err = erase_run(s,
	    "UPDATE term SET channels = channels - 1 WHERE id IN "
	    "(SELECT term FROM term_channel WHERE cid = ?1)",
	    cid, 0, NULL, eb);

	return err ? err
	           : erase_run(s, "DELETE FROM term_channel WHERE cid = ?1", cid, 0, NULL, eb);
}

static enum err erase_rows(struct staging *s, const struct cid *cid, struct errbuf *eb)
{
	/* those it led to stay: nobody is their source then but themselves */
	static const char found[] = "UPDATE found SET source = cid WHERE source = ?1";
	/* what is not sent yet; where walks stand is a place, not a channel */
	static const char outbox[] = "DELETE FROM outbox WHERE key = ?1 AND kind NOT IN (1, 2)";
	int64_t names = 0, sent = 0, gone = 0;
	char sql[ERASE_SQL];
	enum err err = erase_run(s, erase_names, cid, 0, &names, eb);

	staging_count(s, "unresolved", -names);
	if (!err)
		err = erase_run(s, erase_handles, cid, 0, NULL, eb);
	if (!err)
		err = erase_run(s, found, cid, 0, NULL, eb);
	if (!err)
		err = erase_terms(s, cid, eb);
	if (!err)
		err = erase_run(s, outbox, cid, 0, &sent, eb);
	staging_count(s, "outbox", -sent);
	for (int i = 0; i < ERASE_PLACES && !err; i++) {
		snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s = ?1", erase_places[i].table,
		    erase_places[i].column);
		err = erase_run(s, sql, cid, 0, &gone, eb);
		if (!err && erase_places[i].counter)
			staging_count(s, erase_places[i].counter, -gone);
	}
	return err;
}

enum err staging_erase(
    struct staging *s, const struct cid *cid, struct staging_traces *out, struct errbuf *eb)
{
	const struct sums_channel gone = {.has_meta = false};
	struct sums_channel was;
	enum err err = staging_traces_of(s, cid, out, eb), off;

	if (!err)
		err = erase_secure(s, true, eb);
	if (err)
		return err;
	err = erase_uncount(s, cid, eb);
	if (!err)
		err = staging_sums_look(s, cid, &was, eb);
	if (!err)
		err = erase_rows(s, cid, eb);
	if (!err)
		staging_sums_move(s, &was, &gone);
	staging_count(s, "videos", err ? 0 : -out->videos);
	if (!err)
		err = erase_run(
		    s, "INSERT OR REPLACE INTO erased VALUES (?1, ?2)", cid, clock_now(), NULL, eb);
	if (!err)
		err = erase_guard(s, true, eb);
	if (!err)
		err = staging_outbox_add(s, OUTBOX_ERASE, 0, cid, eb);
	off = erase_secure(s, false, err ? NULL : eb);
	return err ? err : off;
}

enum err staging_is_erased(struct staging *s, const struct cid *cid, bool *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_ERASED_GET, eb);
	enum err err;

	*out = false;
	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	err = db_step(s->db, stmt, out, eb);
	sqlite3_reset(stmt);
	return err;
}

enum err staging_erased_count(struct staging *s, int64_t *out, struct errbuf *eb)
{
	return erase_run(s, "SELECT count(*) FROM erased", NULL, 0, out, eb);
}

enum err staging_readmit(struct staging *s, const struct cid *cid, struct errbuf *eb)
{
	char text[CID_TEXT + 1];
	int64_t n = 0;
	enum err err = erase_run(s, "DELETE FROM erased WHERE cid = ?1", cid, 0, &n, eb);

	if (!err && !n)
		return err_set(
		    eb, ERR_NOTFOUND, "channel %s was not erased", cid_format(cid, text));
	if (!err)
		err = staging_erased_count(s, &n, eb);
	return err || n ? err : erase_guard(s, false, eb);
}

/* ---- what grew old ---- */

/*
 * page and count: ?1 bound, ?2 after this key, ?3 how many. drop: ?1 the channel, ?2 bound.
 * Metadata is paged by age: what a page names is gone when the next one is read.
 */
#define AGED_PAGE(select, where) select " WHERE " where " ORDER BY 1 LIMIT ?3"
#define AGED_TITLE                                                                             \
	"FROM found f JOIN channel c ON c.cid = f.cid JOIN origin o ON o.id = c.origin WHERE " \
	"c.title IS NOT NULL AND o.created_at < ?1"
static const struct {
	const char *word, *page, *count, *drop;
	enum op op;          /* whose done channels are pending again */
	const char *counter; /* of the rows; NULL: none */
	bool forget;         /* PostgreSQL holds it too */
} aged_table[AGED_COUNT] = {
#define AGED_WORD(name, text) [name].word = text,
    AGED_LIST(AGED_WORD)
#undef AGED_WORD
        [AGED_METADATA]
            .page = "SELECT cid FROM channel_meta WHERE fetched_at < ?1 AND ?2 = ?2 "
                    "ORDER BY fetched_at, cid LIMIT ?3",
    [AGED_METADATA].count = "SELECT count(*) FROM channel_meta WHERE fetched_at < ?1",
    [AGED_METADATA].drop = "DELETE FROM channel_meta WHERE cid = ?1 AND fetched_at < ?2",
    [AGED_METADATA].op = OP_METADATA,
    [AGED_METADATA].forget = true,
    [AGED_VIDEOS].page =
        AGED_PAGE("SELECT DISTINCT channel FROM video", "fetched_at < ?1 AND channel > ?2"),
    [AGED_VIDEOS].count = "SELECT count(*) FROM video WHERE fetched_at < ?1",
    [AGED_VIDEOS].drop = "DELETE FROM video WHERE channel = ?1 AND fetched_at < ?2",
    [AGED_VIDEOS].op = OP_VIDEOS,
    [AGED_VIDEOS].counter = "videos",
    [AGED_VIDEOS].forget = true,
    [AGED_UPLOADS].page = AGED_PAGE("SELECT cid FROM upload_list", "at < ?1 AND cid > ?2"),
    [AGED_UPLOADS].count = "SELECT count(*) FROM upload_list WHERE at < ?1",
    [AGED_UPLOADS].drop = "DELETE FROM upload_list WHERE cid = ?1 AND at < ?2",
    [AGED_UPLOADS].op = OP_VIDEOS,
    [AGED_DISCOVERIES].page =
        AGED_PAGE("SELECT DISTINCT source FROM edge", "last_seen < ?1 AND source > ?2"),
    [AGED_DISCOVERIES].count = "SELECT count(*) FROM edge WHERE last_seen < ?1",
    [AGED_DISCOVERIES].drop = "DELETE FROM edge WHERE source = ?1 AND last_seen < ?2",
    [AGED_DISCOVERIES].op = OP_DISCOVERY,
    [AGED_DISCOVERIES].counter = "edges",
    [AGED_DISCOVERIES].forget = true,
    [AGED_NAMES].page = AGED_PAGE(
        "SELECT DISTINCT cid FROM handle", "cid IS NOT NULL AND checked_at < ?1 AND cid > ?2"),
    [AGED_NAMES].count = "SELECT count(*) FROM handle WHERE cid IS NOT NULL AND checked_at < ?1",
    [AGED_NAMES].drop = "DELETE FROM handle WHERE cid = ?1 AND checked_at < ?2",
    [AGED_NAMES].op = OP_NONE,
    [AGED_TITLES].page = "SELECT f.cid " AGED_TITLE " AND f.cid > ?2 ORDER BY 1 LIMIT ?3",
    [AGED_TITLES].count = "SELECT count(*) " AGED_TITLE,
    [AGED_TITLES].drop = "UPDATE channel SET title = NULL WHERE cid = ?1 AND ?2 = ?2",
    [AGED_TITLES].op = OP_NONE,
};

const char *aged_word(enum aged what)
{
	return aged_table[what].word;
}

enum err staging_aged_page(struct staging *s, enum aged what, int64_t bound,
    const struct cid *after, struct cid *ids, int max, int *n, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	enum err err = db_prepare(s->db, &stmt, aged_table[what].page, eb);
	bool row = true;

	*n = 0;
	if (!err) {
		sqlite3_bind_int64(stmt, 1, bound);
		if (after)
			db_bind_cid(stmt, 2, after);
		else
			sqlite3_bind_zeroblob(stmt, 2, 0);
		sqlite3_bind_int(stmt, 3, max);
	}
	while (!err && *n < max && !(err = db_step(s->db, stmt, &row, eb)) && row)
		*n += db_column_cid(stmt, 0, &ids[*n]);
	sqlite3_finalize(stmt);
	return err;
}

enum err staging_aged_count(
    struct staging *s, enum aged what, int64_t bound, int64_t *rows, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err = db_prepare(s->db, &stmt, aged_table[what].count, eb);

	*rows = 0;
	if (!err) {
		sqlite3_bind_int64(stmt, 1, bound);
		err = db_step(s->db, stmt, &row, eb);
	}
	if (row)
		*rows = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err;
}

/* Done becomes pending; what is missing or failed stays so. */
static enum err aged_pending(
    struct staging *s, enum op op, const struct cid *cid, struct errbuf *eb)
{
	char sql[ERASE_SQL];
	int64_t state = ITEM_PENDING;
	enum err err;

	if (op == OP_NONE)
		return ERR_OK;
	snprintf(sql, sizeof sql, "SELECT coalesce((SELECT %s FROM channel WHERE cid = ?1), 0)",
	    op_word(op));
	err = erase_run(s, sql, cid, 0, &state, eb);
	if (err || state != ITEM_DONE)
		return err;
	return staging_state_set(s, op, cid, ITEM_PENDING, NULL, eb);
}

static enum err aged_drop_one(struct staging *s, enum aged what, int64_t bound,
    const struct cid *cid, int64_t *rows, struct errbuf *eb)
{
	const struct sums_channel gone = {.has_meta = false};
	struct sums_channel was;
	int64_t n = 0;
	enum err err = what == AGED_METADATA ? staging_sums_look(s, cid, &was, eb) : ERR_OK;

	if (!err)
		err = erase_run(s, aged_table[what].drop, cid, bound, &n, eb);
	if (err || !n) /* fetched anew since the page was read */
		return err;
	*rows += n;
	if (what == AGED_METADATA)
		staging_sums_move(s, &was, &gone);
	if (aged_table[what].counter)
		staging_count(s, aged_table[what].counter, -n);
	err = aged_pending(s, aged_table[what].op, cid, eb);
	if (!err && what == AGED_METADATA)
		err = erase_terms(s, cid, eb);
	if (!err && aged_table[what].forget)
		err = staging_outbox_add(s, OUTBOX_FORGET, bound, cid, eb);
	return err;
}

enum err staging_aged_drop(struct staging *s, enum aged what, int64_t bound, const struct cid *ids,
    int n, int64_t *rows, struct errbuf *eb)
{
	enum err err = erase_secure(s, true, eb), off;

	*rows = 0;
	for (int i = 0; i < n && !err; i++)
		err = aged_drop_one(s, what, bound, &ids[i], rows, eb);
	off = erase_secure(s, false, err ? NULL : eb);
	return err ? err : off;
}

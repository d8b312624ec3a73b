#include "config.h"
#include "db/staging_notes.h"
#include "db/staging_core.h"

enum err staging_target_note_put(struct staging *s, const struct cid *cid, const char *what,
    const char *state, int64_t at, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TARGET_NOTE_PUT, eb);

	if (!t)
		return eb ? eb->code : ERR_IO;
	db_bind_cid(t, 1, cid);
	db_bind_text(t, 2, what);
	db_bind_text(t, 3, state);
	sqlite3_bind_int64(t, 4, at);
	return db_run(s->db, t, eb);
}

/* The first column of the only row, 0 without one; ends the statement. */
static enum err notes_number(struct staging *s, sqlite3_stmt *t, int64_t *out, struct errbuf *eb)
{
	bool row = false;
	enum err err = db_step(s->db, t, &row, eb);

	*out = !err && row ? sqlite3_column_int64(t, 0) : 0;
	sqlite3_reset(t);
	return err;
}

enum err staging_target_note_at(struct staging *s, const struct cid *cid, const char *what,
    const char *state, int64_t *at, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TARGET_NOTE_AT, eb);

	*at = 0;
	if (!t)
		return eb ? eb->code : ERR_IO;
	db_bind_cid(t, 1, cid);
	db_bind_text(t, 2, what);
	db_bind_text(t, 3, state);
	return notes_number(s, t, at, eb);
}

enum err staging_target_note_drop(
    struct staging *s, const struct cid *cid, const char *what, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TARGET_NOTE_DROP, eb);

	if (!t)
		return eb ? eb->code : ERR_IO;
	db_bind_cid(t, 1, cid);
	db_bind_text(t, 2, what);
	return db_run(s->db, t, eb);
}

static enum err notes_sighting(struct staging *s, enum staging_sql which, const struct cid *target,
    const struct cid *source, int64_t at, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, which, eb);

	if (!t)
		return eb ? eb->code : ERR_IO;
	db_bind_cid(t, 1, target);
	db_bind_cid(t, 2, source);
	sqlite3_bind_int64(t, 3, at);
	return db_run(s->db, t, eb);
}

enum err staging_sighting_put(struct staging *s, const struct cid *target, const struct cid *source,
    int64_t at, int64_t *n, bool *is_new, struct errbuf *eb)
{
	sqlite3_stmt *t;
	enum err err = notes_sighting(s, SQL_SIGHTING_ADD, target, source, at, eb);

	*n = 0;
	*is_new = !err && sqlite3_changes(s->db) > 0;
	if (!err && !*is_new)
		err = notes_sighting(s, SQL_SIGHTING_AGAIN, target, source, at, eb);
	t = err ? NULL : staging_stmt(s, SQL_SIGHTINGS_COUNT, eb);
	if (!t)
		return err ? err : eb ? eb->code : ERR_IO;
	db_bind_cid(t, 1, target);
	return notes_number(s, t, n, eb);
}

enum err staging_sightings_of(struct staging *s, const struct cid *target, staging_sighting_fn *fn,
    void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SIGHTINGS_OF, eb);
	bool row = false;
	enum err err;

	if (!t)
		return eb ? eb->code : ERR_IO;
	db_bind_cid(t, 1, target);
	while ((err = db_step(s->db, t, &row, eb)) == ERR_OK && row) {
		struct cid source;
		if (!db_column_cid(t, 0, &source))
			continue; /* no key of ours */
		err = fn(arg, &source, sqlite3_column_int64(t, 1), eb);
		if (err)
			break;
	}
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

enum err staging_sightings_prune(struct staging *s, int64_t before, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SIGHTINGS_PRUNE, eb);

	if (!t)
		return eb ? eb->code : ERR_IO;
	sqlite3_bind_int64(t, 1, before);
	return db_run(s->db, t, eb);
}

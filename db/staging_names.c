#include "config.h"
#include "db/staging_names.h"
#include "db/staging_core.h"
#include "db/staging_discovery.h"
#include "db/staging_erase.h"
#include "db/staging_handles.h"

#include <string.h>

enum { NAMES_PAGE = 500, NAMES_TEXT = 1024 };

/* The kinds, what stands before a name of theirs in `unresolved`, and why one stays there. */
static const struct {
	const char *kind, *before, *missed;
} names_kinds[] = {
    {"handle", "@", "no channel has this handle"},
    {"user", "", "no channel has this user name"},
    {"custom", "", "no API call resolves /c/ names, and no channel has it as its handle"},
};

enum { NAMES_KINDS = sizeof names_kinds / sizeof names_kinds[0], NAMES_OTHER = 2 };

static size_t names_kind(const char *kind)
{
	for (size_t i = 0; i < NAMES_KINDS; i++)
		if (strcmp(names_kinds[i].kind, kind) == 0)
			return i;
	return NAMES_OTHER;
}

/* A statement with up to three texts. */
static sqlite3_stmt *names_stmt(struct staging *s, enum staging_sql which, const char *a,
    const char *b, const char *c, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, which, eb);

	if (!t)
		return NULL;
	db_bind_text(t, 1, a);
	if (b)
		db_bind_text(t, 2, b);
	if (c)
		db_bind_text(t, 3, c);
	return t;
}

static enum err names_run(struct staging *s, enum staging_sql which, const char *a, const char *b,
    const char *c, struct errbuf *eb)
{
	sqlite3_stmt *t = names_stmt(s, which, a, b, c, eb);

	return t ? db_run(s->db, t, eb) : ERR_INVALID;
}

/* As `unresolved` writes it. */
static enum err names_written(
    const char *kind, const char *name, struct str *out, struct errbuf *eb)
{
	str_reset(out);
	str_addf(out, "%s%s", names_kinds[names_kind(kind)].before, name);
	return out->err ? err_set(eb, out->err, "out of memory") : ERR_OK;
}

static enum err names_reason(
    struct staging *s, const char *kind, const char *name, const char *reason, struct errbuf *eb)
{
	struct str written;
	enum err err;

	str_init(&written, NAMES_TEXT);
	err = names_written(kind, name, &written, eb);
	if (!err)
		err = names_run(s, SQL_NAMES_REASON, kind, str_get(&written), reason, eb);
	str_done(&written);
	return err;
}

/* ---- answers ---- */

static enum err names_missed(struct staging *s, const char *kind, const char *name, int64_t at,
    const char *reason, struct errbuf *eb)
{
	struct handle_row row = {
	    .kind = kind, .name = name, .state = ITEM_MISSING, .checked_at = at};
	enum err err = staging_handle_put(s, &row, eb);

	return err ? err : names_reason(s, kind, name, reason, eb);
}

enum err staging_name_resolved(struct staging *s, const char *kind, const char *name,
    const struct cid *cid, int64_t at, bool *known, bool *added, struct errbuf *eb)
{
	struct handle_row row = {
	    .kind = kind, .name = name, .state = ITEM_DONE, .cid = *cid, .checked_at = at};
	bool before = false, erased = false;
	enum err err = staging_is_erased(s, cid, &erased, eb);

	*known = *added = false;
	if (!err && erased) /* or the name would be asked for ever */
		return names_missed(s, kind, name, at, "its channel was erased", eb);
	if (!err)
		err = staging_channel_has(s, cid, &before, eb);
	if (!err)
		err = staging_handle_put(s, &row, eb);
	if (!err)
		err = staging_channel_has(s, cid, known, eb);
	*added = *known && !before;
	return err;
}

enum err staging_name_missed(
    struct staging *s, const char *kind, const char *name, int64_t at, struct errbuf *eb)
{
	return names_missed(s, kind, name, at, names_kinds[names_kind(kind)].missed, eb);
}

enum err staging_name_failed(struct staging *s, int64_t no, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_NAMES_FAILED, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	return db_run(s->db, t, eb);
}

enum err staging_name_get(
    struct staging *s, int64_t no, const char **kind, struct str *name, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_NAMES_GET, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	err = db_step(s->db, t, &row, eb);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "this name is no longer there");
	if (!err) {
		*kind = names_kinds[names_kind(db_column_text(t, 0))].kind;
		str_reset(name);
		str_adds(name, db_column_text(t, 1));
		err = name->err ? err_set(eb, name->err, "out of memory") : ERR_OK;
	}
	sqlite3_reset(t);
	return err;
}

/* ---- for nothing ---- */

enum err staging_names_wanted(struct staging *s, bool *yes, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_NAMES_ANY, eb);
	bool row = false;
	enum err err = t ? db_step(s->db, t, &row, eb) : ERR_INVALID;

	*yes = !err && row && sqlite3_column_int(t, 0);
	if (t)
		sqlite3_reset(t);
	return err;
}

static enum err names_is_wanted(struct staging *s, const char *kind, const char *name,
    struct str *written, bool *yes, struct errbuf *eb)
{
	enum err err = names_written(kind, name, written, eb);
	sqlite3_stmt *t;

	*yes = false;
	if (err)
		return err;
	t = names_stmt(s, SQL_NAMES_IS_WANTED, kind, str_get(written), name, eb);
	if (!t)
		return ERR_INVALID;
	err = db_step(s->db, t, yes, eb);
	sqlite3_reset(t);
	return err;
}

enum err staging_name_offer(
    struct staging *s, const char *custom_url, const struct cid *cid, int64_t at, struct errbuf *eb)
{
	static const char *const kinds[] = {"handle", "custom"};
	bool wanted = false, known, added;
	struct str name, written;
	enum err err = ERR_OK;

	str_init(&name, NAMES_TEXT);
	str_init(&written, NAMES_TEXT);
	if (staging_handle_key("handle", custom_url, strlen(custom_url), &name))
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !err; i++) {
			err = names_is_wanted(s, kinds[i], str_get(&name), &written, &wanted, eb);
			if (!err && wanted)
				err = staging_name_resolved(
				    s, kinds[i], str_get(&name), cid, at, &known, &added, eb);
		}
	str_done(&name);
	str_done(&written);
	return err;
}

/* ---- taking up what imports left ---- */

struct names_page {
	struct str texts; /* kind NUL name NUL … */
	int n;
};

/* Rows are changed while they are gone through: a page is read first. */
static enum err names_read(
    struct staging *s, const char *kind, const char *name, struct names_page *p, struct errbuf *eb)
{
	sqlite3_stmt *t = names_stmt(s, SQL_NAMES_PAGE, kind, name, NULL, eb);
	bool row = true;
	enum err err = ERR_OK;

	p->n = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int(t, 3, NAMES_PAGE);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		for (int i = 0; i < 2; i++) {
			const char *text = db_column_text(t, i);
			str_add(&p->texts, text, strlen(text) + 1);
		}
		p->n++;
	}
	sqlite3_reset(t);
	return !err && p->texts.err ? err_set(eb, p->texts.err, "out of memory") : err;
}

/* The row is written as its key is: "@name." as "@name". */
static enum err names_rename(
    struct staging *s, const char *kind, const char *name, const char *key, struct errbuf *eb)
{
	struct str written;
	enum err err;

	str_init(&written, NAMES_TEXT);
	err = names_written(kind, key, &written, eb);
	if (!err && strcmp(str_get(&written), name) != 0) {
		err = names_run(s, SQL_NAMES_RENAME, kind, name, str_get(&written), eb);
		if (!err && sqlite3_changes(s->db) == 0) { /* it stands there already */
			err = names_run(s, SQL_UNRESOLVED_DROP, kind, name, NULL, eb);
			staging_count(s, "unresolved", err ? 0 : -1);
		}
	}
	str_done(&written);
	return err;
}

/* A /c/ name that a fetched channel has as its handle. */
static enum err names_by_url(
    struct staging *s, const char *key, struct handle_row *out, struct errbuf *eb)
{
	struct str written;
	sqlite3_stmt *t;
	bool row = false;
	enum err err;

	str_init(&written, NAMES_TEXT);
	err = names_written("handle", key, &written, eb);
	t = err ? NULL : names_stmt(s, SQL_HANDLE_BY_URL, str_get(&written), NULL, NULL, eb);
	if (t)
		err = db_step(s->db, t, &row, eb);
	if (t && !err && row && db_column_cid(t, 0, &out->cid)) {
		out->state = ITEM_DONE;
		out->checked_at = sqlite3_column_int64(t, 1);
	}
	if (t)
		sqlite3_reset(t);
	str_done(&written);
	return err || t ? err : ERR_INVALID;
}

/* One that can be no name is left where it is, with the reason; the others as the cache knows them. */
static enum err names_take(struct staging *s, const char *kind, const char *name, struct str *key,
    struct staging_names_found *out, struct errbuf *eb)
{
	struct handle_row known = {0};
	bool is_known = false, added = false;
	enum err err;

	str_reset(key);
	if (!staging_handle_key(kind, name, strlen(name), key))
		return names_run(s, SQL_NAMES_REASON, kind, name,
		    "this cannot be a channel's name: look at the line", eb);
	err = names_rename(s, kind, name, str_get(key), eb);
	if (!err)
		err = staging_handle_get(s, kind, str_get(key), &known, eb);
	if (err == ERR_NOTFOUND)
		err = ERR_OK;
	if (!err && known.state != ITEM_DONE && strcmp(kind, "custom") == 0)
		err = names_by_url(s, str_get(key), &known, eb);
	if (err)
		return err;
	if (known.state != ITEM_DONE)
		return names_run(s, SQL_NAMES_WANT, kind, str_get(key), NULL, eb);
	err = staging_name_resolved(
	    s, kind, str_get(key), &known.cid, known.checked_at, &is_known, &added, eb);
	out->resolved++;
	out->channels += added;
	return err;
}

/* *kind and *name: the last one, where the next page begins. */
static enum err names_take_page(struct staging *s, const struct names_page *p, struct str *key,
    struct str *kind, struct str *last, struct staging_names_found *out, struct errbuf *eb)
{
	const char *at = str_get(&p->texts), *name = at;
	enum err err = ERR_OK;

	for (int i = 0; i < p->n && !err; i++) {
		name = at + strlen(at) + 1;
		if (i == p->n - 1) {
			str_reset(kind);
			str_adds(kind, at);
			str_reset(last);
			str_adds(last, name);
		}
		err = names_take(s, at, name, key, out, eb);
		at = name + strlen(name) + 1;
	}
	return !err && (kind->err || last->err) ? err_set(eb, ERR_NOMEM, "out of memory") : err;
}

enum err staging_names_collect(
    struct staging *s, struct staging_names_found *out, struct errbuf *eb)
{
	struct names_page page = {.n = 1};
	struct str key, kind, last;
	sqlite3_stmt *t = staging_stmt(s, SQL_NAMES_RETRY, eb);
	enum err err = t ? db_run(s->db, t, eb) : ERR_INVALID;

	*out = (struct staging_names_found){0};
	str_init(&page.texts, 4 * 1024 * 1024);
	str_init(&key, NAMES_TEXT);
	str_init(&kind, NAMES_TEXT);
	str_init(&last, NAMES_TEXT);
	while (!err && page.n) {
		str_reset(&page.texts);
		err = names_read(s, str_get(&kind), str_get(&last), &page, eb);
		if (!err)
			err = names_take_page(s, &page, &key, &kind, &last, out, eb);
	}
	str_done(&page.texts);
	str_done(&key);
	str_done(&kind);
	str_done(&last);
	return err;
}

enum err staging_names_waiting(struct staging *s, int64_t *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_NAMES_WAITING, eb);
	bool row = false;
	enum err err = t ? db_step(s->db, t, &row, eb) : ERR_INVALID;

	*out = row ? sqlite3_column_int64(t, 0) : 0;
	if (t)
		sqlite3_reset(t);
	return err;
}

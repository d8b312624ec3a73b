#include "config.h"
#include "db/staging_handles.h"
#include "db/staging_core.h"
#include "db/staging_rank.h"
#include "engine/base/text.h"

#include <string.h>

enum { HANDLE_LEAST = 3, HANDLE_MOST = 30, NAME_MOST = 100 };

/* ---- names ---- */

static bool handle_is_around(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '.';
}

/* Letters and digits of any script, _ - . and the middle dot: what a handle is made of. */
static bool handle_is_mark(uint32_t c)
{
	if (c < 0x80)
		return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		         c == '.');
	return c < 0xB7 || c == 0xBF || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) ||
	       (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
	       (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) ||
	       (c >= 0xFF00 && c <= 0xFF0F) || (c >= 0x1F000 && c <= 0x1FAFF) || c == 0xFEFF ||
	       c == 0xFFFD;
}

bool staging_handle_key(const char *kind, const char *text, size_t len, struct str *out)
{
	bool handle = strcmp(kind, "handle") == 0;
	int chars = 0;

	while (len && handle_is_around(text[0])) {
		text++;
		len--;
	}
	if (len && text[0] == '@') {
		text++;
		len--;
	}
	while (len && handle_is_around(text[len - 1]))
		len--;
	for (size_t i = 0; i < len; chars++) {
		uint32_t c = 0;
		size_t n = text_utf8_next(text + i, len - i, &c);
		char low = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
		if (!n || (handle && handle_is_mark(n == 1 ? (uint32_t)low : c)) || c < ' ')
			return false;
		str_add(out, n == 1 ? &low : text + i, n);
		i += n;
	}
	return !out->err && chars >= (handle ? HANDLE_LEAST : 1) &&
	       chars <= (handle ? HANDLE_MOST : NAME_MOST);
}

/* ---- the cache ---- */

/* As customUrl and imports write it: a handle with its "@". */
static void handle_written(const char *kind, const char *name, struct str *out)
{
	str_reset(out);
	if (strcmp(kind, "handle") == 0)
		str_addc(out, '@');
	str_adds(out, name);
}

/* A fetched channel that says this name is its own. */
static enum err handle_by_url(
    struct staging *s, const char *written, struct handle_row *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_HANDLE_BY_URL, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, written);
	err = db_step(s->db, t, &row, eb);
	if (!err && row && db_column_cid(t, 0, &out->cid)) {
		out->state = ITEM_DONE;
		out->checked_at = sqlite3_column_int64(t, 1);
	} else if (!err) {
		err = ERR_NOTFOUND;
	}
	sqlite3_reset(t);
	return err;
}

static enum err handle_cached(
    struct staging *s, struct handle_row *out, bool *hit, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_HANDLE_GET, eb);
	bool row = false;
	enum err err;

	*hit = false;
	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, out->kind);
	db_bind_text(t, 2, out->name);
	err = db_step(s->db, t, &row, eb);
	if (!err && row) {
		out->state = (enum item_state)sqlite3_column_int(t, 0);
		*hit = out->state != ITEM_DONE || db_column_cid(t, 1, &out->cid);
		out->mentions = sqlite3_column_int64(t, 2);
		out->checked_at = sqlite3_column_int64(t, 3);
	}
	sqlite3_reset(t);
	return err;
}

enum err staging_handle_get(struct staging *s, const char *kind, const char *name,
    struct handle_row *out, struct errbuf *eb)
{
	struct handle_row cached = {.kind = kind, .name = name};
	struct str written;
	bool hit = false;
	enum err err = handle_cached(s, &cached, &hit, eb);

	*out = cached;
	if (err || (hit && cached.state == ITEM_DONE))
		return err;
	if (strcmp(kind, "user") == 0)
		return hit ? ERR_OK : ERR_NOTFOUND;
	str_init(&written, 4 * NAME_MOST + 1);
	handle_written(kind, name, &written);
	err = written.err ? err_set(eb, written.err, "out of memory")
	                  : handle_by_url(s, str_get(&written), out, eb);
	str_done(&written);
	return err == ERR_NOTFOUND && hit ? ERR_OK : err;
}

/* ---- what an answer does ---- */

static enum err handle_add_channel(
    struct staging *s, const struct cid *cid, const char *title, int64_t origin, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_CHANNEL_ADD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	db_bind_text(t, 2, title);
	sqlite3_bind_int64(t, 3, origin);
	err = db_run(s->db, t, eb);
	if (err || sqlite3_changes(s->db) == 0)
		return err;
	staging_count_new_channels(s, 1);
	err = staging_rank_add(s, cid, 1, eb);
	return err ? err : staging_outbox_add(s, OUTBOX_CHANNEL, 0, cid, eb);
}

static enum err handle_drop_unresolved(
    struct staging *s, const char *kind, const char *written, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_UNRESOLVED_DROP, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, kind);
	db_bind_text(t, 2, written);
	err = db_run(s->db, t, eb);
	if (!err)
		staging_count(s, "unresolved", -sqlite3_changes(s->db));
	return err;
}

/* The import that held this name gets its channel. */
static enum err handle_resolve(
    struct staging *s, const struct handle_row *h, const char *written, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_UNRESOLVED_GET, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, h->kind);
	db_bind_text(t, 2, written);
	err = db_step(s->db, t, &row, eb);
	if (!err && row)
		err = handle_add_channel(
		    s, &h->cid, db_column_text(t, 0), sqlite3_column_int64(t, 1), eb);
	sqlite3_reset(t);
	return err || !row ? err : handle_drop_unresolved(s, h->kind, written, eb);
}

enum err staging_handle_put(struct staging *s, const struct handle_row *h, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_HANDLE_PUT, eb);
	struct str written;
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, h->kind);
	db_bind_text(t, 2, h->name);
	sqlite3_bind_int(t, 3, (int)h->state);
	if (h->state == ITEM_DONE)
		db_bind_cid(t, 4, &h->cid);
	sqlite3_bind_int64(t, 5, h->mentions);
	sqlite3_bind_int64(t, 6, h->checked_at);
	err = db_run(s->db, t, eb);
	if (err || h->state != ITEM_DONE)
		return err;
	str_init(&written, 4 * NAME_MOST + 1);
	handle_written(h->kind, h->name, &written);
	err = written.err ? err_set(eb, written.err, "out of memory")
	                  : handle_resolve(s, h, str_get(&written), eb);
	str_done(&written);
	return err;
}

/* Batches: their memory, and how they get into PostgreSQL; one table of the kinds of rows. */
#include "config.h"
#include "db/postgres_batch.h"
#include "db/sql/postgres-counts.sql.h"
#include "db/sql/postgres-edges.sql.h"
#include "db/sql/postgres-forget.sql.h"
#include "db/sql/postgres-gone.sql.h"
#include "db/sql/postgres-outcome.sql.h"
#include "db/sql/postgres-session.sql.h"
#include "db/sql/postgres-upsert.sql.h"
#include "db/sql/postgres-videos.sql.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 32768, BATCH_BYTES = 1 << 30, BATCH_SQL = 65536, BATCH_LABEL = 512 };

/* What a kind of rows is copied into and what puts it in its place. */
static const struct {
	const char *word;  /* for people, before the first fields of a row */
	int label;         /* how many these are */
	const char *table; /* temporary */
	const char *sql;
	const char *special; /* after it, when the batch holds such a row; NULL: there are none */
} kinds[POSTGRES_KINDS] = {
    [POSTGRES_GONE] = {"erasing", 1, "tubeops_gone_in", postgres_gone_sql, postgres_forget_sql},
    [POSTGRES_CHANNELS] = {"channel", 1, "tubeops_channels_in", postgres_upsert_sql,
        postgres_outcome_sql},
    [POSTGRES_VIDEOS] = {"video", 2, "tubeops_videos_in", postgres_videos_sql, postgres_counts_sql},
    [POSTGRES_EDGES] = {"discovery", 3, "tubeops_edges_in", postgres_edges_sql, NULL},
};

struct postgres_batch *postgres_batch_new(void)
{
	struct postgres_batch *b = calloc(1, sizeof *b);

	if (b)
		str_init(&b->text, BATCH_BYTES);
	return b;
}

void postgres_batch_free(struct postgres_batch *b)
{
	if (!b)
		return;
	str_done(&b->text);
	free(b->rows);
	free(b);
}

void postgres_batch_reset(struct postgres_batch *b, enum postgres_kind kind)
{
	str_reset(&b->text);
	b->n = 0;
	b->kind = kind;
}

enum postgres_kind postgres_batch_kind(const struct postgres_batch *b)
{
	return b->kind;
}

size_t postgres_batch_count(const struct postgres_batch *b)
{
	return b->n;
}

size_t postgres_batch_bytes(const struct postgres_batch *b)
{
	return b->text.len;
}

/* ---- lines ---- */

void batch_text(struct str *t, const char *text, size_t max)
{
	str_addc(t, '\t');
	if (max)
		postgres_text_field_cut(t, text, max);
	else
		postgres_text_field(t, text);
}

void batch_int(struct str *t, int64_t value, int64_t none)
{
	str_addc(t, '\t');
	postgres_text_field_int(t, value, none);
}

void batch_bool(struct str *t, int value)
{
	str_addc(t, '\t');
	postgres_text_field_bool(t, value);
}

void batch_time(struct str *t, int64_t utc_s)
{
	str_addc(t, '\t');
	postgres_text_field_time(t, utc_s);
}

void batch_list(struct str *t, const struct text_list *list)
{
	str_addc(t, '\t');
	postgres_text_field_list(t, list);
}

static enum err batch_room(struct postgres_batch *b)
{
	size_t room = b->room ? b->room * 2 : 1024;
	struct batch_row *more;

	if (b->n < b->room)
		return ERR_OK;
	if (room > BATCH_ROWS)
		return ERR_LIMIT;
	more = realloc(b->rows, room * sizeof *more);
	if (!more)
		return ERR_NOMEM;
	b->rows = more;
	b->room = room;
	return ERR_OK;
}

enum err postgres_batch_line(struct postgres_batch *b, bool special, struct errbuf *eb)
{
	enum err err = batch_room(b);

	str_addc(&b->text, '\n');
	if (!err)
		err = b->text.err;
	if (err) {
		b->text.err = ERR_OK;
		b->text.len = b->n ? b->rows[b->n - 1].end : 0;
		return err_set(eb, err, "a batch of rows for PostgreSQL is too large");
	}
	b->rows[b->n++] = (struct batch_row){.end = b->text.len, .special = special};
	return ERR_OK;
}

/* "video ID CHANNEL": the first fields of a row. */
static void row_label(const struct postgres_batch *b, size_t at, struct str *out)
{
	const char *p = b->text.text + (at ? b->rows[at - 1].end : 0);

	str_adds(out, kinds[b->kind].word);
	for (int i = 0; i < kinds[b->kind].label; i++) {
		size_t len = strcspn(p, "\t\n");

		str_addc(out, ' ');
		str_add(out, p, len);
		p += len + 1;
	}
}

/* ---- pushing ---- */

enum err postgres_rows_prepare(struct postgres *pg, struct errbuf *eb)
{
	return postgres_exec(pg, postgres_session_sql, eb);
}

/* Sends rows first..first+n-1 as one transaction. */
static enum err send_part(
    struct postgres *pg, const struct postgres_batch *b, size_t first, size_t n, struct errbuf *eb)
{
	size_t from = first ? b->rows[first - 1].end : 0, to = b->rows[first + n - 1].end;
	bool special = false;
	struct str sql;
	enum err err;

	for (size_t i = first; i < first + n && !special; i++)
		special = b->rows[i].special;
	str_init(&sql, BATCH_SQL);
	str_addf(&sql, "BEGIN; SET LOCAL statement_timeout = '120s'; COPY %s FROM STDIN;",
	    kinds[b->kind].table);
	str_adds(&sql, kinds[b->kind].sql);
	if (special && kinds[b->kind].special)
		str_adds(&sql, kinds[b->kind].special);
	str_adds(&sql, "COMMIT");
	err = sql.err ? err_set(eb, sql.err, "out of memory")
	              : postgres_copy_send(pg, str_get(&sql), eb);
	str_done(&sql);
	return err ? err : postgres_copy_data(pg, b->text.text + from, to - from, eb);
}

static void tell_refused(const struct postgres_batch *b, size_t at, postgres_refused_fn *refused,
    void *arg, const struct errbuf *why)
{
	struct str label;

	str_init(&label, BATCH_LABEL);
	row_label(b, at, &label);
	refused(arg, str_get(&label), why);
	str_done(&label);
}

/* Pushes a part that is known to hold a bad row; halves end at single rows. */
static enum err push_halves(struct postgres *pg, const struct postgres_batch *b, size_t first,
    size_t n, postgres_refused_fn *refused, void *arg, struct postgres_pushed *out,
    struct errbuf *eb)
{
	size_t parts[2][2] = {{first, n / 2}, {first + n / 2, n - n / 2}};
	enum err err = ERR_OK;

	for (int i = 0; i < 2 && !err; i++) {
		size_t at = parts[i][0], len = parts[i][1];
		int64_t written = 0;

		if (!len)
			continue;
		err = send_part(pg, b, at, len, eb);
		if (!err)
			err = postgres_copy_finish(pg, &written, eb);
		if (!err) {
			out->rows += (int64_t)len;
			out->written += written;
			continue;
		}
		if (postgres_fault(pg) != POSTGRES_DATA)
			return err;
		err = postgres_rollback(pg, eb);
		if (!err && len == 1) {
			out->refused++;
			tell_refused(b, at, refused, arg, eb);
		} else if (!err) {
			err = push_halves(pg, b, at, len, refused, arg, out, eb);
		}
	}
	return err;
}

enum err postgres_batch_send(struct postgres *pg, const struct postgres_batch *b, struct errbuf *eb)
{
	return send_part(pg, b, 0, b->n, eb);
}

enum err postgres_batch_finish(struct postgres *pg, const struct postgres_batch *b,
    postgres_refused_fn *refused, void *arg, struct postgres_pushed *out, struct errbuf *eb)
{
	enum err err, undone;

	*out = (struct postgres_pushed){0};
	err = postgres_copy_finish(pg, &out->written, eb);
	if (!err) {
		out->rows = (int64_t)b->n;
		return ERR_OK;
	}
	out->written = 0;
	if (postgres_fault(pg) == POSTGRES_LOST)
		return err;
	undone = postgres_rollback(pg, NULL);
	if (undone || postgres_fault(pg) != POSTGRES_DATA)
		return err;
	return push_halves(pg, b, 0, b->n, refused, arg, out, eb);
}

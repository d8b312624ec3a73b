/* Enrich: a CSV file given back, its bytes as they are, with columns from staging behind each row. */
#include "config.h"
#include "db/sources/channel_ref.h"
#include "db/sources/csv_rows.h"
#include "db/staging_wanted.h"
#include "engine/engine_fields.h"
#include "engine/engine_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	ENRICH_COLUMNS = 64,
	ENRICH_NAMES = 16 * 1024,
	ENRICH_SHOW_EVERY = 1024,
	ENRICH_DROP_SLICE = 200000,
	ENRICH_STATUS_COLUMN = -1
};

static const char enrich_columns_default[] =
    "title,subscriber_count,video_count,view_count,country,language,custom_url,published_at,"
    "topics,fetched_at,status";

/* Names of enrich's own for what a channel's columns are called elsewhere. */
static const struct {
	const char *name, *column; /* NULL: the row's status */
} enrich_names[] = {{"topics", "topic_categories"}, {"status", NULL}};

struct enrich {
	const struct engine_enrich *cfg;
	struct engine_enriched *result;
	struct csv_rows *rows;
	struct staging *staging; /* a reading connection of its own */
	char *names;             /* of the columns as they were chosen, cut apart */
	const char *name[ENRICH_COLUMNS];
	int column[ENRICH_COLUMNS]; /* of channel_column_name, or ENRICH_STATUS_COLUMN */
	int n;
	struct fields fields; /* what is appended to the present row */
	struct str handle;
	int width; /* cells of the first row */
	bool begun;
};

/* ---- which columns ---- */

static bool enrich_column_find(const char *name, int *column)
{
	const char *wanted = name;

	for (size_t i = 0; i < sizeof enrich_names / sizeof enrich_names[0]; i++)
		if (strcmp(enrich_names[i].name, name) == 0)
			wanted = enrich_names[i].column;
	*column = ENRICH_STATUS_COLUMN;
	if (!wanted)
		return true;
	for (int i = 0; channel_column_name(i); i++)
		if (strcmp(channel_column_name(i), wanted) == 0) {
			*column = i;
			return true;
		}
	return false;
}

static enum err enrich_unknown(const char *name, struct errbuf *eb)
{
	struct str all;
	enum err err;

	str_init(&all, ENRICH_NAMES);
	for (int i = 0; channel_column_name(i); i++)
		str_addf(&all, "%s, ", channel_column_name(i));
	err = err_set(
	    eb, ERR_INVALID, "there is no column \"%s\"; there are %sstatus", name, str_get(&all));
	str_done(&all);
	return err;
}

/* Cuts "a, b,c" apart. */
static enum err enrich_columns(struct enrich *x, const char *columns, struct errbuf *eb)
{
	char *rest, *name;

	x->names = str_dup(columns && *columns ? columns : enrich_columns_default);
	if (!x->names)
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (name = strtok_r(x->names, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
		if (x->n == ENRICH_COLUMNS)
			return err_set(
			    eb, ERR_INVALID, "more than %d columns are named", ENRICH_COLUMNS);
		if (!enrich_column_find(name, &x->column[x->n]))
			return enrich_unknown(name, eb);
		x->name[x->n++] = name;
	}
	return x->n ? ERR_OK : err_set(eb, ERR_INVALID, "no column is named");
}

enum err engine_enrich_check(const char *columns, struct errbuf *eb)
{
	struct enrich x = {.names = NULL};
	enum err err = enrich_columns(&x, columns, eb);

	free(x.names);
	return err;
}

/* ---- rows ---- */

static enum err enrich_put(struct enrich *x, const char *text, size_t len, struct errbuf *eb)
{
	if (len && fwrite(text, 1, len, x->cfg->out) != len)
		return err_set(eb, ERR_IO, "the new file: %s", strerror(errno));
	return ERR_OK;
}

/* The row as it was, then what was appended, then the end of its line. */
static enum err enrich_write(struct enrich *x, const struct csv_rows_row *row, struct errbuf *eb)
{
	struct str *more = &x->fields.row;
	enum err err =
	    more->err ? err_set(eb, more->err, "line %lld: a row is too long", (long long)row->line)
	              : enrich_put(x, row->body.text, row->body.len, eb);

	if (!err)
		err = enrich_put(x, str_get(more), more->len, eb);
	return err ? err : enrich_put(x, row->end.text, row->end.len, eb);
}

static bool enrich_is_named(struct enrich *x, const char *name, int cells)
{
	size_t len = strlen(name);

	for (int i = 0; i < cells; i++) {
		struct source_text t = csv_rows_cell(x->rows, i);
		while (t.len && t.text[t.len - 1] == ' ') /* as spreadsheets see it */
			t.len--;
		while (t.len && t.text[0] == ' ') {
			t.text++;
			t.len--;
		}
		if (t.len == len && strncasecmp(t.text, name, len) == 0)
			return true;
	}
	return false;
}

/* A name that neither the header nor a column before it has. */
static enum err enrich_header_name(
    struct enrich *x, int at, int cells, struct str *all, struct errbuf *eb)
{
	struct str name;
	bool taken = true;

	str_init(&name, ENRICH_NAMES);
	for (int yt = 0; taken && !name.err; yt++) {
		str_reset(&name);
		for (int i = 0; i < yt; i++)
			str_adds(&name, "yt_");
		str_adds(&name, x->name[at]);
		taken = enrich_is_named(x, str_get(&name), cells);
		for (const char *p = str_get(all); *p && !taken; p += strlen(p) + 1)
			taken = str_is_equal_nocase(p, str_get(&name));
	}
	fields_text(&x->fields, NULL, str_get(&name));
	str_adds(all, str_get(&name));
	str_addc(all, '\0');
	str_done(&name);
	return all->err || name.err ? err_set(eb, ERR_LIMIT, "the header's names are too long")
	                            : ERR_OK;
}

static enum err enrich_header(struct enrich *x, const struct csv_rows_row *row, struct errbuf *eb)
{
	struct str all; /* names given so far, each with its NUL */
	enum err err = ERR_OK;

	str_init(&all, ENRICH_COLUMNS * ENRICH_NAMES);
	for (int i = 0; i < x->n && !err; i++)
		err = enrich_header_name(x, i, row->cells, &all, eb);
	str_done(&all);
	return err ? err : enrich_write(x, row, eb);
}

/* The columns of a row; r NULL: there is no channel, only a status. */
static void enrich_columns_put(struct enrich *x, const struct channel_row *r, const char *status)
{
	for (int i = 0; i < x->n; i++) {
		if (x->column[i] == ENRICH_STATUS_COLUMN)
			fields_text(&x->fields, NULL, status);
		else if (r)
			channel_column_put(x->column[i], &x->fields, r);
		else
			fields_text(&x->fields, NULL, NULL);
	}
}

static enum err enrich_channel(void *arg, const struct channel_row *stored, struct errbuf *eb)
{
	struct enrich *x = arg;
	struct engine_enriched *result = x->result;
	struct channel_row r = *stored;
	int64_t *const counts[ITEM_STATE_COUNT] = {
	    [ITEM_PENDING] = &result->pending,
	    [ITEM_DONE] = &result->enriched,
	    [ITEM_ABSENT] = &result->pending,
	    [ITEM_MISSING] = &result->missing,
	    [ITEM_FAILED] = &result->failed,
	};
	enum item_state state = r.state[OP_METADATA];

	(void)eb;
	/* what was imported is in the file already, and may be of another file */
	r.import_title = r.import_description = NULL;
	if (state < ITEM_STATE_COUNT)
		(*counts[state])++;
	result->absent += state == ITEM_ABSENT;
	enrich_columns_put(x, &r, item_state_word(state));
	return ERR_OK;
}

/* The channel that the text names. ERR_NOTFOUND: *status says why it is none. */
static enum err enrich_resolve(struct enrich *x, const struct csv_rows_row *row, struct cid *cid,
    const char **status, struct errbuf *eb)
{
	struct channel_ref ref;
	const char *name;

	*status = "invalid";
	channel_ref_parse(row->ref.text ? row->ref.text : "", row->ref.len, &ref);
	if (row->problem || ref.kind == CHANNEL_REF_NONE)
		return ERR_NOTFOUND;
	*status = item_state_word(ITEM_PENDING);
	*cid = ref.cid;
	if (ref.kind == CHANNEL_REF_ID)
		return ERR_OK;
	*status = "unresolved";
	str_reset(&x->handle);
	channel_ref_name(&ref, &x->handle);
	name = str_get(&x->handle);
	return staging_channel_by_name(
	    x->staging, channel_ref_word(ref.kind), *name == '@' ? name + 1 : name, cid, eb);
}

static enum err enrich_data(struct enrich *x, const struct csv_rows_row *row, struct errbuf *eb)
{
	struct engine_enriched *result = x->result;
	const char *status = "invalid";
	struct cid cid;
	enum err err = ERR_NOTFOUND;

	result->rows++;
	/* short rows are filled up, so that the new cells stand below their names */
	for (int i = row->cells; row->kind == CSV_ROWS_DATA && i < x->width; i++)
		fields_text(&x->fields, NULL, NULL);
	result->long_rows += row->cells > x->width;
	if (row->kind == CSV_ROWS_DATA)
		err = enrich_resolve(x, row, &cid, &status, eb);
	if (!err)
		err = staging_channel_get(x->staging, &cid, enrich_channel, x, eb);
	if (err == ERR_NOTFOUND) {
		result->invalid += strcmp(status, "invalid") == 0;
		result->unresolved += strcmp(status, "unresolved") == 0;
		result->pending += strcmp(status, item_state_word(ITEM_PENDING)) == 0;
		enrich_columns_put(x, NULL, status);
		err = ERR_OK;
	}
	return err ? err : enrich_write(x, row, eb);
}

static enum err enrich_row(struct enrich *x, const struct csv_rows_row *row, struct errbuf *eb)
{
	bool whole = row->kind == CSV_ROWS_HEADER || row->kind == CSV_ROWS_DATA;

	str_reset(&x->fields.row);
	x->fields.first = false; /* every field follows those of the row */
	if (whole && !x->begun)
		x->width = row->cells;
	x->begun = x->begun || whole;
	if (row->kind == CSV_ROWS_BLANK || row->goes_on)
		return enrich_write(x, row, eb);
	return row->kind == CSV_ROWS_HEADER ? enrich_header(x, row, eb) : enrich_data(x, row, eb);
}

/* Shows how far it is, and lets the writer's checkpoints pass. */
static enum err enrich_pause(struct enrich *x, struct errbuf *eb)
{
	const struct engine_enrich *cfg = x->cfg;

	if (cfg->progress &&
	    !cfg->progress(cfg->arg, csv_rows_bytes(x->rows), csv_rows_size(x->rows)))
		return err_set(eb, ERR_CANCELLED, "stopped while the new file was written");
	staging_look_end(x->staging);
	return staging_look_begin(x->staging, eb);
}

static enum err enrich_rows(struct enrich *x, struct errbuf *eb)
{
	struct csv_rows_row row;
	bool more = true;
	enum err err = ERR_OK;

	if (csv_rows_has_mark(x->rows))
		err = enrich_put(x, "\xEF\xBB\xBF", 3, eb);
	if (!err)
		err = staging_look_begin(x->staging, eb);
	for (uint64_t i = 1; !err; i++) {
		err = csv_rows_next(x->rows, &row, &more, eb);
		if (err || !more)
			break;
		err = enrich_row(x, &row, eb);
		if (!err && i % ENRICH_SHOW_EVERY == 0)
			err = enrich_pause(x, eb);
	}
	staging_look_end(x->staging);
	return err;
}

enum err engine_enrich(struct engine *e, const struct engine_enrich *cfg,
    struct engine_enriched *result, struct errbuf *eb)
{
	struct enrich *x = calloc(1, sizeof *x);
	enum err err;

	*result = (struct engine_enriched){0};
	if (!x)
		return err_set(eb, ERR_NOMEM, "out of memory");
	x->cfg = cfg;
	x->result = result;
	str_init(&x->fields.row, FIELDS_LIMIT);
	str_init(&x->handle, ENRICH_NAMES);
	err = enrich_columns(x, cfg->columns, eb);
	if (!err)
		err = csv_rows_open(&x->rows, cfg->path, cfg->column, NULL, eb);
	if (!err)
		err = staging_open(&x->staging, e->staging_path, DB_READ, eb);
	if (!err) {
		x->fields.sep = csv_rows_separator(x->rows);
		err = enrich_rows(x, eb);
	}
	if (!err && fflush(cfg->out) != 0)
		err = err_set(eb, ERR_IO, "the new file: %s", strerror(errno));
	staging_close(x->staging);
	csv_rows_close(x->rows);
	str_done(&x->fields.row);
	str_done(&x->handle);
	free(x->names);
	free(x);
	return err;
}

/* ---- the list of what is wanted ---- */

struct enrich_drop {
	const char *name;
	int64_t n;
};

static enum err enrich_drop_slice(struct staging *s, void *arg, struct errbuf *eb)
{
	struct enrich_drop *d = arg;
	enum err err = staging_wanted_clear(s, d->name, ENRICH_DROP_SLICE, &d->n, eb);

	return err || d->n == ENRICH_DROP_SLICE ? err : staging_wanted_drop(s, d->name, eb);
}

enum err engine_list_drop(struct engine *e, const char *name, struct errbuf *eb)
{
	struct enrich_drop d = {name, ENRICH_DROP_SLICE};
	enum err err = ERR_OK;

	while (!err && d.n == ENRICH_DROP_SLICE)
		err = writer_run(e->parts.writer, enrich_drop_slice, &d, true, eb);
	return err;
}

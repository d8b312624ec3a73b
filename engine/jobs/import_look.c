#include "config.h"
#include "engine/jobs/import_look.h"
#include "db/sources/channel_ref.h"
#include "db/sources/source.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LOOK_BLOCK = 64 * 1024, LOOK_TEXT = 80 };

struct look {
	struct staging *staging;
	json_t *first, *bad;
	int64_t rows, channels, ids, known, bytes, column;
};

/* Of a text from outside: its beginning, clean and without what may be secret. */
static json_t *look_text(const char *text, size_t len)
{
	struct str masked, clean;
	json_t *j;

	len = len > LOOK_TEXT ? text_utf8_cut(text, len, LOOK_TEXT) : len;
	str_init(&masked, 8 * LOOK_TEXT);
	str_init(&clean, 8 * LOOK_TEXT);
	text_mask_secrets(text, len, &masked);
	text_escape(str_get(&masked), masked.len, &clean);
	j = json_string(str_get(&clean));
	str_done(&masked);
	str_done(&clean);
	return j ? j : json_string("?");
}

static enum err look_seen(void *arg, const struct channel_row *r, struct errbuf *eb)
{
	(void)r;
	(void)eb;
	++*(int64_t *)arg;
	return ERR_OK;
}

static enum err look_good(
    struct look *l, const struct source_row *row, const struct channel_ref *ref, struct errbuf *eb)
{
	enum err err = ERR_OK;

	l->channels++;
	if (ref->kind == CHANNEL_REF_ID) {
		l->ids++;
		err = staging_channel_get(l->staging, &ref->cid, look_seen, &l->known, eb);
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	if (json_array_size(l->first) < IMPORT_LOOK_SHOWN)
		json_array_append_new(
		    l->first, json_pack("{s:I,s:o,s:o}", "line", (json_int_t)row->line, "channel",
		                  look_text(row->ref.text, row->ref.len), "title",
		                  row->title.text ? look_text(row->title.text, row->title.len)
		                                  : json_null()));
	return err;
}

static void look_bad(struct look *l, const struct source_row *row, const char *reason)
{
	const struct source_text *t = row->ref.text ? &row->ref : &row->raw;

	if (json_array_size(l->bad) < IMPORT_LOOK_SHOWN)
		json_array_append_new(l->bad,
		    json_pack("{s:I,s:s,s:o}", "line", (json_int_t)row->line, "reason", reason,
		        "text", look_text(t->text ? t->text : "", t->text ? t->len : 0)));
}

static enum err look_row(struct look *l, const struct source_row *row, struct errbuf *eb)
{
	struct channel_ref ref = {.kind = CHANNEL_REF_NONE, .reason = row->problem};

	l->rows++;
	l->bytes += (int64_t)row->raw.len + 1;
	l->column = row->column ? row->column : l->column;
	if (!row->problem && row->ref.text)
		channel_ref_parse(row->ref.text, row->ref.len, &ref);
	else if (!row->problem)
		ref.reason = "no channel in this row";
	if (ref.kind != CHANNEL_REF_NONE)
		return look_good(l, row, &ref, eb);
	look_bad(l, row, ref.reason);
	return ERR_OK;
}

/* About how many rows the file has, by the part that was read. */
static int64_t look_about(const struct look *l, const struct source *s, bool whole)
{
	int64_t read = source_bytes(s), size = source_size(s);

	if (whole || !l->rows || size <= 0)
		return l->rows;
	/* of a packed file less was read than its rows are long */
	read = l->bytes < read ? l->bytes : read;
	return read > 0 ? (int64_t)((double)size / (double)read * (double)l->rows) : l->rows;
}

static json_t *look_report(const struct look *l, const struct source *s, bool whole)
{
	return json_pack("{s:s,s:o,s:I,s:I,s:b,s:I,s:I,s:I,s:I,s:O,s:O}", "format",
	    source_format_name(s), "column",
	    l->column ? json_integer((json_int_t)l->column) : json_null(), "bytes",
	    (json_int_t)source_size(s), "rows", (json_int_t)l->rows, "whole", whole, "rows_about",
	    (json_int_t)look_about(l, s, whole), "channels", (json_int_t)l->channels, "ids",
	    (json_int_t)l->ids, "known", (json_int_t)l->known, "first", l->first, "bad", l->bad);
}

/* Only what can be read once more is looked into. */
static enum err look_check(const char *path, struct errbuf *eb)
{
	struct stat st;
	enum err err = source_path_check(path, eb);

	if (err)
		return err;
	if (stat(path, &st) != 0)
		return err_set(eb, ERR_NOTFOUND, "%s: %s", path, strerror(errno));
	return S_ISREG(st.st_mode)
	           ? ERR_OK
	           : err_set(eb, ERR_INVALID, "%s is no file that can be looked into", path);
}

enum err import_look(
    struct staging *s, const struct import_look *look, json_t **out, struct errbuf *eb)
{
	struct source_config cfg = {.path = look->path,
	    .format = look->format,
	    .column = look->column,
	    .block = LOOK_BLOCK,
	    .stop = look->limit ? look->limit->stop : NULL};
	struct look l = {.staging = s, .first = json_array(), .bad = json_array()};
	struct source *source = NULL;
	struct source_row row;
	bool more = true;
	enum err err = look_check(look->path, eb);

	*out = NULL;
	if (!err)
		err = source_open(&source, &cfg, eb);
	while (!err && more && l.rows < IMPORT_LOOK_ROWS) {
		err = source_next(source, &row, &more, eb);
		if (!err && more)
			err = look_row(&l, &row, eb);
	}
	if (!err && !(*out = look_report(&l, source, !more)))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	source_close(source);
	json_decref(l.first);
	json_decref(l.bad);
	return err;
}

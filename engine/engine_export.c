/* Export: rows as CSV or JSON Lines, streamed; one table of what and one of columns. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EXPORT_ROW_LIMIT = 8 * 1024 * 1024, EXPORT_PAGE = 5000 };

struct export
{
	FILE *out;
	struct str row;
	bool jsonl;
	bool first; /* no field of this row yet */
	int64_t rows;
	int64_t page; /* rows of the present page */
	struct cid last;
};

/* ---- fields ---- */

/* Spreadsheets run texts that begin like formulas: a quote in front makes them texts. */
static void export_csv_text(struct str *s, const char *text)
{
	bool formula = *text && strchr("=+-@\t", *text) && *text != '-' && *text != '@';

	if (!formula && !strpbrk(text, ",\"\r\n") && *text != ' ') {
		str_adds(s, text);
		return;
	}
	str_addc(s, '"');
	if (formula)
		str_addc(s, '\'');
	for (; *text; text++) {
		if (*text == '"')
			str_addc(s, '"');
		str_addc(s, *text);
	}
	str_addc(s, '"');
}

static void export_name(struct export *x, const char *name)
{
	if (x->jsonl)
		str_addf(&x->row, "%c\"%s\":", x->first ? '{' : ',', name);
	else if (!x->first)
		str_addc(&x->row, ',');
	x->first = false;
}

static void export_text(struct export *x, const char *name, const char *text)
{
	export_name(x, name);
	if (!text) {
		if (x->jsonl)
			str_adds(&x->row, "null");
	} else if (x->jsonl) {
		text_add_json(&x->row, text, strlen(text));
	} else {
		export_csv_text(&x->row, text);
	}
}

static void export_int(struct export *x, const char *name, int64_t value, int64_t none)
{
	export_name(x, name);
	if (value != none)
		str_addf(&x->row, "%lld", (long long)value);
	else if (x->jsonl)
		str_adds(&x->row, "null");
}

static void export_time(struct export *x, const char *name, int64_t s, int64_t none)
{
	char iso[CLOCK_ISO_SIZE];

	export_text(x, name, s == none ? NULL : clock_iso(s, iso));
}

/* In CSV a list is one field, its items separated by |. */
static void export_list(struct export *x, const char *name, const struct text_list *list)
{
	struct str joined;

	if (!x->jsonl) {
		str_init(&joined, EXPORT_ROW_LIMIT);
		for (int i = 0; i < list->n; i++)
			str_addf(&joined, "%s%s", i ? "|" : "", list->items[i]);
		export_text(x, name, list->n < 0 ? NULL : str_get(&joined));
		str_done(&joined);
		return;
	}
	export_name(x, name);
	str_adds(&x->row, list->n < 0 ? "null" : "[");
	for (int i = 0; i < list->n; i++) {
		if (i)
			str_addc(&x->row, ',');
		text_add_json(&x->row, list->items[i], strlen(list->items[i]));
	}
	if (list->n >= 0)
		str_addc(&x->row, ']');
}

static enum err export_row_end(struct export *x, struct errbuf *eb)
{
	str_adds(&x->row, x->jsonl ? "}\n" : "\r\n");
	if (x->row.err)
		return err_set(eb, x->row.err, "export: a row is too long");
	if (fwrite(str_get(&x->row), 1, x->row.len, x->out) != x->row.len)
		return err_set(eb, ERR_IO, "export: %s", strerror(errno));
	str_reset(&x->row);
	x->first = true;
	x->rows++;
	return ERR_OK;
}

/* ---- channels ---- */

static const struct channel_meta export_no_meta = {.published_at = INT64_MIN,
    .subscriber_count = COUNT_NONE,
    .video_count = COUNT_NONE,
    .view_count = COUNT_NONE,
    .hidden_subscribers = -1,
    .made_for_kids = -1,
    .keywords = {NULL, -1},
    .topics = {NULL, -1}};

static enum err export_channel(void *arg, const struct channel_row *r, struct errbuf *eb)
{
	struct export *x = arg;
	const struct channel_meta *m = r->has_meta ? &r->meta : &export_no_meta;
	char id[CID_TEXT + 1];

	x->last = r->cid;
	x->page++;
	export_text(x, "channel_id", cid_format(&r->cid, id));
	export_text(x, "title", m->title ? m->title : r->import_title);
	export_text(x, "description", m->description ? m->description : r->import_description);
	export_int(x, "subscriber_count", m->subscriber_count, COUNT_NONE);
	export_int(x, "video_count", m->video_count, COUNT_NONE);
	export_int(x, "view_count", m->view_count, COUNT_NONE);
	export_text(x, "country", m->country);
	export_text(x, "language", m->language);
	export_text(x, "language_source", m->language_source);
	export_int(x, "language_confidence", m->language ? m->language_confidence : -1, -1);
	export_text(x, "default_language", m->default_language);
	export_text(x, "custom_url", m->custom_url);
	export_time(x, "published_at", m->published_at, INT64_MIN);
	export_text(x, "thumbnail_url", m->thumbnail_url);
	export_text(x, "banner_url", m->banner_url);
	export_list(x, "keywords", &m->keywords);
	export_list(x, "topic_categories", &m->topics);
	export_text(x, "privacy_status", m->privacy_status);
	export_int(x, "made_for_kids", m->made_for_kids, -1);
	export_text(x, "metadata", item_state_word(r->state[OP_METADATA]));
	export_text(x, "source", r->source);
	export_time(x, "created_at", r->created_at, 0);
	export_time(x, "fetched_at", r->has_meta ? m->fetched_at : 0, 0);
	return export_row_end(x, eb);
}

/* Page by page, because a long read would hold back the writer's checkpoints. */
static enum err export_channels(struct engine *e, struct export *x, struct errbuf *eb)
{
	bool begun = false;
	enum err err;

	do {
		struct cid after = x->last;
		x->page = 0;
		pthread_mutex_lock(&e->look);
		err = staging_channels_each(
		    e->reader, begun ? &after : NULL, EXPORT_PAGE, export_channel, x, eb);
		pthread_mutex_unlock(&e->look);
		begun = true;
	} while (!err && x->page == EXPORT_PAGE);
	return err;
}

/* ---- jobs ---- */

static enum err export_job(void *arg, const struct job_row *r, struct errbuf *eb)
{
	struct export *x = arg;
	char uuid[UUID_TEXT + 1];

	export_int(x, "number", r->no, 0);
	export_text(x, "job_id", uuid_format(&r->uuid, uuid));
	export_text(x, "job_type", r->type);
	export_text(x, "status", job_status_word(r->status));
	export_text(x, "reason", r->reason);
	export_text(x, "params", r->params);
	export_int(x, "total", r->total, -1);
	export_int(x, "processed", r->processed, -1);
	export_int(x, "done", r->done, -1);
	export_int(x, "missing", r->missing, -1);
	export_int(x, "absent_once", r->absent, -1);
	export_int(x, "failed", r->failed, -1);
	export_int(x, "units_used", r->units, -1);
	export_time(x, "created_at", r->created_ms / 1000, 0);
	export_time(x, "started_at", r->started_ms / 1000, 0);
	export_time(x, "completed_at", r->completed_ms / 1000, 0);
	return export_row_end(x, eb);
}

static enum err export_jobs(struct engine *e, struct export *x, struct errbuf *eb)
{
	enum err err;

	pthread_mutex_lock(&e->look);
	err = staging_jobs_each(e->reader, JOB_STATUS_COUNT, 0, export_job, x, eb);
	pthread_mutex_unlock(&e->look);
	return err;
}

/* ---- what there is ---- */

static const struct {
	const char *what;
	const char *header;
	enum err (*run)(struct engine *e, struct export *x, struct errbuf *eb);
} exports[] = {
    {"channels",
        "channel_id,title,description,subscriber_count,video_count,view_count,country,language,"
        "language_source,language_confidence,default_language,custom_url,published_at,thumbnail_"
        "url,"
        "banner_url,keywords,topic_categories,privacy_status,made_for_kids,metadata,source,created_"
        "at,"
        "fetched_at\r\n",
        export_channels},
    {"jobs",
        "number,job_id,job_type,status,reason,params,total,processed,done,missing,absent_once,"
        "failed,"
        "units_used,created_at,started_at,completed_at\r\n",
        export_jobs},
};

enum err engine_export(struct engine *e, const char *what, const char *format, FILE *out,
    int64_t *rows, struct errbuf *eb)
{
	struct export x = {.out = out, .jsonl = strcmp(format, "jsonl") == 0, .first = true};
	size_t i = 0, n = sizeof exports / sizeof exports[0];
	enum err err = ERR_OK;

	*rows = 0;
	if (!x.jsonl && strcmp(format, "csv") != 0)
		return err_set(eb, ERR_INVALID, "format %s: csv and jsonl are known", format);
	while (i < n && strcmp(exports[i].what, what) != 0)
		i++;
	if (i == n)
		return err_set(eb, ERR_INVALID, "export %s: channels and jobs are known", what);
	str_init(&x.row, EXPORT_ROW_LIMIT);
	if (!x.jsonl && fputs(exports[i].header, out) == EOF)
		err = err_set(eb, ERR_IO, "export: %s", strerror(errno));
	if (!err)
		err = exports[i].run(e, &x, eb);
	if (!err && fflush(out) != 0)
		err = err_set(eb, ERR_IO, "export: %s", strerror(errno));
	str_done(&x.row);
	*rows = x.rows;
	return err;
}

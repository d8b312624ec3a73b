/* Channels that come in a request's body, and the original's five samples. */
#include "config.h"
#include "db/sources/channel_ref.h"
#include "db/sources/source.h"
#include "db/staging_import.h"
#include "engine/engine_report.h"
#include "engine/jobs/import.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INTAKE_SHOWN = 100, INTAKE_SHOWN_TEXT = 80 };

/* ---- what becomes of the first ones ---- */

struct intake_shown {
	struct cid ids[INTAKE_SHOWN];
	bool known[INTAKE_SHOWN];
	int n;
};

static enum err intake_known(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	(void)row;
	(void)eb;
	*(bool *)arg = true;
	return ERR_OK;
}

/* A channel is new the first time that it is named and staging does not have it. */
static enum err intake_look(struct engine *e, struct intake_shown *shown, struct errbuf *eb)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&e->look);
	for (int i = 0; i < shown->n && !err; i++) {
		for (int before = 0; before < i; before++)
			shown->known[i] = shown->known[i] ||
			                  cid_compare(&shown->ids[before], &shown->ids[i]) == 0;
		if (!shown->known[i])
			err = staging_channel_get(
			    e->reader, &shown->ids[i], intake_known, &shown->known[i], eb);
		if (err == ERR_NOTFOUND)
			err = ERR_OK;
	}
	pthread_mutex_unlock(&e->look);
	return err;
}

static enum err intake_first(
    struct engine *e, const char *path, struct intake_shown *shown, struct errbuf *eb)
{
	const struct source_config sc = {.path = path, .format = "json"};
	struct source *source = NULL;
	struct source_row row;
	struct channel_ref ref;
	bool more = true;
	enum err err = source_open(&source, &sc, eb);

	while (!err && shown->n < INTAKE_SHOWN && !(err = source_next(source, &row, &more, eb)) &&
	       more) {
		if (row.problem || !row.ref.text)
			continue;
		channel_ref_parse(row.ref.text, row.ref.len, &ref);
		if (ref.kind == CHANNEL_REF_ID)
			shown->ids[shown->n++] = ref.cid;
	}
	source_close(source);
	return err ? err : intake_look(e, shown, eb);
}

static json_t *intake_results(const struct intake_shown *shown)
{
	json_t *list = json_array();
	char id[CID_TEXT + 1];

	for (int i = 0; i < shown->n; i++)
		json_array_append_new(
		    list, json_pack("{s:s,s:s}", "channel_id", cid_format(&shown->ids[i], id),
		              "status", shown->known[i] ? "already_exists" : "added"));
	return list;
}

/* New channels: work for jobs, and other numbers than the last look saw. */
static void intake_came(struct engine *e)
{
	if (e->parts.dispatcher)
		dispatcher_look_again(e->parts.dispatcher);
	engine_look_again(e);
}

/* ---- the import ---- */

static json_t *intake_rejects(const struct import_result *r)
{
	json_t *list = json_array();

	for (int i = 0; i < r->n_rejects; i++)
		json_array_append_new(
		    list, json_pack("{s:I,s:s}", "line", (json_int_t)r->rejects[i].line, "reason",
		              r->rejects[i].reason));
	return list;
}

/* added + skipped + rejected + unresolved = total_processed */
static json_t *intake_report(const struct import_result *r, const struct intake_shown *shown)
{
	int64_t skipped = r->known + r->duplicates;
	char message[80];

	snprintf(message, sizeof message, "Bulk upload completed: %lld added, %lld skipped",
	    (long long)r->added, (long long)skipped);
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "message", message, "added",
	    (json_int_t)r->added, "skipped", (json_int_t)skipped, "rejected",
	    (json_int_t)(r->invalid + r->erased), "unresolved",
	    (json_int_t)(r->unresolved + r->unresolved_known), "total_processed",
	    (json_int_t)r->read, "results", intake_results(shown), "rejects", intake_rejects(r));
}

char *engine_intake_json(struct engine *e, const char *path, const char *source, struct errbuf *eb)
{
	struct import_config cfg = {.path = path,
	    .format = "json",
	    .source = source,
	    .label = "a request's body",
	    .memory_mib = settings_number(e->parts.settings, SET_IMPORT_MEMORY, 0),
	    .data_dir = e->parts.data_dir,
	    .stop = &e->drained,
	    .writer = e->parts.writer,
	    .log = e->parts.log};
	struct intake_shown *shown = calloc(1, sizeof *shown);
	struct import_result result;
	json_t *j = NULL;
	enum err err =
	    shown ? intake_first(e, path, shown, eb) : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err) {
		err = import_run(&cfg, &result, eb);
		if (!err)
			j = intake_report(&result, shown);
		import_result_done(&result);
	}
	free(shown);
	if (!err)
		intake_came(e);
	return err ? NULL : engine_json_text(j, eb);
}

/* ---- the five samples ---- */

static const struct {
	const char *id, *title;
} intake_samples[] = {
    {"UCsgp0TTPJdAqkaGMqq-HJ9w", "MrBeast Gaming"},
    {"UC-lHJZR3Gqxm24_Vd_AJ5Yw", "PewDiePie"},
    {"UCUZHFZ9jIKrLroW8LcyJEQQ", "YouTube Creators"},
    {"UCYfdidRxbB8Qhf0Nx7ioOYw", "Veritasium"},
    {"UCsooa4yRKGN_zEE8iknghZA", "TED-Ed"},
};
enum { INTAKE_SAMPLES = sizeof intake_samples / sizeof intake_samples[0] };

struct intake_sample_rows {
	bool known[INTAKE_SAMPLES];
	int64_t added;
};

static int intake_compare(const void *a, const void *b)
{
	return cid_compare(&((const struct staging_import_row *)a)->cid,
	    &((const struct staging_import_row *)b)->cid);
}

/* Those that staging lacks, in key order; n of them. */
static enum err intake_missing(struct staging *s, struct intake_sample_rows *r,
    struct staging_import_row *rows, size_t *n, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*n = 0;
	for (int i = 0; i < INTAKE_SAMPLES && !err; i++) {
		struct staging_import_row row = {.text = intake_samples[i].title,
		    .title_len = (uint32_t)strlen(intake_samples[i].title)};
		if (!cid_parse(intake_samples[i].id, CID_TEXT, &row.cid))
			continue;
		r->known[i] = false;
		err = staging_channel_get(s, &row.cid, intake_known, &r->known[i], eb);
		if (err == ERR_NOTFOUND)
			err = ERR_OK;
		if (!err && !r->known[i])
			rows[(*n)++] = row;
	}
	qsort(rows, *n, sizeof *rows, intake_compare);
	return err;
}

static enum err intake_samples_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct intake_sample_rows *r = arg;
	struct staging_import_row rows[INTAKE_SAMPLES];
	struct staging_import im = {.rows = rows};
	int64_t seq = 0;
	enum err err = intake_missing(s, r, rows, &im.n, eb);

	r->added = 0;
	if (!err && im.n)
		err = staging_origin_add(s, "sample_added", "sample channels", &im.origin, eb);
	if (!err && im.n)
		err = staging_import_outbox(s, im.origin, &seq, eb);
	if (!err && im.n)
		err = staging_import_put(s, &im, eb);
	if (!err && im.n)
		err = staging_origin_done(s, im.origin, (int64_t)im.n, im.added, eb);
	r->added = im.added;
	return err;
}

char *engine_add_samples_json(struct engine *e, struct errbuf *eb)
{
	struct intake_sample_rows r = {.added = 0};
	json_t *list;
	char message[64];

	if (writer_run(e->parts.writer, intake_samples_apply, &r, true, eb))
		return NULL;
	if (r.added)
		intake_came(e);
	list = json_array();
	for (int i = 0; i < INTAKE_SAMPLES; i++)
		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:s}", "channel_id", intake_samples[i].id, "title",
		              intake_samples[i].title, "status",
		              r.known[i] ? "already_exists" : "added"));
	snprintf(message, sizeof message, "Added %lld new sample channels", (long long)r.added);
	return engine_json_text(json_pack("{s:s,s:I,s:o}", "message", message, "added",
	                            (json_int_t)r.added, "results", list),
	    eb);
}

#include "config.h"
#include "engine/jobs/import.h"
#include "db/staging_import.h"
#include "db/staging_wanted.h"
#include "engine/base/clock.h"
#include "engine/jobs/import_state.h"

#include <stdlib.h>

enum { IMPORT_MEMORY_DEFAULT = 192, IMPORT_MEMORY_LEAST = 16, IMPORT_LIST_SLICE = 200000 };

static const char *const import_phase_words[] = {
#define IMPORT_PHASE_ROW(name, word) [name] = word,
    IMPORT_PHASES(IMPORT_PHASE_ROW)
#undef IMPORT_PHASE_ROW
};

const char *import_phase_word(enum import_phase phase)
{
	return (size_t)phase < sizeof import_phase_words / sizeof import_phase_words[0]
	           ? import_phase_words[phase]
	           : "unknown";
}

bool import_is_stopped(const struct import *im)
{
	return im->cfg->stop && atomic_load_explicit(im->cfg->stop, memory_order_relaxed);
}

static int64_t import_settled(const struct import_result *r)
{
	return r->added + r->known + r->erased + r->invalid + r->duplicates + r->unresolved +
	       r->unresolved_known;
}

void import_show(struct import *im)
{
	const struct import_config *cfg = im->cfg;
	const struct import_result *r = im->result;
	struct import_progress *p = cfg->progress;

	if (cfg->total)
		atomic_store_explicit(cfg->total, r->read, memory_order_relaxed);
	if (cfg->processed)
		atomic_store_explicit(cfg->processed, import_settled(r), memory_order_relaxed);
	if (!p)
		return;
	atomic_store_explicit(&p->bytes_read, im->bytes, memory_order_relaxed);
	atomic_store_explicit(&p->bytes_total, im->size, memory_order_relaxed);
	atomic_store_explicit(&p->rows_read, r->read, memory_order_relaxed);
	atomic_store_explicit(&p->rows_settled, import_settled(r), memory_order_relaxed);
	atomic_store_explicit(&p->rows_added, r->added, memory_order_relaxed);
}

static void import_enter(struct import *im, enum import_phase phase)
{
	if (im->cfg->progress)
		atomic_store(&im->cfg->progress->phase, (int)phase);
}

static enum err import_origin_add(struct staging *s, void *arg, struct errbuf *eb)
{
	struct import *im = arg;
	const struct import_config *cfg = im->cfg;
	enum err err = staging_origin_add(s, cfg->source ? cfg->source : "migration",
	    cfg->label ? cfg->label : cfg->path, &im->result->origin, eb);

	im->outbox_seq = 0;
	if (!err)
		err = staging_import_outbox(s, im->result->origin, &im->outbox_seq, eb);
	return err;
}

static enum err import_origin_done(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct import *im = arg;
	const struct import_result *r = im->result;

	return staging_origin_done(s, r->origin, r->read, r->added, eb);
}

struct wanted_clear {
	const char *name;
	int64_t max, n;
};

static enum err import_list_clear(struct staging *s, void *arg, struct errbuf *eb)
{
	struct wanted_clear *c = arg;

	return staging_wanted_clear(s, c->name, c->max, &c->n, eb);
}

static enum err import_list_open(struct staging *s, void *arg, struct errbuf *eb)
{
	struct import *im = arg;

	return staging_wanted_open(s, im->cfg->list, &im->result->list, eb);
}

/* The list begins empty; emptied in slices, as a large one would keep the writer from other jobs. */
static enum err import_list_begin(struct import *im, struct errbuf *eb)
{
	struct wanted_clear clear = {im->cfg->list, IMPORT_LIST_SLICE, IMPORT_LIST_SLICE};
	enum err err = ERR_OK;

	if (!clear.name)
		return ERR_OK;
	while (!err && clear.n == clear.max)
		err = writer_run(im->cfg->writer, import_list_clear, &clear, true, eb);
	return err ? err : writer_run(im->cfg->writer, import_list_open, im, true, eb);
}

static enum err import_begin(struct import *im, struct errbuf *eb)
{
	const struct import_config *cfg = im->cfg;
	struct source_config sc = {.path = cfg->path,
	    .format = cfg->format,
	    .block = cfg->block,
	    .stop = cfg->stop,
	    .password = cfg->password,
	    .log = cfg->log,
	    .column = cfg->column,
	    .table = cfg->list != NULL};
	enum err err = source_open(&im->source, &sc, eb);

	if (!err)
		err = writer_run(cfg->writer, import_origin_add, im, true, eb);
	if (err) {
		im->result->origin = 0;
		return err;
	}
	err = import_list_begin(im, eb);
	if (err)
		return err;
	im->rejects = import_rejects_new(cfg->data_dir, im->result->origin);
	return im->rejects ? ERR_OK : err_set(eb, ERR_NOMEM, "no memory for an import");
}

static enum err import_work(struct import *im, struct errbuf *eb)
{
	enum err err = import_begin(im, eb);

	if (err)
		return err;
	import_enter(im, IMPORT_READING);
	err = import_read(im, eb);
	im->result->duplicates = im->dropped;
	if (err)
		return err;
	import_enter(im, IMPORT_STORING);
	err = import_store(im, eb);
	if (!err && im->broken.code) {
		*eb = im->broken;
		return im->broken.code;
	}
	if (!err)
		err = writer_run(im->cfg->writer, import_origin_done, im, true, eb);
	return err;
}

static void import_tell(const struct import *im, enum err err, const struct errbuf *eb)
{
	const struct import_result *r = im->result;

	log_at(im->cfg->log, err && err != ERR_CANCELLED ? LOG_ERROR : LOG_INFO, "import", 0,
	    "%s: %s%s%lld read, %lld added, %lld known, %lld invalid, %lld duplicates, "
	    "%lld unresolved, %.1f s",
	    im->cfg->path, err ? err_text(eb) : "", err ? "; " : "", (long long)r->read,
	    (long long)r->added, (long long)r->known, (long long)r->invalid,
	    (long long)r->duplicates, (long long)(r->unresolved + r->unresolved_known), r->seconds);
}

/* Frees the reading side and ends the rejects file; its failure is the import's when all else went well. */
static enum err import_end(struct import *im, enum err err, struct errbuf *eb)
{
	struct import_result *r = im->result;
	enum err err2 = ERR_OK;

	import_read_done(im);
	if (im->rejects)
		err2 = import_rejects_end(im->rejects, !err, &r->rejects_path, err ? NULL : eb);
	import_rejects_free(im->rejects);
	r->unstored = r->read - import_settled(r);
	if (im->source)
		import_show(im);
	import_enter(im, IMPORT_ENDED);
	source_close(im->source);
	return err ? err : err2;
}

enum err import_run(
    const struct import_config *cfg, struct import_result *result, struct errbuf *eb)
{
	struct import *im = calloc(1, sizeof *im);
	struct errbuf own = {0};
	int64_t began = clock_mono_ms();
	enum err err;

	*result = (struct import_result){0};
	if (!im)
		return err_set(eb, ERR_NOMEM, "no memory for an import");
	im->cfg = cfg;
	im->result = result;
	im->memory = (size_t)(cfg->memory_mib > 0 ? cfg->memory_mib : IMPORT_MEMORY_DEFAULT);
	if (im->memory < IMPORT_MEMORY_LEAST)
		im->memory = IMPORT_MEMORY_LEAST;
	im->memory *= (size_t)1024 * 1024;
	import_runs_init(&im->runs);
	import_enter(im, IMPORT_OPENING);
	err = import_end(im, import_work(im, &own), &own);
	result->seconds = (double)(clock_mono_ms() - began) / 1000;
	import_tell(im, err, &own);
	if (err && eb)
		*eb = own;
	free(im);
	return err;
}

void import_result_done(struct import_result *result)
{
	free(result->rejects_path);
	result->rejects_path = NULL;
}

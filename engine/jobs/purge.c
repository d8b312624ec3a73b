/*
 * The job type purge: what YouTube told longer than so many days ago is deleted, in slices, so that
 * other work goes on between them. What is due is sought on a reading connection; the writer only
 * deletes.
 */
#include "config.h"
#include "db/staging_erase.h"
#include "engine/base/clock.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/parts.h"

#include <stdlib.h>

enum { PURGE_SLICE = 1000 }; /* channels */

static const struct job_param purge_params[] = {
    {.name = "days",
        .type = PARAM_NUMBER,
        .fallback = 30,
        .least = 1,
        .most = 36500,
        .help = "data older than so many days is deleted; default: 30, YouTube's own limit"},
};

struct purge {
	struct job_run *run;
	struct staging *reader;
	int64_t bound;
	/* the slice under way */
	enum aged what;
	struct cid ids[PURGE_SLICE];
	int n;
	int64_t rows;
};

static enum err purge_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct purge *p = arg;

	return staging_aged_drop(s, p->what, p->bound, p->ids, p->n, &p->rows, eb);
}

/* One kind of data, to its end; *deleted rows of it. */
static enum err purge_kind(struct purge *p, int64_t *deleted, struct errbuf *eb)
{
	struct cid after;
	const struct cid *from = NULL;
	enum err err = ERR_OK;

	*deleted = 0;
	while (!err) {
		if (atomic_load(p->run->stop))
			return err_set(eb, ERR_CANCELLED, "stopped; what is deleted is deleted");
		err = staging_aged_page(
		    p->reader, p->what, p->bound, from, p->ids, PURGE_SLICE, &p->n, eb);
		if (err || !p->n)
			break;
		err = writer_run(p->run->parts->writer, purge_apply, p, true, eb);
		after = p->ids[p->n - 1];
		from = &after;
		if (err)
			break;
		*deleted += p->rows;
		atomic_fetch_add(p->run->processed, p->rows);
	}
	return err;
}

static enum err purge_count(struct purge *p, struct errbuf *eb)
{
	int64_t sum = 0;
	enum err err = ERR_OK;

	for (int what = 0; what < AGED_COUNT && !err; what++) {
		int64_t rows = 0;
		err = staging_aged_count(p->reader, (enum aged)what, p->bound, &rows, eb);
		sum += rows;
	}
	if (!err)
		atomic_store(p->run->total, sum);
	return err;
}

static enum err purge_run(struct job_run *run, struct errbuf *eb)
{
	int64_t days = json_integer_value(json_object_get(run->params, "days"));
	struct purge *p = calloc(1, sizeof *p);
	enum err err;

	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	p->run = run;
	p->bound = clock_now() - days * 86400;
	err = staging_open(&p->reader, run->parts->staging_path, DB_READ, eb);
	if (!err)
		err = purge_count(p, eb);
	for (int what = 0; what < AGED_COUNT && !err; what++) {
		int64_t deleted = 0;
		p->what = (enum aged)what;
		err = purge_kind(p, &deleted, eb);
		run->row->done += deleted;
		json_object_set_new(
		    run->result, aged_word(p->what), json_integer((json_int_t)deleted));
	}
	staging_close(p->reader);
	free(p);
	return err;
}

const struct job_type purge_type = {
    .info = {.name = "purge",
        .word = "purge",
        .help = "delete what YouTube told longer ago than so many days, here and in PostgreSQL; "
                "ids stay and are pending again",
        .params = purge_params,
        .n_params = sizeof purge_params / sizeof purge_params[0]},
    .op = OP_NONE,
    .stage = STAGE_NONE,
    .feed = FEED_NONE,
    .alone = true,
    .run = purge_run,
};

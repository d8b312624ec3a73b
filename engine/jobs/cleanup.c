#include "config.h"
#include "engine/jobs/cleanup.h"
#include "engine/base/clock.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/parts.h"

static const struct job_param cleanup_params[] = {
    {.name = "days",
        .type = PARAM_NUMBER,
        .fallback = CLEANUP_DAYS,
        .least = 1,
        .most = 36500,
        .help = "jobs that ended longer ago than so many days are removed; default: 7"},
};

struct cleanup {
	int64_t before_ms;
	int64_t n;
};

static enum err cleanup_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct cleanup *c = arg;

	return staging_jobs_forget(s, c->before_ms, &c->n, eb);
}

enum err cleanup_jobs(struct writer *w, int64_t days, int64_t *n, struct errbuf *eb)
{
	struct cleanup c = {.before_ms = clock_now_ms() - days * 86400000};
	enum err err = writer_run(w, cleanup_apply, &c, true, eb);

	*n = err ? 0 : c.n;
	return err;
}

static enum err cleanup_run(struct job_run *run, struct errbuf *eb)
{
	int64_t days = json_integer_value(json_object_get(run->params, "days"));

	return cleanup_jobs(run->parts->writer, days, &run->row->done, eb);
}

const struct job_type cleanup_type = {
    .info = {.name = "cleanup",
        .word = "cleanup",
        .help = "remove jobs that ended more than 7 days ago from the list",
        .params = cleanup_params,
        .n_params = sizeof cleanup_params / sizeof cleanup_params[0]},
    .op = OP_NONE,
    .stage = STAGE_NONE,
    .feed = FEED_NONE,
    .alone = true,
    .run = cleanup_run,
};

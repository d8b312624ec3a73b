#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/progress.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BACKUP_PATH_LIMIT = 16384 };

typedef enum err backup_fn(const struct engine_config *cfg, const struct engine_backup *b,
    struct engine_backed_up *out, struct errbuf *eb);

struct backup_watch {
	struct cli *c;
	struct progress *progress;
	const char *word;
	int64_t began_ms;
};

static bool backup_progress(void *arg, int64_t done, int64_t total)
{
	struct backup_watch *w = arg;
	struct snapshot_job job = {.status = "running", .processed = done, .total = total};
	int64_t ms = clock_mono_ms() - w->began_ms;

	snprintf(job.word, sizeof job.word, "%s", w->word);
	job.rate = ms > 0 ? (double)done * 1000 / (double)ms : 0;
	progress_show(w->progress, &job, clock_now());
	return !signals_stop_asked(w->c->signals);
}

/* Runs one of the two; false: *code says how to leave. */
static bool backup_run(struct cli *c, const char *word, backup_fn *run,
    struct engine_backed_up *out, double *seconds, enum cli_exit *code)
{
	struct backup_watch w = {c, c->verbose ? NULL : progress_new(), word, clock_mono_ms()};
	struct engine_config cfg = cli_engine_config(c, ENGINE_LOOK);
	struct engine_backup b = {.file = c->args[0],
	    .overwrite = cli_has(c, "overwrite"),
	    .without_keys = cli_has(c, "without-keys"),
	    .progress = backup_progress,
	    .arg = &w};
	struct errbuf eb = {.code = ERR_OK};
	enum err err = run(&cfg, &b, out, &eb);

	progress_free(w.progress);
	*seconds = (double)(clock_mono_ms() - w.began_ms) / 1000;
	*code = CLI_DONE;
	if (err == ERR_BUSY)
		*code = cli_open_failed(c, err, &eb, "end it first");
	else if (err)
		*code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	return !err;
}

/* where: "out" or "data", and what it is. */
static void backup_print_json(
    const char *where, const char *what, const struct engine_backed_up *b, double seconds)
{
	char made[CLOCK_ISO_SIZE];
	struct str name;

	str_init(&name, 6 * BACKUP_PATH_LIMIT);
	cli_add_json(&name, what, strlen(what));
	printf("{\"%s\":%s,\"bytes\":%" PRId64 ",\"keys\":%" PRId64
	       ",\"made_at\":\"%s\",\"seconds\":%.3f}\n",
	    where, str_get(&name), b->bytes, b->keys, clock_iso(b->made_at, made), seconds);
	str_done(&name);
}

enum cli_exit cmd_backup(struct cli *c)
{
	struct engine_backed_up done;
	char n[FORMAT_SIZE];
	enum cli_exit code;
	double seconds;

	if (!backup_run(c, "backup", engine_backup, &done, &seconds, &code))
		return code;
	if (c->json)
		backup_print_json("out", c->args[0], &done, seconds);
	else
		printf("%s bytes in %s, %.1f s\n", format_full(n, done.bytes), c->args[0], seconds);
	if (done.keys)
		fprintf(stderr,
		    "tubeops: the backup holds %" PRId64
		    " API key(s): keep it as secret as quota.db, or give --without-keys\n",
		    done.keys);
	return CLI_DONE;
}

enum cli_exit cmd_restore(struct cli *c)
{
	struct engine_backed_up done;
	char n[FORMAT_SIZE], made[CLOCK_ISO_SIZE];
	enum cli_exit code;
	double seconds;

	if (!backup_run(c, "restore", engine_restore, &done, &seconds, &code))
		return code;
	if (c->json)
		backup_print_json("data", c->data_dir, &done, seconds);
	else
		printf("%s bytes of %s are in %s, %.1f s\n", format_full(n, done.bytes),
		    clock_iso(done.made_at, made), c->data_dir, seconds);
	if (done.units_unknown)
		fprintf(stderr, "tubeops: the folder's quota.db could not be read: units that were "
		                "spent after the backup are not booked\n");
	return CLI_DONE;
}

#include "config.h"
#include "tui/cli.h"
#include "tui/format.h"
#include "tui/job_watch.h"
#include "tui/progress.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdio.h>

static enum cli_exit sync_push(struct cli *c, struct engine *e)
{
	struct job_watcher w = {.c = c, .progress = c->verbose ? NULL : progress_new()};
	struct errbuf eb = {.code = ERR_OK};
	int64_t began = clock_mono_ms(), rows = 0;
	enum err err = engine_sync(e, job_watch_progress, &w, &rows, &eb);
	double seconds = (double)(clock_mono_ms() - began) / 1000;
	char n[FORMAT_SIZE];

	progress_free(w.progress);
	cli_show_warnings(c, NULL);
	if (err && !(w.stopped && err == ERR_CANCELLED))
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	if (c->json)
		printf("{\"complete\":%s,\"rows\":%" PRId64 ",\"seconds\":%.3f}\n",
		    err ? "false" : "true", rows, seconds);
	else
		printf("%s rows sent to PostgreSQL in %.1f s%s\n", format_full(n, rows), seconds,
		    err ? "; stopped before the end" : "");
	return err ? CLI_FAILED : CLI_DONE;
}

enum cli_exit cmd_sync(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e;
	enum cli_exit code;
	enum err err;

	if (!settings_secret(c->settings, SET_DATABASE_URL, 0))
		return cli_fail(c, CLI_FAILED,
		    "there is no PostgreSQL to sync to: set DATABASE_URL "
		    "(postgresql://user:password@host:port/name)");
	err = cli_open(c, ENGINE_OWN, &e, &eb);
	if (err)
		return cli_open_failed(
		    c, err, &eb, "it syncs by itself; tubeops status shows how far it is");
	code = sync_push(c, e);
	cli_close(c, e);
	return code;
}

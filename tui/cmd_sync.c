#include "config.h"
#include "tui/cli.h"
#include "tui/format.h"
#include "tui/cli_text.h"
#include "tui/job_watch.h"
#include "tui/owner.h"
#include "tui/progress.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
	SYNC_REPLY = 64 * 1024,
	SYNC_LOOK_MS = 250,
	SYNC_PATIENCE_MS = 10000 /* PostgreSQL may be away for some seconds, not longer */
};

static void sync_print(struct cli *c, bool complete, int64_t rows, int64_t began)
{
	double seconds = (double)(clock_mono_ms() - began) / 1000;
	char n[FORMAT_SIZE];

	if (c->json)
		printf("{\"complete\":%s,\"rows\":%" PRId64 ",\"seconds\":%.3f}\n",
		    complete ? "true" : "false", rows, seconds);
	else
		printf("%s rows sent to PostgreSQL in %.1f s%s\n", format_full(n, rows), seconds,
		    complete ? "" : "; stopped before the end");
}

static enum cli_exit sync_push(struct cli *c, struct engine *e)
{
	struct job_watcher w = {.c = c, .progress = c->verbose ? NULL : progress_new()};
	struct errbuf eb = {.code = ERR_OK};
	int64_t began = clock_mono_ms(), rows = 0;
	enum err err = engine_sync(e, job_watch_progress, &w, &rows, &eb);

	progress_free(w.progress);
	cli_show_warnings(c, NULL);
	if (err && !(w.stopped && err == ERR_CANCELLED))
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	sync_print(c, !err, rows, began);
	return err ? CLI_FAILED : CLI_DONE;
}

/* ---- by the process that owns the folder ---- */

/* How far it is, by GET /api/sync. */
struct sync_far {
	int64_t outbox, rows;
	char trouble[320];
};

static enum err sync_far_look(const struct owner *o, struct sync_far *out, struct errbuf *eb)
{
	struct json_reader *reader = json_reader_new(SYNC_REPLY, 8);
	struct json_node root;
	struct str reply, trouble;
	enum err err = reader ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	str_init(&reply, SYNC_REPLY);
	str_init(&trouble, SYNC_REPLY);
	if (!err)
		err = owner_get(o, "/api/sync", &reply, eb);
	if (!err)
		err = json_reader_parse(reader, str_get(&reply), reply.len, &root, eb);
	if (!err) {
		out->outbox = cli_json_int(root, "outbox", 0);
		out->rows = cli_json_int(root, "rows", 0);
		cli_json_text(root, "trouble", &trouble);
		snprintf(out->trouble, sizeof out->trouble, "%s", str_get(&trouble));
	}
	str_done(&trouble);
	str_done(&reply);
	json_reader_free(reader);
	return err;
}

/* Until it has nothing to send, somebody asks to stop, or PostgreSQL stays away. */
static enum err sync_far_wait(
    struct cli *c, const struct owner *o, struct sync_far *now, struct errbuf *eb)
{
	struct pollfd fd = {.fd = signals_fd(c->signals), .events = POLLIN};
	int64_t good = clock_mono_ms();
	enum err err = sync_far_look(o, now, eb);

	while (!err && now->outbox) {
		good = now->trouble[0] ? good : clock_mono_ms();
		if (clock_mono_ms() - good > SYNC_PATIENCE_MS)
			return err_set(eb, ERR_UNAVAIL,
			    "%s; process %" PRId64 " goes on trying by itself", now->trouble,
			    o->pid);
		poll(&fd, 1, SYNC_LOOK_MS);
		if (signals_stop_asked(c->signals))
			return ERR_OK;
		err = sync_far_look(o, now, eb);
	}
	return err;
}

static enum cli_exit sync_far(struct cli *c)
{
	struct sync_far before = {0}, now = {0};
	struct errbuf eb = {.code = ERR_OK};
	int64_t began = clock_mono_ms();
	struct owner o;
	struct str said;
	enum err err;

	if (!owner_find(c, &o))
		return cli_fail(
		    c, CLI_FAILED, "the process that owned %s just ended: try again", c->data_dir);
	str_init(&said, SYNC_REPLY);
	err = sync_far_look(&o, &before, &eb);
	if (!err)
		err = owner_say(&o, "/api/node/sync", NULL, &said, &eb);
	if (!err)
		err = sync_far_wait(c, &o, &now, &eb);
	str_done(&said);
	owner_done(&o);
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	sync_print(c, !now.outbox, now.rows - before.rows, began);
	return now.outbox ? CLI_FAILED : CLI_DONE;
}

enum cli_exit cmd_sync(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e;
	enum cli_exit code;
	int64_t pid;
	enum err err;

	if (engine_owner(c->data_dir, &pid, NULL, 0))
		return sync_far(c);
	if (!settings_secret(c->settings, SET_DATABASE_URL, 0))
		return cli_fail(c, CLI_FAILED,
		    "there is no PostgreSQL to sync to: set DATABASE_URL "
		    "(postgresql://user:password@host:port/name)");
	err = cli_open(c, ENGINE_OWN, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "try again");
	code = sync_push(c, e);
	cli_close(c, e);
	return code;
}

#include "config.h"
#include "tui/cli.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>

enum { STOP_LOOK_MS = 50, STOP_SAY_MS = 2000, STOP_PATIENCE_MS = 120000, STOP_GONE_MS = 1000 };

/* It holds the folder until all is stored. */
static bool stop_holds(const struct cli *c, int64_t pid)
{
	int64_t now = 0;

	return engine_owner(c->data_dir, &now, NULL, 0) && now == pid;
}

/* Then it is a process for another moment, or for longer where its parent does not look after it. */
static void stop_wait_gone(int64_t pid)
{
	int64_t until = clock_mono_ms() + STOP_GONE_MS;

	while (kill((pid_t)pid, 0) == 0 && clock_mono_ms() < until)
		clock_sleep_ms(STOP_LOOK_MS / 5);
}

/* False: it is still there; somebody lost patience. */
static bool stop_wait(struct cli *c, int64_t pid)
{
	struct pollfd fd = {.fd = signals_fd(c->signals), .events = POLLIN};
	int64_t began = clock_mono_ms(), ms = 0;
	bool said = false;

	while (stop_holds(c, pid)) {
		if (signals_stop_asked(c->signals) || ms > STOP_PATIENCE_MS)
			return false;
		ms = clock_mono_ms() - began;
		if (ms > STOP_SAY_MS && !said)
			fprintf(stderr,
			    "tubeops: process %" PRId64
			    " lets calls in flight end and stores all\n",
			    pid);
		said = said || ms > STOP_SAY_MS;
		poll(&fd, 1, STOP_LOOK_MS);
	}
	stop_wait_gone(pid);
	return true;
}

enum cli_exit cmd_stop(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	int64_t pid = 0;
	enum err err = engine_owner_stop(c->data_dir, &pid, &eb);

	if (err && err != ERR_NOTFOUND)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	if (!err && !stop_wait(c, pid))
		return cli_fail(c, CLI_FAILED,
		    "process %" PRId64 " has been asked to end and is still at it", pid);
	if (c->json)
		printf("{\"pid\":%" PRId64 ",\"stopped\":%s}\n", pid, err ? "false" : "true");
	else if (err)
		printf("%s\n", err_text(&eb));
	else
		printf("process %" PRId64 " has ended; its jobs go on at the next start\n", pid);
	return CLI_DONE;
}

#include "config.h"
#include "tui/headless.h"
#include "tui/signals.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const headless_words[] = {"auto", "headless", "stop"};

static const char *headless_word(const struct cli *c)
{
	return settings_text(c->settings, SET_ON_HANGUP, 0);
}

enum err headless_check(const struct cli *c, struct errbuf *eb)
{
	for (size_t i = 0; i < sizeof headless_words / sizeof headless_words[0]; i++)
		if (strcmp(headless_word(c), headless_words[i]) == 0)
			return ERR_OK;
	return err_set(eb, ERR_INVALID, "ON_HANGUP: \"%s\" is none of auto, headless and stop",
	    headless_word(c));
}

bool headless_wanted(const struct cli *c, struct engine *e)
{
	const struct snapshot *s;
	bool wanted = strcmp(headless_word(c), "headless") == 0;

	if (wanted || strcmp(headless_word(c), "stop") == 0)
		return wanted;
	s = engine_snapshot(e);
	wanted = s && s->jobs_running + s->jobs_pending + s->jobs_waiting > 0;
	snapshot_unref(s);
	return wanted;
}

/* Whatever is still written to it must neither fail nor reach who gets the terminal next. */
static void headless_let_go(const struct cli *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log =
	    c->log_path ? open(c->log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(log >= 0 ? log : null, STDERR_FILENO);
		close(null);
	}
	if (log >= 0)
		close(log);
	clearerr(stdout);
}

void headless_run(struct cli *c)
{
	signals_screen_gone(c->signals);
	headless_let_go(c);
	log_at(c->log, LOG_WARNING, "console", 0,
	    "the terminal is gone: goes on without a screen (ON_HANGUP); tubeops stop ends it");
	signals_wait(c->signals);
	log_at(c->log, LOG_INFO, "console", 0,
	    "stopping: calls in flight may end, then all is stored");
}

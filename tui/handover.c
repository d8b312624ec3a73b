#include "config.h"
#include "tui/handover.h"

#include <string.h>
#include <unistd.h>

struct handover {
	handover_progress_fn *progress;
	void *arg;
};

static bool handover_say(const struct handover *h, const char *what)
{
	return !h->progress || h->progress(h->arg, what);
}

static bool handover_wait(void *arg)
{
	return handover_say(arg, "a process without a screen begins");
}

enum err handover_run(struct cli *c, struct engine *e, handover_progress_fn *progress, void *arg,
    struct spawned *out, struct errbuf *eb)
{
	struct handover h = {progress, arg};
	struct spawn_config cfg = {.no_rest = true};
	char listen[96] = "";
	int64_t pid = 0;

	/* the address as it is, not as it was asked for: others know this one */
	if (engine_owner(c->data_dir, &pid, listen, sizeof listen) && pid == getpid() && *listen) {
		cfg.listen = strstr(listen, "://") ? strstr(listen, "://") + 3 : listen;
		cfg.no_rest = false;
	}
	handover_say(&h, "calls in flight end, all is stored");
	cli_close(c, e);
	handover_wait(&h);
	return spawn_serve(c, &cfg, handover_wait, &h, out, eb);
}

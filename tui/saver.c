#include "config.h"
#include "tui/saver.h"
#include "tui/out_file.h"
#include "engine/base/str.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAVER_TEXTS = 6 };

struct saver {
	struct node *node; /* borrowed */
	struct node_export what;
	char *texts[SAVER_TEXTS]; /* of what, and the path; owned */
	const char *path;
	pthread_t thread;
	atomic_bool stop;
	atomic_int_fast64_t rows;
	atomic_bool ended;

	/* of the thread; the screen's when it has ended */
	enum err err;
	struct errbuf eb;
};

static bool saver_go_on(void *arg, int64_t rows)
{
	struct saver *s = arg;

	atomic_store(&s->rows, rows);
	return !atomic_load(&s->stop);
}

static void *saver_main(void *arg)
{
	struct saver *s = arg;
	struct out_file f;
	int64_t rows = 0;

	s->err = out_file_open(&f, s->path, false, &s->eb);
	if (!s->err) {
		s->err =
		    s->node->ops->export(s->node, &s->what, f.out, saver_go_on, s, &rows, &s->eb);
		s->err = out_file_close(&f, s->err, &s->eb);
		atomic_store(&s->rows, rows);
	}
	atomic_store(&s->ended, true);
	return NULL;
}

static bool saver_copy(struct saver *s, const struct node_export *x, const char *path)
{
	const char **const to[SAVER_TEXTS] = {
	    &s->what.what, &s->what.format, &s->what.q, &s->what.sort, &s->what.channel, &s->path};
	bool ok = true;

	s->what = *x;
	s->path = path;
	for (int i = 0; i < SAVER_TEXTS; i++) {
		*to[i] = s->texts[i] = str_dup(*to[i]);
		ok = ok && s->texts[i];
	}
	return ok;
}

static void saver_done(struct saver *s)
{
	for (int i = 0; i < SAVER_TEXTS; i++)
		free(s->texts[i]);
	free(s);
}

/* Signals are the main thread's. */
static bool saver_begin(struct saver *s)
{
	sigset_t every, before;
	bool ok;

	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	ok = pthread_create(&s->thread, NULL, saver_main, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

enum err saver_start(struct saver **out, struct node *n, const struct node_export *x,
    const char *path, struct errbuf *eb)
{
	struct saver *s;
	enum err err;

	*out = NULL;
	if (access(path, F_OK) == 0)
		return err_set(eb, ERR_DENIED, "%s exists: name another file", path);
	err = out_file_check(path, false, eb);
	if (err)
		return err;
	s = calloc(1, sizeof *s);
	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->node = n;
	if (saver_copy(s, x, path) && saver_begin(s)) {
		*out = s;
		return ERR_OK;
	}
	saver_done(s);
	return err_set(eb, ERR_NOMEM, "out of memory");
}

void saver_look(struct saver *s, struct saver_look *out)
{
	*out = (struct saver_look){.path = s->path, .ended = atomic_load(&s->ended)};
	out->rows = atomic_load(&s->rows);
	if (!out->ended)
		return;
	out->err = s->err;
	if (s->err)
		snprintf(out->text, sizeof out->text, "%s", err_text(&s->eb));
}

void saver_stop(struct saver *s)
{
	atomic_store(&s->stop, true);
}

void saver_free(struct saver *s)
{
	if (!s)
		return;
	saver_stop(s);
	pthread_join(s->thread, NULL);
	saver_done(s);
}

#include "config.h"
#include "tui/signals.h"
#include "engine/engine.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct signals {
	sigset_t set, before;
	pthread_t thread;
	int fd; /* an eventfd that counts the asking */

	pthread_mutex_t
	    lock; /* guards all below; engine_hurry and log_reopen are called under it */
	pthread_cond_t changed;
	struct engine *engine;
	struct log *log;
	bool has_screen;
	bool stop, hung_up;
	bool ending; /* signals_end wakes the thread by a signal of its own */
};

static bool signals_take(struct signals *s, int sig)
{
	bool ending;

	pthread_mutex_lock(&s->lock);
	ending = s->ending;
	if (!ending && sig == SIGHUP && !s->has_screen) {
		log_reopen(s->log);
	} else if (!ending && sig == SIGHUP) {
		s->hung_up = true;
		eventfd_write(s->fd, 1);
	} else if (!ending && s->stop && s->engine) {
		engine_hurry(s->engine);
		s->engine = NULL; /* once is enough, and it may be gone soon */
	} else if (!ending) {
		s->stop = true;
		eventfd_write(s->fd, 1);
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return !ending;
}

static void *signals_main(void *arg)
{
	struct signals *s = arg;
	int sig = 0;

	while (sigwait(&s->set, &sig) != 0 || signals_take(s, sig))
		continue;
	return NULL;
}

enum err signals_start(struct signals **out, bool has_screen, struct errbuf *eb)
{
	struct signals *s = calloc(1, sizeof *s);

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->has_screen = has_screen;
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->fd < 0) {
		free(s);
		return err_set(eb, ERR_IO, "no file descriptor is left");
	}
	sigemptyset(&s->set);
	sigaddset(&s->set, SIGINT);
	sigaddset(&s->set, SIGTERM);
	sigaddset(&s->set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &s->set, &s->before);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	if (pthread_create(&s->thread, NULL, signals_main, s) != 0) {
		pthread_sigmask(SIG_SETMASK, &s->before, NULL);
		close(s->fd);
		free(s);
		return err_set(eb, ERR_NOMEM, "cannot start a thread for signals");
	}
	*out = s;
	return ERR_OK;
}

void signals_end(struct signals *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_mutex_unlock(&s->lock);
	pthread_kill(s->thread, SIGTERM);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	close(s->fd);
	free(s);
}

void signals_set_engine(struct signals *s, struct engine *e)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->engine = e;
	pthread_mutex_unlock(&s->lock);
}

void signals_set_log(struct signals *s, struct log *lg)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->log = lg;
	pthread_mutex_unlock(&s->lock);
}

bool signals_stop_asked(struct signals *s)
{
	bool stop;

	if (!s)
		return false;
	pthread_mutex_lock(&s->lock);
	stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

bool signals_hung_up(struct signals *s)
{
	bool hung_up;

	pthread_mutex_lock(&s->lock);
	hung_up = s->hung_up;
	pthread_mutex_unlock(&s->lock);
	return hung_up;
}

void signals_screen_gone(struct signals *s)
{
	pthread_mutex_lock(&s->lock);
	s->has_screen = false;
	pthread_mutex_unlock(&s->lock);
}

int signals_fd(const struct signals *s)
{
	return s->fd;
}

void signals_wait(struct signals *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stop)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

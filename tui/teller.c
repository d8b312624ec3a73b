#include "config.h"
#include "tui/teller.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { TELLER_TICK_MS = 250 };

struct teller {
	struct cli *cli; /* its log_seen is the thread's until it ends */
	struct engine *engine;
	pthread_t thread;
	pthread_mutex_t lock; /* guards is_over; rank: leaf */
	pthread_cond_t changed;
	bool is_over;
};

static bool teller_wait(struct teller *t)
{
	bool over;

	pthread_mutex_lock(&t->lock);
	if (!t->is_over)
		clock_cond_wait_until(&t->changed, &t->lock, clock_mono_ms() + TELLER_TICK_MS);
	over = t->is_over;
	pthread_mutex_unlock(&t->lock);
	return !over;
}

static void *teller_main(void *arg)
{
	struct teller *t = arg;
	bool hurried = false;

	while (teller_wait(t)) {
		cli_show_warnings(t->cli, NULL);
		/* nothing has begun yet: there is nothing to end gently */
		if (!hurried && signals_stop_asked(t->cli->signals)) {
			hurried = true;
			engine_hurry(t->engine);
		}
	}
	return NULL;
}

struct teller *teller_start(struct cli *c, struct engine *e)
{
	struct teller *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->cli = c;
	t->engine = e;
	pthread_mutex_init(&t->lock, NULL);
	clock_cond_init(&t->changed);
	if (pthread_create(&t->thread, NULL, teller_main, t) == 0)
		return t;
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
	return NULL;
}

void teller_end(struct teller *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->is_over = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

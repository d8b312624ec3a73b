/* Is Redis well? Asked by REST callers, who must not wait: a thread of its own checks, when somebody asked
 * and the last result is old, and the callers get what is known. Nobody asks: nothing is sent. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/engine_redis.h"
#include "db/redis.h"
#include "engine/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
	PROBE_FRESH_MS = 10000, /* a result serves so long */
	PROBE_WAIT_MS = 900,    /* what a caller waits for a check that has just begun */
	PROBE_OLD_MS = 60000    /* while a check hangs, the result before it serves so long */
};

struct redis_probe {
	pthread_t thread;
	atomic_bool stopping;
	struct redis *redis; /* the thread's alone */
	char *environment;

	pthread_mutex_t lock; /* guards what follows; rank: leaf */
	pthread_cond_t asked, answered;
	bool wanted;
	bool known; /* there is a result */
	int64_t began_ms, ended_ms;
	enum err err;
	struct errbuf why;
	struct redis_health health;
};

static void probe_check(struct redis_probe *p)
{
	struct redis_health health;
	struct errbuf why = {0};
	enum err err = redis_check(p->redis, &health, &why);

	pthread_mutex_lock(&p->lock);
	p->err = err;
	p->why = why;
	p->health = health;
	p->known = true;
	p->wanted = false;
	p->ended_ms = clock_mono_ms();
	pthread_cond_broadcast(&p->answered);
	pthread_mutex_unlock(&p->lock);
}

static void *probe_main(void *arg)
{
	struct redis_probe *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!atomic_load(&p->stopping)) {
		if (!p->wanted) {
			clock_cond_wait_until(&p->asked, &p->lock, clock_mono_ms() + PROBE_OLD_MS);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		probe_check(p);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void probe_free(struct redis_probe *p)
{
	pthread_cond_destroy(&p->asked);
	pthread_cond_destroy(&p->answered);
	pthread_mutex_destroy(&p->lock);
	redis_free(p->redis);
	free(p->environment);
	free(p);
}

enum err redis_probe_start(
    struct redis_probe **out, const struct settings *settings, struct log *log, struct errbuf *eb)
{
	struct redis_probe *p = calloc(1, sizeof *p);
	struct redis_config cfg = {.log = log};
	enum err err = ERR_OK;

	*out = NULL;
	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	pthread_mutex_init(&p->lock, NULL);
	clock_cond_init(&p->asked);
	clock_cond_init(&p->answered);
	cfg.stop = &p->stopping;
	redis_config_read(&cfg, settings);
	p->environment = str_dup(settings_text(settings, SET_ENVIRONMENT, 0));
	p->err = redis_new(&p->redis, &cfg, &p->why);
	if (!p->environment)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	else if (p->redis && pthread_create(&p->thread, NULL, probe_main, p) != 0)
		err = err_set(eb, ERR_NOMEM, "cannot start the thread that checks Redis");
	if (err)
		probe_free(p);
	else
		*out = p;
	return err;
}

void redis_probe_stop(struct redis_probe *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->stopping, true);
	pthread_cond_broadcast(&p->asked);
	pthread_cond_broadcast(&p->answered);
	pthread_mutex_unlock(&p->lock);
	if (p->redis)
		pthread_join(p->thread, NULL);
	probe_free(p);
}

/* Asks for a check if the last one is old, and waits for it while it is young. */
static void probe_refresh_locked(struct redis_probe *p)
{
	int64_t now = clock_mono_ms();

	if (p->known && !p->wanted && now - p->ended_ms < PROBE_FRESH_MS)
		return;
	if (!p->wanted) {
		p->wanted = true;
		p->began_ms = now;
		pthread_cond_signal(&p->asked);
	}
	while (p->wanted && !atomic_load(&p->stopping) &&
	       clock_cond_wait_until(&p->answered, &p->lock, p->began_ms + PROBE_WAIT_MS) !=
	           ERR_TIMEOUT)
		;
	if (p->wanted && p->known && clock_mono_ms() - p->ended_ms > PROBE_OLD_MS)
		p->known = false;
}

static json_t *probe_known(const char *text)
{
	return *text ? json_string(text) : json_null();
}

json_t *redis_probe_json(struct redis_probe *p)
{
	struct redis_health h;
	struct errbuf why;
	enum err err;
	bool known;

	pthread_mutex_lock(&p->lock);
	if (p->redis)
		probe_refresh_locked(p);
	known = p->known || !p->redis;
	err = p->err;
	why = p->why;
	h = p->health;
	pthread_mutex_unlock(&p->lock);
	if (!known)
		return json_pack("{s:s, s:s+}", "status", "error", "message",
		    "no answer yet from Redis at ", redis_place(p->redis));
	if (err)
		return json_pack("{s:s, s:s}", "status", "error", "message", err_text(&why));
	return json_pack("{s:s, s:o, s:o, s:o, s:s}", "status", "success", "redis_version",
	    probe_known(h.version), "connected_clients",
	    h.clients < 0 ? json_null() : json_integer(h.clients), "used_memory_human",
	    probe_known(h.memory), "environment", p->environment);
}

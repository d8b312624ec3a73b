#include "config.h"
#include "engine/quota/ledger.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/quota/ledger_parts.h"

#include <stdlib.h>

static void ledger_free(struct ledger *l)
{
	quota_store_close(l->store);
	while (l->keys) {
		struct ledger_slot *next = l->keys->next;
		ledger_slot_free(l->keys);
		l->keys = next;
	}
	while (l->projects) {
		struct ledger_project *next = l->projects->next;
		while (l->projects->books) {
			struct ledger_book *book = l->projects->books->next;
			free(l->projects->books);
			l->projects->books = book;
		}
		free(l->projects);
		l->projects = next;
	}
	ledger_tally_drop_locked(l, INT64_MAX);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static enum err ledger_open_store(struct ledger *l, const char *path, struct errbuf *eb)
{
	enum err err = quota_store_open(&l->store, path, l->read_only, eb);

	/* who only looks finds no file before the first call was made */
	return l->read_only && err == ERR_NOTFOUND ? ERR_OK : err;
}

enum err ledger_open(struct ledger **out, const struct ledger_config *cfg, struct errbuf *eb)
{
	struct ledger *l = calloc(1, sizeof *l);
	enum err err;

	*out = NULL;
	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	pthread_mutex_init(&l->lock, NULL);
	l->log = cfg->log;
	l->now = cfg->now ? cfg->now : clock_now;
	l->mono_ms = cfg->mono_ms ? cfg->mono_ms : clock_mono_ms;
	l->lease_units = cfg->lease_units > 0 ? cfg->lease_units : LEDGER_LEASE;
	l->read_only = cfg->read_only;
	l->gap_ms = (int64_t)(settings_decimal(cfg->settings, SET_RATE_DELAY, 0) * 1000 + 0.5);
	l->seen_day = day_number(l->now());
	err = ledger_open_store(l, cfg->path, eb);
	if (!err)
		err = ledger_load(l, cfg->settings, eb);
	if (err) {
		ledger_free(l);
		return err;
	}
	*out = l;
	return ERR_OK;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	if (!l->read_only)
		ledger_give_back_locked(l, INT64_MAX);
	pthread_mutex_unlock(&l->lock);
	ledger_free(l);
}

int64_t ledger_left(struct ledger *l, enum bucket b)
{
	struct ledger_moment m;
	int64_t left = 0;

	pthread_mutex_lock(&l->lock);
	ledger_moment_locked(l, &m);
	for (struct ledger_project *p = l->projects; p; p = p->next)
		if (ledger_project_is_usable(l, p))
			left += ledger_room_locked(l, p, b, &m);
	pthread_mutex_unlock(&l->lock);
	return left;
}

int64_t ledger_per_day(struct ledger *l, enum bucket b)
{
	int64_t sum = 0;

	pthread_mutex_lock(&l->lock);
	for (struct ledger_project *p = l->projects; p; p = p->next)
		if (ledger_project_is_usable(l, p))
			sum += p->limit[b];
	pthread_mutex_unlock(&l->lock);
	return sum;
}

int64_t ledger_reset_at(struct ledger *l)
{
	return day_end(day_number(l->now()));
}

uint64_t ledger_generation(struct ledger *l)
{
	struct ledger_moment m;
	uint64_t generation;

	pthread_mutex_lock(&l->lock);
	ledger_moment_locked(l, &m);
	generation = l->generation;
	pthread_mutex_unlock(&l->lock);
	return generation;
}

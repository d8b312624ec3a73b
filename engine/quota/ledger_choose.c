#include "config.h"
#include "engine/quota/ledger_parts.h"
#include "engine/quota/day.h"

#include <stdio.h>

/* What a look over all projects found. */
struct ledger_verdict {
	struct ledger_slot *slot; /* the choice, or NULL with the reasons below */
	int64_t room;             /* of its project */
	int keys, usable;
	int64_t busy_until_ms; /* INT64_MAX: nobody waits for a rate */
	int64_t spent_until;   /* the same for buckets; UTC seconds */
};

static void ledger_lower(int64_t *least, int64_t value)
{
	if (value < *least)
		*least = value;
}

/* How often a key may call: as set, slower after it was too fast, easing by 5 % a minute. */
static int64_t ledger_gap(const struct ledger *l, struct ledger_slot *s, int64_t mono_ms)
{
	while (s->gap_ms > l->gap_ms && mono_ms - s->gap_at_ms >= 60000) {
		s->gap_ms = s->gap_ms * 20 / 21;
		s->gap_at_ms += 60000;
	}
	if (s->gap_ms <= l->gap_ms)
		s->gap_ms = 0;
	return s->gap_ms ? s->gap_ms : l->gap_ms;
}

static bool ledger_is_better(
    const struct ledger_verdict *v, const struct ledger_slot *s, int64_t room)
{
	return !v->slot || room > v->room || (room == v->room && s->turn < v->slot->turn);
}

static void ledger_look_at_keys(const struct ledger *l, const struct ledger_project *p,
    int64_t room, const struct ledger_moment *m, struct ledger_verdict *v)
{
	for (struct ledger_slot *s = l->keys; s; s = s->next) {
		int64_t ready = s->next_ms > s->pause_ms ? s->next_ms : s->pause_ms;
		if (s->project != p || !ledger_slot_is_usable(s))
			continue;
		if (ready > m->mono_ms) {
			ledger_lower(&v->busy_until_ms, ready);
		} else if (ledger_is_better(v, s, room)) {
			v->slot = s;
			v->room = room;
		}
	}
}

/* Just after midnight one call has to show that the server counts the new day too. */
static bool ledger_must_probe(const struct ledger_project *p, const struct ledger_moment *m)
{
	int64_t before = m->now - LEDGER_PROBE_S;

	return p->in_flight > 0 && day_number(before) != m->days[0];
}

static void ledger_look(struct ledger *l, const struct method_info *method,
    const struct ledger_moment *m, struct ledger_verdict *v)
{
	*v = (struct ledger_verdict){.busy_until_ms = INT64_MAX, .spent_until = INT64_MAX};
	for (struct ledger_slot *s = l->keys; s; s = s->next) {
		v->keys += !s->removed;
		v->usable += ledger_slot_is_usable(s);
	}
	for (struct ledger_project *p = l->projects; p; p = p->next) {
		int64_t room;
		if (!ledger_project_is_usable(l, p))
			continue;
		room = ledger_room_locked(l, p, method->bucket, m);
		if (room < method->cost)
			ledger_lower(&v->spent_until,
			    ledger_room_at_locked(l, p, method->bucket, method->cost, m));
		else if (p->cool_until[method->bucket] > m->now)
			ledger_lower(&v->spent_until, p->cool_until[method->bucket]);
		else if (ledger_must_probe(p, m))
			ledger_lower(&v->busy_until_ms, m->mono_ms + LEDGER_PROBE_WAIT_MS);
		else
			ledger_look_at_keys(l, p, room, m, v);
	}
}

static enum err ledger_say_why(const struct ledger_verdict *v, const struct ledger_moment *m,
    enum bucket b, int64_t *until_ms, int64_t *until, struct errbuf *eb)
{
	if (!v->keys)
		return err_set(eb, ERR_UNAVAIL,
		    "there is no API key: set YOUTUBE_API_KEY_1 in .env or run `tubeops keys add`");
	if (!v->usable)
		return err_set(eb, ERR_UNAVAIL,
		    "no API key can be used: all %d are refused or off; "
		    "`tubeops keys list` says why, then add or enable one",
		    v->keys);
	if (v->busy_until_ms != INT64_MAX) {
		*until_ms = v->busy_until_ms;
		*until = m->now + (v->busy_until_ms - m->mono_ms + 999) / 1000;
		return err_set(eb, ERR_BUSY, "all keys pause between calls");
	}
	*until = v->spent_until;
	*until_ms = m->mono_ms + (v->spent_until - m->now) * 1000;
	return err_set(eb, ERR_QUOTA, "the %s of all projects are spent for now", bucket_word(b));
}

static void ledger_hand_out(struct ledger *l, struct ledger_slot *s, enum method method,
    enum stage stage, const struct ledger_moment *m, struct ledger_ticket *t)
{
	*t = (struct ledger_ticket){.key = s->id,
	    .method = method,
	    .stage = stage,
	    .at = m->now,
	    .day = m->days[0],
	    .secret = s->secret,
	    .serial = ++l->serial};
	for (int i = 1; i < m->n_days; i++)
		t->also_day[i - 1] = m->days[i];
	snprintf(t->key_name, sizeof t->key_name, "%s", s->name);
	if (s->calls_day != m->days[0]) {
		s->calls = s->errors = 0;
		s->calls_day = m->days[0];
	}
	s->calls++;
	s->last_used = m->now;
	s->changed = true;
	s->turn = t->serial;
	s->next_ms =
	    (s->next_ms > m->mono_ms ? s->next_ms : m->mono_ms) + ledger_gap(l, s, m->mono_ms);
	s->in_flight++;
	s->project->in_flight++;
}

static enum err ledger_take_locked(struct ledger *l, enum method method, enum stage stage,
    struct ledger_ticket *t, int64_t *until_ms, int64_t *until, struct errbuf *eb)
{
	const struct method_info *info = method_info(method);
	struct ledger_verdict v;
	struct ledger_moment m;
	enum err err = ERR_QUOTA;

	ledger_moment_locked(l, &m);
	/* a refused lease has refreshed its book, so the same project is not chosen again */
	while (err == ERR_QUOTA) {
		ledger_look(l, info, &m, &v);
		if (!v.slot)
			return ledger_say_why(&v, &m, info->bucket, until_ms, until, eb);
		err = ledger_reserve_locked(l,
		    &(struct ledger_want){v.slot, info->bucket, stage, info->cost, false}, &m, eb);
	}
	if (!err)
		ledger_hand_out(l, v.slot, method, stage, &m, t);
	/* the file was locked: a busy book, not a busy key, but the caller may wait all the same */
	if (err == ERR_BUSY)
		*until_ms = m.mono_ms + LEDGER_PAUSE_MS;
	return err;
}

enum err ledger_take(struct ledger *l, enum method method, enum stage stage,
    struct ledger_ticket *t, int64_t *until_ms, int64_t *until, struct errbuf *eb)
{
	enum err err;

	*t = (struct ledger_ticket){.key = 0};
	*until_ms = *until = 0;
	if (l->read_only)
		return err_set(eb, ERR_DENIED, "the quota book is open for looking only");
	pthread_mutex_lock(&l->lock);
	err = ledger_take_locked(l, method, stage, t, until_ms, until, eb);
	pthread_mutex_unlock(&l->lock);
	return err;
}

enum err ledger_take_key(struct ledger *l, const char *which, enum method method,
    struct ledger_ticket *t, struct errbuf *eb)
{
	const struct method_info *info = method_info(method);
	struct ledger_slot *s;
	struct ledger_moment m;
	enum err err;

	*t = (struct ledger_ticket){.key = 0};
	if (l->read_only)
		return err_set(eb, ERR_DENIED, "the quota book is open for looking only");
	pthread_mutex_lock(&l->lock);
	ledger_moment_locked(l, &m);
	s = ledger_find_locked(l, which, &err, eb);
	if (s)
		err = ledger_reserve_locked(l,
		    &(struct ledger_want){s, info->bucket, STAGE_NONE, info->cost, true}, &m, eb);
	if (!err)
		ledger_hand_out(l, s, method, STAGE_NONE, &m, t);
	pthread_mutex_unlock(&l->lock);
	return err;
}

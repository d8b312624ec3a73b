/*
 * What units were spent on: a tally for each book, hour, key and stage. Its rows are written with the
 * leases, so that what they sum up to on the disk is what the book says is used: the rest of a lease
 * stands in the row of whoever took it until the next one. Also what screens want to know of a day.
 */
#include "config.h"
#include "engine/quota/ledger_parts.h"
#include "engine/quota/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding and counting ---- */

static int ledger_hours(int64_t day)
{
	return (int)((day_end(day) - day_start(day)) / 3600);
}

/* A unit booked on two days around midnight stands in the hour of each that is nearest. */
static int ledger_hour(int64_t day, int64_t at)
{
	int64_t hour = at < day_start(day) ? 0 : (at - day_start(day)) / 3600;

	return hour < ledger_hours(day) ? (int)hour : ledger_hours(day) - 1;
}

static struct ledger_tally *ledger_tally_find(
    struct ledger *l, const struct ledger_tally *like, bool make)
{
	struct ledger_tally *t = l->tallies;

	while (t &&
	       (t->key != like->key || t->hour != like->hour || t->stage != like->stage ||
	           t->bucket != like->bucket || t->day != like->day || t->project != like->project))
		t = t->next;
	if (t || !make)
		return t;
	t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	*t = *like;
	t->next = l->tallies;
	l->tallies = t;
	return t;
}

struct ledger_tally *ledger_tally_locked(struct ledger *l, const struct ledger_slot *s,
    enum bucket b, enum stage stage, int64_t day, int64_t at)
{
	struct ledger_tally like = {.project = s->project,
	    .bucket = b,
	    .stage = stage,
	    .day = day,
	    .key = s->id,
	    .hour = ledger_hour(day, at)};

	return ledger_tally_find(l, &like, true);
}

void ledger_tally_change_locked(struct ledger *l, const struct ledger_slot *s,
    const struct ledger_ticket *t, int64_t units, int64_t failed)
{
	enum bucket b = method_info(t->method)->bucket;
	int64_t days[LEDGER_DAYS] = {t->day, t->also_day[0], t->also_day[1]};

	for (int i = 0; i < LEDGER_DAYS; i++) {
		struct ledger_tally *tally =
		    days[i] ? ledger_tally_locked(l, s, b, t->stage, days[i], t->at) : NULL;
		if (!tally)
			continue;
		tally->units += units;
		tally->failed += failed;
		tally->changed = true;
	}
}

/* ---- the disk ---- */

static enum err ledger_tally_put(
    struct ledger *l, const struct ledger_tally *t, int64_t rest, struct errbuf *eb)
{
	struct quota_spending_row row = {.day = t->day,
	    .project = t->project->name,
	    .bucket = bucket_word(t->bucket),
	    .key = t->key,
	    .stage = stage_word(t->stage),
	    .hour = t->hour,
	    .units = t->units + rest,
	    .failed = t->failed};

	return quota_store_spending_put(l->store, &row, eb);
}

static bool ledger_tally_is_of(
    const struct ledger_tally *t, const struct ledger_project *p, const struct ledger_book *book)
{
	return t->project == p && t->bucket == book->bucket && t->day == book->day;
}

enum err ledger_tally_save_locked(struct ledger *l, const struct ledger_project *p,
    const struct ledger_book *book, const struct ledger_tally *mine, int64_t rest,
    struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (const struct ledger_tally *t = l->tallies; t && !err; t = t->next)
		if (ledger_tally_is_of(t, p, book) && (t->changed || t == mine))
			err = ledger_tally_put(l, t, t == mine ? rest : 0, eb);
	return err;
}

void ledger_tally_saved_locked(struct ledger *l, const struct ledger_project *p,
    const struct ledger_book *book, const struct ledger_tally *mine)
{
	for (struct ledger_tally *t = l->tallies; t; t = t->next)
		if (ledger_tally_is_of(t, p, book))
			t->changed = t == mine;
}

enum err ledger_tally_save_days_locked(struct ledger *l, int64_t before_day, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (const struct ledger_tally *t = l->tallies; t && !err; t = t->next)
		if (t->changed && t->day < before_day)
			err = ledger_tally_put(l, t, 0, eb);
	return err;
}

void ledger_tally_drop_locked(struct ledger *l, int64_t before_day)
{
	for (struct ledger_tally **link = &l->tallies; *link;) {
		struct ledger_tally *t = *link;
		if (t->day >= before_day) {
			link = &t->next;
			continue;
		}
		*link = t->next;
		free(t);
	}
}

static enum err ledger_tally_row(void *arg, const struct quota_spending_row *row, struct errbuf *eb)
{
	struct ledger *l = arg;
	int b = 0;
	struct ledger_tally like = {.day = row->day,
	    .key = row->key,
	    .stage = stage_find(row->stage),
	    .hour = row->hour,
	    .project = ledger_project_get(l, row->project)};
	struct ledger_tally *t;

	while (b < BUCKET_COUNT && strcmp(bucket_word((enum bucket)b), row->bucket) != 0)
		b++;
	if (b == BUCKET_COUNT || row->hour < 0 || row->hour >= LEDGER_HOURS)
		return ERR_OK; /* of a later version */
	like.bucket = (enum bucket)b;
	t = like.project ? ledger_tally_find(l, &like, true) : NULL;
	if (!t)
		return err_set(eb, ERR_NOMEM, "out of memory");
	t->units += row->units;
	t->failed += row->failed;
	return ERR_OK;
}

enum err ledger_tally_load_locked(struct ledger *l, int64_t today, struct errbuf *eb)
{
	ledger_tally_drop_locked(l, INT64_MAX);
	if (!l->store)
		return ERR_OK;
	/* a clock that once was ahead has booked days to come */
	return quota_store_spending_each(
	    l->store, today - 1, INT64_MAX, false, ledger_tally_row, l, eb);
}

/* Who only looks sees what the process at work has written; its own numbers stay. */
static void ledger_tally_look(struct ledger *l, const struct ledger_moment *m)
{
	if (l->read_only && l->looked_ms != m->mono_ms &&
	    ledger_tally_load_locked(l, m->days[0], NULL) == ERR_OK)
		l->looked_ms = m->mono_ms;
}

/* ---- sums ---- */

/* What a question takes together; -1 or NULL: any. */
struct ledger_which {
	const struct ledger_project *project;
	int64_t key;
	enum bucket bucket;
	int stage;
	int64_t day;
};

static bool ledger_is_which(const struct ledger_tally *t, const struct ledger_which *w)
{
	return t->day == w->day && t->bucket == w->bucket &&
	       (!w->project || t->project == w->project) && (!w->key || t->key == w->key) &&
	       (w->stage < 0 || (int)t->stage == w->stage);
}

static int64_t ledger_sum(const struct ledger *l, const struct ledger_which *w, int64_t *failed)
{
	int64_t units = 0;

	for (const struct ledger_tally *t = l->tallies; t; t = t->next)
		if (ledger_is_which(t, w)) {
			units += t->units;
			if (failed)
				*failed += t->failed;
		}
	return units;
}

/* Units in the last 60 minutes: the hour under way, and of the one before it the part that is not
 * longer ago, as if it had been spent evenly. */
static int64_t ledger_last_hour(
    const struct ledger *l, struct ledger_which w, const struct ledger_moment *m)
{
	int64_t today = m->days[0], now_s = (m->now - day_start(today)) % 3600, before = 0, now = 0;
	int hour = ledger_hour(today, m->now);

	for (const struct ledger_tally *t = l->tallies; t; t = t->next) {
		struct ledger_which which = w;
		which.day = t->day;
		if (!ledger_is_which(t, &which))
			continue;
		if (t->day == today && t->hour == hour)
			now += t->units;
		else if ((t->day == today && t->hour == hour - 1) ||
		         (!hour && t->day == today - 1 && t->hour == ledger_hours(t->day) - 1))
			before += t->units;
	}
	return now + before * (3600 - now_s) / 3600;
}

/* ---- the last week ---- */

static enum err ledger_week_row(void *arg, const struct quota_spending_row *row, struct errbuf *eb)
{
	struct ledger *l = arg;
	int64_t ago = l->week_of - row->day;

	(void)eb;
	for (struct ledger_slot *s = l->keys; s; s = s->next)
		if (s->id == row->key && ago >= 0 && ago < LEDGER_WEEK &&
		    strcmp(row->bucket, bucket_word(BUCKET_UNITS)) == 0)
			s->week[ago] = (struct ledger_key_day){row->units, row->failed};
	return ERR_OK;
}

/* Days before yesterday do not change any more: read once a day. */
static void ledger_week_load(struct ledger *l, int64_t today)
{
	if (!l->store || l->week_of == today)
		return;
	l->week_of = today;
	for (struct ledger_slot *s = l->keys; s; s = s->next)
		memset(s->week, 0, sizeof s->week);
	if (quota_store_spending_each(
	        l->store, today - LEDGER_WEEK + 1, today - 2, true, ledger_week_row, l, NULL))
		l->week_of = 0; /* the next look tries again */
}

void ledger_tally_key_locked(struct ledger *l, const struct ledger_slot *s,
    const struct ledger_moment *m, struct ledger_key *k)
{
	struct ledger_which w = {.key = s->id, .bucket = BUCKET_UNITS, .stage = -1};

	ledger_tally_look(l, m);
	ledger_week_load(l, m->days[0]);
	memcpy(k->week, s->week, sizeof k->week);
	for (int ago = 0; ago < 2; ago++) {
		w.day = m->days[0] - ago;
		k->week[ago] = (struct ledger_key_day){0, 0};
		k->week[ago].units = ledger_sum(l, &w, &k->week[ago].failed);
	}
	k->per_hour = ledger_last_hour(l, w, m);
}

/* ---- a day, projects ---- */

void ledger_day(struct ledger *l, enum bucket b, struct ledger_day *out)
{
	struct ledger_moment m;
	struct ledger_which w = {.bucket = b, .stage = -1};
	int64_t used = 0;

	pthread_mutex_lock(&l->lock);
	ledger_moment_locked(l, &m);
	ledger_tally_look(l, &m);
	*out = (struct ledger_day){.day = m.days[0], .n_hours = ledger_hours(m.days[0])};
	w.day = out->day;
	for (struct ledger_project *p = l->projects; p; p = p->next) {
		struct ledger_book *book = ledger_book_locked(l, p, b, out->day, NULL);
		used += book ? book->used - book->unspent : 0;
		if (!ledger_project_is_usable(l, p))
			continue;
		out->left += ledger_room_locked(l, p, b, &m);
		out->per_day += p->limit[b];
	}
	for (const struct ledger_tally *t = l->tallies; t; t = t->next)
		if (ledger_is_which(t, &w)) {
			out->spent[t->stage] += t->units;
			out->hours[t->hour] += t->units;
			out->failed += t->failed;
			used -= t->units;
		}
	out->spent[STAGE_NONE] += used > 0 ? used : 0; /* of before there were tallies */
	out->left_over = -1;
	if (l->store &&
	    quota_store_left_over(l->store, bucket_word(b), out->day - 1, &out->left_over, NULL))
		out->left_over = -1;
	pthread_mutex_unlock(&l->lock);
}

static void ledger_fill_bucket(struct ledger *l, struct ledger_project *p, enum bucket b,
    const struct ledger_moment *m, struct ledger_bucket *out)
{
	struct ledger_book *book = ledger_book_locked(l, p, b, m->days[0], NULL);
	struct ledger_which w = {.project = p, .bucket = b, .stage = -1};

	*out = (struct ledger_bucket){.limit = p->limit[b],
	    .used = book ? book->used - book->unspent : p->limit[b],
	    .left = ledger_room_locked(l, p, b, m),
	    .per_hour = ledger_last_hour(l, w, m),
	    .refused_at = book ? book->spent_at : 0,
	    .cool_until = p->cool_until[b]};
}

size_t ledger_projects(struct ledger *l, struct ledger_project_look *out, size_t max)
{
	struct ledger_moment m;
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	ledger_moment_locked(l, &m);
	ledger_tally_look(l, &m);
	for (struct ledger_project *p = l->projects; p; p = p->next) {
		struct ledger_project_look look = {.keys = 0};
		for (const struct ledger_slot *s = l->keys; s; s = s->next) {
			look.keys += s->project == p && !s->removed;
			look.usable += s->project == p && ledger_slot_is_usable(s);
		}
		if (!look.keys)
			continue;
		snprintf(look.name, sizeof look.name, "%s", p->name);
		snprintf(look.refused, sizeof look.refused, "%s", p->refused);
		for (int b = 0; b < BUCKET_COUNT; b++)
			ledger_fill_bucket(l, p, (enum bucket)b, &m, &look.buckets[b]);
		if (n < max)
			out[n] = look;
		n++;
	}
	pthread_mutex_unlock(&l->lock);
	return n;
}

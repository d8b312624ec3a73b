#include "config.h"
#include "engine/alerts.h"

#include <stdio.h>
#include <string.h>

static const struct alert_info alert_infos[ALERT_KINDS] = {
#define ALERT_ROW(name, word, level, person, after, help) \
	[name] = {word, level, person, after, help},
    ALERT_LIST(ALERT_ROW)
#undef ALERT_ROW
};

const struct alert_info *alert_info(enum alert_kind kind)
{
	return &alert_infos[kind];
}

/* ---- beginnings and ends ---- */

static bool alert_is_same(const struct alert *a, const struct alert_found *f)
{
	return !a->ended && a->found.kind == f->kind && strcmp(a->found.subject, f->subject) == 0;
}

static void alerts_drop(struct alerts *a, size_t i)
{
	memmove(&a->list[i], &a->list[i + 1], (--a->n - i) * sizeof a->list[0]);
}

/* Room for one more: the one that ended first goes; when all last, the oldest. */
static void alerts_make_room(struct alerts *a)
{
	size_t oldest = 0;

	if (a->n < ALERTS_KEPT)
		return;
	for (size_t i = 1; i < a->n; i++) {
		int64_t ends = a->list[i].ended ? a->list[i].ended : INT64_MAX;
		int64_t least = a->list[oldest].ended ? a->list[oldest].ended : INT64_MAX;
		oldest = ends < least ? i : oldest;
	}
	alerts_drop(a, oldest);
}

static struct alert *alerts_of(struct alerts *a, const struct alert_found *f, int64_t now)
{
	struct alert *one;

	for (size_t i = 0; i < a->n; i++)
		if (alert_is_same(&a->list[i], f))
			return &a->list[i];
	alerts_make_room(a);
	one = &a->list[a->n++];
	*one = (struct alert){.id = ++a->next_id, .found = *f};
	one->found.since = f->since ? f->since : now;
	return one;
}

/* When somebody was told of the same thing last. */
static int64_t alerts_told(const struct alerts *a, const struct alert_found *f)
{
	int64_t at = 0;

	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].found.kind == f->kind && a->list[i].told_at > at &&
		    strcmp(a->list[i].found.subject, f->subject) == 0)
			at = a->list[i].told_at;
	return at;
}

/* What comes and goes rings once in ten minutes. */
static void alerts_ring(struct alerts *a, struct alert *one, int64_t now)
{
	int64_t rung = 0;

	if (!alert_info(one->found.kind)->person)
		return;
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].found.kind == one->found.kind && a->list[i].rung_at > rung &&
		    strcmp(a->list[i].found.subject, one->found.subject) == 0)
			rung = a->list[i].rung_at;
	if (rung && now - rung < ALERTS_QUIET_S)
		return;
	one->rung_at = now;
	a->bell++;
}

void alerts_update(struct alerts *a, const struct alert_found *found, size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		struct alert *one = alerts_of(a, &found[i], now);
		const struct alert_info *info = alert_info(found[i].kind);
		int64_t since = found[i].since ? found[i].since : one->found.since;
		one->seen = true;
		one->found = found[i];
		one->found.since = since;
		if (one->began || now - since < info->after_s)
			continue;
		one->began = now;
		alerts_ring(a, one, now);
	}
	for (size_t i = a->n; i-- > 0;) {
		struct alert *one = &a->list[i];
		if (!one->seen && !one->ended && one->began)
			one->ended = now;
		if ((!one->seen && !one->began) || (one->ended && now - one->ended > ALERTS_STAY_S))
			alerts_drop(a, i);
		else
			one->seen = false;
	}
}

bool alerts_ack(struct alerts *a, int64_t id)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].id == id && a->list[i].began && !a->list[i].ended) {
			a->list[i].acked = true;
			return true;
		}
	return false;
}

struct alert *alerts_untold(struct alerts *a, int64_t now)
{
	for (size_t i = 0; i < a->n; i++) {
		struct alert *one = &a->list[i];
		int64_t told = alerts_told(a, &one->found);
		if (one->began && !one->ended && !one->acked && !one->told_at &&
		    alert_info(one->found.kind)->person && (!told || now - told >= ALERTS_QUIET_S))
			return one;
	}
	return NULL;
}

static void alerts_show_one(const struct alert *one, struct snapshot *s)
{
	const struct alert_info *info = alert_info(one->found.kind);
	struct snapshot_alert *out;

	if (s->n_alerts == SNAPSHOT_ALERTS)
		return;
	out = &s->alerts[s->n_alerts++];
	*out = (struct snapshot_alert){.id = one->id,
	    .person = info->person,
	    .acked = one->acked,
	    .since = one->found.since,
	    .until = one->ended};
	snprintf(out->kind, sizeof out->kind, "%s", info->word);
	snprintf(out->level, sizeof out->level, "%s", info->level);
	snprintf(out->help, sizeof out->help, "%s", info->help);
	memcpy(out->subject, one->found.subject, sizeof out->subject);
	memcpy(out->text, one->found.text, sizeof out->text);
}

void alerts_show(const struct alerts *a, struct snapshot *s)
{
	s->bell = a->bell;
	for (int over = 0; over < 2; over++)
		for (size_t i = a->n; i-- > 0;) {
			const struct alert *one = &a->list[i];
			if (!one->began || (one->ended != 0) != (over != 0))
				continue;
			alerts_show_one(one, s);
			s->alerts_person +=
			    !over && !one->acked && alert_info(one->found.kind)->person;
		}
}

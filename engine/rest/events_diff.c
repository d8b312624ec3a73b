#include "config.h"
#include "engine/rest/events_diff.h"
#include "engine/snapshot_json.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <string.h>

enum { DIFF_LIMIT = 64 * 1024 };

struct diff {
	const struct snapshot *before, *now;
	rest_event_fn *fn;
	void *arg;
	struct str text;
};

static void diff_tell(struct diff *d, const char *name)
{
	if (!d->text.err)
		d->fn(d->arg, name, str_get(&d->text));
	str_reset(&d->text);
}

/* One element of a list of the snapshot, in the form that /api/snapshot gives it. */
static void diff_tell_element(
    struct diff *d, const char *event, const char *list, const void *element)
{
	const struct snapshot_field *f = snapshot_field_find(snapshot_shape(), list);

	snapshot_shape_encode(f->of, element, &d->text);
	diff_tell(d, event);
}

/* ---- jobs ---- */

/* Rates and working time change with every look: alone they are no event. */
static bool diff_job_is_same(const struct snapshot_job *a, const struct snapshot_job *b)
{
	return strcmp(a->status, b->status) == 0 && strcmp(a->reason, b->reason) == 0 &&
	       a->until == b->until && a->total == b->total && a->processed == b->processed &&
	       a->done == b->done && a->missing == b->missing && a->absent == b->absent &&
	       a->failed == b->failed && a->units == b->units;
}

static void diff_jobs(struct diff *d)
{
	for (size_t i = 0; i < d->now->n_jobs; i++) {
		const struct snapshot_job *j = &d->now->jobs[i];
		bool same = false;
		for (size_t k = 0; k < d->before->n_jobs && !same; k++)
			same = d->before->jobs[k].no == j->no &&
			       diff_job_is_same(&d->before->jobs[k], j);
		if (!same)
			diff_tell_element(d, "job", "jobs", j);
	}
}

/* ---- quota, keys, workers, counts ---- */

static void diff_quota(struct diff *d)
{
	const struct snapshot *a = d->before, *b = d->now;

	if (a->units_used == b->units_used && a->units_left == b->units_left &&
	    a->units_per_day == b->units_per_day && a->reset_at == b->reset_at &&
	    a->n_keys_usable == b->n_keys_usable)
		return;
	str_addf(&d->text,
	    "{\"units_used\":%" PRId64 ",\"units_left\":%" PRId64 ",\"units_per_day\":%" PRId64
	    ",\"reset_at\":%" PRId64 ",\"n_keys_usable\":%zu}",
	    b->units_used, b->units_left, b->units_per_day, b->reset_at, b->n_keys_usable);
	diff_tell(d, "quota");
}

static void diff_keys(struct diff *d)
{
	for (size_t i = 0; i < d->now->n_keys; i++) {
		const struct snapshot_key *k = &d->now->keys[i];
		bool same = false;
		for (size_t b = 0; b < d->before->n_keys && !same; b++)
			same = strcmp(d->before->keys[b].name, k->name) == 0 &&
			       strcmp(d->before->keys[b].state, k->state) == 0 &&
			       strcmp(d->before->keys[b].reason, k->reason) == 0 &&
			       d->before->keys[b].until == k->until;
		if (!same)
			diff_tell_element(d, "key", "keys", k);
	}
}

struct diff_workers {
	size_t idle, stopped, stalled;
};

static struct diff_workers diff_count_workers(const struct snapshot *s)
{
	struct diff_workers n = {0, 0, 0};

	for (size_t i = 0; i < s->n_workers; i++) {
		n.idle += strcmp(s->workers[i].state, "idle") == 0;
		n.stopped += strcmp(s->workers[i].state, "stopped") == 0;
		n.stalled += s->workers[i].stalled;
	}
	return n;
}

static void diff_workers(struct diff *d)
{
	struct diff_workers a = diff_count_workers(d->before), b = diff_count_workers(d->now);

	if (a.idle == b.idle && a.stopped == b.stopped && a.stalled == b.stalled &&
	    d->before->n_workers == d->now->n_workers &&
	    d->before->workers_replaced == d->now->workers_replaced)
		return;
	str_addf(&d->text,
	    "{\"workers\":%zu,\"busy\":%zu,\"idle\":%zu,\"stalled\":%zu,\"replaced\":%" PRId64 "}",
	    d->now->n_workers, d->now->n_workers - b.idle - b.stopped, b.idle, b.stalled,
	    d->now->workers_replaced);
	diff_tell(d, "workers");
}

static void diff_counts(struct diff *d)
{
	const struct snapshot *a = d->before, *b = d->now;

	if (a->channels == b->channels && a->videos == b->videos &&
	    a->unresolved == b->unresolved && a->outbox == b->outbox &&
	    memcmp(a->items, b->items, sizeof a->items) == 0)
		return;
	str_addf(&d->text,
	    "{\"channels\":%" PRId64 ",\"videos\":%" PRId64 ",\"unresolved\":%" PRId64
	    ",\"outbox\":%" PRId64 ",\"items\":[",
	    b->channels, b->videos, b->unresolved, b->outbox);
	for (int op = 0; op < SNAPSHOT_OPS; op++)
		for (int st = 0; st < SNAPSHOT_STATES; st++)
			str_addf(&d->text, "%s%" PRId64 "%s",
			    st   ? ","
			    : op ? ",["
			         : "[",
			    b->items[op][st], st + 1 == SNAPSHOT_STATES ? "]" : "");
	str_adds(&d->text, "]}");
	diff_tell(d, "counts");
}

/* ---- log ---- */

static void diff_log(struct diff *d)
{
	uint64_t seen = d->before->n_log ? d->before->log[d->before->n_log - 1].seq : 0;

	for (size_t i = 0; i < d->now->n_log; i++)
		if (d->now->log[i].seq > seen)
			diff_tell_element(d, "log", "log", &d->now->log[i]);
}

/* ---- alerts: what is wrong, and that it is over ---- */

struct diff_part {
	const char *name;
	bool wrong;
	const char *text;
};

enum { DIFF_PARTS = 4 };

static void diff_parts(const struct snapshot *s, struct diff_part parts[DIFF_PARTS])
{
	parts[0] = (struct diff_part){"youtube", s->api_seen && !s->api_ok, s->api_trouble};
	parts[1] = (struct diff_part){
	    "postgres", s->pg_configured && !s->pg_ok && s->pg_trouble[0], s->pg_trouble};
	parts[2] = (struct diff_part){"staging", !s->staging_ok, s->staging_trouble};
	parts[3] = (struct diff_part){
	    "keys", s->n_keys && !s->n_keys_usable, "no key can be used: all are refused or off"};
}

static void diff_alerts(struct diff *d)
{
	struct diff_part was[DIFF_PARTS] = {{NULL, false, ""}}, is[DIFF_PARTS];

	if (d->before)
		diff_parts(d->before, was);
	diff_parts(d->now, is);
	for (int i = 0; i < DIFF_PARTS; i++) {
		struct str clean;
		if (is[i].wrong == was[i].wrong &&
		    (!is[i].wrong || strcmp(is[i].text, was[i].text) == 0))
			continue;
		str_init(&clean, DIFF_LIMIT);
		if (is[i].wrong)
			text_clean(is[i].text, strlen(is[i].text), &clean);
		str_addf(&d->text, "{\"part\":\"%s\",\"ok\":%s,\"text\":", is[i].name,
		    is[i].wrong ? "false" : "true");
		text_add_json(&d->text, str_get(&clean), clean.len);
		str_addc(&d->text, '}');
		str_done(&clean);
		diff_tell(d, "alert");
	}
}

void rest_events_diff(
    const struct snapshot *before, const struct snapshot *now, rest_event_fn *fn, void *arg)
{
	static void (*const parts[])(struct diff *) = {
	    diff_jobs, diff_quota, diff_keys, diff_workers, diff_counts, diff_log};
	struct diff d = {.before = before, .now = now, .fn = fn, .arg = arg};

	str_init(&d.text, DIFF_LIMIT);
	for (size_t i = 0; before && i < sizeof parts / sizeof parts[0]; i++)
		parts[i](&d);
	diff_alerts(&d);
	str_done(&d.text);
}

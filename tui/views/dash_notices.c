#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/views/job_cols.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

struct notice_list {
	struct dash_notice *rows;
	size_t n;
};

/* The new row's `then`, to be filled; a full list gives NULL. */
static struct dash_notice *notice_add(
    struct notice_list *l, enum role role, const char *who, const char *what)
{
	struct dash_notice *row;

	if (l->n == DASH_NOTICE_MAX)
		return NULL;
	row = &l->rows[l->n++];
	*row = (struct dash_notice){.role = role, .who = who, .what = what};
	return row;
}

static void notice_then(struct dash_notice *row, const char *then)
{
	if (row)
		snprintf(row->then, sizeof row->then, "%s", then);
}

bool dash_quota_is_spent(const struct snapshot *s)
{
	return s->n_keys > 0 && s->units_per_day > 0 && s->units_left <= 0;
}

static void notice_storage(const struct view_ctx *c, struct notice_list *l)
{
	const struct snapshot *s = c->snap;
	struct dash_notice *row;
	char count[FORMAT_SIZE];

	if (!s->staging_ok && s->staging_trouble[0])
		notice_then(
		    notice_add(l, ROLE_ERROR, "staging", s->staging_trouble), "work is held");
	if (s->pg_configured && !s->pg_ok && s->pg_trouble[0]) {
		row = notice_add(l, ROLE_WARN, "postgres", s->pg_trouble);
		if (row)
			snprintf(row->then, sizeof row->then, "%s rows wait here",
			    format_count(count, s->outbox));
	}
}

static void notice_quota(const struct view_ctx *c, struct notice_list *l)
{
	const struct snapshot *s = c->snap;
	struct dash_notice *row;
	char when[FORMAT_SIZE], left[FORMAT_SIZE];

	if (!s->n_keys) {
		notice_add(l, ROLE_WARN, "keys",
		    "none yet: set YOUTUBE_API_KEY_1 in .env, or run: tubeops keys add");
	} else if (dash_quota_is_spent(s)) {
		row = notice_add(
		    l, ROLE_OFF, "quota", "today's units are spent; jobs go on by themselves");
		if (row)
			snprintf(row->then, sizeof row->then, "%s  %s",
			    format_when(when, s->reset_at, c->now),
			    format_duration(left, s->reset_at - c->now));
	} else if (!s->n_keys_usable) {
		notice_then(notice_add(l, ROLE_ERROR, "keys", "none of the keys can be used now"),
		    "see their reasons");
	}
	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS; i++)
		if (strcmp(s->keys[i].state, "refused") == 0) {
			const char *why =
			    s->keys[i].reason[0] ? s->keys[i].reason : "refused by YouTube";
			notice_then(
			    notice_add(l, ROLE_ERROR, s->keys[i].name, why), "mend it, then test");
		}
}

static void notice_work(const struct view_ctx *c, struct notice_list *l)
{
	const struct snapshot *s = c->snap;
	struct dash_notice *row;
	int stalled = 0;

	if (s->draining)
		notice_add(
		    l, ROLE_BUSY, "stopping", "calls in flight end, then everything is stored");
	if (s->api_seen && !s->api_ok && s->api_trouble[0] && !dash_quota_is_spent(s))
		notice_then(
		    notice_add(l, ROLE_WARN, "youtube", s->api_trouble), "tried again by itself");
	for (size_t i = 0; i < s->n_workers && i < SNAPSHOT_WORKERS; i++)
		stalled += s->workers[i].stalled;
	if (stalled) {
		row = notice_add(l, ROLE_WARN, "workers", "report nothing for 90 s");
		if (row)
			snprintf(row->then, sizeof row->then, "%d of %zu", stalled, s->n_workers);
	}
}

enum { NOTICE_FRESH_MS = 24 * 3600 * 1000 }; /* a failure older than a day is history */

static void notice_jobs(const struct view_ctx *c, struct notice_list *l)
{
	const struct snapshot *s = c->snap;

	for (size_t i = 0; i < s->n_jobs && i < SNAPSHOT_JOBS; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		const struct job_state *state = job_state_of(j);
		struct dash_notice *row;
		if (state->sign != '!' ||
		    (!j->open && c->now * 1000 - j->completed_ms > NOTICE_FRESH_MS))
			continue;
		row = notice_add(l, state->role, j->word, j->reason[0] ? j->reason : state->word);
		if (row)
			snprintf(row->then, sizeof row->then, "J-%lld: %s", (long long)j->no,
			    strcmp(j->status, "interrupted") == 0 ? "r goes on" : "t tries again");
	}
}

size_t dash_notices(const struct view_ctx *c, struct dash_notice out[DASH_NOTICE_MAX])
{
	struct notice_list l = {out, 0};

	notice_storage(c, &l);
	notice_work(c, &l);
	notice_quota(c, &l);
	notice_jobs(c, &l);
	return l.n;
}

void dash_draw_notices(const struct view_ctx *c, const struct pane *p)
{
	struct dash_notice rows[DASH_NOTICE_MAX];
	size_t n = dash_notices(c, rows);
	int w = p->at.w;

	for (int y = 0; y < p->at.h && (size_t)y < n; y++) {
		const struct dash_notice *row = &rows[y];
		int then = draw_columns(p, row->then), x = 14;
		bool last = y == p->at.h - 1 && n > (size_t)p->at.h;
		draw_text(p, y, 1, 2, ALIGN_LEFT, row->role, row->role == ROLE_OFF ? "" : "!");
		draw_text(p, y, 3, x - 4, ALIGN_LEFT, row->role, row->who);
		if (last) {
			draw_textf(p, y, x, w - x - 1, ALIGN_LEFT, ROLE_WARN, "%s, and %zu more",
			    row->what, n - (size_t)p->at.h);
			continue;
		}
		draw_text(
		    p, y, x, then ? w - x - then - 2 : w - x, ALIGN_LEFT, ROLE_NORMAL, row->what);
		draw_text(p, y, w - then - 1, then, ALIGN_RIGHT, row->role, row->then);
	}
}

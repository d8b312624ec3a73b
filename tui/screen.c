#include "config.h"
#include "tui/screen.h"
#include "tui/banner.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { SCREEN_OLD_MS = 3000 /* from this age numbers are marked as old */, SCREEN_LINK = 512 };

struct view_ctx screen_ctx(const struct screen *sc)
{
	return (struct view_ctx){.snap = sc->snap,
	    .now = sc->now,
	    .mono_ms = sc->mono_ms,
	    .layout = &sc->layout,
	    .node = sc->node,
	    .read_only = sc->read_only,
	    .frozen = sc->frozen,
	    .dialog = sc->dialog != NULL,
	    .under = sc->state->ops,
	    .help_all = sc->help_all};
}

/* ---- line 0: who, services, clock ---- */

struct health {
	char text[64];
	enum role role;
};

static struct health health_of(enum role role, const char *fmt, ...) PRINTF_LIKE(2, 3);

static struct health health_of(enum role role, const char *fmt, ...)
{
	struct health h = {.role = role};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(h.text, sizeof h.text, fmt, ap);
	va_end(ap);
	return h;
}

static struct health health_staging(const struct snapshot *s, bool wide)
{
	(void)wide;
	if (!s->staging_ok && s->staging_trouble[0])
		return health_of(ROLE_ERROR, "STAGING!");
	return health_of(ROLE_OK, "%s", "");
}

static struct health health_postgres(const struct snapshot *s, bool wide)
{
	char n[FORMAT_SIZE];

	if (!s->pg_configured)
		return health_of(ROLE_OFF, "pg none");
	if (!s->pg_ok && s->facts.pg_since)
		return health_of(
		    ROLE_WARN, "PG DOWN %s", format_duration(n, s->made_at - s->facts.pg_since));
	if (!s->pg_ok)
		return health_of(ROLE_WARN, "PG DOWN");
	if (wide)
		return health_of(ROLE_OK, "pg ok, %s to send", format_count(n, s->outbox));
	return health_of(ROLE_OK, "pg ok");
}

/* Of a cluster, and only when it is away: nothing waits for it. */
static struct health health_redis(const struct snapshot *s, bool wide)
{
	char n[FORMAT_SIZE];

	(void)wide;
	if (!s->redis_configured || !s->facts.redis_since)
		return health_of(ROLE_OK, "%s", "");
	return health_of(
	    ROLE_WARN, "REDIS DOWN %s", format_duration(n, s->made_at - s->facts.redis_since));
}

static struct health health_youtube(const struct snapshot *s, bool wide)
{
	const char *name = wide ? "youtube" : "yt";

	if (!s->n_keys)
		return health_of(ROLE_WARN, "%s no key", name);
	if (s->units_per_day > 0 && s->units_left <= 0)
		return health_of(ROLE_WARN, "%s NO QUOTA", name);
	if (!s->api_seen)
		return health_of(ROLE_OFF, "%s idle", name);
	if (!s->api_ok)
		return health_of(ROLE_WARN, "%s", wide ? "YOUTUBE TROUBLE" : "YT TROUBLE");
	if (wide)
		return health_of(ROLE_OK, "youtube ok %lld ms", (long long)s->api_ms);
	return health_of(ROLE_OK, "yt ok");
}

/* All nodes of the cluster together; nothing without one. */
static struct health health_cluster(const struct snapshot *s, bool wide)
{
	const struct snapshot_cluster *x = &s->cluster;

	if (!x->on)
		return health_of(ROLE_OK, "%s", "");
	if (!x->ok)
		return health_of(ROLE_WARN, wide ? "NOT IN ITS CLUSTER" : "NO CLUSTER");
	if (x->gone)
		return health_of(ROLE_WARN, "! %lld/%lld nodes %.0f/s", (long long)x->up,
		    (long long)(x->up + x->gone), x->items_per_s);
	return health_of(
	    ROLE_OK, "%lld node%s %.0f/s", (long long)x->up, x->up == 1 ? "" : "s", x->items_per_s);
}

static struct health (*const health_parts[])(const struct snapshot *s, bool wide) = {
    health_staging, health_postgres, health_redis, health_youtube, health_cluster};

/* Hours and minutes in California. On the two odd days of a year the half that counts from the
 * nearer midnight is right. */
static int header_pacific(const struct snapshot *s, int64_t now)
{
	int64_t left = s->reset_at - now;
	int64_t gone = left < 22 * 3600 ? 86400 - left : now - s->day_start;

	return (int)((gone % 86400 + 86400) % 86400);
}

static void header_clock(const struct screen *sc, char *text, size_t size)
{
	const struct snapshot *s = sc->snap;
	char clock[FORMAT_SIZE], reset[FORMAT_SIZE], day[FORMAT_SIZE];
	int64_t left = s->reset_at - sc->now;
	int pacific = header_pacific(s, sc->now);

	if (sc->layout.profile == PROFILE_SHORT)
		snprintf(text, size, "%s  reset %.*s", format_when(clock, sc->now, sc->now), 5,
		    format_countdown(reset, left));
	else if (sc->layout.profile == PROFILE_WIDE)
		snprintf(text, size, "%s %s (%02d:%02d PT)   quota resets in %s",
		    format_day(day, sc->now), format_clock(clock, sc->now), pacific / 3600,
		    pacific / 60 % 60, format_countdown(reset, left));
	else
		snprintf(text, size, "%s %s  reset %s", format_weekday(sc->now),
		    format_clock(clock, sc->now), format_countdown(reset, left));
}

/* At the right end; returns where it begins. */
static int header_draw_clock(const struct screen *sc, const struct pane *p)
{
	char text[4 * FORMAT_SIZE];
	int w;

	header_clock(sc, text, sizeof text);
	w = draw_columns(p, text) + 1;
	draw_text(p, 0, p->at.w - w, w - 1, ALIGN_RIGHT, ROLE_NORMAL, text);
	return p->at.w - w;
}

/* How the node is reached, when it is not. */
static void header_link(const struct screen *sc, char *text, size_t size)
{
	int64_t ms = sc->mono_ms - sc->link.since_ms;
	char since[FORMAT_SIZE];

	text[0] = '\0';
	if (sc->link.state == NODE_LINK_TRYING)
		snprintf(text, size, "CONNECTING");
	else if (sc->link.state == NODE_LINK_LOST)
		snprintf(
		    text, size, "LINK LOST %s", format_duration(since, ms > 0 ? ms / 1000 : 0));
	else if (sc->link.state == NODE_LINK_REFUSED)
		snprintf(text, size, "REFUSED");
	else if (sc->link.state == NODE_LINK_DIFFERS)
		snprintf(text, size, "VERSION DIFFERS");
}

static void header_draw(const struct screen *sc, const struct pane *p)
{
	const struct snapshot *s = sc->snap;
	bool wide = sc->layout.profile == PROFILE_WIDE;
	int end = header_draw_clock(sc, p) - 1, x = 1;
	int gap = sc->layout.profile == PROFILE_SHORT ? 1 : wide ? 3 : 2;
	char link[64];

	x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_TITLE, "tubeops") + 1;
	if (wide)
		x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_OFF, s->version) + 1;
	x += draw_text(p, 0, x, end - x < 16 ? end - x : 16, ALIGN_LEFT, ROLE_NORMAL, s->node) + 1;
	x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_OFF, sc->read_only ? "RO" : "RW") + gap;
	header_link(sc, link, sizeof link);
	if (*link)
		x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_ERROR, link) + gap;
	if (sc->frozen)
		x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_WARN, "FROZEN") + gap;
	for (size_t i = 0; i < sizeof health_parts / sizeof health_parts[0] && x < end; i++) {
		struct health h = health_parts[i](s, wide);
		if (*h.text)
			x += draw_text(p, 0, x, end - x, ALIGN_LEFT, h.role, h.text) + gap;
	}
}

/* How old the numbers are; "" when nobody can know. */
static enum role screen_age(const struct screen *sc, char *text, size_t size)
{
	int64_t ms = sc->mono_ms - sc->snap->mono_ms;
	char age[FORMAT_SIZE];

	if (ms < 0)
		ms = 0;
	if (ms > SCREEN_OLD_MS) {
		snprintf(text, size, "old %s", format_duration(age, ms / 1000));
		return ROLE_WARN;
	}
	snprintf(
	    text, size, "updated %lld.%llds", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
	return ROLE_OFF;
}

/* ---- line 1: views and what jobs do ---- */

struct job_sum {
	size_t offset; /* of the counter in struct snapshot */
	const char *word;
	enum role role;
	int rank; /* the lowest stay when there is little room */
};

static const struct job_sum job_sums[] = {
    {offsetof(struct snapshot, jobs_running), "running", ROLE_BUSY, 0},
    {offsetof(struct snapshot, jobs_pending), "queued", ROLE_OFF, 5},
    {offsetof(struct snapshot, jobs_waiting), "waiting", ROLE_OFF, 3},
    {offsetof(struct snapshot, jobs_paused), "paused", ROLE_OFF, 4},
    {offsetof(struct snapshot, jobs_interrupted), "interrupted", ROLE_WARN, 2},
    {offsetof(struct snapshot, jobs_failed), "failed", ROLE_ERROR, 1},
};

enum { JOB_SUMS = sizeof job_sums / sizeof job_sums[0] };

/* "2 running", or nothing when there is none. */
static const char *sums_text(const struct screen *sc, size_t i, char *buf)
{
	int64_t n;

	memcpy(&n, (const char *)sc->snap + job_sums[i].offset, sizeof n);
	*buf = 0;
	if (n > 0)
		snprintf(buf, FORMAT_SIZE, "%lld %s", (long long)n, job_sums[i].word);
	return buf;
}

/* What of them has room, by rank; returns the columns that it takes, two between each. */
static int sums_fit(const struct screen *sc, int room, bool shown[JOB_SUMS])
{
	char text[FORMAT_SIZE];
	int w = 0;

	for (int rank = 0; rank < JOB_SUMS; rank++)
		for (size_t i = 0; i < JOB_SUMS; i++) {
			int need = (int)strlen(sums_text(sc, i, text));
			if (job_sums[i].rank != rank)
				continue;
			need += need && w ? 2 : 0;
			shown[i] = need > 0 && w + need <= room;
			w += shown[i] ? need : 0;
		}
	return w;
}

/* In so many columns from x on; right: at their right end. */
static void sums_draw(
    const struct screen *sc, const struct pane *p, int y, int x, int room, bool right)
{
	bool shown[JOB_SUMS], any = false;
	char text[FORMAT_SIZE];
	int w = sums_fit(sc, room, shown);

	for (size_t i = 0; i < JOB_SUMS; i++)
		any = any || *sums_text(sc, i, text);
	if (!any) {
		draw_text(
		    p, y, x, room, right ? ALIGN_RIGHT : ALIGN_LEFT, ROLE_OFF, "no job at work");
		return;
	}
	x += right ? room - w : 0;
	for (size_t i = 0; i < JOB_SUMS; i++)
		if (shown[i]) {
			sums_text(sc, i, text);
			draw_text(p, y, x, (int)strlen(text), ALIGN_LEFT, job_sums[i].role, text);
			x += (int)strlen(text) + 2;
		}
}

/* Are a view's rows what the page is about, and nothing else? It stands for the page in the tabs. */
static bool screen_is_home(const struct view_ops *at, const struct view_ops *page)
{
	return at->title && view_can_open(at, page) && at->n_parts && at->parts[0].on == page->on;
}

/* The view whose tab is marked: pages belong to the view that opens them. */
static const struct view_ops *screen_tab(const struct screen *sc)
{
	const struct view_ops *v = sc->state->ops;

	for (const struct view_ops *const *at = view_list(); *at && !v->title; at++)
		if (screen_is_home(*at, v))
			v = *at;
	for (const struct view_ops *const *at = view_list(); *at && !v->title; at++)
		if ((*at)->title && view_can_open(*at, v))
			v = *at;
	return v;
}

static int tabs_draw_views(const struct screen *sc, const struct pane *p)
{
	bool wide = sc->layout.profile == PROFILE_WIDE;
	int x = 1;

	for (const struct view_ops *const *v = view_list(); *v; v++) {
		bool current = *v == screen_tab(sc);
		char badge[32] = "";
		if (!(*v)->title)
			continue;
		if ((*v)->badge)
			(*v)->badge(sc->snap, badge, sizeof badge);
		x += 1 + wide +
		     draw_textf(p, 0, x, p->at.w - x, ALIGN_LEFT,
		         current ? ROLE_TITLE : ROLE_NORMAL, "%s%c %s%s%s%s", current ? "[" : " ",
		         (*v)->key, wide ? (*v)->title_wide : (*v)->title, *badge ? " " : "", badge,
		         current ? "]" : " ");
	}
	return x;
}

static void tabs_draw(const struct screen *sc, const struct pane *p)
{
	int x = tabs_draw_views(sc, p), w;
	char age[64];
	enum role role;

	if (sc->layout.profile != PROFILE_WIDE)
		return;
	role = screen_age(sc, age, sizeof age);
	w = draw_columns(p, age) + 1;
	sums_draw(sc, p, 0, x + 1, p->at.w - w - 3 - x, true);
	if (x + w < p->at.w)
		draw_text(p, 0, p->at.w - w, w - 1, ALIGN_LEFT, role, age);
}

/* ---- too small ---- */

static void small_draw(const struct screen *sc, const struct pane *p)
{
	const struct snapshot *s = sc->snap;
	char a[FORMAT_SIZE], b[FORMAT_SIZE], dry[FORMAT_SIZE];
	int w = p->at.w - 1;
	char link[SCREEN_LINK];

	banner_words(sc, link, sizeof link);
	draw_textf(p, 0, 1, w, ALIGN_LEFT, ROLE_TITLE, "tubeops %s %s", s->node,
	    sc->read_only ? "RO" : "RW");
	if (w > 36)
		draw_textf(p, 0, w - 14, 14, ALIGN_RIGHT, ROLE_NORMAL, "%s %s",
		    format_weekday(sc->now), format_clock(a, sc->now));
	draw_textf(p, 2, 1, w, ALIGN_LEFT, ROLE_NORMAL, "This window is %dx%d.", p->at.w, p->at.h);
	draw_text(p, 3, 1, w, ALIGN_LEFT, ROLE_NORMAL, "The console needs 80x24 (60x16 for the");
	draw_text(p, 4, 1, w, ALIGN_LEFT, ROLE_NORMAL, "short view). Make it larger, or use:");
	draw_text(p, 5, 3, w - 2, ALIGN_LEFT, ROLE_NORMAL, "tubeops status (plain text)");
	draw_textf(p, 7, 1, w, ALIGN_LEFT, ROLE_NORMAL, "units   %s/%s%s%s",
	    format_full(a, view_units(s).used), format_full(b, view_units(s).per_day),
	    s->dry_at ? "  dry " : "", s->dry_at ? format_when(dry, s->dry_at, sc->now) : "");
	draw_text(p, 8, 1, 7, ALIGN_LEFT, ROLE_NORMAL, "jobs");
	sums_draw(sc, p, 8, 9, w - 9, false);
	if (s->alerts_person > 0 && s->n_alerts)
		draw_textf(p, 9, 1, w, ALIGN_LEFT, ROLE_WARN, "alerts  %lld  (%s)",
		    (long long)s->alerts_person, s->alerts[0].text);
	else
		draw_textf(p, 9, 1, w, ALIGN_LEFT, ROLE_NORMAL, "reset   %s",
		    format_countdown(a, s->reset_at - sc->now));
	draw_text(p, p->at.h - 1, 1, w, ALIGN_LEFT, ROLE_NORMAL,
	    sc->message && *sc->message    ? sc->message
	    : *link                        ? link
	    : sc->node && sc->node->leaves ? "q leave"
	                                   : "q leave    engine keeps running");
}

/* ---- all of it ---- */

static struct view_state *screen_top(const struct screen *sc)
{
	return sc->help ? sc->help : sc->state;
}

static void hints_draw(const struct screen *sc, const struct pane *p)
{
	const char *hints = sc->dialog ? dialog_hints(sc->dialog) : screen_top(sc)->ops->hints;
	struct str text;
	char age[64];
	enum role role;
	int w;

	str_init(&text, 1024);
	if (sc->layout.profile == PROFILE_SHORT && !sc->dialog && !sc->help) {
		char last = '1';
		for (const struct view_ops *const *v = view_list(); *v; v++)
			last = (*v)->title ? (*v)->key : last;
		str_addf(&text, "1-%c views  : command  ? help  q back  ", last);
	}
	str_adds(&text, hints);
	draw_hints(p, 0, str_get(&text));
	str_done(&text);
	if (sc->layout.profile != PROFILE_NARROW)
		return;
	role = screen_age(sc, age, sizeof age);
	w = draw_columns(p, age) + 1;
	if (role == ROLE_WARN || draw_line_end(p, 0) + 2 <= p->at.w - w)
		draw_text(p, 0, p->at.w - w, w - 1, ALIGN_LEFT, role, age);
}

static void foot_draw(const struct screen *sc, const struct pane *whole)
{
	struct pane p = pane_part(whole, sc->layout.message);

	if (sc->prompt && sc->prompt->open) {
		prompt_draw(sc->prompt, whole, sc->layout.message.y,
		    sc->prompt_help ? sc->prompt_help : "");
	} else if (sc->message && *sc->message) {
		draw_blank(&p);
		draw_text(&p, 0, 1, p.at.w - 1, ALIGN_LEFT, sc->message_role, sc->message);
	}
}

static void frame_draw(struct screen *sc, const struct pane *whole)
{
	const struct layout *l = &sc->layout;
	struct view_ctx c = screen_ctx(sc);
	struct view_state *st = screen_top(sc);
	struct pane p = pane_part(whole, l->view);

	st->ops->draw(&c, st, &p);
	p = pane_part(whole, l->banner);
	if (p.at.h)
		banner_draw(sc, &p);
	p = pane_part(whole, l->header);
	if (p.at.h)
		header_draw(sc, &p);
	p = pane_part(whole, l->tabs);
	if (p.at.h)
		tabs_draw(sc, &p);
	p = pane_part(whole, l->hints);
	if (p.at.h)
		hints_draw(sc, &p);
	foot_draw(sc, whole);
}

/* Before the first snapshot. */
static void nothing_draw(const struct screen *sc, const struct pane *p)
{
	bool here = sc->link.state == NODE_LINK_HERE;
	char link[SCREEN_LINK];

	draw_text(p, 0, 1, p->at.w - 1, ALIGN_LEFT, ROLE_OFF,
	    here ? "tubeops: waiting for the engine" : "tubeops: connecting to the node");
	if (here || p->at.h < 4)
		return;
	banner_words(sc, link, sizeof link);
	draw_text(p, 2, 1, p->at.w - 1, ALIGN_LEFT, ROLE_WARN, *link ? link : sc->message);
	draw_text(p, p->at.h - 1, 1, p->at.w - 1, ALIGN_LEFT, ROLE_NORMAL,
	    "R try now   q leave (the node goes on)");
}

void screen_draw(struct screen *sc, struct surface *s)
{
	struct pane whole = pane_whole(s, sc->g);
	struct frame_want want = {.own_message = sc->state->ops->own_message,
	    .bare = sc->bare,
	    .banner = banner_lines(sc)};

	surface_clear(s);
	layout_frame(&sc->layout, s->w, s->h, want);
	if (!sc->snap)
		nothing_draw(sc, &whole);
	else if (sc->layout.profile == PROFILE_NONE)
		draw_text(&whole, 0, 0, s->w, ALIGN_LEFT, ROLE_NORMAL, "too small");
	else if (sc->layout.profile == PROFILE_SMALL)
		small_draw(sc, &whole);
	else
		frame_draw(sc, &whole);
	if (sc->dialog)
		dialog_draw(sc->dialog, &whole);
}
